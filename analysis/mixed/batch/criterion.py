"""The restricted likelihood of many responses at once, each at its own point, with derivatives.

With W = I + sum_k g_k A_k and eta as in `reduce`, the criterion of `reml` is, but for a
constant,

    d(g) = log|W| + nu log pw,      pw = rest + eta' W^-1 eta,

a sum over eigenvalues in the strata and by `woodbury` in the dense coordinates. The search
(`newton`) needs no more than an `Objective`: a residual covariance with parameters of its own
would be another one, and nothing else would change there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.batch.newton import Local
from analysis.mixed.batch.reduce import Reduction, Strata
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.batch.woodbury import Inner, Terms, Woodbury
from analysis.mixed.design import Array

CACHED, FITTING = 16_000, 200_000  # entries of R x R matrices to work on together: best, most


@dataclass(frozen=True)
class Values:
    """Log-determinant and quadratic form at one point g per response, with derivatives."""

    nu: int
    log_det: Terms
    pw: Terms

    @cached_property
    def criterion(self) -> Array:
        """The criterion but for its constant, (b,)."""
        return np.asarray(self.log_det.value + self.nu * np.log(self.pw.value))

    @cached_property
    def relative(self) -> Array:
        """Derivative of log pw, (b, K)."""
        return np.asarray(self.pw.first / self.pw.value[:, None])

    @cached_property
    def gradient(self) -> Array:
        """Derivative of the criterion, (b, K)."""
        return np.asarray(self.log_det.first + self.nu * self.relative)

    @cached_property
    def hessian(self) -> Array:
        """Second derivative of the criterion, (b, K, K)."""
        second = self.pw.second / self.pw.value[:, None, None] - _pairs(self.relative)
        return np.asarray(self.log_det.second + self.nu * second)

    @cached_property
    def information(self) -> Array:
        """Expected value of the Hessian, (b, K, K), profiled over s2.

        tr W^-1 A_k W^-1 A_l - tr W^-1 A_k tr W^-1 A_l / nu.
        """
        return np.asarray(-self.log_det.second - _pairs(self.log_det.first) / self.nu)


def _pairs(vectors: Array) -> Array:
    """Products of all pairs of entries, (b, K, K)."""
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])


@dataclass(frozen=True)
class Criterion:
    """The criterion of one design."""

    reduction: Reduction

    @cached_property
    def woodbury(self) -> Woodbury:
        """The dense coordinates."""
        return Woodbury(self.reduction.dense, self.reduction.n_components)

    @cached_property
    def block(self) -> int:
        """Number of responses to work on together."""
        entries = max(self.woodbury.rank, 1) ** 2
        return int(np.clip(CACHED // entries, min(64, 1 + FITTING // entries), 512))

    def blocks(self, n: int) -> list[slice]:
        """Return slices that cover n responses."""
        return [slice(start, start + self.block) for start in range(0, n, self.block)]

    def evaluate(self, g: Array, statistics: Statistics) -> Values:
        """Return the criterion and its derivatives at one point, (K,), per response, (b, K)."""
        parts = [self._evaluate(g[each], statistics.take(each)) for each in self.blocks(len(g))]
        return parts[0] if len(parts) == 1 else _join(parts)

    def _evaluate(self, g: Array, statistics: Statistics) -> Values:
        return self.at(g, statistics, self.woodbury.inner(g))[0]

    def at(self, g: Array, statistics: Statistics, inner: Inner) -> tuple[Values, Array]:
        """Return the criterion, and W^-1 eta, given the matrices of the dense coordinates."""
        log_det, pw = _strata_terms(self.reduction.strata, g, statistics)
        p, low = self.woodbury.solve(inner, statistics.eta)
        log_det = log_det + self.woodbury.log_det(inner)
        pw = pw + self.woodbury.form(inner, statistics.eta, p, low)
        return Values(self.reduction.nu, log_det, pw), p


def _join(parts: list[Values]) -> Values:
    def stacked(terms: list[Terms]) -> Terms:
        return Terms(
            np.concatenate([each.value for each in terms]),
            np.concatenate([each.first for each in terms]),
            np.concatenate([each.second for each in terms]),
        )

    log_det, pw = [each.log_det for each in parts], [each.pw for each in parts]
    return Values(parts[0].nu, stacked(log_det), stacked(pw))


def _strata_terms(strata: Strata, g: Array, statistics: Statistics) -> tuple[Terms, Terms]:
    """Return the parts of log|W| and of pw that are sums over eigenvalues."""
    values, sizes = strata.values, strata.sizes[:, None]
    b, k = g.shape
    products = (values[:, :, None] * values[:, None, :]).reshape(-1, k * k)
    scale = 1 / (1 + g @ values.T)
    squares = statistics.squares * scale
    log_det = Terms(
        -np.log(scale) @ strata.sizes,
        scale @ (sizes * values),
        (-(scale**2) @ (sizes * products)).reshape(b, k, k),
    )
    first, second = squares * scale, 2 * squares * scale**2
    total = statistics.rest + squares.sum(axis=1)
    return log_det, Terms(total, -first @ values, (second @ products).reshape(b, k, k))


@dataclass(frozen=True)
class Direct:
    """The exact criterion as a function of t_k = log(1 + h_k g_k), for the search."""

    criterion: Criterion
    scale: Array

    def g(self, t: Array) -> Array:
        """Return the ratios of variances at t, (b, K)."""
        return np.asarray(np.expm1(t) / self.scale)

    def t(self, g: Array) -> Array:
        """Return the coordinates of g, (b, K)."""
        return np.log1p(g * self.scale)

    def evaluate(self, t: Array, responses: Statistics) -> Local:
        """Return the criterion at t, (b, K), with its derivatives by t."""
        return self.local(t, self.criterion.evaluate(self.g(t), responses))

    def local(self, t: Array, values: Values) -> Local:
        """Return derivatives by t, given those by g."""
        slope = np.exp(t) / self.scale
        gradient = values.gradient * slope
        hessian = values.hessian * _pairs(slope)
        diagonal = np.arange(t.shape[1])
        hessian[:, diagonal, diagonal] += gradient
        return Local(values.criterion, gradient, hessian)
