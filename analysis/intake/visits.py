"""Measurements as a table of numbers: what the checks of plausibility look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.intake.layout import Cell
from analysis.intake.measurements import Measurement, filled
from analysis.trial import Outcome, Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

COURSE = ["person", "period", "occasion", "arm"]
_COURSE_OF = attrgetter("participant", "period", "occasion", "arm")
# Largest usual distance of a value from its person's median, as a share of it. Ratings of a scale,
# for which lower is better, come near 0.2 in small trials; times stay below 0.05.
STEADY = {"higher": 0.2, "lower": 0.08}


@dataclass(frozen=True)
class Family:
    """How many outcomes a trial has, and how many of them have a planned comparison."""

    outcomes: int
    planned: int


@dataclass(frozen=True)
class Visits:
    """The values of one outcome, in the unit of its file.

    Attributes
    ----------
    readings : DataFrame
        One row per value that is not missing: person, period, occasion, arm, time, value, the
        position of its cell in `cells`, and those of its course and time in `table`.
    table : DataFrame
        One row per course (person, period, occasion, arm), one column per time: mean of the visit.
    first : ndarray
        The same shape: position of the first cell of the visit, -1 where there is none.
    """

    trial: Trial
    outcome: Outcome
    cells: tuple[Cell, ...]
    readings: pd.DataFrame
    table: pd.DataFrame
    first: NDArray[np.intp]

    @property
    def values(self) -> NDArray[np.float64]:
        """The means of the visits, one row per course."""
        return self.table.to_numpy(float)

    def level(self, name: str) -> NDArray[np.object_]:
        """Return person, period, occasion or arm of every course."""
        return np.array(self.table.index.get_level_values(name), dtype=object)

    def cell(self, course: int, time: int) -> Cell:
        """Return the first cell of a visit, by the positions of course and time."""
        return self.cells[int(self.first[course, time])]

    @cached_property
    def planned(self) -> NDArray[np.bool_]:
        """Which visits enter a planned comparison, courses x times."""
        arms, found = self.level("arm"), np.zeros(self.table.shape, dtype=bool)
        for each in self.trial.plan.comparisons:
            if each.outcome == self.outcome.name and each.time in self.table:
                rows = (arms == each.arm) | (arms == each.reference)
                found[rows, self.table.columns.get_loc(each.time)] = True
        return found

    @property
    def compared(self) -> bool:
        """Whether the plan compares this outcome; without a plan, every outcome may be."""
        return not self._planned_outcomes or self.outcome.name in self._planned_outcomes

    @property
    def family(self) -> Family:
        """Among how many outcomes of the trial chance can choose."""
        return Family(max(len(self.trial.outcomes), 1), max(len(self._planned_outcomes), 1))

    @property
    def _planned_outcomes(self) -> set[str]:
        return {each.outcome for each in self.trial.plan.comparisons}

    def means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the means of the visits, courses x times, if the readings had other values."""
        place, counts = self._places
        shape = self.table.shape
        sums = np.bincount(place, values, len(counts))
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).reshape(shape)

    @cached_property
    def _places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which visit every reading belongs to, and how many readings every visit has."""
        columns = self.table.shape[1]
        place = self.readings["course"].to_numpy() * columns + self.readings["at"].to_numpy()
        return place, np.bincount(place, minlength=self.table.size)

    @cached_property
    def steady(self) -> bool:
        """Whether all values are positive and a person's own values differ little.

        True of heights, powers and times, not of scales that begin at zero.
        """
        if len(self.readings) < 12:
            return False
        value = self.readings["value"]
        groups = value.groupby(self.readings["person"])
        typical = groups.transform("median")
        spread = ((value - typical).abs() / typical.where(typical > 0)).median()
        usual = STEADY[self.outcome.better]
        return bool((value >= 0).all() and (typical > 0).all() and spread < usual)


def visits_of(trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]) -> Visits:
    """Return the values of an outcome as tables."""
    there = filled(measurements)
    cells = tuple(each.cell for each in there)
    keys = [_COURSE_OF(cell) for cell in cells]
    courses = sorted(set(keys))
    seen = {cell.time for cell in cells}
    times = [name for name in trial.time_names if name in seen]
    row = {key: place for place, key in enumerate(courses)}
    column = {name: place for place, name in enumerate(times)}
    readings = pd.DataFrame(
        dict(zip(COURSE, zip(*keys, strict=True), strict=True))
        | {
            "time": [cell.time for cell in cells],
            "value": np.array([each.value for each in there], dtype=float),
            "cell": np.arange(len(cells)),
            "course": [row[key] for key in keys],
            "at": [column[cell.time] for cell in cells],
        }
    )
    visits = readings.groupby(["course", "at"], sort=False)[["value", "cell"]]
    summary = visits.agg({"value": "mean", "cell": "first"}).reset_index()
    place = (summary["course"].to_numpy(), summary["at"].to_numpy())
    values = np.full((len(courses), len(times)), np.nan)
    first = np.full(values.shape, -1)
    values[place], first[place] = summary["value"], summary["cell"]
    index = pd.MultiIndex.from_tuples(courses, names=COURSE)
    table = pd.DataFrame(values, index, pd.Index(times, name="time"))
    return Visits(trial, outcome, cells, readings, table, first)
