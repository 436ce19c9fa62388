"""Further looks for lower minima, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: they miss the lowest minimum in one of forty small trials with few values for
each variance. The search goes on, while Newton's model does not rule out that it leads lower, from

near     points near such a minimum for every variance group, those of most promise (`near`)
spread   points all over the space, where the variances of different groups are anything; where
         there are few values for each variance, since else hardly anything is missed without them

Most points are for responses whose ordinary starts did not all lead to one ordinary minimum: there
lower ones are found six times as often, and also where values are enough; and where there are fewer
values than eight for each variance.

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

FEW, HARDLY_ANY = 32, 8  # values for each variance
TOGETHER = 100_000  # entries of V to work on at once
# Spread points: powers of ten of the components, spread of the logarithms of standard deviations,
# correlations.
POWERS, LOGARITHMS, ANY, SEED = (-3.0, 0.0), 0.7, (-0.6, 0.97), 20260101


@dataclass(frozen=True)
class Care:
    """How far to look.

    Attributes
    ----------
    near : int
        Points near such minima.
    spread : int
        Spread points.
    falls : float
        How many times the fall that Newton's model allows is believed possible (`newton.Known`).
    """

    near: int
    spread: int
    falls: float


LEAST, MORE, MOST = Care(6, 0, 1.0), Care(16, 12, 3.0), Care(16, 192, 3.0)


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
        """Whether there are a correlation and several variances."""
        return self.law.correlated and self.structure.n_groups > 1

    @property
    def few(self) -> bool:
        """Whether there are few values for each variance."""
        return self._values < FEW

    @property
    def _values(self) -> float:
        """Values for each variance, on average."""
        return len(self.structure.group) / self.structure.n_groups

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
        n_components, most = int(self.law.has_role("component").sum()), MOST.spread
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
        for care, own in self._side_by_side(problem, limits, known):
            best = [limits[i].best(known[i]) for i in own]
            phi, value = [each.phi for each in best], [each.value for each in best]
            so_far = Known(np.array(phi), np.array(value), care.falls)
            starts = [self._starts(limits[i].sizes, rests[i], care) for i in own]
            reached = search(problem, chart.take(own), np.array(starts), y[own], so_far)
            for i, points, ends in zip(own, starts, reached, strict=True):
                arrived = [run for run in runs_of(points, ends) if run.end.batch is not None]
                more = made_sure(problem, chart.take(i), limits[i], y[i], arrived)
                found[i] = [run for run in more if limits[i].ordinary(run.end.phi)]
        return found

    def _side_by_side(
        self, problem: Problem, limits: list[Limits], known: list[list[Run]]
    ) -> Iterator[tuple[Care, IntArray]]:
        """Return care and responses that need it, as many as are searched at once."""
        cares = [self._care(*each) for each in zip(limits, known, strict=True)]
        for care in (LEAST, MORE, MOST):
            looks = care.spread + care.near * self.near
            if looks == 0:
                continue
            who = np.array([i for i, each in enumerate(cares) if each == care and known[i]], int)
            together = max(TOGETHER // (looks * problem.layout.classes.size), 1)
            for first in range(0, len(who), together):
                yield care, who[first : first + together]

    def _care(self, limits: Limits, known: list[Run]) -> Care:
        """Return most where ordinary starts disagree or there are hardly any values."""
        if self._values < HARDLY_ANY or not limits.agree(known):
            return MOST
        return MORE if self.few else LEAST

    def _starts(self, sizes: Array, rest: Array, care: Care) -> Array:
        """Return the points to start from for one response, (S, K)."""
        spread = self.spread(sizes, care.spread)
        if not self.near:
            return spread
        return np.vstack([self.near_points.promising(sizes, rest, care.near), spread])
