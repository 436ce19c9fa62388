"""Checks of single values against the person's own: V04, and V11 for two that fit exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analysis.errors import Issue
from analysis.intake.checks.exchanged import exchanged
from analysis.intake.checks.slipped import check_slipped
from analysis.intake.checks.values import visit_in_words
from analysis.intake.expected import Expected, expect
from analysis.intake.layout import Cell, at_cell
from analysis.intake.robust import Array, median, spread
from analysis.intake.visits import Visits

Smallest = tuple[float, NDArray[np.bool_] | None]  # of `_smallest`

# How often chance alone may report a value of a trial: the first one of its outcome, among those of
# planned comparisons, whose errors matter most, and among all; and a further one, or one of an
# outcome that no plan names. A further one that is spared is seen once the first is settled.
_CHANCE_PLANNED, _CHANCE, _CHANCE_MORE = 0.07, 0.005, 0.0005
_PER_COURSE = 5  # a spread from few courses is itself uncertain
_LONG_TAIL = 1.1  # where many values lie at an end of the scale, the others are not normal
_FAR_CODE, _CODES, _RARE = 2.5, (99, 999, 9999), 2
_FEWEST = 20
_SMALLEST_SCALE = 0.04  # of the range: a scale from 0 to 100 is not read finer than 4
_PILED = 0.3
_NOTICEABLE = 0.05
_ROUNDS = 4
_FEWEST_PEOPLE = 8
_LEVEL_FAR = 5.0
_LEVEL_LEAST = float(np.log(1.5))


def check_places(visits: Visits) -> Iterator[Issue]:
    """V11, V04: every value stands where it belongs.

    What one slip explains is not reported again as another: first a run of rows that slipped, then
    two values that are exchanged, then values far from what the person's other visits let expect.
    """
    values, smallest = np.array(visits.values), _smallest(visits)
    found = expect(visits, values, *smallest)
    if found is None or np.isfinite(values).sum() < _FEWEST:
        return
    runs = list(check_slipped(visits, found))
    yield from runs or _single(visits, values, found, smallest)


def _single(
    visits: Visits, values: Array, found: Expected | None, smallest: Smallest
) -> Iterator[Issue]:
    """Yield values out of place: the first on suspicion, further ones only far beyond chance.

    So are those of an outcome that the plan does not compare.

    Two values that explain each other, and the farthest value of every course, are set aside before
    the others are judged again, so that a wrong value casts no suspicion on its neighbours.
    """
    first, far = visits.compared, _far(visits, values, smallest[1])
    for _ in range(_ROUNDS):
        if found is None:
            return
        pair = exchanged(visits, found, values, first)
        if pair is not None:
            yield pair.issue
            values[pair.places] = np.nan
        beyond = _beyond(visits, found, values, far, first) if pair is None else []
        for course, time in beyond:
            yield _outlier(visits, course, time, _possible(visits, found.mean[course, time]))
            values[course, time] = np.nan
        if pair is None and not beyond:
            return
        first, found = False, expect(visits, values, *smallest)


def _far(visits: Visits, values: Array, piled: NDArray[np.bool_] | None) -> tuple[Array, Array]:
    """Return how many SDs the first value must be away to be reported, and every further one."""
    there = np.isfinite(values)
    n, chances = max(int(there.sum()), 1), visits.family
    first = np.full(values.shape, _CHANCE / chances.outcomes / n)
    planned = max(int((there & visits.planned).sum()), 1)
    first[visits.planned] = _CHANCE_PLANNED / chances.planned / planned
    further = np.full(values.shape, _CHANCE_MORE / chances.outcomes / n)
    longer = 1.0 if piled is None else np.where(piled, _LONG_TAIL, 1.0)
    return _limits(first) * longer, _limits(further) * longer


def _limits(chance: Array) -> Array:
    """Return for probabilities of both tails how many SDs away they begin."""
    limits = {each: -NormalDist().inv_cdf(each / 2) for each in np.unique(chance).tolist()}
    far = np.array([[limits[each] for each in row] for row in chance.tolist()])
    return np.asarray(far + _PER_COURSE / len(chance))


def _smallest(visits: Visits) -> Smallest:
    """Return the smallest SD that a visit can have, and at which times values pile up at an end."""
    resolution = float(np.min(np.diff(np.unique(visits.readings["value"])), initial=np.inf))
    smallest = resolution if np.isfinite(resolution) else 1.0
    limits = visits.outcome.range
    if limits is None or visits.steady:
        return smallest, None
    piled = np.array([np.isin(v, limits).mean() for v in visits.values.T]) > _PILED
    return max(smallest, _SMALLEST_SCALE * (limits[1] - limits[0])), piled


def _beyond(
    visits: Visits, found: Expected, values: Array, far: tuple[Array, Array], first: bool
) -> list[tuple[int, int]]:
    """Return course and time of the farthest value of every course that has one too far away.

    The `first` of an outcome, the farthest of all, need not be quite as far.
    """
    distance = np.abs(np.nan_to_num(found.distance))
    if visits.steady:
        small = _NOTICEABLE * np.abs(found.mean)
        distance[np.nan_to_num(np.abs(values - found.mean)) <= small] = 0
    code = np.isin(values, _CODES) & (np.isin(values, _CODES).sum() <= _RARE)
    lenient, strict = (distance / np.where(code, np.minimum(_FAR_CODE, each), each) for each in far)
    worst = strict.argmax(axis=1).tolist()
    beyond = [(course, time) for course, time in enumerate(worst) if strict[course, time] > 1]
    if first and not beyond and lenient.max() > 1:
        course, time = np.unravel_index(int(lenient.argmax()), lenient.shape)
        beyond = [(int(course), int(time))]
    return beyond


def check_levels(visits: Visits) -> Iterator[Issue]:
    """V04: nobody's level is out of proportion to everyone else's.

    Levels of positive measures are compared as ratios; those of scales may lie anywhere.
    """
    levels = visits.readings.groupby("person", sort=False)["value"].median()
    if not visits.steady or len(levels) < _FEWEST_PEOPLE or (levels <= 0).any():
        return
    ratio = np.log(levels.to_numpy(float))
    away = ratio - median(ratio)
    far = np.abs(away) > np.maximum(_LEVEL_FAR * float(spread(away)), _LEVEL_LEAST)
    for person, value in levels[far].items():
        rows = visits.readings["person"] == person
        cell = visits.cells[int(visits.readings.loc[rows, "cell"].iloc[0])]
        message = (
            f"The values of participant {person} lie at {value:.4g} {visits.outcome.unit}, those "
            f"of the others about {float(np.exp(median(ratio))):.4g}. They are kept."
        )
        remedy = "Check their unit and source."
        yield at_cell("V04", cell, message, remedy)


def _possible(visits: Visits, expected: float) -> float:
    """Return what is to be expected, within the ends of the scale."""
    low, high = visits.outcome.range or (-np.inf, np.inf)
    return float(min(max(expected, low), high))


def _outlier(visits: Visits, course: int, time: int, expected: float) -> Issue:
    cell = visits.cell(course, time)
    people, times = visits.level("person"), visits.table.columns
    same = [
        visits.values[c, t]
        for c in np.flatnonzero(people == people[course]).tolist()
        for t in range(len(times))
        if (c, t) != (course, time) and np.isfinite(visits.values[c, t])
    ]
    own = f", own other values {min(same):.4g} to {max(same):.4g}" if same else ""
    value = float(visits.values[course, time])
    several = "" if f"{value:.6g}" == f"{float(cell.text):.6g}" else " (mean of the visit)"
    message = (
        f"{visit_in_words(cell)}: {value:.4g} {visits.outcome.unit}{several}{own}; about "
        f"{expected:.3g} was to be expected. It is kept."
    )
    remedy = "Check it at its source." + (_slip(cell, expected) or _code(value))
    return at_cell("V04", cell, message, remedy)


def _slip(cell: Cell, expected: float) -> str:
    """Return a guess what was typed wrongly, where one slip explains the value."""
    typed = cell.text.strip()
    found = {text: abs(float(text) - expected) for text in slips(typed)}
    if not found:
        return ""
    best = min(found, key=lambda text: found[text])
    if found[best] > 0.25 * abs(float(typed) - expected):
        return ""
    return f" Digits may be swapped, lost or doubled: {best}."


def _code(value: float) -> str:
    return f" {value:g} is often a code for a missing value." if value in _CODES else ""


def slips(text: str) -> list[str]:
    """Return what may have been meant: neighbours swapped, a digit or the point misplaced."""
    swapped = [
        text[:k] + text[k + 1] + text[k] + text[k + 2 :]
        for k in range(len(text) - 1)
        if text[k].isdigit() and text[k + 1].isdigit() and text[k] != text[k + 1]
    ]
    dropped = [text[:k] + text[k + 1 :] for k in range(len(text)) if len(text) > 2]
    digits = text.replace(".", "")
    moved = [f"{digits[:k]}.{digits[k:]}" for k in range(1, len(digits)) if text.isascii()]
    return [each for each in (*swapped, *dropped, *moved) if _number(each) and each != text]


def _number(text: str) -> bool:
    return text.count(".") <= 1 and text.replace(".", "").isdigit() and text[-1] != "."
