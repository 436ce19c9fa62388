"""The matrices behind small-sample inference, for models with a residual structure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments
from analysis.mixed.residual.point import Point


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
    carriers = point.problem.carriers
    moved = point.times_slopes(u, carriers) * change.slope[:, None]
    n, size, k, p = moved.shape
    first = -(u.reshape(-1, p).T @ moved.reshape(n * size, -1)).reshape(p, k, p)
    root = point.layout.of_participants(point.root, carriers)
    white = (root @ moved.reshape(n, size, -1)).reshape(n * size, -1)
    second = (white.T @ white).reshape(k, p, k, p)
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
        first=first.transpose(1, 0, 2) / (unit[:, None, None] * scale**2),
        second=second.transpose(0, 2, 1, 3) / wide,
        curved=None if curved is None else curved / wide,
        expected=point.traces * slopes / 2 / units,
        observed=(point.hessian * slopes + np.diag(point.gradient * change.bend)) / units,
    )


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
    stacked = point.layout.of_participants(indicators.reshape(m, -1, size), point.problem.carriers)
    n, p = len(u), u.shape[2]
    moved = (stacked @ u).reshape(n * size, -1)
    forms = (u.reshape(-1, p).T @ moved).reshape(p, c, p).transpose(1, 0, 2)
    return np.asarray(np.tensordot(second[bent], forms, (0, 0)))
