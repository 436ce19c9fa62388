"""Newton's method for the restricted likelihood of a residual-structure model.

Steps are taken in local coordinates x, in which the parameter space has no edge but zero for the
components, and which adapt to the scale of each parameter:

    component      log(s2 + SHIFT)      log-like where large, linear near its bound of zero
    variance       log v
    correlation    atanh rho
    elements       R = L exp(S) L', x the elements of the symmetric S, around R = L L'

The Hessian's eigenvalues are replaced by their absolute values, components are kept at or above
zero by an active set, steps are capped, and the criterion must fall enough (Nocedal and Wright
2006, Numerical Optimization, sections 3.4, 3.1 and 16.7). Full Newton steps finish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.residual_point import Point, Problem
from analysis.mixed.structures import Law, element_pairs

SHIFT = 0.05  # in units of the variance around the fixed effects
LONGEST_STEP = 1.5
MAX_STEPS = 80
SETTLED = 1e-10
VANISHED = 1e-7

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class End:
    """Where the minimisation came to from one start.

    Attributes
    ----------
    start : ndarray, (K,)
        Where it began.
    point : Point
        Where it ended.
    vanished : tuple of str
        Parameters that ran to a value at which the covariance matrix is singular.
    """

    start: Array
    point: Point
    vanished: tuple[str, ...]


@dataclass(frozen=True)
class Local:
    """Gradient and Hessian in local coordinates, and how far each may fall.

    Attributes
    ----------
    gradient : ndarray, (K,)
    hessian : ndarray, (K, K)
    lowest : ndarray, (K,)
        Step that takes a component to zero; minus infinity for other parameters.
    """

    gradient: Array
    hessian: Array
    lowest: Array

    @property
    def held(self) -> BoolArray:
        """Components at zero that the criterion keeps there."""
        return (self.lowest == 0) & (self.gradient >= 0)


def localise(law: Law, point: Point) -> Local:
    """Return the derivatives at a point in local coordinates."""
    psi, gradient = point.psi, point.gradient
    component, correlation = law.has_role("component"), law.has_role("correlation")
    slope = np.where(component, psi + SHIFT, np.where(correlation, 1 - psi**2, psi))
    bend = np.where(correlation, -2 * psi * slope, slope)
    jacobian, curvature = np.diag(slope), np.diag(gradient * bend)
    elements = law.has_role("element")
    if elements.any():
        block = np.ix_(elements, elements)
        jacobian[block], curvature[block] = _matrix_chart(psi[elements], gradient[elements])
    lowest = np.full(len(psi), -np.inf)
    lowest[component] = np.log(SHIFT / (psi[component] + SHIFT))
    return Local(
        jacobian.T @ gradient, jacobian.T @ point.hessian @ jacobian + curvature, lowest
    )


def _matrix(elements: Array) -> Array:
    size = int((np.sqrt(8 * len(elements) + 1) - 1) / 2)
    s, t = np.array(element_pairs(size)).T
    matrix = np.zeros((size, size))
    matrix[s, t] = matrix[t, s] = elements
    return matrix


def _matrix_chart(elements: Array, gradient: Array) -> tuple[Array, Array]:
    """Jacobian of R's elements by S at S = 0, and gradient' times their second derivatives.

    R = L (I + S + S^2 / 2 + ...) L'.
    """
    lower = np.linalg.cholesky(_matrix(elements))
    s, t = np.array(element_pairs(len(lower))).T
    basis = np.zeros((len(s), *lower.shape))
    basis[range(len(s)), s, t] = basis[range(len(s)), t, s] = 1.0
    jacobian = (lower @ basis @ lower.T)[:, s, t].T
    weight = _matrix(np.where(s == t, gradient, gradient / 2))
    inner = lower.T @ weight @ lower
    half = np.einsum("ab,ibc,jca->ij", inner, basis, basis, optimize=True) / 2
    return jacobian, half + half.T


def move(law: Law, psi: Array, step: Array, lowest: Array) -> Array:
    """Return the parameters after a step in local coordinates."""
    component, correlation = law.has_role("component"), law.has_role("correlation")
    elements = law.has_role("element")
    grown = psi * np.exp(np.where(component | correlation | elements, 0.0, step))
    moved = (psi + SHIFT) * np.exp(np.where(component, step, 0.0)) - SHIFT
    grown = np.where(component, np.where(step <= lowest, 0.0, np.maximum(moved, 0.0)), grown)
    grown[correlation] = np.tanh(np.arctanh(psi[correlation]) + step[correlation])
    if elements.any():
        grown[elements] = _matrix_move(psi[elements], step[elements])
    return np.asarray(grown)


def _matrix_move(elements: Array, step: Array) -> Array:
    lower = np.linalg.cholesky(_matrix(elements))
    values, vectors = np.linalg.eigh(_matrix(step))
    root = lower @ vectors * np.exp(values / 2)
    s, t = np.array(element_pairs(len(lower))).T
    return np.asarray((root @ root.T)[s, t])


def minimise(problem: Problem, start: Array) -> End | None:
    """Return the local minimum that Newton's method reaches, None where V is singular at once."""
    law = problem.layout.law
    point = problem.at(start)
    if point is None:
        return None
    for _ in range(MAX_STEPS):
        local = localise(law, point)
        step, decrement = newton_step(local)
        if decrement < SETTLED or vanished(law, point.psi):
            break
        advanced = _line_search(problem, point, local, step, decrement)
        if advanced is None:
            break
        point = advanced
    return End(start, _polish(problem, point), vanished(law, point.psi))


def newton_step(local: Local) -> tuple[Array, float]:
    """Return a step of descent that keeps every component at or above zero, and its decrement."""
    free = ~local.held
    model = np.eye(len(free))
    model[np.ix_(free, free)] = _made_positive(local.hessian[np.ix_(free, free)])
    step = np.zeros(len(free))
    for _ in range(len(free)):
        target = local.gradient + model[:, ~free] @ step[~free]
        step[free] = -np.linalg.solve(model[np.ix_(free, free)], target[free])
        below = free & (step < local.lowest)
        if not below.any():
            break
        step[below] = local.lowest[below]
        free &= ~below
    decrement = -float(local.gradient @ step)
    return step, decrement


def _made_positive(hessian: Array) -> Array:
    values, vectors = np.linalg.eigh(hessian)
    size = np.abs(values)
    floor = 1e-8 * max(float(size.max(initial=0.0)), 1e-8)
    return np.asarray((vectors * np.maximum(size, floor)) @ vectors.T)


def _line_search(
    problem: Problem, point: Point, local: Local, step: Array, decrement: float
) -> Point | None:
    scale = min(1.0, LONGEST_STEP / float(np.abs(step).max()))
    for _ in range(30):
        trial = problem.at(move(problem.layout.law, point.psi, scale * step, local.lowest))
        if trial is not None and trial.value <= point.value - 1e-4 * scale * decrement:
            return trial
        scale /= 2
    return None


def vanished(law: Law, psi: Array) -> tuple[str, ...]:
    """Return the parameters at a value where the errors' covariance matrix is singular."""
    gone = law.has_role("variance") & (psi < VANISHED)
    gone |= law.has_role("correlation") & (1 - np.abs(psi) < VANISHED)
    elements = law.has_role("element")
    if elements.any():
        matrix = _matrix(psi[elements])
        values, vectors = np.linalg.eigh(matrix)
        if values[0] < VANISHED:
            s, t = np.array(element_pairs(len(matrix))).T
            worst = int(np.abs(vectors[:, 0]).argmax())
            gone[elements] = (s == worst) & (t == worst)
    return tuple(name for name, lost in zip(law.names, gone, strict=True) if lost)


def _polish(problem: Problem, point: Point) -> Point:
    """Finish with full Newton steps, taken while they shrink the decrement."""
    law = problem.layout.law
    size = exact_decrement(localise(law, point))[1]
    for _ in range(6):
        local = localise(law, point)
        step, _ = exact_decrement(local)
        if (step < local.lowest).any():
            break
        trial = problem.at(move(law, point.psi, step, local.lowest))
        if trial is None:
            break
        smaller = exact_decrement(localise(law, trial))[1]
        if smaller >= size:
            break
        point, size = trial, smaller
    return point


def exact_decrement(local: Local) -> tuple[Array, float]:
    """Return the full Newton step of the free parameters and |g' H^-1 g|."""
    free = ~local.held
    step = np.zeros(len(free))
    hessian, gradient = local.hessian[np.ix_(free, free)], local.gradient[free]
    step[free] = -np.linalg.lstsq(hessian, gradient, rcond=None)[0]
    return step, abs(float(gradient @ step[free]))
