"""The restricted likelihood of many responses at once, each at its own point, with derivatives.

With W = I + sum_k g_k A_k and eta as in `batch_reduce`, the criterion of `reml` is, but for a
constant,

    d(g) = log|W| + nu log pw,      pw = rest + eta' W^-1 eta,      p = W^-1 eta
    d log|W| / dg_k        =  tr W^-1 A_k
    d2 log|W| / dg_k dg_l  = -tr W^-1 A_k W^-1 A_l
    d pw / dg_k            = -p' A_k p
    d2 pw / dg_k dg_l      =  2 p' A_k W^-1 A_l p

In the strata these are sums over eigenvalues. In the dense coordinates W = D + B C B' with D = I +
g_lead A_lead diagonal and C = diag(g of the columns of B), so that only R x R matrices are
inverted (Woodbury): with E = B' D^-1 B and J = (I + E C)^-1

    log|W| = log|D| + log|I + E C|,     W^-1 = D^-1 - D^-1 B C J B' D^-1,     B' W^-1 = J B' D^-1

Sums over eigenvalues of the leading component are matrix products with tables that the design
fixes. A residual covariance with other parameters would need a second class with `evaluate`,
`screen` and `n_parameters`; nothing else in the search depends on this form.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch_reduce import Dense, Reduction, Statistics, Strata
from analysis.mixed.design import Array


@dataclass(frozen=True)
class Values:
    """Log-determinant and quadratic form at one point per response, with derivatives by g.

    Shapes: (b,) for `log_det` and `pw`, (b, K) for `log_det_1` and `pw_1`, (b, K, K) for
    `log_det_2` and `pw_2`.
    """

    nu: int
    log_det: Array
    log_det_1: Array
    log_det_2: Array
    pw: Array
    pw_1: Array
    pw_2: Array

    @cached_property
    def criterion(self) -> Array:
        """The criterion but for its constant, (b,)."""
        return np.asarray(self.log_det + self.nu * np.log(self.pw))

    @cached_property
    def relative(self) -> Array:
        """Derivative of log pw, (b, K)."""
        return np.asarray(self.pw_1 / self.pw[:, None])

    @cached_property
    def gradient(self) -> Array:
        """Derivative of the criterion, (b, K)."""
        return np.asarray(self.log_det_1 + self.nu * self.relative)

    @cached_property
    def hessian(self) -> Array:
        """Second derivative of the criterion, (b, K, K)."""
        outer = self.relative[:, :, None] * self.relative[:, None, :]
        second = self.pw_2 / self.pw[:, None, None] - outer
        return np.asarray(self.log_det_2 + self.nu * second)

    @cached_property
    def information(self) -> Array:
        """Expected value of the Hessian, (b, K, K), profiled over s2.

        tr W^-1 A_k W^-1 A_l - tr W^-1 A_k tr W^-1 A_l / nu.
        """
        outer = self.log_det_1[:, :, None] * self.log_det_1[:, None, :]
        return np.asarray(-self.log_det_2 - outer / self.nu)


@dataclass(frozen=True)
class Inner:
    """What the Woodbury form of W^-1 is made of, at one point per response.

    Attributes
    ----------
    d1, d2, d3 : ndarray, (b, d)
        1/D, A/D^2, A^2/D^3 for each eigenvalue A of the leading component.
    gamma : ndarray, (b, R)
        Diagonal of C.
    e, e1 : ndarray, (b, R, R)
        E and B' A D^-2 B with A the leading component, minus its derivative.
    j : ndarray, (b, R, R)
        J.
    """

    d1: Array
    d2: Array
    d3: Array
    gamma: Array
    e: Array
    e1: Array
    j: Array


@dataclass(frozen=True)
class Criterion:
    """The criterion of one design, and the tables that make it fast."""

    reduction: Reduction

    @property
    def n_parameters(self) -> int:
        """Number of parameters, K."""
        return self.reduction.n_components

    @cached_property
    def table(self) -> Array:
        """B_j'B_j for the rows of B with each eigenvalue, (d, R * R)."""
        return self.reduction.dense.folded(self.reduction.dense.b, self.reduction.dense.b)

    @cached_property
    def members(self) -> Array:
        """Indicator of the component of each column of B, (R, K)."""
        return np.eye(self.n_parameters)[self.reduction.dense.owner]

    @cached_property
    def block(self) -> int:
        """Number of responses whose matrices fit into the processor's cache together."""
        width = max(self.reduction.dense.b.shape[1], 1)
        return int(np.clip(400_000 // width**2, 64, 4096))

    def evaluate(self, g: Array, statistics: Statistics) -> Values:
        """Return the criterion and its derivatives, one point g, (b, K), per response."""
        parts = []
        for start in range(0, len(g), self.block):
            here = slice(start, start + self.block)
            parts.append(self._evaluate(g[here], statistics.take(here)))
        return join(parts)

    def _evaluate(self, g: Array, statistics: Statistics) -> Values:
        inner = self.inner(g)
        return self.values(g, statistics, inner)

    def values(self, g: Array, statistics: Statistics, inner: Inner) -> Values:
        """Return the criterion and its derivatives, given the matrices at the points."""
        total = _strata_values(self.reduction.strata, g, statistics, self.reduction.nu)
        if len(self.reduction.dense.level):
            total = _add_log_det(self, inner, total)
            total = _add_form(self, inner, statistics.eta, total)
        return total

    def inner(self, g: Array) -> Inner:
        """Return the matrices of the Woodbury form at the points g, (b, K)."""
        dense = self.reduction.dense
        lead = g[:, dense.lead, None] if g.shape[1] else np.zeros((len(g), 1))
        d1 = 1 / (1 + lead * dense.values)
        d2 = d1 * d1 * dense.values
        gamma = g[:, dense.owner]
        e = self.tabled(d1)
        d3 = d2 * d1 * dense.values
        return Inner(d1, d2, d3, gamma, e, self.tabled(d2), _inverse(e, gamma))

    def tabled(self, weights: Array) -> Array:
        """Return B' w B with a weight for each eigenvalue, (b, R, R)."""
        r = self.reduction.dense.b.shape[1]
        return (weights @ self.table).reshape(len(weights), r, r)


def join(parts: list[Values]) -> Values:
    """Put the values of several blocks of responses together."""
    if len(parts) == 1:
        return parts[0]
    names = [each.name for each in fields(Values)][1:]
    return Values(parts[0].nu, *(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def _inverse(e: Array, gamma: Array) -> Array:
    matrix = e * gamma[:, None, :]
    diagonal = np.arange(e.shape[1])
    matrix[:, diagonal, diagonal] += 1
    return np.linalg.inv(matrix)


def _strata_values(strata: Strata, g: Array, statistics: Statistics, nu: int) -> Values:
    values, sizes = strata.values, strata.sizes
    b, k = g.shape
    products = (values[:, :, None] * values[:, None, :]).reshape(len(sizes), k * k)
    scale = 1 / (1 + g @ values.T)
    squares = statistics.squares * scale
    log_det = -np.log(scale) @ sizes
    log_det_2 = -(scale**2) @ (sizes[:, None] * products)
    return Values(
        nu,
        log_det,
        scale @ (sizes[:, None] * values),
        log_det_2.reshape(b, k, k),
        statistics.rest + squares.sum(axis=1),
        -(squares * scale) @ values,
        2 * (squares * scale**2 @ products).reshape(b, k, k),
    )


def _add_log_det(self: Criterion, inner: Inner, total: Values) -> Values:
    """Add log|W| of the dense coordinates and its derivatives."""
    dense = self.reduction.dense
    lead = dense.lead
    weights = dense.sizes
    log_det = total.log_det - np.log(inner.d1) @ weights
    first, second = total.log_det_1.copy(), total.log_det_2.copy()
    first[:, lead] += inner.d1 @ (weights * dense.values)
    second[:, lead, lead] -= inner.d1**2 @ (weights * dense.values**2)
    if dense.b.shape[1]:
        log_det += _log_det_inner(inner)
        s = inner.j @ inner.e
        first += np.einsum("bii->bi", s) @ self.members
        second -= np.einsum("ik,bij,jl->bkl", self.members, s**2, self.members, optimize=True)
        je1 = inner.j @ inner.e1
        y = inner.gamma[:, :, None] * je1
        first[:, lead] -= np.einsum("bii->b", y)
        mixed = np.einsum("bij,bij->bi", je1, inner.j) @ self.members
        second[:, lead, :] -= mixed
        second[:, :, lead] -= mixed
        cj = inner.gamma[:, :, None] * inner.j
        corner = 2 * np.einsum("bij,bij->b", cj, self.tabled(inner.d3))
        second[:, lead, lead] += corner - np.einsum("bij,bji->b", y, y)
    return Values(total.nu, log_det, first, second, total.pw, total.pw_1, total.pw_2)


def _log_det_inner(inner: Inner) -> Array:
    root = np.sqrt(inner.gamma)
    matrix = inner.e * (root[:, :, None] * root[:, None, :])
    diagonal = np.arange(matrix.shape[1])
    matrix[:, diagonal, diagonal] += 1
    lower = np.linalg.cholesky(matrix)
    return np.asarray(2 * np.log(lower[:, diagonal, diagonal]).sum(axis=1))


def _add_form(self: Criterion, inner: Inner, eta: Array, total: Values) -> Values:
    """Add the quadratic form of the dense coordinates and its derivatives."""
    dense = self.reduction.dense
    lead, b = dense.lead, dense.b
    d1 = inner.d1[:, dense.level]
    p = eta * d1
    w = _times(inner.j, p @ b)
    cw = inner.gamma * w
    p -= d1 * (cw @ b.T)
    ap = p * dense.values[dense.level]
    scaled = ap * d1
    z = _times(inner.j, scaled @ b)
    pw = total.pw + np.einsum("bi,bi->b", eta, p)
    first, second = total.pw_1.copy(), total.pw_2.copy()
    first[:, lead] -= np.einsum("bi,bi->b", p, ap)
    second[:, lead, lead] += 2 * np.einsum("bi,bi->b", ap, scaled)
    if b.shape[1]:
        first -= w**2 @ self.members
        back = (scaled @ b) * inner.gamma
        second[:, lead, lead] -= 2 * np.einsum("bi,bi->b", back, z)
        mixed = 2 * (w * z) @ self.members
        second[:, lead, :] += mixed
        second[:, :, lead] += mixed
        for k in np.unique(dense.owner):
            own = np.where(dense.owner == k, w, 0.0)
            image = _times(inner.j, _times(inner.e, own))
            second[:, k, :] += 2 * (w * image) @ self.members
    return Values(total.nu, total.log_det, total.log_det_1, total.log_det_2, pw, first, second)


def _times(matrices: Array, vectors: Array) -> Array:
    return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])


__all__ = ["Criterion", "Dense", "Inner", "Values", "join", "NDArray"]
