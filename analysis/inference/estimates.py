"""Combinations of coefficients -> estimates, standard errors, degrees of freedom, tests.

Every number uses a t or F distribution with estimated degrees of freedom; the normal
distribution is never used in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from analysis.mixed.design import Array
from analysis.mixed.fit import Fit, quadratic
from analysis.mixed.kenward_roger import KenwardRoger, independent_rows
from analysis.mixed.satterthwaite import satterthwaite_df, satterthwaite_f
from analysis.trial import DfMethod

# Beyond this many degrees of freedom t is the normal distribution to every digit.
MANY = 1e12
NOTHING = 1e-8


@dataclass(frozen=True)
class Estimates:
    """Estimates of m combinations of coefficients; every array has shape (m,)."""

    estimate: Array
    std_error: Array
    df: Array

    @property
    def statistic(self) -> Array:
        """Student's t."""
        return self.estimate / self.std_error

    @property
    def p_value(self) -> Array:
        """Two-sided p-value."""
        return two_sided_p(self.statistic, self.df)

    def interval(self, level: float) -> tuple[Array, Array]:
        """Return the limits of the confidence intervals."""
        half = t_quantile(self.df, level) * self.std_error
        return self.estimate - half, self.estimate + half


def two_sided_p(statistic: Array, df: Array) -> Array:
    """Return P(|T| >= |statistic|) for Student's t, accurate in the far tail."""
    return np.asarray(2 * stdtr(np.minimum(df, MANY), -np.abs(statistic)))


def t_quantile(df: Array, level: float) -> Array:
    """Return the two-sided critical value of Student's t."""
    return np.asarray(-stdtrit(np.minimum(df, MANY), (1 - level) / 2))


@dataclass(frozen=True)
class Inference:
    """Small-sample inference for one fit by one method."""

    fit: Fit
    method: DfMethod

    @cached_property
    def kenward_roger(self) -> KenwardRoger:
        """The Kenward-Roger quantities, computed once."""
        return KenwardRoger(self.fit.moments)

    @property
    def one_variance(self) -> bool:
        """Whether the model has a single residual variance."""
        return "residual" in self.fit.moments.names

    @property
    def covariance(self) -> Array:
        """Covariance of the coefficients that belongs to the method, (p, p)."""
        if self.method == "kenward_roger":
            return self.kenward_roger.covariance
        return self.fit.moments.phi

    def reduced(self, rows: Array) -> Array:
        """Return combinations of all columns, (m, P), as combinations of the kept ones, (m, p)."""
        return np.asarray(rows[:, self.fit.design.kept])

    def estimates(self, rows: Array) -> Estimates:
        """Return estimates of the combinations, (m, P); those not estimable are missing."""
        short = self.reduced(rows)
        std_error = np.sqrt(quadratic(short, self.covariance))
        if self.method == "kenward_roger":
            df = self.kenward_roger.df(short)
        else:
            df = satterthwaite_df(self.fit.moments, short)
        known = np.where(self.fit.design.estimable(rows), 1.0, np.nan)
        return Estimates(short @ self.fit.beta * known, std_error * known, df * known)

    def f_test(self, rows: Array) -> dict[str, float] | None:
        """Return the joint test that all combinations are zero, None where there is none.

        There is none where a combination is not estimable, or where all are zero whatever the
        coefficients are: those of a covariate that has the same value everywhere.
        """
        # The rows of a hypothesis have entries of about one; those of none are rounding errors.
        empty = bool(np.abs(rows).max(initial=0.0) < NOTHING)
        if empty or not self.fit.design.estimable(rows).all():
            return None
        short = self.reduced(rows)
        if self.method == "kenward_roger":
            statistic, df = self.kenward_roger.f_test(self.fit.beta, short)
        else:
            statistic, df = satterthwaite_f(self.fit.moments, self.fit.beta, short)
        q = len(independent_rows(short))
        p = float(fdtrc(q, min(df, MANY), statistic))
        return {"df_num": float(q), "df_den": df, "statistic": statistic, "p_value": p}

    def correlation(self, rows: Array) -> Array:
        """Return the correlation of the estimates of the combinations, (m, m)."""
        short = self.reduced(rows)
        covariance = short @ self.covariance @ short.T
        scale = 1 / np.sqrt(np.diag(covariance))
        return np.asarray(scale[:, None] * covariance * scale)
