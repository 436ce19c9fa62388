"""When the rows of a table were measured: from the declared columns, or from one that says date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from analysis.errors import Issue
from analysis.intake.codes import counted, issue
from analysis.intake.companions import Companion, find
from analysis.intake.layout import Cell, Source
from analysis.intake.moments import Dates, Unclear, clock_of, unclear_clocks

_NAMES = ("date", "datum", "datetime", "timestamp", "fecha", "visitdate", "testdate")
_NEVER = ("birth", "born", "entry", "upload", "export")
_SOME_DAY = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Stamps:
    """The moments of the rows of a table.

    Attributes
    ----------
    header : str
        Column that messages name.
    at : mapping
        Moment of every row that has one; on any day where only the time of day is known.
    texts : mapping
        The same as typed.
    declared : bool
        Whether trial.yaml names the column.
    days, hours : bool
        Whether dates are known, and whether times of day are.
    """

    header: str
    at: Mapping[int, datetime]
    texts: Mapping[int, str]
    declared: bool
    days: bool
    hours: bool

    def of(self, cell: Cell) -> datetime | None:
        """Return when the row of a cell was measured, where that is known."""
        return self.at.get(cell.row)


def moment(text: str) -> datetime | None:
    """Return the date, with or without time of day, that an ISO text stands for."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if len(text) >= 10 else None
    except ValueError:
        return None


def stamps_of(source: Source) -> Stamps | None:
    """Return the moments of a table's rows; none where no column tells them."""
    if "date" in source.wanted or "clock" in source.wanted:
        return _declared(source)
    column = find(source, _NAMES, _NEVER, lambda text: moment(text) is not None)
    if column is None:
        return None
    at = {row: when for row, text in column.texts.items() if (when := moment(text)) is not None}
    hours = any(when.hour or when.minute for when in at.values())
    return Stamps(column.header, at, column.texts, False, True, hours)


def _declared(source: Source) -> Stamps | None:
    dates, clocks = _column(source, "date"), _column(source, "clock")
    order = Dates.of(_texts_of(source, "date"))
    if isinstance(order, Unclear):
        return None
    named = dates or clocks
    at: dict[int, datetime] = {}
    texts: dict[int, str] = {}
    for row in named.texts if named else ():
        day = order.read(dates.texts[row]) if dates else _SOME_DAY
        time = clock_of(clocks.texts[row]) if clocks else None
        if day is not None and (clocks is None or time is not None):
            at[row] = datetime.combine(day, time) if time is not None else day
            texts[row] = " ".join(each.texts[row] for each in (dates, clocks) if each)
    hours = clocks is not None or any(when.hour or when.minute for when in at.values())
    return Stamps(named.header if named else "", at, texts, True, dates is not None, hours)


def _column(source: Source, role: str) -> Companion | None:
    header = source.wanted.get(role)
    return None if header is None else Companion(header, source)


def _texts_of(source: Source, role: str) -> Counter[str]:
    """Return the different texts of a column, in all its rows: they tell how it is written."""
    header = source.wanted.get(role)
    if header is None:
        return Counter()
    place = source.column(header)
    found = Counter(row[place].strip() for row in source.table.rows)
    found.pop("", None)
    return found


def check_stamps(source: Source) -> Iterator[Issue]:
    """F13: declared dates and times of day can be read, and in one way only."""
    dates, clocks = _texts_of(source, "date"), _texts_of(source, "clock")
    order = Dates.of(dates)
    remedy = "Write dates as YYYY-MM-DD in the whole column."
    if isinstance(order, Unclear):
        yield _unclear(source, "date", order, dates, remedy)
    else:
        for text in (each for each in dates if order.read(each) is None):
            yield _unclear(source, "date", Unclear(text, f"'{text}' is no date."), dates, remedy)
    for wrong in unclear_clocks(clocks):
        yield _unclear(source, "clock", wrong, clocks, "Write it like 14:05.")


def _unclear(source: Source, role: str, wrong: Unclear, texts: Counter[str], remedy: str) -> Issue:
    header, table = source.wanted[role], source.table
    place = source.column(header)
    pairs = zip(table.numbers, table.rows, strict=True)
    row = next(number for number, fields in pairs if fields[place].strip() == wrong.text)
    more = texts[wrong.text] - 1
    message = wrong.message
    message = f"{message[:-1]} ({counted(more, 'more row')} like it)." if more else message
    return issue("F13", table.file, message, remedy, row=row, column=header, value=wrong.text)
