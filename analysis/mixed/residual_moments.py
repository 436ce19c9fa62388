"""The matrices behind small-sample inference, for models with a residual structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments
from analysis.mixed.residual_point import Point
from analysis.mixed.structures import Covariances


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
    squared = law.has_role("deviation") & (point.phi > 0)
    inside = replace(point, covariances=_by_variance(point, squared))
    whole = point.r @ r
    back = np.linalg.inv(whole)
    u = inside.u @ whole
    moved = inside.times_slopes(u)
    n, size, k, p = moved.shape
    first = -(u.reshape(-1, p).T @ moved.reshape(n * size, -1)).reshape(p, k, p)
    white = (point.root[point.layout.pattern] @ moved.reshape(n, size, -1)).reshape(n * size, -1)
    second = (white.T @ white).reshape(k, p, k, p)
    unit = np.where(law.has_role("correlation"), 1.0, scale**2)
    unit[law.has_role("deviation") & ~squared] = scale
    units = np.outer(unit, unit)
    wide = units[:, :, None, None] * scale**2
    curved = _curved(inside, u) if second_order else None
    return Moments(
        names=law.names,
        values=np.where(squared, point.phi**2, point.phi) * unit,
        free=~(law.has_role("component", "variance", "deviation") & (point.phi <= 0)),
        phi=back @ back.T * scale**2,
        first=first.transpose(1, 0, 2) / (unit[:, None, None] * scale**2),
        second=second.transpose(0, 2, 1, 3) / wide,
        curved=None if curved is None else curved / wide,
        expected=inside.traces / 2 / units,
        observed=inside.hessian / units,
    )


def _by_variance(point: Point, squared: NDArray[np.bool_]) -> Covariances:
    """Change the parameters that are standard deviations s to variances v = s^2.

    ds/dv = 1 / (2 s), d2s/dv2 = -1 / (4 s^3).
    """
    old = point.covariances
    if old.second is None:
        return old
    s = np.where(squared, point.phi, 1.0)
    slope = np.where(squared, 1 / (2 * s), 1.0)
    bend = np.where(squared, -1 / (4 * s**3), 0.0)
    second = old.second * np.outer(slope, slope)
    second += np.eye(len(s)) * (old.first * bend)[:, None, :]
    return Covariances(old.value, old.first * slope, second)


def _curved(point: Point, u: Array) -> Array | None:
    """R_kl = sum_c (d2 v_c / dpsi_k dpsi_l) sum of u_a u_b' over the pairs (a, b) of class c."""
    second = point.covariances.second
    if second is None:
        return None
    bent = np.flatnonzero(second.any(axis=(1, 2)))
    indicators = point.layout.spread(np.eye(len(second))[:, bent])
    m, size, _, c = indicators.shape
    stacked = indicators.transpose(0, 1, 3, 2).reshape(m, -1, size)[point.layout.pattern]
    n, p = len(u), u.shape[2]
    moved = (stacked @ u).reshape(n * size, -1)
    forms = (u.reshape(-1, p).T @ moved).reshape(p, c, p).transpose(1, 0, 2)
    return np.asarray(np.tensordot(second[bent], forms, (0, 0)))
