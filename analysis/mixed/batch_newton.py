"""Newton's method on many restricted likelihoods at once.

Each response has its own point, step and length of step; all take part in the same array
operations until they have converged. Steps are made in t_k = log(1 + h_k g_k), in which the
criterion of a single stratum is convex and zero is an ordinary boundary: parameters at zero with a
criterion that rises away from it stay there (active set), and steps beyond zero end at zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch_criterion import Criterion, Values
from analysis.mixed.batch_reduce import Statistics
from analysis.mixed.design import Array

Bools = NDArray[np.bool_]

CLOSE = 1e-11
LONGEST = 1.5
MAX_STEPS = 40
NOISE = 1e-9
SINGULAR = 1e-10


@dataclass(frozen=True)
class Ends:
    """Where searches ended: points g, (b, K), and the criterion just before, (b,).

    The criterion is infinite where the search did not come close to a minimum.
    """

    g: Array
    criterion: Array


@dataclass(frozen=True)
class Direction:
    """A step in t, (b, K), its Newton decrement (b,) and whether the Hessian is positive, (b,)."""

    step: Array
    decrement: Array
    positive: Bools


def search(criterion: Criterion, scale: Array, start: Array, statistics: Statistics) -> Ends:
    """Minimise the criterion of every response.

    Parameters
    ----------
    criterion : Criterion
        Of a design with K components.
    scale : ndarray, (K,)
        Typical eigenvalue h of each component.
    start : ndarray, (b, K)
        Points g to start from.
    statistics : Statistics
        The b responses.

    Returns
    -------
    Ends
        One full step beyond the first point with a Newton decrement below 1e-11. Newton's method
        doubles the number of right digits with every step, so that no more can be gained.
    """
    ends = Ends(start.copy(), np.full(len(start), np.inf))
    active = np.arange(len(start))
    t, lowest = np.log1p(scale * start), np.full(len(start), np.inf)
    step, length = np.zeros_like(t), np.ones(len(t))
    for _ in range(MAX_STEPS):
        trial = np.maximum(t + length[:, None] * step, 0.0)
        values = criterion.evaluate(np.expm1(trial) / scale, statistics)
        lower = values.criterion <= lowest + NOISE
        direction = newton(values, trial, scale)
        t = np.where(lower[:, None], trial, t)
        step = np.where(lower[:, None], direction.step, step)
        length = np.where(lower, 1.0, length / 4)
        lowest = np.where(lower, values.criterion, lowest)
        done = lower & (direction.decrement < CLOSE) & direction.positive
        ends.g[active[done]] = np.expm1(np.maximum(t + step, 0.0)[done]) / scale
        ends.criterion[active[done]] = lowest[done]
        left = np.flatnonzero(~done)
        if len(left) == 0:
            break
        if len(left) < len(active):
            statistics = statistics.take(left)
            active, t, step = active[left], t[left], step[left]
            length, lowest = length[left], lowest[left]
    return ends


def newton(values: Values, t: Array, scale: Array) -> Direction:
    """Return the step from t, with the expected Hessian where the observed is not positive."""
    slope = np.exp(t) / scale  # dg / dt
    gradient = values.gradient * slope
    products = slope[:, :, None] * slope[:, None, :]
    hessian = values.hessian * products
    diagonal = np.arange(t.shape[1])
    hessian[:, diagonal, diagonal] += gradient
    free = (t > 0) | (gradient < 0)
    step, positive = _descend(hessian, gradient, free)
    doubtful = np.flatnonzero(~positive)
    if len(doubtful):
        expected = values.information[doubtful] * products[doubtful]
        step[doubtful] = _descend(expected, gradient[doubtful], free[doubtful])[0]
    blocked = free & (t <= 0) & (step < 0)
    again = np.flatnonzero(blocked.any(axis=1))
    if len(again):
        free[again] &= ~blocked[again]
        step[again] = _descend(hessian[again], gradient[again], free[again])[0]
    decrement = np.abs(np.einsum("bk,bk->b", gradient * free, step))
    longest = np.maximum(np.abs(step).max(axis=1), LONGEST)
    return Direction(step * (LONGEST / longest)[:, None], decrement, positive)


def _descend(hessian: Array, gradient: Array, free: Bools) -> tuple[Array, Bools]:
    """Newton step of the free parameters; along the gradient where the Hessian is not positive."""
    pivots, factors, rest = eliminate(masked(hessian, free), -(gradient * free)[:, :, None])
    size = np.abs(np.einsum("bkk->bk", hessian))
    positive = (pivots > SINGULAR * np.where(free, size, 1.0)).all(axis=1)
    safe = np.where(pivots > 0, pivots, np.inf)
    step = rest[:, :, 0] / safe
    for k in reversed(range(step.shape[1])):
        for i in range(k):
            step[:, i] -= factors[:, k, i] * step[:, k]
    plain = -gradient * free / np.maximum(size, 1e-300)
    return np.where(positive[:, None], step, plain), positive


def masked(matrices: Array, free: Bools) -> Array:
    """Return matrices, (b, K, K), with unit rows and columns for parameters that are not free."""
    both = free[:, :, None] & free[:, None, :]
    return np.where(both, matrices, np.eye(matrices.shape[1]))


def eliminate(matrices: Array, sides: Array) -> tuple[Array, Array, Array]:
    """Factor symmetric matrices, (b, K, K), as F diag(d) F' without exchanging rows.

    Returns
    -------
    d : ndarray, (b, K)
        Pivots; all positive exactly when the matrix is positive definite.
    f : ndarray, (b, K, K)
        Unit lower triangular factor.
    rest : ndarray, (b, K, m)
        F^-1 times the right-hand sides.
    """
    a, rest = matrices.copy(), sides.copy()
    k = a.shape[1]
    factors = np.zeros_like(a)
    pivots = np.empty(a.shape[:2])
    for i in range(k):
        pivots[:, i] = a[:, i, i]
        safe = np.where(pivots[:, i] == 0, 1e-300, pivots[:, i])
        for j in range(i + 1, k):
            factors[:, j, i] = factor = a[:, j, i] / safe
            a[:, j, i:] -= factor[:, None] * a[:, i, i:]
            rest[:, j] -= factor[:, None] * rest[:, i]
    return pivots, factors, rest
