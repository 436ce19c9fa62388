"""Further looks for lower minima, where errors correlate within a unit.

The likelihood can have another minimum at which one visit measures its unit (a participant in a
period) almost without error: the component of the unit takes over that visit's variance, and the
errors of the other visits are what is left after subtracting it. Searches from ordinary starts do
not always get there: they miss the lowest minimum in one of forty small trials with few values for
each variance. The search goes on, while Newton's model does not rule out that it leads lower, from

near     points near such a minimum for every variance group, those of most promise (`near`)
beside   points beside the best minimum known, a variance group changed (`beside`)
spread   points all over the space, and all over those of its edges where a component is zero
         (`spread`); where there are few values for each variance, since else hardly anything is
         missed without them

Most points are for responses whose ordinary starts did not all lead to one ordinary minimum: there
lower ones are found six times as often, and also where values are enough; and where there are fewer
values than eight for each variance. Where something lower is found, the search goes on beside it.

What is still missed is counted in docs/certification.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.beside import beside
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import Ends, Falls, Known
from analysis.mixed.residual.limits import Limits, Run, runs_of
from analysis.mixed.residual.looked import Looked
from analysis.mixed.residual.near import NearPoints
from analysis.mixed.residual.newton import search
from analysis.mixed.residual.polish import made_sure
from analysis.mixed.residual.problem import Problem
from analysis.mixed.residual.spread import POINTS, spread_points
from analysis.mixed.residual.start import absent
from analysis.mixed.structures import Structure

FEW, HARDLY_ANY = 32, 8  # values for each variance
TOGETHER = 100_000  # entries of V to work on at once, in numpy
# Spread points: in a wave, at most, at most while there is no ordinary minimum.
WAVE, NONE_ORDINARY = 96, 384


@dataclass(frozen=True)
class Care:
    """How far to look.

    Attributes
    ----------
    near : int
        Points near such minima for each variance group, and as many ordinary ones.
    both : bool
        Whether there are two points beside the best minimum for each variance group, not one.
    spread : int
        Spread points at first.
    rugged : int
        Spread points that are enough where some led to lower places with a variance of zero.
    falls : Falls
        How much lower is believed possible.
    """

    near: int
    both: bool
    spread: int
    rugged: int
    falls: Falls


PLAIN, WIDE = Falls(1.0, 1.0), Falls(3.0, 6.0)
LEAST, MORE = Care(1, False, 0, 288, PLAIN), Care(1, False, 48, 288, WIDE)
MOST, UTMOST = Care(2, True, 192, 288, WIDE), Care(2, True, 192, POINTS, WIDE)


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

    def spread(self, sizes: Array, which: slice) -> Array:
        """Return random points, (C, K)."""
        return spread_points(int(self.law.has_role("component").sum()), sizes, which)

    def runs(self, responses: Responses, known: list[list[Run]]) -> list[list[Run]]:
        """Return, for each of R responses, runs that lead to ordinary minima lower than the known.

        Only to ordinary ones: where there is none, all else that could be found is which visit is
        best taken as measured without error, and that is no finding.

        Parameters
        ----------
        responses : Responses
        known : R lists of Run
            Where the search led before.
        """
        found: list[list[Run]] = [[] for _ in known]
        for care, own in self._side_by_side(responses, known):
            bests = [responses.limits[i].best(known[i]) for i in own]
            looked = [Looked(*each, care.rugged) for each in zip(own, bests, strict=True)]
            starts = [self._first(responses, each, care) for each in looked]
            responses.look(looked, starts, care.spread, care.falls)
            while self._look_again(responses, looked, care.falls):
                pass
            for each in looked:
                found[each.number] = each.runs
        return found

    def _look_again(self, responses: Responses, looked: list[Looked], falls: Falls) -> bool:
        """Go on beside lower minima, or from more random points where there may be others."""
        lower = [each for each in looked if each.lower]
        if lower and self.near:
            starts = [self._beside(responses, each, both=True) for each in lower]
            responses.look(lower, starts, 0, falls)
            return True
        by_wave: dict[tuple[int, int], list[Looked]] = {}
        for each in looked:
            if self._unsettled(each):
                by_wave.setdefault(self._wave(each), []).append(each)
        for wave, alike in by_wave.items():
            sizes = [responses.limits[each.number].sizes for each in alike]
            starts = [self.spread(each, slice(*wave)) for each in sizes]
            responses.look(alike, starts, len(starts[0]), falls)
        return bool(by_wave)

    def _unsettled(self, looked: Looked) -> bool:
        """Whether more random points are worth it."""
        most = POINTS if looked.ordinary else NONE_ORDINARY
        return not looked.settled and looked.spread < most

    def _wave(self, looked: Looked) -> tuple[int, int]:
        """Return which random points are next; all of them where only they can find anything."""
        first = looked.spread
        return first, first + WAVE if looked.ordinary else NONE_ORDINARY

    def _side_by_side(
        self, responses: Responses, known: list[list[Run]]
    ) -> Iterator[tuple[Care, IntArray]]:
        """Return care and responses that need it, as many as are searched at once."""
        cares = [self._care(*each) for each in zip(responses.limits, known, strict=True)]
        for care in (LEAST, MORE, MOST, UTMOST):
            looks = self._around(care) + care.spread
            if looks == 0:
                continue
            who = np.array([i for i, each in enumerate(cares) if each == care and known[i]], int)
            together = responses.problem.together(looks, TOGETHER)
            for first in range(0, len(who), together):
                yield care, who[first : first + together]

    def _care(self, limits: Limits, known: list[Run]) -> Care:
        """Return most where ordinary starts disagree or there are hardly any values."""
        if self._values < HARDLY_ANY:
            return UTMOST
        if not limits.agree(known):
            return MOST
        return MORE if self.few else LEAST

    def _around(self, care: Care) -> int:
        """Return how many points are not spread, at most."""
        g = self.structure.n_groups
        return self.near * (care.near * (g + 1) + (1 + care.both) * g)

    def _first(self, responses: Responses, looked: Looked, care: Care) -> Array:
        """Return the points to start from for one response, (S, K)."""
        sizes, rest = responses.limits[looked.number].sizes, responses.rests[looked.number]
        spread = self.spread(sizes, slice(care.spread))
        if not self.near:
            return spread
        near = self.near_points.promising(sizes, rest, care.near * (len(sizes) + 1))
        return np.vstack([near, self._beside(responses, looked, care.both), spread])

    def _beside(self, responses: Responses, looked: Looked, both: bool) -> Array:
        return beside(self.law, responses.limits[looked.number].sizes, looked.best.phi, both)


@dataclass(frozen=True)
class Responses:
    """R responses of one problem.

    Attributes
    ----------
    problem : Problem
    chart : Chart
        Of each.
    limits : R Limits
    rests : R ndarrays, (N,)
        The values around the fixed effects.
    y : ndarray, (R, n, T, 1)
        The same as responses of `problem`.
    """

    problem: Problem
    chart: Chart
    limits: list[Limits]
    rests: list[Array]
    y: Array

    def look(self, looked: list[Looked], starts: list[Array], spread: int, falls: Falls) -> None:
        """Search from starts, (S, K) each, the last of them random points, for lower minima."""
        own = np.array([each.number for each in looked])
        phi, value = (
            np.array([getattr(each.best, a) for each in looked]) for a in ("phi", "value")
        )
        chart = self.chart.take(own)
        known, points = Known(chart.coordinates(phi), value, falls), np.array(starts)
        kept = absent(chart.law, points)  # others than random points have zeros of a known minimum
        kept[:, : points.shape[1] - spread] = False
        found = search(self.problem, chart, points, self.y[own], known, kept)
        for each, points, ends in zip(looked, starts, found, strict=True):
            each.add(ends, self._sure(each.number, points, ends), spread)

    def _sure(self, i: int, starts: Array, ends: Ends) -> list[Run]:
        """Return the runs of one response that arrived at an ordinary minimum."""
        arrived = [run for run in runs_of(starts, ends) if run.end.batch is not None]
        chart, limits = self.chart.take(i), self.limits[i]
        sure = made_sure(self.problem, chart, limits, self.y[i], arrived)
        return [run for run in sure if limits.ordinary(run.end.phi)]
