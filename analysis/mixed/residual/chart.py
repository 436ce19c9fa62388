"""Local coordinates x in which Newton's method searches; they adapt to the scale of a parameter.

    variance of a component or an error, standard deviation       log(phi + shift)
    correlation                                                   atanh rho
    unstructured matrix R = L L'                                  S in R = L exp(S) L'

A shifted logarithm is a logarithm where phi is large and linear near its bound of zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.local import Local
from analysis.mixed.residual.point import Evaluated
from analysis.mixed.structures import element_pairs

LARGEST_CORRELATION = 1 - 1e-9


@dataclass(frozen=True)
class Chart:
    """Local coordinates for the parameters of one law.

    Attributes
    ----------
    law : Law
    shift : ndarray, (K,) or (b, K)
        Of the logarithm of each bounded parameter, for all points or for each.
    """

    law: Law
    shift: Array

    def take(self, index: IntArray | int) -> Chart:
        """Return the chart of some of the points of a batch."""
        return self if self.shift.ndim == 1 else Chart(self.law, self.shift[index])

    def at(self, point: Evaluated) -> Local:
        """Return the derivatives at points in local coordinates."""
        return self._local(point, point.hessian, exact=True)

    def roughly_at(self, point: Evaluated) -> Local:
        """Return the same with the average information in place of the Hessian."""
        return self._local(point, point.average, exact=False)

    def _local(self, point: Evaluated, hessian: Array, exact: bool) -> Local:
        phi, gradient = point.phi, point.gradient
        slope, lowest = phi + self.shift, self._lowest(phi)
        bend, loose = slope * gradient, self.law.loose
        if len(loose):
            rho = phi[..., loose]
            slope[..., loose] = 1 - rho**2
            bend[..., loose] = -2 * rho * slope[..., loose] * gradient[..., loose]
        if len(self.law.elements):
            return self._matrix_local(point, hessian, slope, bend, exact)
        inner = hessian * (slope[..., :, None] * slope[..., None, :])
        if exact:
            places = np.arange(len(self.law.bounded))
            inner[..., places, places] += bend
        return Local(gradient * slope, inner, lowest, definite=not exact)

    def _matrix_local(
        self, point: Evaluated, hessian: Array, slope: Array, bend: Array, exact: bool
    ) -> Local:
        """Derivatives where some parameters are elements of a matrix."""
        phi, gradient = point.phi, point.gradient
        places = np.ix_(self.law.elements, self.law.elements)
        turned, bent = np.empty_like(gradient), np.empty_like(hessian)
        for each in np.ndindex(phi.shape[:-1]):
            jacobian, curvature = np.diag(slope[each]), np.diag(bend[each])
            own = phi[each][self.law.elements], gradient[each][self.law.elements]
            jacobian[places], curvature[places] = _matrix_chart(*own)
            turned[each] = jacobian.T @ gradient[each]
            bent[each] = jacobian.T @ hessian[each] @ jacobian + curvature * exact
        return Local(turned, bent, self._lowest(phi))

    def coordinates(self, phi: Array) -> Array:
        """Return coordinates that differ from the local ones by their origin, (..., K).

        Elements of a matrix have none: they are not numbers.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(self.law.bounded, np.log(phi + self.shift), np.arctanh(phi))
        found[..., self.law.elements] = np.nan
        return found

    def _lowest(self, phi: Array) -> Array:
        above, loose = phi + self.shift, self.law.loose
        above[..., loose] = 1.0
        lowest = np.log(self.shift / above)
        lowest[..., loose] = -np.inf
        return np.asarray(lowest)

    def move(self, phi: Array, step: Array) -> Array:
        """Return the parameters after steps in local coordinates."""
        grown = (phi + self.shift) * np.exp(np.where(self.law.bounded, step, 0.0)) - self.shift
        grown = np.where(step <= self._lowest(phi), 0.0, np.maximum(grown, 0.0))
        if self.law.correlated:
            turned = np.tanh(np.arctanh(phi[..., -1]) + step[..., -1])
            grown[..., -1] = np.clip(turned, -LARGEST_CORRELATION, LARGEST_CORRELATION)
        if len(self.law.elements):
            for each in np.ndindex(phi.shape[:-1]):
                own = phi[each][self.law.elements], step[each][self.law.elements]
                grown[each][self.law.elements] = _matrix_move(*own)
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
