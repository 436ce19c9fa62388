"""Newton's method on many functions at once, over coordinates that may not be negative.

Each response has its own point, step and length of step; all take part in the same array
operations until they have converged. A coordinate at zero, where the function rises away from it,
stays there (active set); a step beyond zero ends at zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array

Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]

CLOSE = 1e-11
LONGEST = 1.5
MAX_STEPS = 40
NOISE = 1e-9
SINGULAR = 1e-10


@dataclass(frozen=True)
class Local:
    """A function at one point per response: (b,), (b, K) and (b, K, K)."""

    value: Array
    gradient: Array
    hessian: Array


class Responses(Protocol):
    """What the functions of many responses depend on."""

    def take(self, index: Indices) -> Self:
        """Return some of the responses."""
        ...


R = TypeVar("R", bound=Responses)
In = TypeVar("In", bound=Responses, contravariant=True)


class Objective(Protocol[In]):
    """A function of K coordinates for each response."""

    def evaluate(self, t: Array, responses: In) -> Local:
        """Return the functions at one point, (K,), per response, (b, K)."""
        ...


@dataclass(frozen=True)
class Ends:
    """Where searches ended: points, (b, K), and values, (b,).

    The value is infinite where the search did not come close to a minimum.
    """

    t: Array
    value: Array


@dataclass(frozen=True)
class Direction:
    """A step, (b, K), its Newton decrement (b,) and whether the Hessian is positive, (b,)."""

    step: Array
    decrement: Array
    positive: Bools


def search(objective: Objective[R], start: Array, responses: R) -> Ends:
    """Minimise one function per response over coordinates that may not be negative.

    Parameters
    ----------
    objective : Objective
        The functions with their exact derivatives.
    start : ndarray, (b, K)
        Where to start.
    responses : Responses
        The b responses.

    Returns
    -------
    Ends
        One full step beyond the first point with a Newton decrement below 1e-11; as Newton's
        method doubles the number of right digits with every step, no more can be gained.
    """
    ends = Ends(start.copy(), np.full(len(start), np.inf))
    active, t, lowest = np.arange(len(start)), start, np.full(len(start), np.inf)
    step, length = np.zeros_like(t), np.ones(len(t))
    for _ in range(MAX_STEPS):
        trial = np.maximum(t + length[:, None] * step, 0.0)
        local = objective.evaluate(trial, responses)
        lower = local.value <= lowest + NOISE
        direction = newton(local, trial)
        t = np.where(lower[:, None], trial, t)
        step = np.where(lower[:, None], direction.step, step)
        length = np.where(lower, 1.0, length / 4)
        lowest = np.where(lower, local.value, lowest)
        done = lower & (direction.decrement < CLOSE) & direction.positive
        ends.t[active[done]] = np.maximum(t + step, 0.0)[done]
        ends.value[active[done]] = lowest[done]
        left = np.flatnonzero(~done)
        if len(left) == 0:
            break
        if len(left) < len(active):
            active, responses, t, step = active[left], responses.take(left), t[left], step[left]
            length, lowest = length[left], lowest[left]
    return ends


def newton(local: Local, t: Array) -> Direction:
    """Return the step from t, no coordinate by more than 1.5."""
    free = (t > 0) | (local.gradient < 0)
    step, positive = _descend(local, free)
    blocked = free & (t <= 0) & (step < 0)
    again = np.flatnonzero(blocked.any(axis=1))
    if len(again):
        free[again] &= ~blocked[again]
        own = Local(local.value[again], local.gradient[again], local.hessian[again])
        step[again], positive[again] = _descend(own, free[again])
    decrement = np.abs(np.einsum("bk,bk->b", local.gradient * free, step))
    longest = np.maximum(np.abs(step).max(axis=1), LONGEST)
    return Direction(step * (LONGEST / longest)[:, None], decrement, positive)


def _descend(local: Local, free: Bools) -> tuple[Array, Bools]:
    """Newton step of the free coordinates, with |eigenvalues| where the Hessian is not positive."""
    hessian, down = masked(local.hessian, free), -local.gradient * free
    factored = eliminate(hessian, down[:, :, None])
    step, positive = factored.solution()[:, :, 0], factored.positive(hessian)
    doubtful = np.flatnonzero(~positive)
    if len(doubtful):
        values, vectors = np.linalg.eigh(hessian[doubtful])
        size = np.abs(values)
        size = np.maximum(size, 1e-8 * size.max(axis=1, keepdims=True) + 1e-300)
        along = np.einsum("bkl,bk->bl", vectors, down[doubtful]) / size
        step[doubtful] = np.einsum("bkl,bl->bk", vectors, along)
    return step, positive


def masked(matrices: Array, free: Bools) -> Array:
    """Return matrices, (b, K, K), with unit rows and columns for coordinates that are not free."""
    if free.all():
        return matrices
    both = free[:, :, None] & free[:, None, :]
    return np.where(both, matrices, np.eye(matrices.shape[1]))


@dataclass(frozen=True)
class Factored:
    """Symmetric matrices (b, K, K) = F diag(d) F', and F^-1 times right-hand sides.

    Attributes
    ----------
    pivots : ndarray, (b, K)
        d; all positive exactly where the matrix is positive definite.
    factors : ndarray, (b, K, K)
        F, unit lower triangular; the diagonal is not stored.
    rest : ndarray, (b, K, m)
        F^-1 times the right-hand sides.
    """

    pivots: Array
    factors: Array
    rest: Array

    def positive(self, matrices: Array) -> Bools:
        """Return which matrices are positive definite with some margin, (b,)."""
        size = np.abs(np.einsum("bkk->bk", matrices))
        return np.asarray((self.pivots > SINGULAR * size).all(axis=1))

    def solution(self) -> Array:
        """Return the inverses times the right-hand sides, (b, K, m)."""
        found = self.rest / _safe(self.pivots)[:, :, None]
        for k in reversed(range(found.shape[1])):
            for i in range(k):
                found[:, i] -= self.factors[:, k, i, None] * found[:, k]
        return found

    def forms(self) -> Array:
        """Return s' inverse s for every right-hand side s, (b, m)."""
        return np.asarray(np.einsum("bkm,bk->bm", self.rest**2, 1 / _safe(self.pivots)))


def eliminate(matrices: Array, sides: Array) -> Factored:
    """Factor symmetric matrices, (b, K, K), without exchanging rows; sides are (b, K, m)."""
    a, rest = matrices.copy(), sides.copy()
    factors, pivots = np.zeros_like(a), np.empty(a.shape[:2])
    for i in range(a.shape[1]):
        pivots[:, i] = a[:, i, i]
        for j in range(i + 1, a.shape[1]):
            factors[:, j, i] = factor = a[:, j, i] / _safe(pivots[:, i])
            a[:, j, i:] -= factor[:, None] * a[:, i, i:]
            rest[:, j] -= factor[:, None] * rest[:, i]
    return Factored(pivots, factors, rest)


def _safe(values: Array) -> Array:
    return np.where(values == 0, 1e-300, values)
