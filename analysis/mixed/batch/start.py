"""Where to start: the estimates of a balanced experiment with the same expected mean squares.

Where every component is nested in the next, a balanced experiment has pw = a_0 + sum_j a_j x_1 ...
x_j (components from the innermost out) with sums of squares a_j on n_j degrees of freedom, and the
restricted likelihood is highest where the mean squares a_j / n_j are equal to their expectations,
neighbours that are not in rising order being pooled. With gaps in the data the a_j are fitted to
the table and the result is near the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.mixed.batch.table import Cubes, Table
from analysis.mixed.design import Array

LEAST = 1e-6  # smallest x to start from


@dataclass(frozen=True)
class Start:
    """How to find a start from the table of a response.

    Attributes
    ----------
    order : tuple of int
        The components from the innermost out.
    squares : ndarray, (n ** K, K + 1)
        From pw at the points of the table to the sums of squares a_j.
    sizes : ndarray, (K + 1,)
        n_j.
    alone : bool
        Whether there can be no other minimum: without dense coordinates the criterion, before s2
        is profiled out, is sum_j n_j m_j + a_j exp(-m_j) in the log mean squares m_j, and convex.
    """

    order: tuple[int, ...]
    squares: Array
    sizes: Array
    alone: bool

    def points(self, cubes: Cubes) -> Array:
        """Return c for every response, (B, K)."""
        squares = np.maximum((cubes.pw @ self.squares).T, 0.0)
        means = isotonic(squares, self.sizes)
        means = np.maximum(means, LEAST * means[-1] + 1e-300)
        c = np.diff(np.log(means), axis=0)
        return np.ascontiguousarray(c[np.argsort(self.order)].T)


def make_start(table: Table, n_dense: int) -> Start | None:
    """Return the start for a table, None where the components are not nested in a row."""
    order = table.coordinates.order
    nested = [table.coordinates.inside[outer, inner] for inner, outer in pairwise(order)]
    ranks = [float(table.nu), *table.ranks[list(order)], 0.0]
    sizes = -np.diff(ranks)
    if not all(nested) or (sizes <= 0).any():
        return None
    powers = np.cumsum(table.points[:, order], axis=1)
    shapes = np.column_stack([np.ones(len(powers)), np.exp(-powers)])
    return Start(order, np.linalg.pinv(shapes).T, sizes, n_dense == 0)


def isotonic(squares: Array, sizes: Array) -> Array:
    """Return rising means, (k, B), of sums of squares, (k, B), on given degrees of freedom.

    max over a <= i of min over b >= i of the mean of a..b (Robertson, Wright and Dykstra 1988,
    Order Restricted Statistical Inference, theorem 1.4.4).
    """
    k = len(sizes)
    total = np.vstack([np.zeros(squares.shape[1]), np.cumsum(squares, axis=0)])
    count = np.concatenate([[0.0], np.cumsum(sizes)])
    found = np.zeros_like(squares)
    for a in range(k):
        lowest = np.full(squares.shape[1], np.inf)
        for b in reversed(range(a, k)):
            mean = (total[b + 1] - total[a]) / (count[b + 1] - count[a])
            lowest = np.minimum(lowest, mean)
            found[b] = np.maximum(found[b], lowest)
    return found
