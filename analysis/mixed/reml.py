"""Exact restricted maximum likelihood for variance components.

    V = s2 (I + sum_k g_k Z_k Z_k'),   g_k = s2_k / s2 >= 0,   nu = N - p

With M = I - X (X'X)^-1 X', C = Z'MZ, z = Z'My, s = y'My and L = diag(sqrt(g)) the criterion,
profiled over b and s2, is (Bates, Maechler, Bolker and Walker 2015, J Stat Softw 67(1),
section 3.4, written with the residual projection)

    d(g) = log|I + LCL| + log|X'X| + nu (1 + log(2 pi pw / nu)),
    pw   = s - z'L (I + LCL)^-1 Lz.

Its gradient and Hessian are exact: with S = C - CL(I + LCL)^-1LC and u = z - CL(I + LCL)^-1Lz

    d log|I + LCL| / dg_k          =  tr S_kk
    d2 log|I + LCL| / dg_k dg_l    = -|S_kl|^2        (Frobenius norm of block k, l)
    d pw / dg_k                    = -|u_k|^2
    d2 pw / dg_k dg_l              =  2 u_k' S_kl u_l

The minimum is found by Newton steps on the square roots of g (where zero is a stationary point,
so that a step cannot leave the feasible set), finished by Newton steps on g itself, from several
starts. A component whose best value is zero stays in the model at zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import log, pi

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Certificate, Fit
from analysis.mixed.moments import component_moments

TINY = 1e-10
# Share of the variation left when the random effects explain all of it but rounding error.
PERFECT = 1e-14
MAX_STEPS = 60
STARTS = (1.0, 0.25)


@dataclass(frozen=True)
class Reduced:
    """A design and a response reduced to what the criterion needs."""

    c: Array
    z: Array
    s: float
    nu: int
    owner: Array
    log_det_xx: float

    def constant(self) -> float:
        """Return the part of the criterion that does not depend on the parameters."""
        return self.log_det_xx + self.nu * (1 + log(2 * pi / self.nu))


@dataclass(frozen=True)
class Point:
    """The criterion (without its constant), gradient and Hessian by g, at one g."""

    g: Array
    value: float
    gradient: Array
    hessian: Array
    pw: float


def reduce(design: Design, y: Array) -> tuple[Reduced, Array, Array]:
    """Return the reduced problem, the triangular factor of X = QR and the coefficients of OLS."""
    q, r = np.linalg.qr(design.x)
    rotated = q.T @ y
    centred = y - q @ rotated
    centred -= q @ (q.T @ centred)
    mz = design.z - q @ (q.T @ design.z)
    size = float(centred @ centred)
    nu = design.n_rows - design.rank
    if nu < 1:
        raise ModelError("The model has as many coefficients as there are values.")
    if size <= 1e-24 * max(float(y @ y), 1e-300):
        raise ModelError("The values do not vary around the model: there is no error to estimate.")
    indicator = np.eye(len(design.components))[design.owner]
    log_det = 2 * float(np.log(np.abs(np.diag(r))).sum())
    problem = Reduced(mz.T @ mz, mz.T @ centred, size, nu, indicator, log_det)
    return problem, r, np.linalg.solve(r, rotated)


def evaluate(problem: Reduced, g: Array) -> Point:
    """Return the criterion and its exact derivatives at `g`."""
    root = np.sqrt(problem.owner @ g)
    inner = root[:, None] * problem.c
    lower = np.linalg.cholesky(np.eye(len(root)) + inner * root)
    sides = np.column_stack([inner, root * problem.z])
    whitened = solve_triangular(lower, sides, lower=True, check_finite=False)
    w, wz = whitened[:, :-1], whitened[:, -1]
    s = problem.c - w.T @ w
    u = problem.z - w.T @ wz
    pw = max(problem.s - float(wz @ wz), PERFECT * problem.s)
    by = problem.owner
    d_pw = -(by.T @ u**2)
    dd_pw = 2 * by.T @ (u[:, None] * s * u) @ by
    relative = d_pw / pw
    gradient = by.T @ np.diag(s) + problem.nu * relative
    hessian = -by.T @ s**2 @ by + problem.nu * (dd_pw / pw - np.outer(relative, relative))
    value = 2 * float(np.log(np.diag(lower)).sum()) + problem.nu * log(pw)
    return Point(g, value, gradient, hessian, pw)


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
        If there are as many coefficients as values, or no variation is left around the model.
    """
    y = np.asarray(y, float)
    problem, r, ols = reduce(design, y)
    ends = [minimise(problem, np.array(start)) for start in _starts(len(design.components))]
    best = min(ends, key=lambda point: point.value)
    certificate = certify(problem, best, ends, [each.name for each in design.components])
    s2 = best.pw / problem.nu
    moments, shift, random = component_moments(design, y - design.x @ ols, best.g * s2, s2, r)
    beta = ols + shift
    fitted = design.x @ beta + random
    criterion = best.value + problem.constant()
    return Fit(design, beta, moments, criterion, certificate, fitted, y - fitted)


def _starts(n_components: int) -> Iterator[tuple[float, ...]]:
    yield from product(STARTS, repeat=n_components)


def minimise(problem: Reduced, root: Array) -> Point:
    """Return a local minimum of the criterion over g >= 0, starting at g = `root` squared."""
    point = evaluate(problem, root**2)
    for _ in range(MAX_STEPS):
        point = _drop_small(problem, point)
        free = point.g > 0
        step, decrement = _root_step(point, free)
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
        if not free.any():
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
