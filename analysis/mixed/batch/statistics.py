"""Responses reduced to sufficient statistics, and back.

One orthonormal basis holds the column space of X, then the dense coordinates, then the strata in
order (`reduce`); what is left is pure residual and enters as one sum of squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array


@dataclass(frozen=True)
class Statistics:
    """B responses to one design, reduced to what their fits need.

    Attributes
    ----------
    ols : ndarray, (B, m)
        Least-squares estimates of the combinations.
    eta : ndarray, (B, r_d)
        Dense coordinates.
    squares : ndarray, (B, S)
        Sum of squares of every stratum.
    rest : ndarray, (B,)
        Sum of squares orthogonal to X and Z; missing where the response cannot be analysed.
    """

    ols: Array
    eta: Array
    squares: Array
    rest: Array

    def __len__(self) -> int:
        """Return the number of responses, B."""
        return len(self.rest)

    def take(self, index: slice | NDArray[np.int64]) -> Statistics:
        """Return some of the responses."""
        return Statistics(self.ols[index], self.eta[index], self.squares[index], self.rest[index])


@dataclass(frozen=True)
class Axes:
    """The basis in which responses are reduced.

    Attributes
    ----------
    basis : ndarray, (N, p + r_d + sum of sizes)
        Orthonormal columns: X, the dense coordinates, the strata.
    n_fixed : int
        p.
    n_dense : int
        r_d.
    sizes : tuple of int
        Number of coordinates of each stratum.
    rows : ndarray, (p, m)
        The combinations in coordinates of X: a = basis[:, :p] @ rows.
    """

    basis: Array
    n_fixed: int
    n_dense: int
    sizes: tuple[int, ...]
    rows: Array

    @property
    def n_rest(self) -> int:
        """Number of dimensions left to the pure residual."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    @cached_property
    def edges(self) -> list[int]:
        """Where the strata begin, and the end of the last."""
        return [int(each) for each in np.cumsum([self.n_fixed + self.n_dense, *self.sizes])]

    @cached_property
    def of_one(self) -> Array:
        """Least-squares estimates of the combinations for a response of ones, (m,)."""
        ones = np.ones(len(self.basis))
        return np.asarray(ones @ self.basis[:, : self.n_fixed] @ self.rows)

    def reduce(self, responses: Array) -> Statistics:
        """Reduce responses, (N, B), each in its own column.

        Responses that do not vary around the fixed effects, or have missing values, get a missing
        `rest`.
        """
        mean = responses.mean(axis=0)
        centred = responses - mean
        turned = self.basis.T @ centred
        total = np.einsum("ib,ib->b", centred, centred)
        squares = np.array([_squares(turned[a:b]) for a, b in pairwise(self.edges)])
        squares = squares.reshape(-1, len(mean))
        eta = turned[self.n_fixed : self.edges[0]]
        random = _squares(eta) + squares.sum(axis=0)
        rest = total - _squares(turned[: self.n_fixed]) - random
        close = np.flatnonzero(~(rest > 1e-3 * total))
        if len(close):  # the difference has lost digits: form the residuals themselves
            rest[close] = _squares(centred[:, close] - self.basis @ turned[:, close])
        if self.n_rest == 0:
            rest = rest * 0.0
        rest[~(random + rest > 1e-24 * (total + len(responses) * mean**2))] = np.nan
        ols = turned[: self.n_fixed].T @ self.rows + mean[:, None] * self.of_one
        return Statistics(ols, np.ascontiguousarray(eta.T), squares.T.copy(), rest)

    def compose(self, statistics: Statistics) -> Array:
        """Return responses that have these statistics, (N, B)."""
        fixed = np.linalg.lstsq(self.rows.T, statistics.ols.T, rcond=None)[0]
        found = self.basis[:, : self.n_fixed] @ fixed
        found += self.basis[:, self.n_fixed : self.edges[0]] @ statistics.eta.T
        for start, squares in zip(self.edges[:-1], statistics.squares.T, strict=True):
            found += self.basis[:, start, None] * np.sqrt(squares)
        return np.asarray(found + self._outside[:, None] * np.sqrt(statistics.rest))

    @cached_property
    def _outside(self) -> Array:
        """A unit vector orthogonal to the basis; zero where there is none, (N,)."""
        left = 1.0 - np.einsum("ij,ij->i", self.basis, self.basis)
        if self.n_rest == 0:
            return np.zeros(len(left))
        unit: Array = np.eye(len(left))[int(np.argmax(left))]
        for _ in range(2):
            unit = unit - self.basis @ (self.basis.T @ unit)
            unit /= np.linalg.norm(unit)
        return unit


def _squares(parts: Array) -> Array:
    return np.asarray(np.einsum("ib,ib->b", parts, parts))
