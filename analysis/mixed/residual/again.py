"""Further looks for lower minima, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: they miss the lowest minimum in one of forty small trials with few values for
each variance. The search goes on, while Newton's model does not rule out that it leads lower, from

points   near such a minimum for every variance group, made of mean squares of the data; the lowest
spread   points all over the space, where the variances of different groups are anything; where
         there are few values for each variance, since else hardly anything is missed without them

What is still missed is counted in docs/certification.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import Law
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.limits import Limits, Run, runs_of
from analysis.mixed.residual.newton import Known, search
from analysis.mixed.residual.point import Problem
from analysis.mixed.residual.start import starting_points
from analysis.mixed.structures import Structure

LEFT = 0.1  # standard deviation of the visit's own error, relative to what it was
SHARES = (0.4, 0.6)  # of the visit's variance, for the first and the last component
CORRELATIONS = (0.6, 0.3, 0.85)  # a point of each
# Share of the variance in the first and in every other component, and correlation, of ordinary
# starts beside the first ones.
MORE = ((0.02, 0.02, 0.9), (0.15, 0.15, 0.9), (0.5, 0.3, 0.85))
SMALLEST = 0.02  # mean square of a difference, relative to that of the values
FEW = 20  # values for each variance
FOLLOWED = 4, 12  # of all these, the lowest: where values are enough, and where they are few
REACH = 80.0  # criterion above the best minimum at which they are left, where values are enough
# Spread points: how many, powers of ten of the components, spread of the logarithms of standard
# deviations, correlations.
SPREAD, SEED = 12, 20260101
POWERS, LOGARITHMS, ANY = (-3.0, 0.0), 0.7, (-0.6, 0.97)
# Where values are few: how many times what Newton's model allows the criterion is believed to fall,
# and how plainly a search must aim at a known minimum to be left.
DOUBT = {"falls": 3.0, "close": 0.1, "small": 0.5}


@dataclass(frozen=True)
class FurtherLooks:
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
        """Whether there are a correlation, several variances, and points of either kind."""
        several = self.law.correlated and self.structure.n_groups > 1
        return several and (self.near or self.few)

    @property
    def few(self) -> bool:
        """Whether there are few values for each variance."""
        return len(self.structure.group) < FEW * self.structure.n_groups

    @property
    def near(self) -> bool:
        """Whether there is a component that may take a visit's variance over."""
        return bool(self.law.has_role("component").any())

    def _by_unit(self, values: Array | None = None) -> Array:
        """Sums of values of each group in each unit, (units, G); of none, how many there are."""
        n_units, n_groups = int(self.structure.unit.max()) + 1, self.structure.n_groups
        cells = self.structure.unit * n_groups + self.structure.group
        sums = np.bincount(cells, values, n_units * n_groups)
        return np.asarray(sums.reshape(n_units, n_groups), float)

    @cached_property
    def _counts(self) -> Array:
        """How many values each unit has of each group, (units, G)."""
        return self._by_unit()

    def points(self, sizes: Array, rest: Array) -> Array:
        """Return points at which one visit has hardly any error, and a few others, (C, K).

        Parameters
        ----------
        sizes : ndarray, (G,)
            Mean square of each variance group around the fixed effects.
        rest : ndarray, (N,)
            The values around the fixed effects.
        """
        # Mean square of the difference of two values of a unit, by their groups.
        pairs = self._counts.T @ self._counts
        own, sums = self._by_unit(rest**2).T @ self._counts, self._by_unit(rest)
        apart = (own + own.T - 2 * sums.T @ sums) / np.maximum(pairs, 1)
        wide = np.where(pairs > 0, np.maximum(apart, SMALLEST * sizes), sizes)
        shares = np.zeros(int(self.law.has_role("component").sum()))
        shares[0] += SHARES[0]
        shares[-1] += SHARES[1]
        deviations = np.sqrt(wide)
        np.fill_diagonal(deviations, LEFT * np.sqrt(sizes))
        rho = np.repeat(CORRELATIONS, len(sizes))[:, None]
        near = np.tile(np.hstack([sizes[:, None] * shares, deviations]), (len(CORRELATIONS), 1))
        return np.vstack([*starting_points(self.law, sizes, MORE), np.hstack([near, rho])])

    def spread(self, sizes: Array) -> Array:
        """Return points all over the space, the same for all data but for their scale, (C, K)."""
        powers, logarithms, rho = self._drawn
        deviations = np.sqrt(sizes) * np.exp(LOGARITHMS * logarithms)
        return np.hstack([10**powers, deviations, rho])

    @cached_property
    def _drawn(self) -> tuple[Array, Array, Array]:
        rng = np.random.default_rng(SEED)
        n_components = int(self.law.has_role("component").sum())
        return (
            rng.uniform(*POWERS, (SPREAD, n_components)),
            rng.normal(size=(SPREAD, self.structure.n_groups)),
            rng.uniform(*ANY, (SPREAD, 1)),
        )

    def runs(
        self,
        problem: Problem,
        chart: Chart,
        limits: list[Limits],
        rests: list[Array],
        y: Array,
        known: list[list[Run]],
    ) -> list[list[Run]]:
        """Return, for each of R responses, runs that lead to ordinary minima lower than the known.

        Only to ordinary ones: where there is none, all else that could be found is which visit is
        best taken as measured without error, and that is no finding.

        Parameters
        ----------
        rests : R ndarrays, (N,)
            The values around the fixed effects.
        y : ndarray, (R, n, T, 1)
            The same as responses of `problem`.
        known : R lists of Run
            Where the search led before.
        """
        found: list[list[Run]] = [[] for _ in known]
        who = np.array([i for i, each in enumerate(known) if each], int)
        if not len(who):
            return found
        best = [limits[i].best(known[i]) for i in who]
        phi, value = np.array([each.phi for each in best]), np.array([each.value for each in best])
        starts = [
            self._starts(problem, limits[i].sizes, rests[i], y[i], own.value)
            for i, own in zip(who, best, strict=True)
        ]
        most = max(len(each) for each in starts)
        if not most:
            return found
        # Those who have fewer start from where they are, which ends at once.
        starts = [
            np.vstack([each, np.tile(own, (most - len(each), 1))])
            for each, own in zip(starts, phi, strict=True)
        ]
        best_so_far = Known(phi, value, **(DOUBT if self.few else {}))
        reached = search(problem, chart.take(who), np.array(starts), y[who], best_so_far)
        for i, own, ends in zip(who, starts, reached, strict=True):
            found[i] = [each for each in runs_of(own, ends) if limits[i].ordinary(each.end.phi)]
        return found

    def _starts(self, problem: Problem, sizes: Array, rest: Array, y: Array, best: float) -> Array:
        """Return the points to start from for one response, (S, K)."""
        spread = self.spread(sizes) if self.few else np.zeros((0, len(self.law.names)))
        if not self.near:
            return spread
        points = self.points(sizes, rest)
        value = problem.values(points, y)
        lowest = np.argsort(value, kind="stable")[: FOLLOWED[self.few]]
        reached = self.few | (value[lowest] < best + REACH)
        return np.vstack([points[lowest[reached]], spread])
