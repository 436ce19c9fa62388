"""Kenward-Roger: adjusted covariance of the fixed effects, degrees of freedom, scaled F.

Kenward and Roger 1997, Biometrics 53:983-997, as pbkrtest computes it (Halekoh and Hojsgaard
2014, J Stat Softw 59(9)): expected information, every variance component kept also when its
estimate is zero. This is what SAS calls KENWARDROGER(FIRSTORDER). Where the covariance is not
linear in its parameters, second derivatives enter only if the moments carry them: with them the
adjusted variance can become negative where a residual variance is small, so that the pipeline
does without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.fit import Moments, quadratic

SILENT = 1e-12  # information in a direction, relative to the most, that is none


@dataclass(frozen=True)
class KenwardRoger:
    """Kenward-Roger inference for one fit."""

    moments: Moments

    @cached_property
    def w(self) -> Array:
        """Covariance of the covariance parameters: inverse of the expected information, (K, K)."""
        expected = self.moments.expected
        scale = 1 / np.sqrt(np.diag(expected))
        scaled = scale[:, None] * expected * scale
        values, vectors = np.linalg.eigh(scaled)
        kept = np.abs(values) > SILENT * np.abs(values).max()
        inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
        return np.asarray(scale[:, None] * inverse * scale)

    @cached_property
    def covariance(self) -> Array:
        """Adjusted covariance of the coefficients, (p, p).

        Phi_A = Phi + 2 Phi [sum_kl W_kl (Q_kl - P_k Phi P_l - R_kl / 4)] Phi.
        """
        m, core = self.moments, self.moments.forms.second(self.w)
        first = m.forms.first
        core -= (np.tensordot(self.w, first, 1) @ m.phi @ first).sum(axis=0)
        if m.curved is not None:
            core -= np.einsum("kl,klij->ij", self.w, m.curved) / 4
        return np.asarray(m.phi + 2 * m.phi @ ((core + core.T) / 2) @ m.phi)

    def std_errors(self, rows: Array) -> Array:
        """Return the adjusted standard error of each combination, (m,)."""
        return np.asarray(np.sqrt(quadratic(rows, self.covariance)))

    def df(self, rows: Array) -> Array:
        """Return the degrees of freedom of each combination taken alone, (m,).

        With one row A1 = A2 and the scale factor is one, so that df = 2 / A2.
        """
        m = self.moments
        leads = rows @ m.phi
        slopes = quadratic(leads, m.forms.first) / (leads * rows).sum(axis=1)
        with np.errstate(divide="ignore"):
            return np.asarray(2 / quadratic(slopes.T, self.w))

    def f_test(self, beta: Array, rows: Array) -> tuple[float, float]:
        """Return the scaled F statistic and denominator df of the joint hypothesis rows @ b = 0."""
        rows = independent_rows(rows)
        q = len(rows)
        a1, a2 = self._trace_sums(rows)
        df, scale = _match_moments(a1, a2, q)
        gap = rows @ beta
        wald = float(gap @ np.linalg.solve(rows @ self.covariance @ rows.T, gap))
        return scale * wald / q, df

    def _trace_sums(self, rows: Array) -> tuple[float, float]:
        """A1 = sum W_kl tr(T_k) tr(T_l) and A2 = sum W_kl tr(T_k T_l), T_k = Theta Phi P_k Phi."""
        m = self.moments
        leads = rows @ m.phi
        inverse = np.linalg.inv(leads @ rows.T)
        turned = inverse @ leads @ m.forms.first @ leads.T
        traces = np.trace(turned, axis1=1, axis2=2)
        a2 = (np.tensordot(self.w, turned, 1) * turned.swapaxes(1, 2)).sum()
        return float(traces @ self.w @ traces), float(a2)


def independent_rows(rows: Array) -> Array:
    """Return an orthonormal basis of the space that `rows` span."""
    _, singular, right = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(right[singular > 1e-9 * singular[0]])


def _match_moments(a1: float, a2: float, q: int) -> tuple[float, float]:
    """Denominator df m and scale lambda that match the first two moments of F."""
    if q == 1:
        return 2 / a2, 1.0
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    c = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / c, (q - g) / c, (q + 2 - g) / c
    mean = 1 / (1 - a2 / q)
    rho = (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b)) / (q * mean**2)
    df = 4 + (q + 2) / (q * rho - 1)
    scale = df / (mean * (df - 2)) if abs(df - 2) > 1e-2 else 1.0
    return df, scale
