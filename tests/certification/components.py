"""Variance components: is the certified fit the optimum?

Each trial is fitted, then searched again: the criterion on a grid of variances, Newton's method
from the lowest point of the grid and from random starts, some of them on the boundary.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.mixed.criterion import Reduced, evaluate, reduce
from analysis.mixed.fit import Certificate, Fit
from analysis.mixed.reml import fit_reml, minimise
from tests.certification.trials import RandomTrial, draw_trial

Array = NDArray[np.float64]

GRID = (0.0, 0.01, 0.1, 0.4, 1.5, 6.0, 50.0)
STARTS = 4
BEATEN = 1e-6  # excess of the criterion


@dataclass(frozen=True)
class Verdict:
    """What became of one trial.

    Attributes
    ----------
    number, kind, components, near
        The trial.
    cause : str
        ``certified``, the condition that does not hold, or why there is no fit.
    zeros : int
        Components whose estimate is zero.
    criterion : float
        -2 log restricted likelihood of the fit.
    excess : float
        How far it is above the lowest found in any other way.
    """

    number: int
    kind: str
    components: int
    near: bool
    cause: str
    zeros: int
    criterion: float
    excess: float


def examine(seed: int, number: int) -> Verdict:
    """Draw a trial, fit it, and look for anything better."""
    trial = draw_trial(seed, number)
    about = (number, trial.kind, len(trial.components), trial.near)
    try:
        fit = fit_reml(trial.design, trial.y)
    except ModelError as problem:
        return Verdict(*about, f"no fit: {problem}", 0, np.nan, 0.0)
    lowest = lowest_elsewhere(trial, fit, np.random.default_rng([seed, number, 1]))
    cause, zeros = cause_of(fit.certificate), len(fit.at_boundary)
    return Verdict(*about, cause, zeros, fit.criterion, fit.criterion - lowest)


def lowest_elsewhere(trial: RandomTrial, fit: Fit, rng: np.random.Generator) -> float:
    """Return the lowest criterion on a grid, from its lowest point and from random starts.

    Random starts that are about to arrive at the fit itself are not followed further.
    """
    problem, *_ = reduce(trial.design, trial.y)
    n = len(trial.components)
    grid = np.array(list(product(GRID, repeat=n)))
    values = criterion_at(problem, grid)
    random = 10 ** rng.uniform(-3, 3, (STARTS, n)) * (rng.random((STARTS, n)) > 0.2)
    own = evaluate(problem, fit.moments.values[:-1] / fit.moments.values[-1])
    ends = [minimise(problem, np.sqrt(grid[values.argmin()]))]
    ends += [minimise(problem, np.sqrt(start), [own]) for start in random]
    return min(*(end.value for end in ends), values.min()) + problem.constant()


def criterion_at(problem: Reduced, g: Array) -> Array:
    """Return the criterion, without its constant, at many points, (m, K)."""
    lower = np.linalg.cholesky(np.eye(problem.eta.size) + np.tensordot(g, problem.a, 1))
    whitened = np.linalg.solve(lower, np.broadcast_to(problem.eta[:, None], (*lower.shape[:2], 1)))
    pw = problem.s - problem.eta @ problem.eta + (whitened**2).sum(axis=(1, 2))
    log_det = 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(log_det + problem.nu * np.log(np.maximum(pw, 1e-14 * problem.s)))


def cause_of(certificate: Certificate) -> str:
    """Return ``certified``, or the first condition of the certificate that does not hold."""
    if certificate.holds:
        return "certified"
    if certificate.decrement > 1e-9:
        return "decrement"
    if certificate.curvature < -1e-12:
        return "curvature"
    return "lost to a start" if certificate.starts_lost > 1e-7 else "multiplier"


def examine_many(seed: int, numbers: range) -> pd.DataFrame:
    """Return a row per trial."""
    return pd.DataFrame([asdict(examine(seed, number)) for number in numbers])
