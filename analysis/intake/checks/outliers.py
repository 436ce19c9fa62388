"""Checks of single values against the person's own: V04."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.errors import Issue
from analysis.intake.checks.values import visit_in_words
from analysis.intake.layout import Cell, at_cell
from analysis.intake.robust import Array, mean, median, median_by, spread
from analysis.intake.visits import Visits

FAR = 5.0  # robust standard deviations, as methods of outlier detection have it
_FEWEST = 20
_SMALLEST_SCALE = 0.04  # of the range: a scale from 0 to 100 is not read finer than 4
_PILED = 0.3
_NOTICEABLE = 0.05
_ROUNDS = 4
_FEWEST_PEOPLE = 8
_LEVEL_FAR = 5.0
_LEVEL_LEAST = float(np.log(1.5))


def check_outliers(visits: Visits) -> Iterator[Issue]:
    """V04: no value is far from what the person's other visits and the other people let expect.

    The farthest value of every course is set aside before the others are judged again, so that a
    wrong value casts no suspicion on its neighbours.
    """
    values = np.array(visits.values)
    if np.isfinite(values).sum() < _FEWEST:
        return
    far = FAR + 15 / len(values)  # a spread from few courses is itself uncertain
    for _ in range(_ROUNDS):
        left = surprise(visits, values)
        distance = np.nan_to_num(np.abs(left) / scale(visits, values, left))
        if visits.steady:
            distance[np.abs(left) <= _NOTICEABLE * np.abs(values - left)] = 0
        worst = distance.argmax(axis=1)
        found = [c for c in range(len(values)) if distance[c, worst[c]] > far]
        if not found:
            return
        for course in found:
            time = int(worst[course])
            yield _outlier(visits, course, time, float((values - left)[course, time]))
            values[course, time] = np.nan


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


def surprise(visits: Visits, values: Array) -> Array:
    """Return what is left of every visit after its arm and time and the person's other visits.

    The expectation is the median of the arm at the time, moved by the mean of three: how far the
    person, the course, and the visits just before and after lie from theirs.
    """
    left = np.array(values)
    arms, people = visits.level("arm"), visits.level("person")
    for arm in dict.fromkeys(arms):
        left[arms == arm] -= median(values[arms == arm], axis=0)
    own = np.broadcast_to(median_by(left, people)[:, None], left.shape)
    gap = np.full((len(left), 1), np.nan)
    around = mean(np.stack([np.hstack([gap, left[:, :-1]]), np.hstack([left[:, 1:], gap])]), axis=0)
    course = np.broadcast_to(median(left, axis=1)[:, None], left.shape)
    if values.shape[1] < 4:  # the median of so few would be the value itself
        course = around
    moved = np.stack([own, course, around])
    return np.asarray(left - mean(moved, axis=0))


def scale(visits: Visits, values: Array, left: Array) -> Array:
    """Return the robust standard deviation of the surprises at every time.

    Half of its square is that of all times together, which steadies it in small trials. Where
    values pile up at an end of the scale their median says little, and the farthest tenth is used.
    """
    here = spread(left, axis=0)
    found = np.sqrt((here**2 + spread(left) ** 2) / 2)
    limits = visits.outcome.range
    if limits is not None and not visits.steady:
        width = limits[1] - limits[0]
        found = np.maximum(found, _SMALLEST_SCALE * width)
        piled = np.array([np.isin(v, limits).mean() for v in values.T]) > _PILED
        found[piled] = np.maximum(found, _upper(left))[piled]
    resolution = float(np.min(np.diff(np.unique(visits.readings["value"])), initial=np.inf))
    smallest = resolution if np.isfinite(resolution) else 1.0
    return np.asarray(np.maximum(found, smallest))


def _upper(left: Array) -> Array:
    """Return the SD at every time that the distance of the farthest tenth would have."""
    with_none = np.where(np.isfinite(left), np.abs(left), 0)
    return np.asarray(np.quantile(with_none, 0.9, axis=0) / 1.645)


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
    remedy = "Check it at its source." + _slip(cell, expected)
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
