"""A second look from points of another kind, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: about one in a hundred small trials has a lower minimum of this kind. For
every variance group, `points` makes such a point of mean squares; the search goes on from those at
which the criterion is not far above the best minimum found before, while Newton's model does not
rule out that they lead lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.layout import side_by_side
from analysis.mixed.residual.newton import End, search
from analysis.mixed.residual.point import Problem
from analysis.mixed.residual.start import starting_points
from analysis.mixed.structures import Structure

LEFT = 0.1  # standard deviation of the visit's own error, relative to what it was
SHARES = (0.4, 0.6)  # of the visit's variance, for the first and the last component
CORRELATION, OTHERS = 0.6, (0.3, 0.85)  # the others where the first is not too far off
ROUGHLY = 2.0  # how much further off that may be than a point that is followed
# Share of the variance in the first and in every other component, and correlation, of ordinary
# starts beside the first ones.
MORE = ((0.02, 0.02, 0.9), (0.15, 0.15, 0.9), (0.5, 0.3, 0.85))
SMALLEST = 0.02  # mean square of a difference, relative to that of the values
FAR = 20.0  # criterion above the best minimum at which a point is no longer followed
MOST = 12  # points followed at most, the lowest
UNRELATED = 2.0  # how many times that where a point says nothing of some groups


@dataclass(frozen=True)
class SecondLook:
    """What the points need to know of a structure.

    Attributes
    ----------
    law : Law
    structure : Structure
    """

    law: Law
    structure: Structure

    @property
    def worthwhile(self) -> bool:
        """Whether there is a correlation, and a component that may take a visit's variance over."""
        law, several = self.law, self.structure.n_groups > 1
        return law.correlated and several and bool(law.has_role("component").any())

    @cached_property
    def _pairs(self) -> tuple[IntArray, IntArray, Array]:
        """Rows of each two values of a unit, and how many pairs two groups have, (G, G)."""
        order = np.argsort(self.structure.unit, kind="stable")
        n_rows, n_groups = len(order), self.structure.n_groups
        rows = side_by_side(self.structure.unit[order], order, n_rows)
        one, other = (each.ravel() for each in np.broadcast_arrays(rows[:, :, None], rows[:, None]))
        both = (one != other) & (one < n_rows) & (other < n_rows)
        one, other = one[both], other[both]
        counts = np.bincount(self._codes(one, other), minlength=n_groups**2).astype(float)
        return np.asarray(one), np.asarray(other), counts.reshape(n_groups, n_groups)

    def _codes(self, one: IntArray, other: IntArray) -> IntArray:
        group = self.structure.group
        return np.asarray(group[one] * self.structure.n_groups + group[other])

    @cached_property
    def reach(self) -> float:
        """How far above the best minimum a point may be."""
        related = (self._pairs[2] > 0).sum(axis=1).min() + 1
        arms = self.structure.n_groups / related
        return FAR * (1.0 if arms <= 1 else UNRELATED * arms)

    def points(self, sizes: Array, rest: Array) -> Array:
        """Return a point for every variance group, (G, K).

        Parameters
        ----------
        sizes : ndarray, (G,)
            Mean square of each variance group around the fixed effects.
        rest : ndarray, (N,)
            The values around the fixed effects.
        """
        one, other, counts = self._pairs
        squares = np.bincount(
            self._codes(one, other), (rest[one] - rest[other]) ** 2, minlength=counts.size
        )
        apart = squares.reshape(counts.shape) / np.maximum(counts, 1)
        wide = np.where(counts > 0, np.maximum(apart, SMALLEST * sizes), sizes)
        shares = np.zeros(int(self.law.has_role("component").sum()))
        shares[0] += SHARES[0]
        shares[-1] += SHARES[1]
        deviations = np.sqrt(wide)
        np.fill_diagonal(deviations, LEFT * np.sqrt(sizes))
        rho = np.full((len(sizes), 1), CORRELATION)
        return np.hstack([sizes[:, None] * shares, deviations, rho])

    def promising(self, problem: Problem, y: Array, sizes: Array, rest: Array, best: End) -> Array:
        """Return the points from which to search for a minimum below `best`, (points, K)."""
        first = np.vstack([*starting_points(self.law, sizes, MORE), *self.points(sizes, rest)])
        above = problem.over(first, y, exact=False).value - best.value
        near = first[len(MORE) :][above[len(MORE) :] < ROUGHLY * self.reach]
        others = np.repeat(near, len(OTHERS), axis=0)
        others[:, -1] = np.tile(OTHERS, len(near))
        if len(others):
            more = problem.over(others, y, exact=False).value - best.value
            first, above = np.vstack([first, others]), np.append(above, more)
        lowest = np.argsort(above, kind="stable")[:MOST]
        return np.asarray(first[lowest[above[lowest] < self.reach]])

    def ends(
        self, problem: Problem, chart: Chart, y: Array, sizes: Array, rest: Array, best: End
    ) -> list[tuple[Array, End]]:
        """Return starts and where they led, for one response, if not to `best`."""
        starts = self.promising(problem, y, sizes, rest, best)
        if not len(starts):
            return []
        (ends,) = search(problem, chart, starts[None], y[None], best)
        return [(a, b) for a, b in zip(starts, ends, strict=True) if b is not None]
