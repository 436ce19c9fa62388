"""Satterthwaite degrees of freedom.

For a combination l'b with model-based variance v = l' Phi l,

    df = 2 v^2 / (g' A g),   g_k = dv/dpsi_k = -l' Phi P_k Phi l,

A being the covariance of the covariance parameters, twice the inverse of the observed Hessian of
-2 log L (Giesbrecht and Burns 1985, Biometrics 41:477-486; Kuznetsova, Brockhoff and Christensen
2017, J Stat Softw 82(13)). Parameters at their boundary of zero take no part.
"""

from __future__ import annotations

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments, quadratic


def parameter_covariance(moments: Moments) -> Array:
    """Return the asymptotic covariance of the covariance parameters, zero for those not free.

    Directions in which the criterion has no curvature are left out, as lmerTest does.
    """
    free = moments.free
    hessian = moments.observed[np.ix_(free, free)]
    scale = 1 / np.sqrt(np.abs(np.diag(hessian)))
    values, vectors = np.linalg.eigh(scale[:, None] * hessian * scale)
    kept = values > 1e-12
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    covariance = np.zeros_like(moments.observed)
    covariance[np.ix_(free, free)] = 2 * scale[:, None] * inverse * scale
    return covariance


def variance_gradients(moments: Moments, rows: Array) -> Array:
    """Return dv/dpsi for each combination, (m, K)."""
    leads = rows @ moments.phi
    return -quadratic(leads, moments.forms.first).T


def satterthwaite_df(moments: Moments, rows: Array) -> Array:
    """Return the degrees of freedom of each combination of coefficients.

    Parameters
    ----------
    moments : Moments
        Of a fit with p coefficients.
    rows : ndarray, (m, p)
        Combinations.

    Returns
    -------
    ndarray, (m,)
        Matches lmerTest (`contest1D`).
    """
    variances = quadratic(rows, moments.phi)
    gradients = variance_gradients(moments, rows)
    spread = quadratic(gradients, parameter_covariance(moments))
    with np.errstate(divide="ignore"):
        return np.asarray(2 * variances**2 / spread)


def satterthwaite_f(moments: Moments, beta: Array, rows: Array) -> tuple[float, float]:
    """Return the F statistic and denominator df of the hypothesis that all `rows` @ b are zero.

    The eigenvectors of the covariance of the combinations give q independent t statistics with
    nu_m degrees of freedom each; F = sum t_m^2 / q has the denominator that matches
    E = sum nu_m / (nu_m - 2): df = 2E / (E - q) (Fai and Cornelius 1996, J Stat Comput Simul
    54:363-378; as lmerTest, which uses 2 where every nu_m <= 2).
    """
    covariance = rows @ moments.phi @ rows.T
    values, vectors = np.linalg.eigh(covariance)
    kept = values > max(values[-1] * 1e-8, 0.0)
    turned = vectors[:, kept].T @ rows
    q = int(kept.sum())
    statistic = float(((turned @ beta) ** 2 / values[kept]).sum() / q)
    return statistic, _matched_df(satterthwaite_df(moments, turned), q)


def _matched_df(nu: Array, q: int) -> float:
    if q == 1:
        return float(nu[0])
    if np.ptp(nu) < 1e-8:
        return float(nu.mean())
    if (nu <= 2).any():
        return 2.0
    expected = float((nu / (nu - 2)).sum())
    return 2 * expected / (expected - q)
