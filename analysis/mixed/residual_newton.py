"""Newton's method for the restricted likelihood of a residual-structure model.

Steps are taken in local coordinates x that adapt to the scale of each parameter phi:

    variance of a component or an error, standard deviation       log(phi + shift)
    correlation                                                   atanh rho
    unstructured matrix R = L L'                                  S in R = L exp(S) L'

A shifted logarithm is a logarithm where phi is large and linear near its bound of zero. Far from
the minimum the Hessian is replaced by the average information, which costs a third and is never
indefinite (Gilmour, Thompson and Cullis 1995, Biometrics 51:1440-1450); nearer by itself with the
absolute values of its eigenvalues. Parameters are kept at or above zero by an active set, steps
are capped, and the criterion must fall enough (Nocedal and Wright 2006, Numerical Optimization,
sections 3.4, 16.5 and 3.1). Full Newton steps finish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.residual_point import Point, Problem
from analysis.mixed.structures import Law, element_pairs

LONGEST_STEP = 1.5
MAX_STEPS = 60
NEAR = 1.0  # decrement at which the exact Hessian takes over
LARGEST_CORRELATION = 1 - 1e-9
SETTLED = 1e-6  # decrement at which a start has shown where it leads

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Local:
    """Gradient and Hessian in local coordinates, and how far each may fall.

    Attributes
    ----------
    gradient : ndarray, (K,)
    hessian : ndarray, (K, K)
    lowest : ndarray, (K,)
        Step that takes a bounded parameter to zero; minus infinity for the others.
    """

    gradient: Array
    hessian: Array
    lowest: Array

    @property
    def held(self) -> BoolArray:
        """Parameters at zero that the criterion keeps there."""
        return np.asarray((self.lowest == 0) & (self.gradient >= 0))

    def newton_step(self) -> tuple[Array, float]:
        """Return a descent step that keeps bounded parameters at or above zero, and -g'step."""
        free = ~self.held
        model = np.eye(len(free))
        model[np.ix_(free, free)] = _made_positive(self.hessian[np.ix_(free, free)])
        step = np.zeros(len(free))
        for _ in range(len(free)):
            target = self.gradient + model[:, ~free] @ step[~free]
            step[free] = -np.linalg.solve(model[np.ix_(free, free)], target[free])
            below = free & (step < self.lowest)
            if not below.any():
                break
            step[below] = self.lowest[below]
            free &= ~below
        decrement = -float(self.gradient @ step)
        return (step, decrement) if decrement >= 0 else self._steepest(model)

    def _steepest(self, model: Array) -> tuple[Array, float]:
        """Return a step against the gradient, in the rare case that the bounds spoil Newton's."""
        step = np.maximum(-self.gradient / np.diag(model), self.lowest)
        step[self.held] = 0.0
        return step, -float(self.gradient @ step)

    def full_step(self) -> tuple[Array, float]:
        """Return the Newton step of the parameters not held, H as it is, and |g' H^-1 g|."""
        free = ~self.held
        step = np.zeros(len(free))
        hessian, gradient = self.hessian[np.ix_(free, free)], self.gradient[free]
        step[free] = -np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        return step, abs(float(gradient @ step[free]))


def _made_positive(hessian: Array) -> Array:
    values, vectors = np.linalg.eigh(hessian)
    size = np.abs(values)
    floor = 1e-8 * max(float(size.max(initial=0.0)), 1e-8)
    return np.asarray((vectors * np.maximum(size, floor)) @ vectors.T)


@dataclass(frozen=True)
class Chart:
    """Local coordinates for the parameters of one law.

    Attributes
    ----------
    law : Law
    shift : ndarray, (K,)
        Of the logarithm of each bounded parameter.
    """

    law: Law
    shift: Array

    @property
    def bounded(self) -> BoolArray:
        """Parameters that may not be negative, (K,)."""
        return self.law.has_role("component", "variance", "deviation")

    def at(self, point: Point) -> Local:
        """Return the derivatives at a point in local coordinates."""
        jacobian, curvature = self._map(point)
        hessian = jacobian.T @ point.hessian @ jacobian + curvature
        return Local(jacobian.T @ point.gradient, hessian, self._lowest(point.phi))

    def roughly_at(self, point: Point) -> Local:
        """Return the same with the average information in place of the Hessian."""
        jacobian, _ = self._map(point)
        average = jacobian.T @ point.average @ jacobian
        return Local(jacobian.T @ point.gradient, average, self._lowest(point.phi))

    def _map(self, point: Point) -> tuple[Array, Array]:
        """Jacobian of phi by x, and gradient' times the second derivatives of phi by x."""
        phi, gradient, bounded = point.phi, point.gradient, self.bounded
        slope = np.where(bounded, phi + self.shift, 1 - phi**2)
        bend = np.where(bounded, slope, -2 * phi * slope)
        jacobian, curvature = np.diag(slope), np.diag(gradient * bend)
        elements = self.law.has_role("element")
        if elements.any():
            block = np.ix_(elements, elements)
            jacobian[block], curvature[block] = _matrix_chart(phi[elements], gradient[elements])
        return jacobian, curvature

    def _lowest(self, phi: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = np.log(self.shift / (phi + self.shift))
        return np.where(self.bounded, fall, -np.inf)

    def move(self, phi: Array, step: Array) -> Array:
        """Return the parameters after a step in local coordinates."""
        bounded, elements = self.bounded, self.law.has_role("element")
        correlation = self.law.has_role("correlation")
        grown = (phi + self.shift) * np.exp(np.where(bounded, step, 0.0)) - self.shift
        grown = np.where(step <= self._lowest(phi), 0.0, np.maximum(grown, 0.0))
        turned = np.tanh(np.arctanh(phi[correlation]) + step[correlation])
        grown[correlation] = np.clip(turned, -LARGEST_CORRELATION, LARGEST_CORRELATION)
        if elements.any():
            grown[elements] = _matrix_move(phi[elements], step[elements])
        return np.asarray(grown)


def as_matrix(elements: Array) -> Array:
    """Return the symmetric matrix of elements on and above the diagonal, row by row."""
    size = int((np.sqrt(8 * len(elements) + 1) - 1) / 2)
    s, t = np.array(element_pairs(size)).T
    matrix = np.zeros((size, size))
    matrix[s, t] = matrix[t, s] = elements
    return matrix


def _matrix_chart(elements: Array, gradient: Array) -> tuple[Array, Array]:
    """Jacobian of R's elements by S at S = 0, and gradient' times their second derivatives.

    R = L (I + S + S^2 / 2 + ...) L'.
    """
    lower = np.linalg.cholesky(as_matrix(elements))
    s, t = np.array(element_pairs(len(lower))).T
    basis = np.zeros((len(s), *lower.shape))
    basis[range(len(s)), s, t] = basis[range(len(s)), t, s] = 1.0
    jacobian = (lower @ basis @ lower.T)[:, s, t].T
    weight = as_matrix(np.where(s == t, gradient, gradient / 2))
    inner = lower.T @ weight @ lower
    half = np.einsum("ab,ibc,jca->ij", inner, basis, basis, optimize=True) / 2
    return jacobian, half + half.T


def _matrix_move(elements: Array, step: Array) -> Array:
    lower = np.linalg.cholesky(as_matrix(elements))
    values, vectors = np.linalg.eigh(as_matrix(step))
    root = lower @ vectors * np.exp(values / 2)
    s, t = np.array(element_pairs(len(lower))).T
    return np.asarray((root @ root.T)[s, t])


def minimise(problem: Problem, chart: Chart, start: Array) -> Point | None:
    """Return where Newton's method leads from a start, None where V is singular there."""
    point = problem.at(start)
    if point is None:
        return None
    look, enough = chart.roughly_at, NEAR
    for _ in range(MAX_STEPS):
        try:
            step, decrement = look(point).newton_step()
        except np.linalg.LinAlgError:  # the unstructured matrix became singular
            break
        advanced = None
        if decrement >= enough:
            advanced = _line_search(problem, chart, point, step, decrement)
        if advanced is not None:
            point = advanced
        elif enough == SETTLED:
            break
        else:
            look, enough = chart.at, SETTLED
    return point


def _line_search(
    problem: Problem, chart: Chart, point: Point, step: Array, decrement: float
) -> Point | None:
    scale = min(1.0, LONGEST_STEP / float(np.abs(step).max()))
    for _ in range(30):
        trial = problem.at(chart.move(point.phi, scale * step))
        if trial is not None and trial.value <= point.value - 1e-4 * scale * decrement:
            return trial
        scale /= 2
    return None


def polish(problem: Problem, chart: Chart, point: Point) -> Point:
    """Finish with full Newton steps, taken while they shrink the decrement."""
    for _ in range(8):
        local = chart.at(point)
        step, size = local.full_step()
        if (step < local.lowest).any() or np.abs(step).max(initial=0.0) > LONGEST_STEP:
            break
        trial = problem.at(chart.move(point.phi, step))
        if trial is None or chart.at(trial).full_step()[1] >= size:
            break
        point = trial
    return point
