"""Further looks for lower minima, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: they miss the lowest minimum in one of forty small trials with few values for
each variance. The search goes on, while Newton's model does not rule out that it leads lower, from

near     points near such a minimum for every variance group; those of most promise (`near`), and of
         the others those at which the criterion is lowest
spread   points all over the space, where the variances of different groups are anything; where
         there are few values for each variance, since else hardly anything is missed without them,
         and many more where the ordinary starts did not all lead to one ordinary minimum: there
         lower ones are found six times as often

What is still missed is counted in docs/certification.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.limits import Limits, Run, runs_of
from analysis.mixed.residual.near import NearPoints
from analysis.mixed.residual.newton import Known, search
from analysis.mixed.residual.point import Problem
from analysis.mixed.residual.polish import made_sure
from analysis.mixed.structures import Structure

FEW = 25  # values for each variance
TOGETHER = 100_000  # entries of V to work on at once
# Points near such minima, where values are enough, and where they are few: how many are followed in
# any case, and how many of so many others, those at which the criterion is lowest.
FOLLOWED, LOWEST, OTHERS = (2, 8), (2, 8), (10, 28)
# Spread points: how many where the search before found a single ordinary minimum and where it did
# not, powers of ten of the components, spread of the logarithms of standard deviations,
# correlations.
SPREAD, SEED = (12, 96), 20260101
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

    def spread(self, sizes: Array, most: int) -> Array:
        """Return points all over the space, the same for all data but for their scale, (C, K)."""
        powers, logarithms, rho = (each[:most] for each in self._drawn)
        deviations = np.sqrt(sizes) * np.exp(LOGARITHMS * logarithms)
        return np.hstack([10**powers, deviations, rho])

    @cached_property
    def _drawn(self) -> tuple[Array, Array, Array]:
        rng = np.random.default_rng(SEED)
        n_components, most = int(self.law.has_role("component").sum()), max(SPREAD)
        return (
            rng.uniform(*POWERS, (most, n_components)),
            rng.normal(size=(most, self.structure.n_groups)),
            rng.uniform(*ANY, (most, 1)),
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
        starts = {
            i: self._starts(problem, limits[i], rests[i], y[i], each)
            for i, each in enumerate(known)
            if each
        }
        for own in _side_by_side(starts, problem.layout.classes.size):
            best = [limits[i].best(known[i]) for i in own]
            phi, value = [each.phi for each in best], [each.value for each in best]
            so_far = Known(np.array(phi), np.array(value), **(DOUBT if self.few else {}))
            points = np.array([starts[i] for i in own])
            reached = search(problem, chart.take(own), points, y[own], so_far)
            for i, each, ends in zip(own, points, reached, strict=True):
                more = made_sure(problem, chart.take(i), limits[i], y[i], runs_of(each, ends))
                found[i] = [run for run in more if limits[i].ordinary(run.end.phi)]
        return found

    def _starts(
        self, problem: Problem, limits: Limits, rest: Array, y: Array, known: list[Run]
    ) -> Array:
        """Return the points to start from for one response, (S, K)."""
        most = SPREAD[not limits.agree(known)] if self.few else 0
        spread = self.spread(limits.sizes, most)
        if not self.near:
            return spread
        first, lowest, others = (each[self.few] for each in (FOLLOWED, LOWEST, OTHERS))
        points = self.near_points.promising(limits.sizes, rest, first + others)
        value = problem.values(points[first:], y)
        chosen = first + np.argsort(value, kind="stable")[:lowest]
        return np.vstack([points[:first], points[chosen], spread])


def _side_by_side(starts: dict[int, Array], entries: int) -> Iterator[IntArray]:
    """Return the responses that are searched at once: as many points each, V of so many entries."""
    for size in sorted({len(each) for each in starts.values()}):
        who = np.array([i for i, each in starts.items() if len(each) == size])
        together = max(TOGETHER // (size * entries), 1)
        for first in range(0, len(who), together):
            yield who[first : first + together]
