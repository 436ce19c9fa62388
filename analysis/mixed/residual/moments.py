"""The matrices behind small-sample inference, for models with a residual structure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments
from analysis.mixed.residual.participants import Participants
from analysis.mixed.residual.point import Point
from analysis.mixed.residual.slopes import Slopes


def residual_moments(point: Point, r: Array, scale: float, second_order: bool) -> Moments:
    """Return the moments in the units of the response and of the columns of X.

    Parameters
    ----------
    point : Point
        The optimum, for the response divided by `scale` and X made orthonormal.
    r : ndarray, (p, p)
        Triangular factor of X = QR.
    scale : float
        Unit of the response of `point`.
    second_order : bool
        Whether to compute R_kl.
    """
    law = point.layout.law
    change = _to_variances(point)
    u = point.u @ (point.r @ r)
    unit = np.where(law.has_role("correlation"), 1.0, scale**2)
    unit[law.has_role("deviation") & ~change.squared] = scale
    units = np.outer(unit, unit)
    wide = units[:, :, None, None] * scale**2
    curved = _curved(point, u, change) if second_order else None
    slopes = np.outer(change.slope, change.slope)
    back = np.linalg.inv(point.r @ r)
    return Moments(
        names=law.names,
        values=np.where(change.squared, point.phi**2, point.phi) * unit,
        free=~(law.has_role("component", "variance", "deviation") & (point.phi <= 0)),
        phi=back @ back.T * scale**2,
        forms=_Forms(point.problem.with_x, point.root, u, point.slopes, change.slope / unit, scale),
        curved=None if curved is None else curved / wide,
        expected=point.traces * slopes / 2 / units,
        observed=(point.hessian * slopes + np.diag(point.gradient * change.bend)) / units,
    )


@dataclass(frozen=True)
class _Forms:
    """The forms P_k and Q_kl of a residual structure; what they are made of is kept, not they.

    Attributes
    ----------
    with_x : Participants
        The r participants for whom X is not zero.
    root : ndarray, (m, T, T)
        Inverse of the Cholesky factor of each pattern's V.
    u : ndarray, (r, T, p)
        V^-1 X.
    slopes : Slopes
        G_k by the parameters of the law.
    factor : ndarray, (K,)
        Change of the parameters and their units.
    scale : float
        Unit of the response.
    """

    with_x: Participants
    root: Array
    u: Array
    slopes: Slopes
    factor: Array
    scale: float

    def _moved(self) -> Array:
        """G_k V^-1 X, (r, T, K, p)."""
        return self.slopes.times(self.u, self.with_x) * (self.factor[:, None] / self.scale)

    @cached_property
    def first(self) -> Array:
        """P_k, (K, p, p)."""
        return self._first(self._moved())

    def _first(self, moved: Array) -> Array:
        r, size, k, p = moved.shape
        forms = self.u.reshape(-1, p).T @ moved.reshape(r * size, k * p)
        return np.asarray(forms.reshape(p, k, p).swapaxes(0, 1) / -self.scale)

    def second(self, weights: Array) -> Array:
        """Return sum_kl W_kl Q_kl; P_k comes of the same products."""
        moved = self._moved()
        vars(self).setdefault("first", self._first(moved))
        r, size, k, p = moved.shape
        white = self.with_x.each(self.root) @ moved.reshape(r, size, k * p)
        by_parameter = white.reshape(r * size, k, p).swapaxes(0, 1).reshape(k, -1)
        other = weights @ by_parameter
        return np.asarray(other.reshape(-1, p).T @ by_parameter.reshape(-1, p))


@dataclass(frozen=True)
class _Change:
    """Change of the parameters that are standard deviations s to variances v = s^2.

    Attributes
    ----------
    squared : ndarray of bool, (K,)
        Which they are; a standard deviation of zero is left as it is.
    slope, bend : ndarray, (K,)
        ds/dv = 1 / (2 s) and d2s/dv2 = -1 / (4 s^3); one and zero for the other parameters.
    """

    squared: NDArray[np.bool_]
    slope: Array
    bend: Array


def _to_variances(point: Point) -> _Change:
    squared = point.layout.law.has_role("deviation") & (point.phi > 0)
    s = np.where(squared, point.phi, 1.0)
    return _Change(
        squared, np.where(squared, 1 / (2 * s), 1.0), np.where(squared, -1 / (4 * s**3), 0.0)
    )


def _curved(point: Point, u: Array, change: _Change) -> Array | None:
    """R_kl = sum_c (d2 v_c / dpsi_k dpsi_l) sum of u_a u_b' over the pairs (a, b) of class c."""
    bends = point.layout.law.bends(point.phi)
    if bends is None:
        return None
    second = bends * np.outer(change.slope, change.slope)
    second += np.eye(len(point.phi)) * (point.covariances.first * change.bend)[:, None, :]
    bent = np.flatnonzero(second.any(axis=(1, 2)))
    indicators = (point.layout.classes[:, :, None, :] == bent[:, None]).astype(float)
    m, size, c, _ = indicators.shape
    stacked = point.problem.with_x.each(indicators.reshape(m, -1, size))
    n, p = len(u), u.shape[2]
    moved = (stacked @ u).reshape(n * size, -1)
    forms = (u.reshape(-1, p).T @ moved).reshape(p, c, p).transpose(1, 0, 2)
    return np.asarray(np.tensordot(second[bent], forms, (0, 0)))
