r"""What is to be expected of every visit, given all other visits of the same person.

Deviations :math:`u_{ct} = (y_{ct} - m_{at}) / s_t` of course :math:`c` at time :math:`t` from the
centre of arm :math:`a` at that time, in units of the spread at that time, are taken to be normal
with

.. math::

    \mathrm{corr}(u_{ct}, u_{ct'}) = \alpha + \beta \varphi^{|t - t'|}, \qquad
    \mathrm{corr}(u_{ct}, u_{dt'}) = \gamma

within a course and between two courses of a person. With :math:`K` the inverse of a person's
correlation matrix, a visit lies :math:`(K u)_i / K_{ii}` from what the others let expect, with SD
:math:`K_{ii}^{-1/2}`. Centres and spreads are Huber's M-estimates (Robust Statistics, 1981), and
the correlations come from deviations cut off at 2.5, so that a few wrong values decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import erf, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from analysis.intake.robust import Array, median, spread
from analysis.intake.visits import Visits

_ROUNDS = 4
_FEWEST_COURSES = 3
_NOTHING = 1e-150
_CUT, _BEND, _TRUSTED = 2.5, 2.0, 4.0
_OWN_TIME = 0.8  # weight of a time's own spread; the rest is that of all times
_MOST_VISITS = 150  # of a person; beyond, each course is judged by itself
_MOST_CORRELATED = 0.97
_DECAYS = np.arange(0, 0.96, 0.05)
# What min(z^2, 4) is on average for normal z, to make the spread that of normal values.
_NORMAL = (
    erf(_BEND / sqrt(2))
    - 2 * _BEND * exp(-(_BEND**2) / 2) / sqrt(2 * pi)
    + _BEND**2 * (1 - erf(_BEND / sqrt(2)))
)


@dataclass(frozen=True)
class Expected:
    """Of every visit, courses x times: `mean`, `sd`, and `distance` = (value - mean) / sd.

    `centre` and `unit` are mean and SD without regard to other visits, `inverse` the inverse
    correlation matrix of every person's visits, in the places that `people` gives them.
    """

    centre: Array
    mean: Array
    sd: Array
    distance: Array
    unit: Array
    people: People
    inverse: Array

    def misfit(self, values: Array) -> float:
        """Return minus twice the log-likelihood of values, up to a constant: the sum of u'Ku."""
        u = np.nan_to_num(self.people.stacked((values - self.centre) / self.unit))
        return float(np.einsum("pi,pij,pj->", u, self.inverse, u, optimize=True))

    def exchange(
        self, values: Array, courses: NDArray[np.intp], times: NDArray[np.intp]
    ) -> tuple[Array, Array]:
        """Return by how much an exchange raises twice the log-likelihood, and what fits after it.

        With d = what an exchange adds to u, of the visits i and j, it is raised by
        -(2 g_i d_i + 2 g_j d_j + K_ii d_i^2 + K_jj d_j^2 + 2 K_ij d_i d_j), where g = K u; and the
        distance of i is (g_i + K_ii d_i + K_ij d_j) / sqrt(K_ii) afterwards.

        Parameters
        ----------
        values : ndarray, courses x times
        courses, times : ndarray of int, n
            Where the n visits stand.

        Returns
        -------
        gain, distance : ndarray, n x n
            The distance is that of the visit that lies farther away after the exchange, in SDs.
        """
        person, place = self.people.person[courses], self.people.slot[courses] * values.shape[1]
        place = place + times
        same = person[:, None] == person
        cross = np.where(same, self.inverse[person[:, None], place[:, None], place], 0.0)
        curve = self.inverse[person, place, place][:, None]
        pull = self.distance[courses, times][:, None] * np.sqrt(curve)
        there = values[courses, times]
        add = (there - there[:, None]) / self.unit[courses, times][:, None]
        change = 2 * pull * add + curve * add**2
        after = np.abs(pull + curve * add + cross * add.T) / np.sqrt(curve)
        gain = -(change + change.T + 2 * cross * add * add.T)
        return np.asarray(gain), np.maximum(after, after.T)


@dataclass(frozen=True)
class People:
    """Where the courses of every person stand: `person` and `slot` of each course."""

    person: NDArray[np.intp]
    slot: NDArray[np.intp]

    @classmethod
    def of(cls, names: NDArray[np.object_], times: int) -> People:
        """Return the courses by person; each by itself where a person has very many visits."""
        _, person = np.unique(names.astype(str), return_inverse=True)
        order = np.argsort(person, kind="stable")
        first = np.r_[0, np.flatnonzero(np.diff(person[order])) + 1]
        sizes = np.diff(np.r_[first, len(person)])
        if sizes.max() * times > _MOST_VISITS:
            return cls(np.arange(len(person)), np.zeros(len(person), dtype=np.intp))
        slot = np.empty(len(person), dtype=np.intp)
        slot[order] = np.arange(len(person)) - np.repeat(first, sizes)
        return cls(person, slot)

    @cached_property
    def slots(self) -> int:
        """The largest number of courses of a person."""
        return int(self.slot.max()) + 1

    def stacked(self, values: Array) -> Array:
        """Return courses x times as persons x (slots x times)."""
        out = np.full((int(self.person.max()) + 1, self.slots, values.shape[1]), np.nan)
        out[self.person, self.slot] = values
        return out.reshape(len(out), -1)

    def unstacked(self, values: Array) -> Array:
        """Return persons x (slots x times) as courses x times."""
        return np.asarray(values.reshape(len(values), self.slots, -1)[self.person, self.slot])


def expect(
    visits: Visits, values: Array, least: float, piled: NDArray[np.bool_] | None = None
) -> Expected | None:
    """Return what is to be expected of every visit; None where there are too few to say.

    Parameters
    ----------
    visits : Visits
    values : ndarray, courses x times
        Its values, some of which may be set aside (missing).
    least : float
        The smallest SD that a visit can have.
    piled : ndarray of bool, times, optional
        Of a scale with ends: the times at which many values lie at one. The SD is then also at
        least what the farthest values say: those of scales are not normal.
    """
    if values.shape[1] > _MOST_VISITS or len(values) < _FEWEST_COURSES:
        return None
    with np.errstate(all="ignore"):  # numbers too large to be squared are nobody's measurements
        return _expected(visits, values, least, piled)


def _expected(
    visits: Visits, values: Array, least: float, piled: NDArray[np.bool_] | None
) -> Expected:
    people = People.of(visits.level("person"), values.shape[1])
    arms = visits.level("arm")
    predicted, width = np.zeros(values.shape), None
    for _ in range(_ROUNDS):
        centre = _centre(values - predicted, arms, width)
        away = values - centre
        unit = np.maximum(_pooled(away, _OWN_TIME), least)
        u = np.clip(away / unit, -_TRUSTED, _TRUSTED)
        inverse = _inverse(u, people)
        pull = np.einsum("pij,pj->pi", inverse, np.nan_to_num(people.stacked(u)))
        curve = people.unstacked(np.diagonal(inverse, axis1=1, axis2=2))
        predicted = (u - people.unstacked(pull) / curve) * unit
        width = np.maximum(huber(away - predicted, 0), least)
    left = away - predicted
    factor = _pooled(left * np.sqrt(curve) / unit, 0.5)
    if piled is not None:
        factor = np.maximum(factor, _tail(left * np.sqrt(curve) / unit, piled))
    unit = np.broadcast_to(np.maximum(unit * factor, least), values.shape)
    sd = np.maximum(unit / np.sqrt(curve), least)
    return Expected(centre, centre + predicted, sd, left / sd, unit, people, inverse)


def _tail(values: Array, piled: NDArray[np.bool_]) -> Array:
    """Return the SD at every time that the farthest values would have, if they were normal."""
    everywhere = float(np.nanquantile(np.abs(values), 0.975)) / 2.24
    upper = np.full(len(piled), everywhere)
    if piled.any():
        far = np.nan_to_num(np.abs(values[:, piled]))
        upper[piled] = np.maximum(everywhere, np.quantile(far, 0.9, axis=0) / 1.645)
    return upper


def _pooled(values: Array, own: float) -> Array:
    """Return the spread at every time: its own, and with the rest of the weight that of all."""
    return np.sqrt(own * huber(values, 0) ** 2 + (1 - own) * huber(values) ** 2)


def huber(values: Array, axis: int | None = None) -> Array:
    """Return the spread around zero by Huber's proposal 2; that of normal values is their SD."""
    size = spread(values, axis=axis)
    size = np.where(size > 0, size, np.sqrt(_mean(values**2, axis)))
    for _ in range(6):
        size = np.where(size > _NOTHING, size, 1.0)
        size = size * np.sqrt(_mean(np.minimum((values / size) ** 2, _BEND**2), axis) / _NORMAL)
    return np.asarray(size)


def _mean(values: Array, axis: int | None) -> Array:
    there = np.isfinite(values)
    return np.asarray(
        np.where(there, values, 0).sum(axis=axis) / np.maximum(there.sum(axis=axis), 1)
    )


def _centre(values: Array, arms: NDArray[np.object_], width: Array | None) -> Array:
    """Return the centre of every arm at every time, for every course: medians, then Huber's."""
    centre = np.full(values.shape, np.nan)
    for arm in dict.fromkeys(arms):
        mine = values[arms == arm]
        middle = median(mine, axis=0)
        for _ in range(3 if width is not None else 0):
            weight = np.minimum(1, 1.5 / np.maximum(np.abs(mine - middle) / width, 1e-9))
            weight = np.where(np.isfinite(mine), weight, 0)
            middle = np.nansum(weight * mine, axis=0) / np.maximum(weight.sum(axis=0), 1e-9)
        centre[arms == arm] = middle
    return centre


def _inverse(u: Array, people: People) -> Array:
    """Return the inverse correlation matrix of every person, with ones for missing visits."""
    whole = _correlation(np.clip(u, -_CUT, _CUT), people)
    there = np.isfinite(people.stacked(u))
    kinds, which = np.unique(there, axis=0, return_inverse=True)
    both = kinds[:, :, None] & kinds[:, None, :]
    matrices = np.where(both, whole, 0) + np.eye(len(whole)) * ~kinds[:, None, :]
    return np.asarray(np.linalg.inv(matrices)[which.ravel()])


def _correlation(u: Array, people: People) -> Array:
    """Return the correlations of a person's visits, slots x times."""
    times = u.shape[1]
    within, decaying, decay = _within(u)
    between = min(max(_between(u, people), 0.0), within)
    lag = np.abs(np.arange(times)[:, None] - np.arange(times))
    course = within + decaying * decay**lag
    np.fill_diagonal(course, 1.001)  # never singular
    own = np.kron(np.eye(people.slots), course - between)
    return np.asarray(own + between)


def _within(u: Array) -> tuple[float, float, float]:
    """Return alpha, beta, phi: least squares to the correlations at every distance in visits."""
    lags = range(1, u.shape[1])
    products = [u[:, k:] * u[:, :-k] for k in lags]
    n = np.array([np.isfinite(each).sum() for each in products], dtype=float)
    if not n.sum():
        return 0.0, 0.0, 0.0
    found = np.array([np.nansum(each) for each in products]) / np.maximum(n, 1) / _variance(u)
    best = (np.inf, 0.0, 0.0, 0.0)
    for decay in _DECAYS:
        columns = np.column_stack([np.ones(len(n)), decay ** np.arange(1, len(n) + 1)])
        columns = columns[:, : 2 if decay and len(n) > 2 else 1] * np.sqrt(n)[:, None]
        weights = np.clip(np.linalg.lstsq(columns, found * np.sqrt(n), rcond=None)[0], 0, 1)
        misfit = float(((columns @ weights - found * np.sqrt(n)) ** 2).sum())
        constant, decaying = [*weights.tolist(), 0.0][:2]
        best = min(best, (misfit, constant, decaying, float(decay)))
    shrink = min(1.0, _MOST_CORRELATED / max(best[1] + best[2], 1e-9))
    return best[1] * shrink, best[2] * shrink, best[3]


def _between(u: Array, people: People) -> float:
    """Return gamma: the mean product of visits of different courses of a person."""
    if people.slots == 1:
        return 0.0
    v = people.stacked(u).reshape(-1, people.slots, u.shape[1])
    there = np.isfinite(v)
    sums, counts = np.nansum(v, axis=2), there.sum(axis=2)
    pairs = float((counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)).sum())
    products = float((sums.sum(axis=1) ** 2 - (sums**2).sum(axis=1)).sum())
    return products / pairs / _variance(u) if pairs else 0.0


def _variance(u: Array) -> float:
    return max(float(_mean(u**2, None)), _NOTHING)
