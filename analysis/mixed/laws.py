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

    def slopes(self, deviations: Array, rho: Array) -> Array:
        """Return the first derivatives, (..., C, G + 1)."""
        one, other, power, slope = self.factors(deviations, rho)
        by_deviation = self._by_deviation(one, other) * power[..., None]
        return np.concatenate([by_deviation, (one * other * slope)[..., None]], axis=-1)

    def bends(self, deviations: Array, rho: Array) -> Array:
        """Return the second derivatives, (..., C, G + 1, G + 1)."""
        one, other, power, slope = self.factors(deviations, rho)
        n = deviations.shape[-1]
        second = np.empty((*power.shape, n + 1, n + 1))
        second[..., :n, :n] = self._pairs * power[..., None, None]
        mixed = self._by_deviation(one, other) * slope[..., None]
        second[..., :n, n] = second[..., n, :n] = mixed
        second[..., n, n] = one * other * self._bend(rho)
        return second

    def gradient(self, deviations: Array, rho: Array, weights: Array) -> Array:
        """Return the derivatives of the sum of weights, (..., C), times covariances, (..., G + 1).

        What `slopes` would give, without an array of C times G.
        """
        one, other, power, slope = self.factors(deviations, rho)
        weighted = weights * power
        by_deviation = (weighted * other) @ self.one + (weighted * one) @ self.other
        by_rho = (weights * one * other * slope).sum(axis=-1, keepdims=True)
        return np.concatenate([by_deviation, by_rho], axis=-1)

    def curvature(self, deviations: Array, rho: Array, weights: Array) -> Array:
        """Return the second derivatives of the same sum, (..., G + 1, G + 1)."""
        one, other, power, slope = self.factors(deviations, rho)
        n, weighted = deviations.shape[-1], weights * slope
        second = np.empty((*weights.shape[:-1], n + 1, n + 1))
        pairs = self._pairs.reshape(-1, n * n)
        second[..., :n, :n] = ((weights * power) @ pairs).reshape(*weights.shape[:-1], n, n)
        mixed = (weighted * other) @ self.one + (weighted * one) @ self.other
        second[..., :n, n] = second[..., n, :n] = mixed
        second[..., n, n] = (weights * one * other * self._bend(rho)).sum(axis=-1)
        return second

    @cached_property
    def related(self) -> NDArray[np.bool_]:
        """Classes whose errors are not independent, (C,)."""
        return np.asarray(self.one.any(axis=1))

    def _bend(self, rho: Array) -> Array:
        """Return the second derivative of rho^d, (..., C)."""
        d = self.lag
        return np.asarray(d * (d - 1) * np.asarray(rho)[..., None] ** np.maximum(d - 2, 0))

    def factors(self, deviations: Array, rho: Array) -> tuple[Array, Array, Array, Array]:
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
        if roles not in self._masks:
            self._masks[roles] = np.array([each in roles for each in self.roles])
        return np.array(self._masks[roles])

    @cached_property
    def _masks(self) -> dict[tuple[Role, ...], NDArray[np.bool_]]:
        """What `has_role` returned before."""
        return {}

    @cached_property
    def bounded(self) -> NDArray[np.bool_]:
        """Parameters that may not be negative, (K,)."""
        return self.has_role("component", "variance", "deviation")

    @cached_property
    def loose(self) -> IntArray:
        """Places of the other parameters."""
        return np.flatnonzero(~self.bounded)

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
        first = np.empty((*phi.shape[:-1], *self.linear.shape))
        first[...] = self.linear
        if self.curve is not None:
            first[..., self._bent :] += self.curve.slopes(*self.curved(phi))
        return Covariances(self.values(phi), first)

    def values(self, phi: Array) -> Array:
        """Return the covariance of every class at `phi`, (..., C)."""
        value = phi @ self.linear.T
        if self.curve is not None:
            one, other, power, _ = self.curve.factors(*self.curved(phi))
            value += one * other * power
        return np.asarray(value)

    def gradient(self, phi: Array, weights: Array) -> Array:
        """Return the derivatives of the sum of weights, (..., C), times covariances, (..., K)."""
        gradient = weights @ self.linear
        if self.curve is not None:
            gradient[..., self._bent :] += self.curve.gradient(*self.curved(phi), weights)
        return np.asarray(gradient)

    def add_curvature(self, hessian: Array, phi: Array, weights: Array) -> None:
        """Add the second derivatives of the same sum to (..., K, K) matrices."""
        if self.curve is not None:
            bent = self._bent
            hessian[..., bent:, bent:] += self.curve.curvature(*self.curved(phi), weights)

    def curved(self, phi: Array) -> tuple[Array, Array]:
        """Return the standard deviations, (..., G), and the correlation, (...)."""
        return phi[..., self._bent : -1], phi[..., -1]

    @property
    def _bent(self) -> int:
        """First of the parameters in which the covariances are not linear."""
        return len(self.names) - self.n_curved

    @property
    def n_curved(self) -> int:
        """Number of these parameters."""
        return 0 if self.curve is None else self.curve.one.shape[1] + 1

    def bends(self, phi: Array) -> Array | None:
        """Return the second derivatives, (..., C, K, K), None where the law is linear."""
        if self.curve is None:
            return None
        n, k = self.n_curved, len(self.names)
        second = np.zeros((*phi.shape[:-1], len(self.linear), k, k))
        second[..., -n:, -n:] = self.curve.bends(*self.curved(phi))
        return second
