"""Checks against a column of dates: D05 (order of the periods), D07 (times of measurement)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from analysis.errors import Issue, Severity
from analysis.intake.checks_values import visit_in_words
from analysis.intake.codes import issue, quoted
from analysis.intake.companions import Companion, find
from analysis.intake.layout import Cell, Source
from analysis.trial import Trial

WARNING: Severity = "warning"

_NAMES = ("date", "datum", "datetime", "timestamp", "fecha", "visitdate", "testdate")
_NEVER = ("birth", "born", "entry", "upload", "export")
_DAY = 24.0
_Visit = tuple[datetime, Cell]


def moment(text: str) -> datetime | None:
    """Return the date, with or without time of day, that an ISO text stands for."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if len(text) >= 10 else None
    except ValueError:
        return None


def check_dates(source: Source, cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D05, D07: dates follow the order of the periods and of the times."""
    column = find(source, _NAMES, _NEVER, lambda text: moment(text) is not None)
    if column is None:
        return
    people: dict[str, dict[str, dict[str, _Visit]]] = {}
    for cell in cells:
        when = moment(column.of(cell))
        if when is not None:
            periods = people.setdefault(cell.participant, {})
            periods.setdefault(cell.period or cell.occasion, {})[cell.time] = (when, cell)
    exact = any(when.hour or when.minute for p in people.values() for v in p.values()
                for when, _ in v.values())  # fmt: skip
    for periods in people.values():
        torn = False
        for visits in periods.values():
            found = list(_check_course(column, visits, trial, exact))
            torn = torn or bool(found)
            yield from found
        if not torn:
            yield from _check_periods(column, periods)


def _check_course(
    column: Companion, visits: dict[str, _Visit], trial: Trial, exact: bool
) -> Iterator[Issue]:
    """Yield the first visit of a course that lies before an earlier one or off its schedule."""
    timed = [(time, *visits[time.name]) for time in trial.times if time.name in visits]
    for (one, before, _), (two, after, cell) in pairwise(timed):
        actual = (after - before).total_seconds() / 3600
        planned = two.hours - one.hours
        window = max(1.5, 0.25 * planned) if exact else 1.5 * _DAY
        if actual < 0:
            message = f"{visit_in_words(cell)} is dated {column.of(cell)}, before {one.name}."
        elif abs(actual - planned) > window:
            message = (
                f"{visit_in_words(cell)} is dated {column.of(cell)}: {actual:.4g} h after "
                f"{one.name}, where {planned:g} h are planned."
            )
        else:
            continue
        remedy = "Check date and time of this visit at their source; the date is not analysed."
        yield issue("D07", cell.file, message, remedy, row=cell.row, column=column.header,
                    value=column.of(cell))  # fmt: skip
        return


def _check_periods(column: Companion, periods: dict[str, dict[str, _Visit]]) -> Iterator[Issue]:
    numbered = sorted((name for name in periods if name.isdigit()), key=int)
    for one, two in pairwise(numbered):
        last = max(when for when, _ in periods[one].values())
        first, cell = min(periods[two].values(), key=lambda visit: visit[0])
        if first <= last:
            message = (
                f"Period {two} of {quoted(cell.participant)} begins on {column.of(cell)}, before "
                f"period {one} ends ({last.date()})."
            )
            remedy = "Correct the period or the date."
            yield issue("D05", cell.file, message, remedy, row=cell.row, column=column.header,
                        value=column.of(cell), severity=WARNING)  # fmt: skip
            return
