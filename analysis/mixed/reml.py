"""Exact restricted maximum likelihood for variance components.

The minimum of the `criterion` is found by Newton steps on the square roots of g (where zero is a
stationary point, so that a step cannot leave the feasible set), finished by Newton steps on g
itself, from several starts. A component whose best value is zero stays in the model at zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.mixed.criterion import NO_ERROR_LEFT, Point, Reduced, evaluate, reduce
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Certificate, Fit
from analysis.mixed.moments import component_moments

TINY = 1e-10
MAX_STEPS = 60
# Newton decrement below which estimates are sharper than 1e-11 of their standard errors.
SHARP = 1e-22
# Largest Newton decrement at which a search may stop for a minimum it is about to reach.
NEAR = 0.3
# Square roots of g to start from: every combination of these, then all of them large, since small
# trials can have a second minimum there.
STARTS = (1.0, 0.25)
LARGE = 4.0
# Where random effects can take up every residual, g beyond which the criterion has no slope left
# to tell it from infinity, that is from a residual variance of zero.
ENDLESS = 1e7


def fit_reml(design: Design, y: Array) -> Fit:
    """Fit a linear mixed model with random intercepts by restricted maximum likelihood.

    Parameters
    ----------
    design : Design
        Matrices of the model, N rows.
    y : ndarray, (N,)
        Response, in its own unit.

    Returns
    -------
    Fit
        With one variance per component (unit squared) and the residual variance, last. Matches
        lme4 2015 (`lmer`, REML) in estimates, variances and criterion.

    Raises
    ------
    ModelError
        If there are as many coefficients as values, no variation is left around the model, or the
        best residual variance is zero: the likelihood then has no maximum.
    """
    y = np.asarray(y, float)
    problem, q, r, ols = reduce(design, y)
    ends: list[Point] = []
    for start in _starts(len(design.components)):
        ends.append(minimise(problem, np.array(start), ends))
    best = min(ends, key=lambda point: point.value)
    if len(problem.eta) == problem.nu and best.g.max(initial=0.0) > ENDLESS:
        raise ModelError(NO_ERROR_LEFT)
    certificate = certify(problem, best, ends, [each.name for each in design.components])
    s2 = best.pw / problem.nu
    moments, shift, random = component_moments(design, q, r, y - design.x @ ols, best.g * s2, s2)
    beta = ols + shift
    fitted = design.x @ beta + random
    criterion = best.value + problem.constant()
    return Fit(design, beta, moments, criterion, certificate, fitted, y - fitted)


def _starts(n_components: int) -> Iterator[tuple[float, ...]]:
    yield from product(STARTS, repeat=n_components)
    if n_components:
        yield (LARGE,) * n_components


def minimise(problem: Reduced, root: Array, known: Sequence[Point] = ()) -> Point:
    """Return a local minimum of the criterion over g >= 0, starting at g = `root` squared.

    The search stops where Newton's method is about to converge to one of the minima `known`.
    """
    point = evaluate(problem, root**2)
    for _ in range(MAX_STEPS):
        point = _drop_small(problem, point)
        free = point.g > 0
        step, decrement = _root_step(point, free)
        for end in known:
            if _leads_to(end, point, step, decrement):
                return end
        if decrement < 1e-10:
            released = _release(problem, point)
            if released is None:
                break
            point = released
            continue
        advanced = _line_search(problem, point, step, decrement)
        if advanced is None:
            break
        point = advanced
    return _polish(problem, point)


def _root_step(point: Point, free: NDArray[np.bool_]) -> tuple[Array, float]:
    """Newton step on the square roots t of g, with the eigenvalues of the Hessian made positive."""
    t = np.sqrt(point.g[free])
    gradient = 2 * t * point.gradient[free]
    hessian = 4 * np.outer(t, t) * point.hessian[np.ix_(free, free)]
    hessian[np.diag_indices(len(t))] += 2 * point.gradient[free]
    values, vectors = np.linalg.eigh(hessian)
    floor = 1e-8 * max(float(np.abs(values).max(initial=0.0)), 1e-8)
    along = vectors.T @ gradient / np.maximum(np.abs(values), floor)
    move = -vectors @ along
    limit = np.max(np.abs(move) / (0.7 * t), initial=1.0)
    step = np.zeros_like(point.g)
    step[free] = move / limit
    return step, float(-gradient @ move) / limit


def _leads_to(end: Point, point: Point, step: Array, decrement: float) -> bool:
    """Whether Newton's step at `point` all but reaches `end`, falling as far as it foretells.

    Near a minimum the criterion is a parabola, by half the decrement above its lowest value.
    """
    if decrement > NEAR or ((end.g > 0) != (point.g > 0)).any():
        return False
    target = np.sqrt(end.g)
    gap = np.abs(np.sqrt(point.g) + step - target)
    fall = abs(point.value - end.value - decrement / 2)
    return bool((gap <= 0.05 * target).all() and fall <= 0.1 * decrement + TINY)


def _line_search(problem: Reduced, point: Point, step: Array, decrement: float) -> Point | None:
    scale = 1.0
    for _ in range(30):
        trial = evaluate(problem, (np.sqrt(point.g) + scale * step) ** 2)
        if trial.value <= point.value - 1e-4 * scale * decrement:
            return trial
        scale /= 2
    return None


def _drop_small(problem: Reduced, point: Point) -> Point:
    """Put a small component to zero where that lowers the criterion and zero is stable there."""
    for k in np.flatnonzero((point.g > 0) & (point.g < 0.02)):
        trial = evaluate(problem, np.where(np.arange(len(point.g)) == k, 0.0, point.g))
        if trial.value <= point.value and trial.gradient[k] >= 0:
            point = trial
    return point


def _release(problem: Reduced, point: Point) -> Point | None:
    """Move a component off zero where the criterion falls that way."""
    for k in np.flatnonzero((point.g == 0) & (point.gradient < -TINY)):
        size = -point.gradient[k] / max(abs(point.hessian[k, k]), TINY)
        for scale in size * 0.5 ** np.arange(30):
            g = point.g.copy()
            g[k] = scale
            trial = evaluate(problem, g)
            if trial.value < point.value:
                return trial
    return None


def _polish(problem: Reduced, point: Point) -> Point:
    """Finish with full Newton steps on g, taken while they shrink the decrement."""
    for _ in range(6):
        free = point.g > 0
        if not free.any() or _decrement(point, free) < SHARP:
            break
        step = np.zeros_like(point.g)
        step[free] = -_newton(point, free)
        if (point.g + step < 0).any():
            break
        trial = evaluate(problem, point.g + step)
        if _decrement(trial, free) >= _decrement(point, free):
            break
        point = trial
    return point


def _newton(point: Point, free: NDArray[np.bool_]) -> Array:
    hessian = point.hessian[np.ix_(free, free)]
    return np.asarray(np.linalg.lstsq(hessian, point.gradient[free], rcond=None)[0])


def _decrement(point: Point, free: NDArray[np.bool_]) -> float:
    return abs(float(point.gradient[free] @ _newton(point, free)))


def certify(problem: Reduced, best: Point, ends: list[Point], names: list[str]) -> Certificate:
    """Return the evidence that `best` is the minimum over g >= 0."""
    free = best.g > 0
    hessian = best.hessian[np.ix_(free, free)]
    diagonal = np.sqrt(np.abs(np.diag(hessian)))
    scaled = hessian / np.outer(diagonal, diagonal) if free.any() else np.eye(1)
    bound = {names[k]: float(best.gradient[k]) for k in np.flatnonzero(~free)}
    lost = best.value - min(end.value for end in ends)
    return Certificate(
        decrement=_decrement(best, free) if free.any() else 0.0,
        curvature=float(np.linalg.eigvalsh(scaled)[0]),
        multipliers=bound,
        starts_lost=lost,
    )
