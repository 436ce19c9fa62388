"""Checks against dates and clocks: D05 (periods, washout), D07 (times of measurement)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from analysis.errors import Issue, Severity
from analysis.intake.checks.values import visit_in_words
from analysis.intake.codes import counted, issue, quoted
from analysis.intake.layout import Cell, Source
from analysis.intake.stamps import Stamps, stamps_of
from analysis.trial import Time, Trial

WARNING: Severity = "warning"
ERROR: Severity = "error"

_DAY = 24.0


class _Visit(NamedTuple):
    when: datetime
    cell: Cell
    stamps: Stamps

    @property
    def said(self) -> str:
        return self.stamps.texts[self.cell.row]

    def found(self, code: str, message: str, remedy: str, severity: Severity | None) -> Issue:
        return issue(code, self.cell.file, message, remedy, row=self.cell.row,
                     column=self.stamps.header, value=self.said, severity=severity)  # fmt: skip


_Course = dict[str, _Visit]  # by time
_Key = tuple[str, str]  # the period of a course; where it has none, its occasion and arm


def check_dates(tables: Iterable[tuple[Source, Sequence[Cell]]], trial: Trial) -> Iterator[Issue]:
    """D05, D07: dates and clocks follow the order of the periods and of the times.

    `tables` are those of one outcome, with the cells that were read from each.
    """
    people: dict[str, dict[_Key, _Course]] = {}
    for source, cells in tables:
        stamps = stamps_of(source)
        for cell in cells if stamps is not None else ():
            when = stamps.of(cell) if stamps is not None else None
            if stamps is not None and when is not None:
                key = (cell.period, "") if cell.period else (cell.occasion, cell.arm)
                course = people.setdefault(cell.participant, {}).setdefault(key, {})
                course[cell.time] = _Visit(when, cell, stamps)
    for courses in people.values():
        found = [each for course in courses.values() for each in _check_course(course, trial)]
        periods = {period: course for (period, arm), course in courses.items() if not arm}
        yield from found or _check_periods(periods, trial)


def _check_course(course: _Course, trial: Trial) -> Iterator[Issue]:
    """Yield the first visit of a course that lies before an earlier one or off its schedule."""
    timed = [(time, course[time.name]) for time in trial.times if time.name in course]
    for (one, before), (two, after) in pairwise(timed):
        planned = two.hours - one.hours
        actual = (after.when - before.when).total_seconds() / 3600
        dated = before.stamps.days and after.stamps.days
        if not dated:  # the same time of day on any other day is as good
            actual = planned + (actual - planned + _DAY / 2) % _DAY - _DAY / 2
        said = f"{visit_in_words(after.cell)} is {'dated' if dated else 'timed'} {after.said}"
        severity = None
        if actual < 0 and dated:
            message = f"{said}, before {one.name}."
            severity = ERROR if after.stamps.declared else None
        elif abs(actual - planned) > _window(before, after, two, planned):
            message = f"{said}: {actual:.4g} h after {one.name}, where {planned:g} h are planned."
        else:
            continue
        remedy = "Check date and time of this visit at their source; the date is not analysed."
        yield after.found("D07", message, remedy, severity)
        return


def _window(before: _Visit, after: _Visit, time: Time, planned: float) -> float:
    """Return how many hours a measurement may lie off its plan."""
    hours = before.stamps.hours and after.stamps.hours
    if time.window is not None:
        return time.window if hours else max(time.window, _DAY)
    return max(1.5, 0.25 * planned) if hours else 1.5 * _DAY


def _check_periods(periods: dict[str, _Course], trial: Trial) -> Iterator[Issue]:
    """Yield the first period of a participant that begins too early."""
    numbered = sorted((name for name in periods if name.isdigit()), key=int)
    for one, two in pairwise(numbered):
        visits = [*periods[one].values(), *periods[two].values()]
        if not all(visit.stamps.days for visit in visits):
            continue
        last = max(visit.when for visit in periods[one].values())
        first = min(periods[two].values(), key=lambda visit: visit.when)
        start = f"Period {two} of {quoted(first.cell.participant)} begins on {first.said}"
        days = _days_between(periods[one], periods[two], trial)
        if first.when <= last:
            message = f"{start}, before period {one} ends ({last.date()})."
            remedy = "Correct the period or the date."
        elif trial.washout_days is not None and days < trial.washout_days:
            message = (
                f"{start}, {counted(days, 'day')} after period {one} began; `washout_days` is "
                f"{trial.washout_days:g}."
            )
            remedy = (
                "Check the dates. If they are right, say so in the description: the treatment "
                "before may still act."
            )
        else:
            continue
        yield first.found("D05", message, remedy, WARNING)
        return


def _days_between(one: _Course, two: _Course, trial: Trial) -> int:
    """Return the days from a time of one period to the same time of another, the first they share.

    Where they share none, from the first visit to the first visit.
    """
    shared = [time.name for time in trial.times if time.name in one and time.name in two]
    if shared:
        return (two[shared[0]].when.date() - one[shared[0]].when.date()).days
    start = [min(visit.when for visit in course.values()) for course in (one, two)]
    return (start[1].date() - start[0].date()).days
