"""Check of values that slipped: V11, a run of rows that fits one row up or down."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import numpy as np
from numpy.typing import NDArray

from analysis.errors import Issue
from analysis.intake.expected import Expected
from analysis.intake.layout import at_cell
from analysis.intake.robust import Array, median_by
from analysis.intake.visits import Visits

_FEWEST = 30
_SHORTEST = 3
_PILED = 0.3
# By how much the slip must raise twice the log-likelihood, beyond the logarithm of how many runs
# there are to choose from. In clean simulated trials about 1 outcome in 200 comes beyond. What is
# expected is itself uncertain where there are few courses.
_BETTER, _BETTER_UNPLANNED, _PER_COURSE = 2.0, 6.0, 60.0
_MOST = 16.0  # what a single value may count while runs are looked for
_NEAR = 2  # rows by which the ends of a run may be off


def check_slipped(visits: Visits, found: Expected) -> Iterator[Issue]:
    """V11: no run of rows fits much better one row up or down.

    Not judged where many values lie at an end of the scale: they fit everywhere.
    """
    there = visits.values[np.isfinite(visits.values)]
    if len(there) < _FEWEST or np.isin(there, visits.outcome.range or ()).mean() > _PILED:
        return
    runs = [_best(visits, found, step) for step in (1, -1)]
    gain, first, last, step = max(runs)
    choices = visits.family.outcomes * 2 * len(visits.readings) * max(last - first, 1)
    better = _BETTER if visits.compared else _BETTER_UNPLANNED
    asked = 2 * log(choices) + better + _PER_COURSE / len(visits.values)
    if gain > asked:
        yield _run(visits, first, last, step)


def _best(visits: Visits, found: Expected, step: int) -> tuple[float, int, int, int]:
    """Return the run of rows that fits best one row up (1) or down: gain, first, last, direction.

    It is looked for value by value, and then judged, with its ends moved a little, by the
    likelihood of all visits: those of a person resemble each other.
    """
    frame = visits.readings
    values = frame["value"].to_numpy(float)
    start, end = _candidate(visits, found, values, step)
    if end - start + 1 < _SHORTEST - 1:
        return 0.0, start, end, step
    before = found.misfit(visits.values)
    best = (0.0, start, end, step)
    for first in range(max(start - _NEAR, 0), start + _NEAR + 1):
        shortest = max(end - _NEAR, first + _SHORTEST - 1)
        for last in range(shortest, min(end + _NEAR + 1, len(values))):
            gain = before - found.misfit(visits.means(_moved(values, first, last, step)))
            best = max(best, (gain, first, last, step))
    return best


def _candidate(visits: Visits, found: Expected, values: Array, step: int) -> tuple[int, int]:
    """Return first and last row of the run whose values gain most, each judged by itself."""
    at = (visits.readings["course"].to_numpy(), visits.readings["at"].to_numpy())
    level = median_by(visits.values - found.centre, visits.level("person"))[:, None]
    mean, sd = (found.centre + np.nan_to_num(level))[at], found.unit[at]
    here, there = (
        np.minimum(((each - mean) / sd) ** 2, _MOST) for each in (values, np.roll(values, -step))
    )
    gain = np.nan_to_num(here - there)
    file = _files(visits)
    gain[file != np.roll(file, -step)] = -_MOST  # nothing slips from file to file
    gain[-1 if step == 1 else 0] = -_MOST
    first, last = _largest_sum(gain)
    run = gain[first : last + 1]
    # One wild value gains wherever else it stands; a slip is seen by several.
    return (first, last) if run.sum() - run.max() > run.max() / 2 else (0, 0)


def _moved(values: Array, first: int, last: int, step: int) -> Array:
    """Return the values with those of a run of rows one row up or down.

    The value that is left over at the end of the run stands where the first one came from.
    """
    moved = values.copy()
    moved[first : last + 1] = np.roll(values[first : last + 1], -step)
    return moved


def _files(visits: Visits) -> NDArray[np.intp]:
    """Return the number of the file that every value comes from."""
    names = {name: place for place, name in enumerate({cell.file for cell in visits.cells})}
    places = visits.readings["cell"].to_numpy()
    if len(names) == 1:
        return np.zeros(len(places), dtype=np.intp)
    return np.array([names[visits.cells[place].file] for place in places], dtype=np.intp)


def _largest_sum(gain: Array) -> tuple[int, int]:
    """Return the first and last of the neighbours with the largest sum (Kadane)."""
    best, current, start = (0.0, 0, 0), 0.0, 0
    for place, each in enumerate(gain.tolist()):
        if current <= 0:
            current, start = 0.0, place
        current += each
        if current > best[0]:
            best = (current, start, place)
    return best[1:]


def _run(visits: Visits, first: int, last: int, step: int) -> Issue:
    position = visits.readings["cell"].to_numpy(int)
    cells = [visits.cells[place] for place in position[first : last + 1]]
    rows = f"rows {cells[0].row} to {cells[-1].row}"
    if visits.outcome.pattern is None:
        where = f"one row {'higher' if step == 1 else 'lower'}"
    else:  # the next value stands in the next column
        rows = rows if cells[0].row < cells[-1].row else f"row {cells[0].row}"
        where = f"one cell to the {'left' if step == 1 else 'right'}"
    message = (
        f"The values of {visits.outcome.name} in {rows} would fit participants and times much "
        f"better {where}: a cell may have been {'inserted' if step == 1 else 'deleted'} among the "
        "values."
    )
    remedy = "Compare these rows with their source."
    cell = cells[0]
    return at_cell("V11", cell, message, remedy)
