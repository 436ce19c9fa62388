"""Check of two values in each other's place: V11."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import Issue
from analysis.intake.checks.values import visit_in_words
from analysis.intake.expected import Expected
from analysis.intake.layout import at_cell, both_rows
from analysis.intake.robust import Array
from analysis.intake.visits import Visits

Places = tuple[NDArray[np.intp], NDArray[np.intp]]

_OUT_OF_PLACE = 1.2  # SDs that both values are away at least
_EXPLAINED = 0.75  # share of both distances that the exchange does away with
_FITS = 2.5  # SDs that either is away afterwards at most: a wild value fits nowhere
_MOST = 200  # values looked at, the farthest
# By how much the exchange must raise twice the log-likelihood, beyond the logarithm of how many
# exchanges there are to choose from: with and without a value of a planned comparison, and where
# something was reported before or the plan does not compare the outcome. Of clean simulated trials
# about 4 in 100 come beyond the first of these, and 1 in 200 beyond the others.
_BETTER_PLANNED, _BETTER, _BETTER_MORE = -0.7, 4.0, 10.0


@dataclass(frozen=True)
class Exchange:
    """Two visits whose values would fit much better exchanged: courses and times, and the issue."""

    places: Places
    issue: Issue


def exchanged(visits: Visits, found: Expected, values: Array, first: bool) -> Exchange | None:
    """Return the two visits whose exchange fits best, if it does so beyond chance.

    An exchange is judged by how much it raises the likelihood of the visits of one or two persons,
    against what the best of as many exchanges does by chance: the fewer there are (of a planned
    value, of one person, of one course), the less is asked of them.
    """
    if len(visits.readings) > np.isfinite(visits.values).sum():
        return None  # visits are means of several values
    distance = np.abs(np.nan_to_num(found.distance))
    courses, times = np.nonzero(distance >= _OUT_OF_PLACE)
    farthest = np.argsort(-distance[courses, times], kind="stable")[:_MOST]
    courses, times = courses[farthest], times[farthest]
    gain, away = found.exchange(values, courses, times)
    squares = distance[courses, times] ** 2
    gain[(gain <= _EXPLAINED * (squares[:, None] + squares)) | (away > _FITS)] = -np.inf
    more = gain - _asked(visits, found, (courses, times), first)
    if not more.size or more.max() <= 0:
        return None
    one, two = sorted(np.unravel_index(more.argmax(), more.shape))
    both = np.array([one, two])
    return Exchange((courses[both], times[both]), _issue(visits, courses[both], times[both]))


def _asked(visits: Visits, found: Expected, places: Places, first: bool) -> Array:
    """Return for every pair how much better it must fit."""
    n, columns = int(np.isfinite(visits.values).sum()), visits.values.shape[1]
    courses, planned = places[0], visits.planned[places]
    person = found.people.person[courses]
    partners = np.full((len(courses), len(courses)), float(n))
    partners[person[:, None] == person] = columns * found.people.slots
    partners[courses[:, None] == courses] = columns
    either, chances = planned[:, None] | planned, visits.family
    choices = np.where(
        either,
        chances.planned * max(int(visits.planned.sum()), 1),
        chances.outcomes * n / 2,
    )
    better = np.where(either, _BETTER_PLANNED, _BETTER) if first else _BETTER_MORE
    return np.asarray(2 * np.log(choices * partners) + better)


def _issue(visits: Visits, courses: NDArray[np.intp], times: NDArray[np.intp]) -> Issue:
    cells = [visits.cell(*place) for place in zip(courses.tolist(), times.tolist(), strict=True)]
    one, two = sorted(cells, key=lambda cell: cell.row)
    message = (
        f"{visit_in_words(one)} has {one.text.strip()} and {visit_in_words(two)} has "
        f"{two.text.strip()} ({both_rows(one, two)}): each is far from what the person's other "
        "visits let expect, and would fit in the other's place."
    )
    return at_cell("V11", one, message, "Check both at their source.")
