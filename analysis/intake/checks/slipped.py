"""Check of values that slipped: V11, a run that fits one row up or down, or two times exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.errors import Issue
from analysis.intake.layout import at_cell, both_rows
from analysis.intake.robust import Array, median, median_by, spread
from analysis.intake.visits import Visits

_FEWEST = 30
_SHORTEST = 3
_PILED = 0.3
# How much better a slip must explain the values: sums of squared robust standard deviations, each
# value's limited. The longer a file, the longer the runs that chance makes in it. In clean
# simulated trials about 1 outcome in 100 comes beyond one of these.
_BETTER_RUN, _PER_LOG_ROW = 16.0, 2.6
_BETTER_PAIR = 22.0
_MOST_RUN, _MOST_PAIR = 16.0, 25.0


def check_slipped(visits: Visits) -> Iterator[Issue]:
    """V11: no run of rows, and no pair of times, fits much better elsewhere.

    Not judged where many values lie at an end of the scale: they fit everywhere.
    """
    there = visits.values[np.isfinite(visits.values)]
    if len(there) < _FEWEST or np.isin(there, visits.outcome.range or ()).mean() > _PILED:
        return
    expected, scale = expectation(visits)
    run = best_run(visits, expected, scale)
    better = _BETTER_RUN + _PER_LOG_ROW * float(np.log(len(visits.readings)))
    if run is not None and run[0] > better:
        yield _run(visits, *run[1:])
        return
    for course, one, two, gain in best_pairs(visits, expected, scale):
        if gain > _BETTER_PAIR:
            yield _pair(visits, course, one, two)


def expectation(visits: Visits) -> tuple[Array, Array]:
    """Return what is expected of every visit, and how far visits of its time usually lie from it.

    The expectation is the median of the arm at the time, moved by the person's own level.
    """
    values = visits.values
    middle = np.full(values.shape, np.nan)
    arms, people = visits.level("arm"), visits.level("person")
    for arm in dict.fromkeys(arms):
        middle[arms == arm] = median(values[arms == arm], axis=0)
    expected = middle + np.nan_to_num(median_by(values - middle, people))[:, None]
    left = values - expected
    scale = np.sqrt((spread(left, axis=0) ** 2 + spread(left) ** 2) / 2)
    smallest = np.nanstd(values) / 50 or 1.0
    return expected, np.broadcast_to(np.maximum(scale, smallest), values.shape)


def _cost(values: Array, expected: Array, scale: Array, most: float) -> Array:
    return np.asarray(np.minimum(((values - expected) / scale) ** 2, most))


def best_run(visits: Visits, expected: Array, scale: Array) -> tuple[float, int, int, int] | None:
    """Return the run of rows that fits best one row up or down: gain, first, last, direction."""
    frame = visits.readings
    at = (frame["course"].to_numpy(), frame["at"].to_numpy())
    values, mu, sd = frame["value"].to_numpy(float), expected[at], scale[at]
    here = _cost(values, mu, sd, _MOST_RUN)
    file = _files(visits)
    runs = []
    for step in (1, -1):
        gain = np.nan_to_num(here - _cost(np.roll(values, -step), mu, sd, _MOST_RUN))
        gain[file != np.roll(file, -step)] = -_MOST_RUN  # nothing slips from file to file
        gain[-1 if step == 1 else 0] = -_MOST_RUN
        runs.append((*_largest_sum(gain), step))
    runs = [each for each in runs if each[2] - each[1] + 1 >= _SHORTEST]
    return max(runs) if runs else None


def _files(visits: Visits) -> NDArray[np.intp]:
    """Return the number of the file that every value comes from."""
    names = {name: place for place, name in enumerate({cell.file for cell in visits.cells})}
    places = visits.readings["cell"].to_numpy()
    if len(names) == 1:
        return np.zeros(len(places), dtype=np.intp)
    return np.array([names[visits.cells[place].file] for place in places], dtype=np.intp)


def _largest_sum(gain: Array) -> tuple[float, int, int]:
    """Return the largest sum of neighbours, and the first and last of them (Kadane)."""
    best, current, start = (0.0, 0, 0), 0.0, 0
    for place, each in enumerate(gain.tolist()):
        if current <= 0:
            current, start = 0.0, place
        current += each
        if current > best[0]:
            best = (current, start, place)
    return best


def best_pairs(visits: Visits, expected: Array, scale: Array) -> list[tuple[int, int, int, float]]:
    """Return for every course the two times whose exchange fits best, and how much better."""
    values = visits.values
    here = _cost(values, expected, scale, _MOST_PAIR)
    pairs = list(combinations(range(values.shape[1]), 2))
    if not pairs:
        return []
    gains = []
    for one, two in pairs:
        there = _cost(values[:, two], expected[:, one], scale[:, one], _MOST_PAIR)
        there = there + _cost(values[:, one], expected[:, two], scale[:, two], _MOST_PAIR)
        gains.append(here[:, one] + here[:, two] - there)
    table = np.nan_to_num(np.array(gains).T, nan=-np.inf)
    best: NDArray[np.intp] = table.argmax(axis=1)
    return [(c, *pairs[b], float(table[c, b])) for c, b in enumerate(best.tolist())]


def _run(visits: Visits, first: int, last: int, step: int) -> Issue:
    position = visits.readings["cell"].to_numpy(int)
    cells = [visits.cells[place] for place in position[first : last + 1]]
    message = (
        f"The values of {visits.outcome.name} in rows {cells[0].row} to {cells[-1].row} would fit "
        f"participants and times much better one row {'higher' if step == 1 else 'lower'}: a cell "
        f"may have been {'inserted' if step == 1 else 'deleted'} among the values."
    )
    remedy = "Compare these rows with their source."
    cell = cells[0]
    return at_cell("V11", cell, message, remedy)


def _pair(visits: Visits, course: int, one: int, two: int) -> Issue:
    first, second = visits.cell(course, one), visits.cell(course, two)
    who = " / ".join(p for p in (first.participant, first.arm) if p)
    when = f" in period {first.period}" if first.period else ""
    message = (
        f"{who}{when}: {first.text.strip()} at {first.time} and {second.text.strip()} at "
        f"{second.time} ({both_rows(first, second)}) would fit much better exchanged."
    )
    remedy = "Check both times at their source."
    return at_cell("V11", first, message, remedy)
