"""Residual structures: is the certified fit the best minimum with positive variances?

Each trial is fitted, then searched again from random starts. Minima where a residual variance is
zero or a correlation is one are no estimates (`analysis.mixed.residual.limits`) and do not count.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log, pi

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.mixed.fit import Fit
from analysis.mixed.residual import ResidualModel
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.check import certify
from analysis.mixed.residual.ends import End, Ends
from analysis.mixed.residual.limits import Limits, Run, runs_of
from analysis.mixed.residual.newton import search
from analysis.mixed.residual.polish import made_sure, polish
from analysis.mixed.residual.start import group_sizes, shifts
from analysis.mixed.structures import make_structure
from tests.certification.components import BEATEN, cause_of
from tests.certification.trials import draw_residual

Array = NDArray[np.float64]

STRUCTURES = ("by_time_ar1", "by_arm_time_ar1")
STARTS = 24


@dataclass(frozen=True)
class Verdict:
    """What became of one trial.

    Attributes
    ----------
    number, structure, kind, near
        The trial.
    cause : str
        ``certified``, the condition that does not hold, or why there is no fit.
    zeros : str
        Parameters at zero.
    interior : bool
        Whether all residual variances are positive.
    excess : float
        How far the criterion is above the lowest minimum with positive variances found from
        random starts; minus infinity where there is none.
    overlooked : bool
        Whether the fit has a residual variance of zero though there is such a minimum.
    better : str
        The parameters of that minimum, relative to the spread of the data, where it is lower or
        was overlooked.
    """

    number: int
    structure: str
    kind: str
    near: bool
    cause: str
    zeros: str
    interior: bool
    excess: float
    overlooked: bool
    better: str


def examine(seed: int, number: int) -> Verdict:
    """Draw a trial, fit it, and look for anything better."""
    structure = STRUCTURES[number // 2 % 2]
    trial = draw_residual(seed, number, structure)
    about = (number, structure, trial.kind, trial.near)
    residual = make_structure(structure, trial.frame, sorted(set(trial.frame["time"])))
    model = ResidualModel(trial.design, residual)
    try:
        fit = model.fit(trial.y, "keep")
    except ModelError as problem:
        return Verdict(*about, f"no fit: {problem}", "", False, -np.inf, False, "")
    rng = np.random.default_rng([seed, number, 2])
    rivals = minima(model, trial.y, random_starts(model, trial.y, rng))
    lowest = min(rivals, key=lambda end: end.value, default=None)
    excess = own_value(model, trial.y, fit) - lowest.value if lowest else -np.inf
    zeros = ", ".join(fit.at_boundary)
    interior = "residual" not in zeros
    overlooked = not interior and any(is_minimum(model, trial.y, end) for end in rivals)
    missed = lowest is not None and (overlooked or excess > BEATEN)
    better = " ".join(f"{x:.3g}" for x in lowest.phi) if missed else ""
    return Verdict(*about, cause_of(fit.certificate), zeros, interior, excess, overlooked, better)


def random_starts(model: ResidualModel, y: Array, rng: np.random.Generator) -> Array:
    """Return points all over the space of the parameters, (S, K)."""
    law, sizes = model.law, group_sizes(model.structure, model._standardise(y).rest)
    n = int(law.has_role("component").sum())
    components = 10 ** rng.uniform(-3, 0, (STARTS, n))
    spread = np.sqrt(sizes) * np.exp(0.7 * rng.normal(size=(STARTS, len(sizes))))
    return np.column_stack([components, spread, rng.uniform(-0.6, 0.97, STARTS)])


def minima(model: ResidualModel, y: Array, starts: Array) -> list[End]:
    """Return the places with positive variances to which starts lead."""
    rest = model._standardise(y).rest
    sizes = group_sizes(model.structure, rest)
    shift = np.tile(shifts(model.law, sizes), (len(starts), 1))
    limits, chart = Limits(model.law, sizes), Chart(model.law, shift)
    response = np.repeat(model.rotated.response(rest)[None], len(starts), axis=0)
    # As if each start had a response of its own: all are followed to the end.
    found = search(model.rotated.problem, chart, starts[:, None], response)
    ends = [end for each in found for end in each.ends]
    runs = runs_of(starts, Ends(ends, np.arange(len(ends))))
    sure = made_sure(model.rotated.problem, chart.take(0), limits, response[0], runs)
    return [run.end for run in sure if limits.ordinary(run.end.phi)]


def is_minimum(model: ResidualModel, y: Array, end: End) -> bool:
    """Return whether Newton's steps lead from an end to a minimum with positive variances."""
    rest = model._standardise(y).rest
    limits = Limits(model.law, group_sizes(model.structure, rest))
    chart = Chart(model.law, shifts(model.law, limits.sizes))
    response = model.rotated.response(rest)
    (point,) = polish(model.rotated.problem, chart, end.phi[None], response[None])
    itself = Run(end.phi, End(point.phi, float(point.value)))
    holds = certify(chart, np.full_like(end.phi, np.nan), point, [itself]).holds
    return holds and limits.ordinary(point.phi)


def own_value(model: ResidualModel, y: Array, fit: Fit) -> float:
    """Return the criterion of a fit in the units of the search."""
    (_, r), scale = model.basis, model._standardise(y).scale
    nu = model.design.n_rows - model.design.rank
    constant = 2 * float(np.log(np.abs(np.diag(r))).sum()) + nu * log(2 * pi * scale**2)
    return fit.criterion - constant


def examine_many(seed: int, numbers: range) -> pd.DataFrame:
    """Return a row per trial."""
    return pd.DataFrame([asdict(examine(seed, number)) for number in numbers])
