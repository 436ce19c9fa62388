"""Log-determinant, quadratic form and solutions of the dense coordinates, with derivatives.

In the dense coordinates W = D + B C B' with D = I + g_lead A_lead diagonal and C the diagonal of
the g of the columns of B, so that only R x R matrices are inverted (Woodbury's identity): with
E = B' D^-1 B and J = (I + E C)^-1

    log|W| = log|D| + log|I + E C|,    W^-1 = D^-1 - D^-1 B C J B' D^-1,    B' W^-1 = J B' D^-1.

Sums over the coordinates with one eigenvalue of A_lead are matrix products with tables that the
design fixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.batch.reduce import Dense
from analysis.mixed.design import Array


@dataclass(frozen=True)
class Terms:
    """A function of g with its derivatives: (b,), (b, K) and (b, K, K)."""

    value: Array
    first: Array
    second: Array

    def __add__(self, other: Terms) -> Terms:
        """Return the sum of two functions."""
        return Terms(self.value + other.value, self.first + other.first, self.second + other.second)


@dataclass(frozen=True)
class Inner:
    """What W^-1 is made of, at one point per response.

    Attributes
    ----------
    d1, d2, d3 : ndarray, (b, d)
        1/D, A/D^2, A^2/D^3 for each eigenvalue A of the leading component.
    gamma : ndarray, (b, R)
        Diagonal of C.
    e, e1 : ndarray, (b, R, R)
        E and B' A D^-2 B, minus its derivative.
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
class Woodbury:
    """The dense coordinates of one design with K components."""

    dense: Dense
    n_components: int

    @cached_property
    def rank(self) -> int:
        """Number of columns of B, R."""
        return int(self.dense.b.shape[1])

    @cached_property
    def table(self) -> Array:
        """B_j'B_j for the rows of B with each eigenvalue, (d, R * R)."""
        return self.dense.folded(self.dense.b, self.dense.b)

    @cached_property
    def members(self) -> Array:
        """Indicator of the component of each column of B, (R, K)."""
        return np.eye(self.n_components)[self.dense.owner]

    @cached_property
    def pairs(self) -> Array:
        """Indicator of the components of each entry of an R x R matrix, (R * R, K * K)."""
        return np.asarray(np.kron(self.members, self.members))

    def tabled(self, weights: Array) -> Array:
        """Return B' w B with a weight for each eigenvalue, (b, R, R)."""
        return (weights @ self.table).reshape(len(weights), self.rank, self.rank)

    def inner(self, g: Array) -> Inner:
        """Return the matrices at the points g, (b, K)."""
        values = self.dense.values
        d1 = 1 / (1 + g[:, self.dense.lead, None] * values)
        d2 = d1 * d1 * values
        gamma = g[:, self.dense.owner]
        e = self.tabled(d1)
        j = np.asarray(np.linalg.inv(_plus_one(e * gamma[:, None, :])), float)
        return Inner(d1, d2, d2 * d1 * values, gamma, e, self.tabled(d2), j)

    def log_det(self, inner: Inner) -> Terms:
        """Return log|W|; its derivatives are tr W^-1 A_k and -tr W^-1 A_k W^-1 A_l."""
        dense, lead = self.dense, self.dense.lead
        shape = (len(inner.d1), self.n_components)
        value = -np.log(inner.d1) @ dense.sizes
        first, second = np.zeros(shape), np.zeros((*shape, shape[1]))
        first[:, lead] = inner.d1 @ (dense.sizes * dense.values)
        second[:, lead, lead] = -(inner.d1**2) @ (dense.sizes * dense.values**2)
        if not self.rank:
            return Terms(value, first, second)
        s = inner.j @ inner.e
        je1 = inner.j @ inner.e1
        cje1 = inner.gamma[:, :, None] * je1
        first += _diagonal(s) @ self.members
        first[:, lead] -= _diagonal(cje1).sum(axis=1)
        s *= s
        second -= (s.reshape(len(s), -1) @ self.pairs).reshape(second.shape)
        mixed = np.einsum("bij,bij->bi", je1, inner.j) @ self.members
        second[:, lead, :] -= mixed
        second[:, :, lead] -= mixed
        cj = np.einsum("bij,bij->bi", inner.j, self.tabled(inner.d3))
        corner = 2 * np.einsum("bi,bi->b", inner.gamma, cj)
        second[:, lead, lead] += corner - np.einsum("bij,bji->b", cje1, cje1)
        return Terms(value + _log_det(inner), first, second)

    def solve(self, inner: Inner, vectors: Array) -> tuple[Array, Array]:
        """Return W^-1 times one vector per response, (b, r_d), and B' times that, (b, R)."""
        scaled = vectors * inner.d1[:, self.dense.level]
        low = _times(inner.j, scaled @ self.dense.b)
        back = (inner.gamma * low) @ self.dense.b.T
        return scaled - inner.d1[:, self.dense.level] * back, low

    def solve_once(self, g: Array, vectors: Array) -> Array:
        """Return W^-1 times one vector per response, (b, r_d), where nothing else is needed."""
        d1 = 1 / (1 + g[:, self.dense.lead, None] * self.dense.values)
        scaled = vectors * d1[:, self.dense.level]
        if not self.rank:
            return scaled
        gamma = g[:, self.dense.owner]
        matrix = _plus_one(self.tabled(d1) * gamma[:, None, :])
        low = np.linalg.solve(matrix, (scaled @ self.dense.b)[:, :, None])[:, :, 0]
        return scaled - d1[:, self.dense.level] * ((gamma * low) @ self.dense.b.T)

    def form(self, inner: Inner, eta: Array, p: Array, low: Array) -> Terms:
        """Return eta' W^-1 eta, given p = W^-1 eta and B'p.

        Its derivatives are -p' A_k p and 2 p' A_k W^-1 A_l p.
        """
        lead = self.dense.lead
        ap = p * self.dense.values[self.dense.level]
        solved, turned = self.solve(inner, ap)
        shape = (len(eta), self.n_components)
        first, second = -(low**2) @ self.members, np.zeros((*shape, shape[1]))
        first[:, lead] = -np.einsum("bi,bi->b", p, ap)
        mixed = (low * turned) @ self.members
        second[:, lead, :] = mixed
        second[:, :, lead] = mixed
        second[:, lead, lead] = np.einsum("bi,bi->b", ap, solved)
        for k in np.unique(self.dense.owner):
            own = np.where(self.dense.owner == k, low, 0.0)
            image = _times(inner.j, _times(inner.e, own))
            second[:, k, :] += (low * image) @ self.members
        return Terms(np.einsum("bi,bi->b", eta, p), first, 2 * second)


def _plus_one(matrices: Array) -> Array:
    """Add the identity to square matrices, in place."""
    diagonal = np.arange(matrices.shape[1])
    matrices[:, diagonal, diagonal] += 1
    return matrices


def _diagonal(matrices: Array) -> Array:
    return np.asarray(np.einsum("bii->bi", matrices))


def _log_det(inner: Inner) -> Array:
    """log|I + E C| from the symmetric I + C^1/2 E C^1/2, (b,)."""
    root = np.sqrt(inner.gamma)
    scaled = inner.e * root[:, None, :]
    scaled *= root[:, :, None]
    lower = np.asarray(np.linalg.cholesky(_plus_one(scaled)), float)
    return np.asarray(2 * np.log(_diagonal(lower)).sum(axis=1))


def _times(matrices: Array, vectors: Array) -> Array:
    return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])
