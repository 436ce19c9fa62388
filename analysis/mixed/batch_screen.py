"""The criterion on a grid of points shared by all responses, to start the search from.

At a point that all responses share, every matrix belongs to the design, and the quadratic form of
a response is a sum of squares of one matrix product. The grid is even in u = h g / (1 + h g), with
h a typical eigenvalue of the component: from no variance, u = 0, to almost all of it, u -> 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch_reduce import Reduction, Statistics
from analysis.mixed.design import Array

NODES = {1: 24, 2: 12, 3: 7}


@dataclass(frozen=True)
class Screen:
    """A grid over the K parameters g.

    Attributes
    ----------
    scale : ndarray, (K,)
        Typical eigenvalue h of each component.
    nodes : ndarray, (K, n)
        The values of g.
    log_det : ndarray, (n ** K,)
        log|W| at every node, the last component running fastest.
    turns : ndarray, (n ** (K - 1), r_d, r_d)
        For each node of all components but the last: coordinates in which that last component
        and W without it are both diagonal, W without it being the identity.
    shrink : ndarray, (n ** (K - 1), r_d, n)
        Eigenvalue of W^-1 in these coordinates at the nodes of the last component.
    strata : ndarray, (S, n ** K)
        Eigenvalue of W^-1 in the strata.
    nu : int
        Residual degrees of freedom.
    """

    scale: Array
    nodes: Array
    log_det: Array
    turns: Array
    shrink: Array
    strata: Array
    nu: int

    def criterion(self, statistics: Statistics) -> Array:
        """Return the criterion at every node, (B, n ** K)."""
        n = self.nodes.shape[1]
        pw = statistics.rest[:, None] + statistics.squares @ self.strata
        for index, (turn, shrink) in enumerate(zip(self.turns, self.shrink, strict=True)):
            if len(turn):
                pw[:, index * n : (index + 1) * n] += (statistics.eta @ turn) ** 2 @ shrink
        pw = np.maximum(pw, 1e-300)
        return np.asarray(self.log_det + self.nu * np.log(pw))

    def point(self, index: NDArray[np.int64]) -> Array:
        """Return the points g of the nodes with the given numbers, (len(index), K)."""
        k, n = self.nodes.shape
        places = np.unravel_index(index, (n,) * k)
        return np.array([self.nodes[i][place] for i, place in enumerate(places)]).T

    def valleys(self, criterion: Array) -> NDArray[np.bool_]:
        """Return which nodes are no higher than their neighbours along every axis, (B, n ** K)."""
        k, n = self.nodes.shape
        cube = criterion.reshape(-1, *(n,) * k)
        lowest = np.ones(cube.shape, bool)
        for axis in range(1, k + 1):
            step = np.diff(cube, axis=axis) >= 0
            ones = np.ones_like(np.take(step, [0], axis=axis))
            lowest &= np.concatenate([step, ones], axis=axis)
            lowest &= np.concatenate([ones, ~step], axis=axis)
        return lowest.reshape(len(criterion), -1)


def make_screen(reduction: Reduction) -> Screen:
    """Return the grid of a design with at least one component."""
    k = reduction.n_components
    n = NODES.get(k, 4)
    scale = np.array([_typical(reduction, each) for each in range(k)])
    u = np.arange(n) / n
    nodes = u / (1 - u) / scale[:, None]
    dense = [reduction.dense.component(each) for each in range(k)]
    log_det, turns, shrink = [], [], []
    for outer in product(*nodes[:-1]):
        base = np.eye(len(dense[0])) + sum(g * a for g, a in zip(outer, dense, strict=False))
        whiten = np.linalg.inv(np.linalg.cholesky(base))
        values, vectors = np.linalg.eigh(whiten @ dense[-1] @ whiten.T)
        spread = 1 + np.maximum(values, 0.0)[:, None] * nodes[-1]
        turns.append(whiten.T @ vectors)
        shrink.append(1 / spread)
        fixed = -2 * np.log(np.diag(whiten)).sum()
        log_det.append(fixed + np.log(spread).sum(axis=0))
    grid = np.array(list(product(*nodes)))
    strata = 1 / (1 + reduction.strata.values @ grid.T)
    whole = np.concatenate(log_det) - reduction.strata.sizes @ np.log(strata)
    return Screen(scale, nodes, whole, np.array(turns), np.array(shrink), strata, reduction.nu)


def _typical(reduction: Reduction, component: int) -> float:
    """Geometric mean of the component's eigenvalues that are not zero."""
    dense = np.linalg.eigvalsh(reduction.dense.component(component))
    strata = np.repeat(reduction.strata.values[:, component], reduction.strata.sizes.astype(int))
    values = np.concatenate([dense, strata])
    values = values[values > 1e-9 * max(float(values.max(initial=0.0)), 1e-300)]
    return float(np.exp(np.log(values).mean())) if len(values) else 1.0
