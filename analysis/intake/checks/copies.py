"""Check of copied blocks: V06, series that are constant or the same as another one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.errors import Issue
from analysis.intake.codes import listed
from analysis.intake.layout import at_cell, both_rows
from analysis.intake.robust import Array, median, spread
from analysis.intake.visits import Visits

_RUN = 4  # visits in a row that must be the same
_CHANCE = 0.01  # expected number of such pairs in the whole outcome, below which one is reported
_RAREST = 0.005  # a value far out is rare, but not more telling than others
_COMMON = 8  # a series that more courses share is a habit of the scale, no copy


def check_copies(visits: Visits) -> Iterator[Issue]:
    """V06: no two courses have the same values, and no course has the same value all the time.

    How likely chance makes such a series is reckoned from how often each value occurs at each time;
    the logarithm is halved, because the visits of a person resemble each other.
    """
    values = visits.values
    if values.shape[1] >= _RUN and len(values) >= 3:
        rarity = 0.5 * _rarity(values)
        rarity[np.isin(values, visits.outcome.range or ())] = 0  # nobody copies "no soreness"
        yield from _pairs(visits, rarity)
        yield from _constants(visits, rarity)


def _rarity(values: Array) -> Array:
    """Return minus the logarithm of how likely a course has just this value at this time.

    It is the share of the other courses that have it (all but two: a pair must not make its own
    values look common), or what a normal spread over the marks of the scale gives, if that is more.
    """
    marks = np.diff(np.unique(values[np.isfinite(values)]))
    step = float(marks.min()) if len(marks) else 1.0
    found = np.zeros(values.shape)
    for time, column in enumerate(values.T):
        there = np.isfinite(column)
        _, inverse, counts = np.unique(column[there], return_inverse=True, return_counts=True)
        away = column[there] - median(column[there])
        width = max(float(spread(away)), step)
        chance = 0.4 * step / width * np.exp(-0.5 * (away / width) ** 2)
        share = np.maximum((counts[inverse] - 2) / there.sum(), chance) if there.any() else chance
        found[there, time] = -np.log(np.clip(share, _RAREST, 1))
    return found


def _pairs(visits: Visits, rarity: Array) -> Iterator[Issue]:
    values = visits.values
    n = len(values)
    enough = np.log(max(n * (n - 1) / 2, 1) / _CHANCE)
    for one, two in sorted(_candidates(values)):
        same = values[one] == values[two]
        both = np.isfinite(values[one]) & np.isfinite(values[two])
        alike = same.sum() >= max(_RUN, 0.6 * both.sum())
        if alike and rarity[one][same].sum() > enough:
            yield _copied(visits, one, two, same)


def _candidates(values: Array) -> set[tuple[int, int]]:
    """Return pairs of courses that share a run of visits; linear in the number of courses."""
    pairs: set[tuple[int, int]] = set()
    for start in range(values.shape[1] - _RUN + 1):
        buckets: dict[bytes, list[int]] = {}
        window = np.ascontiguousarray(values[:, start : start + _RUN]) + 0.0
        for course in np.flatnonzero(np.isfinite(window).all(axis=1)):
            buckets.setdefault(window[course].tobytes(), []).append(int(course))
        for alike in buckets.values():
            if 1 < len(alike) <= _COMMON:
                pairs |= {(one, two) for i, one in enumerate(alike) for two in alike[i + 1 :]}
    return pairs


def _copied(visits: Visits, one: int, two: int, same: np.ndarray) -> Issue:
    times = [str(name) for name, here in zip(visits.table.columns, same, strict=True) if here]
    at = int(np.argmax(same))
    first, second = visits.cell(one, at), visits.cell(two, at)
    place = f"first in {both_rows(first, second)}"
    message = (
        f"{_course(visits, one)} and {_course(visits, two)} have the same {visits.outcome.name} at "
        f"{len(times)} times ({listed(times)}; {place}): perhaps copied."
    )
    remedy = "Check both at their source."
    return at_cell("V06", second, message, remedy)


def _course(visits: Visits, course: int) -> str:
    person, period, occasion, arm = visits.table.index[course]
    said = [str(person), str(arm), f"period {period}" if period else "", str(occasion)]
    return " / ".join(part for part in said if part)


def _constants(visits: Visits, rarity: Array) -> Iterator[Issue]:
    limits = visits.outcome.range or (np.nan, np.nan)
    enough = np.log(len(visits.values) / _CHANCE)
    for course, row in enumerate(visits.values):
        there = np.isfinite(row)
        if there.sum() < _RUN or len(set(row[there])) > 1 or row[there][0] in limits:
            continue
        time = int(np.argmax(there))
        if rarity[course][there].sum() > enough:
            cell = visits.cell(course, time)
            message = (
                f"{_course(visits, course)} has the same {visits.outcome.name}, "
                f"{cell.text.strip()}, at all {there.sum()} times: perhaps copied down."
            )
            yield at_cell("V06", cell, message, "Check it at its source.")
