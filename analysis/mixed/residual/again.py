"""Further looks for lower minima, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: they miss the lowest minimum in one of forty small trials with few values for
each variance. The search goes on, while Newton's model does not rule out that it leads lower, from

near     points near such a minimum for every variance group; those of most promise (`near`), and of
         the others those at which the criterion is lowest
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
from analysis.mixed.residual.near import NearPoints
from analysis.mixed.residual.newton import End, Known, search
from analysis.mixed.residual.point import Problem
from analysis.mixed.residual.polish import made_sure
from analysis.mixed.structures import Structure

FEW = 25  # values for each variance
TOGETHER = 100_000  # entries of V to work on at once
# Points near such minima, where values are enough, and where they are few: how many are followed in
# any case, and how many of so many others, those at which the criterion is lowest.
FOLLOWED, LOWEST, OTHERS = (2, 8), (2, 8), (10, 28)
# Spread points: how many, powers of ten of the components, spread of the logarithms of standard
# deviations, correlations.
SPREAD, SEED = 48, 20260101
POWERS, LOGARITHMS, ANY = (-3.0, 0.0), 0.7, (-0.6, 0.97)
# Where values are few: how many times what Newton's model allows the criterion is believed to fall,
# and how plainly a search must aim at a known minimum to be left.
DOUBT = {"falls": 3.0, "close": 0.2, "small": 1.0}


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

    @cached_property
    def near_points(self) -> NearPoints:
        """Points near minima at which a visit has hardly any error."""
        return NearPoints(self.law, self.structure)

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
        starts = np.array([self._starts(problem, limits[i].sizes, rests[i], y[i]) for i in who])
        best_so_far = Known(phi, value, **(DOUBT if self.few else {}))
        reached: list[list[End | None]] = []
        together = max(TOGETHER // (starts.shape[1] * problem.layout.classes.size), 1)
        for first in range(0, len(who), together):
            some = np.arange(first, min(first + together, len(who)))
            own = who[some]
            reached += search(
                problem, chart.take(own), starts[some], y[own], best_so_far.take(some)
            )
        for i, own, ends in zip(who, starts, reached, strict=True):
            more = made_sure(problem, chart.take(i), limits[i], y[i], runs_of(own, ends))
            found[i] = [each for each in more if limits[i].ordinary(each.end.phi)]
        return found

    def _starts(self, problem: Problem, sizes: Array, rest: Array, y: Array) -> Array:
        """Return the points to start from for one response, (S, K)."""
        spread = self.spread(sizes) if self.few else np.zeros((0, len(self.law.names)))
        if not self.near:
            return spread
        first, lowest, others = (each[self.few] for each in (FOLLOWED, LOWEST, OTHERS))
        points = self.near_points.promising(sizes, rest, first + others)
        value = problem.values(points[first:], y)
        chosen = first + np.argsort(value, kind="stable")[:lowest]
        return np.vstack([points[:first], points[chosen], spread])
