"""The matrices behind small-sample inference, for models with a residual structure."""

from __future__ import annotations

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments
from analysis.mixed.residual_point import Point


def residual_moments(point: Point, r: Array, scale: float) -> Moments:
    """Return the moments in the units of the response and of the columns of X.

    Parameters
    ----------
    point : Point
        The optimum, for the response divided by `scale` and X made orthonormal.
    r : ndarray, (p, p)
        Triangular factor of X = QR.
    scale : float
        Unit of the response of `point`.
    """
    law = point.layout.law
    whole = point.r @ r
    back = np.linalg.inv(whole)
    u = point.u @ whole
    moved = point.times_slopes(u)
    n, size, k, p = moved.shape
    first = -(u.reshape(-1, p).T @ moved.reshape(n * size, -1)).reshape(p, k, p)
    white = (point.root[point.layout.pattern] @ moved.reshape(n, size, -1)).reshape(n * size, -1)
    second = (white.T @ white).reshape(k, p, k, p)
    unit = np.where(law.has_role("correlation"), 1.0, scale**2)
    units = np.outer(unit, unit)
    wide = units[:, :, None, None] * scale**2
    curved = _curved(point, u)
    return Moments(
        names=law.names,
        values=point.psi * unit,
        free=~(law.has_role("component") & (point.psi <= 0)),
        phi=back @ back.T * scale**2,
        first=first.transpose(1, 0, 2) / (unit[:, None, None] * scale**2),
        second=second.transpose(0, 2, 1, 3) / wide,
        curved=None if curved is None else curved / wide,
        expected=point.traces / 2 / units,
        observed=point.hessian / units,
    )


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
