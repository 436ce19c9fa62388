"""Newton steps for functions with bounded coordinates, at many points at once.

Where a Hessian is not positive definite, the absolute values of its eigenvalues take the place of
its eigenvalues; coordinates are kept at or above their bound by an active set (Nocedal and Wright
2006, Numerical Optimization, sections 3.4 and 16.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.factors import BoolArray, cholesky_factors
from analysis.mixed.residual.layout import diagonal

SADDLE = 1e-6  # most negative eigenvalue, relative to the largest, that is not rounding error
AWAY = 0.3  # step away from a saddle
AT_ONCE = 6  # tries to meet and leave bounds at once
ROUNDING = 1e-10  # slope of a model, relative to the steepest at the start, that is rounding error


@dataclass(frozen=True)
class Local:
    """Gradients and Hessians in local coordinates, and how far each may fall.

    Leading dimensions (...) are points; for steps there is one, b.

    Attributes
    ----------
    gradient : ndarray, (..., K)
    hessian : ndarray, (..., K, K)
    lowest : ndarray, (..., K)
        Step that takes a bounded parameter to zero; minus infinity for the others.
    definite : bool
        Whether the Hessians are known to have no negative eigenvalues.
    """

    gradient: Array
    hessian: Array
    lowest: Array
    definite: bool = False

    def take(self, index: IntArray) -> Local:
        """Return some of the points of a batch."""
        gradient, hessian, lowest = self.gradient[index], self.hessian[index], self.lowest[index]
        return Local(gradient, hessian, lowest, self.definite)

    def keeping(self, parameters: BoolArray) -> Local:
        """Return the same with some parameters at zero, (..., K), held there in any case."""
        if not parameters.any():
            return self
        rising = np.where(parameters, np.maximum(self.gradient, 0.0), self.gradient)
        return replace(self, gradient=rising)

    @cached_property
    def held(self) -> BoolArray:
        """Parameters at zero that the criterion keeps there."""
        return np.asarray((self.lowest == 0) & (self.gradient >= 0))

    def newton_step(self) -> tuple[Array, Array]:
        """Return descent steps that keep bounded parameters at or above zero, and -g'step.

        Shapes (b, K) and (b,).
        """
        free = ~self.held
        model = _among(self.hessian, free)
        if not self.definite:
            model = _made_positive(model)
        step = -_solve(model, np.where(free, self.gradient, 0.0))
        below = np.flatnonzero((step < self.lowest).any(axis=1))
        if len(below):
            step[below] = self.take(below)._within_bounds(model[below], free[below], step[below])
        decrement = -(self.gradient * step).sum(axis=1)
        if (decrement < 0).any():
            return self._steepest(model, step, decrement)
        return step, decrement

    def _within_bounds(self, model: Array, free: BoolArray, step: Array) -> Array:
        """Return the steps to where the quadratic models are lowest within the bounds.

        All bounds that are crossed are met at once, all from which the model falls away are left at
        once, which is seldom done more than three times; but it need not come to an end
        (Hintermueller, Ito and Kunisch 2003, SIAM J Optim 13:865-888).
        """
        rest, own, met = np.arange(len(step)), self, free & (step < self.lowest)
        for _ in range(AT_ONCE):
            found = own._along(model, free, met)
            step[rest] = found
            wrong = free & np.where(met, own._falls(model, found), found < own.lowest)
            going = np.flatnonzero(wrong.any(axis=1))
            if not len(going):
                return step
            met = (met ^ wrong)[going]
            own, model, free, rest = own.take(going), model[going], free[going], rest[going]
        step[rest] = own._bound_by_bound(model, free)
        return step

    def _along(self, model: Array, free: BoolArray, met: BoolArray) -> Array:
        """Return the steps to where the models are lowest with some parameters at their bounds."""
        step, inside = np.where(met, self.lowest, 0.0), free & ~met
        target = np.where(inside, self.gradient + _times(model, step), 0.0)
        return np.where(inside, -_solve(_among(model, inside), target), step)

    def _falls(self, model: Array, step: Array) -> BoolArray:
        """Return along which parameters the models fall after steps."""
        flat = ROUNDING * np.abs(self.gradient).max(axis=1, keepdims=True)
        return np.asarray(self.gradient + _times(model, step) < -flat)

    def _bound_by_bound(self, model: Array, free: BoolArray) -> Array:
        """Return the same steps as sums of steps that go down, which comes to an end.

        One bound is met or left at a time (Nocedal and Wright 2006, algorithm 16.3).
        """
        step, met = np.zeros(self.gradient.shape), np.zeros(free.shape, bool)
        for _ in range(3 * free.shape[1]):
            inside = free & ~met
            slope = np.where(inside, self.gradient + _times(model, step), 0.0)
            move = -_solve(_among(model, inside), slope)
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.where(inside & (move < 0), (self.lowest - step) / move, np.inf)
            share = np.minimum(room.min(axis=1, keepdims=True), 1.0)
            hit = room <= share
            step = np.where(hit, self.lowest, step + share * move)
            falls = met & (share == 1.0) & self._falls(model, step)
            left = falls & (np.cumsum(falls, axis=1) == 1)
            if not (hit | left).any():
                break
            met = (met | hit) & ~left
        return step

    def _steepest(self, model: Array, step: Array, decrement: Array) -> tuple[Array, Array]:
        """Step against the gradient, in the rare case that the bounds spoil Newton's step.

        So does rounding where V is almost singular: it can leave nothing of the curvature.
        """
        curvature = np.where(diagonal(model) > 0, diagonal(model), 1.0)
        down = np.where(self.held, 0.0, np.maximum(-self.gradient / curvature, self.lowest))
        step = np.where(decrement[..., None] < 0, down, step)
        return step, -(self.gradient * step).sum(axis=-1)

    def off_saddle(self, i: int, step: Array, decrement: float) -> tuple[Array, float]:
        """Return the step of a point where the gradient vanishes, one along a fall if there is one.

        Newton's step is too short to leave a saddle.
        """
        free = ~self.held[i]
        values, vectors = np.linalg.eigh(_among(self.hessian[i], free))
        if values[0] >= -SADDLE * values[-1]:
            return step, decrement
        along = np.where(free, vectors[:, 0], 0.0)
        along = np.maximum(-np.copysign(AWAY, along @ self.gradient[i]) * along, self.lowest[i])
        return along, -float(values[0]) * AWAY**2

    def full_step(self) -> tuple[Array, Array]:
        """Return the Newton steps of the parameters not held, H as it is, and |g' H^-1 g|."""
        free = ~self.held
        hessian, down = _among(self.hessian, free), np.where(free, -self.gradient, 0.0)
        try:
            step = _solve(hessian, down)
        except np.linalg.LinAlgError:
            step = _times(np.asarray(np.linalg.pinv(hessian, hermitian=True)), down)
        return step, np.abs((self.gradient * step).sum(axis=-1))


def _times(matrices: Array, vectors: Array) -> Array:
    return np.asarray((matrices @ vectors[..., None])[..., 0])


def _solve(matrices: Array, vectors: Array) -> Array:
    return np.asarray(np.linalg.solve(matrices, vectors[..., None])[..., 0])


def _among(matrices: Array, free: BoolArray) -> Array:
    """Matrices with unit rows and columns for the parameters that are not free."""
    if free.all():
        return matrices
    both = free[..., :, None] & free[..., None, :]
    return np.where(both, matrices, np.eye(free.shape[-1]))


def _made_positive(hessians: Array) -> Array:
    """Symmetric matrices, (b, K, K), with the absolute values of their eigenvalues."""
    factors, definite = cholesky_factors(hessians[:, None])
    pivots = diagonal(factors[:, 0])
    definite &= pivots.min(axis=1) > 1e-3 * pivots.max(axis=1)
    if definite.all():
        return hessians
    values, vectors = np.linalg.eigh(hessians[~definite])
    size = np.abs(values)
    floor = 1e-8 * np.maximum(size.max(axis=1, keepdims=True, initial=0.0), 1e-8)
    turned = vectors * np.maximum(size, floor)[:, None, :]
    positive = hessians.copy()
    positive[~definite] = turned @ vectors.swapaxes(1, 2)
    return positive
