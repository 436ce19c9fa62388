"""From the parameters of a residual structure to the covariances of the classes of pairs.

The covariance of two rows depends only on their class: which components they share, the groups and
the lag of their errors (`structures`). A `Law` maps the parameters to the covariances of the
classes, with first and second derivatives; everything else follows from these few numbers.
Leading dimensions (...) are points in the space of the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array

IntArray = NDArray[np.int64]
Role = Literal["component", "variance", "deviation", "element", "correlation"]


@dataclass(frozen=True)
class Covariances:
    """Covariance of every class at given parameters, and first derivatives.

    Attributes
    ----------
    value : ndarray, (..., C)
    first : ndarray, (..., C, K)
    """

    value: Array
    first: Array


@dataclass(frozen=True)
class Curve:
    """Classes whose covariance is a product: s_g s_h rho^d.

    By the standard deviations s, in which the covariances are bilinear, and by rho.

    Attributes
    ----------
    one, other : ndarray, (C, G)
        Indicators of the groups g and h of the two rows; zero where their errors are independent.
    lag : ndarray of int, (C,)
        Visits between the two rows, d.
    """

    one: Array
    other: Array
    lag: IntArray

    def covariances(self, deviations: Array, rho: Array) -> tuple[Array, Array]:
        """Return value (..., C) and first derivatives (..., C, G + 1)."""
        one, other, power, slope = self._factors(deviations, rho)
        both = one * other
        by_deviation = self._by_deviation(one, other) * power[..., None]
        first = np.concatenate([by_deviation, (both * slope)[..., None]], axis=-1)
        return both * power, first

    def bends(self, deviations: Array, rho: Array) -> Array:
        """Return the second derivatives, (..., C, G + 1, G + 1)."""
        one, other, power, slope = self._factors(deviations, rho)
        d, n = self.lag, deviations.shape[-1]
        second = np.empty((*power.shape, n + 1, n + 1))
        second[..., :n, :n] = self._pairs * power[..., None, None]
        mixed = self._by_deviation(one, other) * slope[..., None]
        second[..., :n, n] = second[..., n, :n] = mixed
        bend = d * (d - 1) * np.asarray(rho)[..., None] ** np.maximum(d - 2, 0)
        second[..., n, n] = one * other * bend
        return second

    def _factors(self, deviations: Array, rho: Array) -> tuple[Array, Array, Array, Array]:
        """Return s_g, s_h, rho^d and the derivative of rho^d, each (..., C)."""
        d, base = self.lag, np.asarray(rho)[..., None]
        power, slope = base**d, d * base ** np.maximum(d - 1, 0)
        return deviations @ self.one.T, deviations @ self.other.T, power, slope

    def _by_deviation(self, one: Array, other: Array) -> Array:
        """Return the derivatives of s_g s_h, (..., C, G)."""
        return np.asarray(self.one * other[..., None] + self.other * one[..., None])

    @cached_property
    def _pairs(self) -> Array:
        """Second derivatives of s_g s_h, (C, G, G)."""
        pairs = self.one[:, :, None] * self.other[:, None, :]
        return np.asarray(pairs + pairs.transpose(0, 2, 1))


@dataclass(frozen=True)
class Law:
    """From K parameters to the covariances of C classes of pairs.

    Attributes
    ----------
    names : tuple of str
        Names of the parameters: components, then residual, then the correlation.
    roles : tuple of Role
        What each parameter is.
    linear : ndarray, (C, K)
        Coefficients of the parameters in which the covariances are linear.
    curve : Curve or None
        The residual part where it is not linear; its variances and correlation are the last
        parameters.
    """

    names: tuple[str, ...]
    roles: tuple[Role, ...]
    linear: Array
    curve: Curve | None

    def has_role(self, *roles: Role) -> NDArray[np.bool_]:
        """Return which parameters have one of the roles, (K,)."""
        return np.array([each in roles for each in self.roles])

    @cached_property
    def bounded(self) -> NDArray[np.bool_]:
        """Parameters that may not be negative, (K,)."""
        return self.has_role("component", "variance", "deviation")

    @cached_property
    def elements(self) -> IntArray:
        """Places of the elements of an unstructured matrix."""
        return np.flatnonzero(self.has_role("element"))

    @property
    def correlated(self) -> bool:
        """Whether the last parameter is a correlation."""
        return self.curve is not None

    def covariances(self, phi: Array) -> Covariances:
        """Return the covariance of every class at `phi`, (..., K), with its derivatives."""
        value = phi @ self.linear.T
        first = np.empty((*phi.shape[:-1], *self.linear.shape))
        first[...] = self.linear
        if self.curve is None:
            return Covariances(value, first)
        n = self.curve.one.shape[1] + 1
        curved, slopes = self.curve.covariances(phi[..., -n:-1], phi[..., -1])
        first[..., -n:] += slopes
        return Covariances(value + curved, first)

    def bends(self, phi: Array) -> Array | None:
        """Return the second derivatives, (..., C, K, K), None where the law is linear."""
        if self.curve is None:
            return None
        n, k = self.curve.one.shape[1] + 1, len(self.names)
        second = np.zeros((*phi.shape[:-1], len(self.linear), k, k))
        second[..., -n:, -n:] = self.curve.bends(phi[..., -n:-1], phi[..., -1])
        return second
