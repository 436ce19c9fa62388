"""Points at which one visit has hardly any error of its own, made of mean squares of the data.

Only the most promising are worth the criterion itself. They are told by what it would be if units
were independent and the fixed effects known: a few products of G x G matrices for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.start import starting_points
from analysis.mixed.structures import Structure

LEFT = 0.1  # standard deviation of the visit's own error, relative to what it was
SHARES = (0.4, 0.6)  # of the visit's variance, for the first and the last component
CORRELATIONS = (0.6, 0.3, 0.85)  # a point of each
# Share of the variance in the first and in every other component, and correlation, of ordinary
# starts beside the first ones.
MORE = ((0.02, 0.02, 0.9), (0.15, 0.15, 0.9), (0.5, 0.3, 0.85))
SMALLEST = 0.02  # mean square of a difference, relative to that of the values


@dataclass(frozen=True)
class NearPoints:
    """What the points need to know of a structure whose errors correlate within a unit.

    Attributes
    ----------
    law : Law
    structure : Structure
    """

    law: Law
    structure: Structure

    def promising(self, sizes: Array, rest: Array, most: int) -> Array:
        """Return the points at which the criterion is roughly lowest, at most (`most`, K).

        First the lowest one of each variance group, since those of a group often lead to one place.

        Parameters
        ----------
        sizes : ndarray, (G,)
            Mean square of each variance group around the fixed effects.
        rest : ndarray, (N,)
            The values around the fixed effects.
        most : int
            How many points.
        """
        products = self._mean_products(sizes, rest)
        points = self._points(sizes, products)
        order = np.argsort(self._roughly(points, products), kind="stable")
        group = np.where(order < len(MORE), -1, (order - len(MORE)) % len(sizes))
        first = np.unique(group, return_index=True)[1]
        again = np.ones(len(order), bool)
        again[first] = False
        return points[order[np.argsort(again, kind="stable")][:most]]

    def _mean_products(self, sizes: Array, rest: Array) -> Array:
        """Mean product of two values of a unit by their groups, zero if there are none, (G, G)."""
        sums = self._by_unit(rest)
        products = sums.T @ sums / np.maximum(self._pairs, 1)
        np.fill_diagonal(products, sizes)
        return products

    def _points(self, sizes: Array, products: Array) -> Array:
        """Return a point for each group and correlation, and a few others, (C, K)."""
        apart = sizes[:, None] + sizes - 2 * products
        wide = np.where(self._pairs > 0, np.maximum(apart, SMALLEST * sizes), sizes)
        shares = np.zeros(int(self.law.has_role("component").sum()))
        shares[0] += SHARES[0]
        shares[-1] += SHARES[1]
        deviations = np.sqrt(wide)
        np.fill_diagonal(deviations, LEFT * np.sqrt(sizes))
        rho = np.repeat(CORRELATIONS, len(sizes))[:, None]
        near = np.tile(np.hstack([sizes[:, None] * shares, deviations]), (len(CORRELATIONS), 1))
        return np.vstack([*starting_points(self.law, sizes, MORE), np.hstack([near, rho])])

    def _roughly(self, points: Array, products: Array) -> Array:
        """Return roughly the criterion at points, (C,), but for a factor."""
        deviations, rho = self.law.curved(points)
        shared = points[:, self.law.has_role("component")].sum(axis=1)
        v = deviations[:, :, None] * deviations[:, None] * rho[:, None, None] ** self._lags
        v = np.where(self._together, v + shared[:, None, None], 0.0)
        forms = np.linalg.solve(v, np.broadcast_to(products, v.shape))
        return np.asarray(np.linalg.slogdet(v)[1] + np.trace(forms, axis1=1, axis2=2))

    @cached_property
    def _lags(self) -> IntArray:
        """Visits between two groups, as the law counts them, (G, G)."""
        time = np.zeros(self.structure.n_groups, np.int64)
        time[self.structure.group] = self.structure.time
        longest = 0 if self.law.curve is None else self.law.curve.lag.max()
        return np.minimum(np.abs(np.subtract.outer(time, time)), longest)

    @cached_property
    def _pairs(self) -> Array:
        """How many pairs of values of a unit two groups have, (G, G)."""
        counts = self._by_unit(None)
        return np.asarray(counts.T @ counts)

    @cached_property
    def _together(self) -> Array:
        """Which groups occur together in a unit, (G, G)."""
        return np.asarray((self._pairs > 0) | np.eye(len(self._pairs), dtype=bool))

    def _by_unit(self, values: Array | None) -> Array:
        """Sums of values of each group in each unit, (units, G); of none, how many there are."""
        n_units, n_groups = int(self.structure.unit.max()) + 1, self.structure.n_groups
        cells = self.structure.unit * n_groups + self.structure.group
        sums = np.bincount(cells, values, n_units * n_groups)
        return np.asarray(sums.reshape(n_units, n_groups), float)
