"""Texts of dates and times of day -> moments; and what cannot be read in one way (F13).

A numeric date is read as its whole column allows: 13/04/2024 says that the day comes first, and
where no date of the column says so none is read. With points the day comes first everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time

from analysis.intake.codes import either, quoted

_ISO = re.compile(r"(?P<y>[0-9]{4})-(?P<a>[0-9]{1,2})-(?P<b>[0-9]{1,2})([T ]+(?P<clock>.+))?")
_NUMERIC = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<mark>[./-])(?P<b>[0-9]{1,2})(?P=mark)(?P<y>[0-9]{2,4})"
    r"([T ,]+(?P<clock>.+))?"
)
_CLOCK = re.compile(
    r"(?P<h>[0-9]{1,2})([:.h](?P<m>[0-9]{2}))?(:(?P<s>[0-9]{2})([.,][0-9]+)?)?"
    r"( ?(?P<half>[ap])\.?m\.?)?( ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Unclear:
    """A text that is no date or time of day, or one that can be read in two ways."""

    text: str
    message: str


def clock_of(text: str) -> time | None:
    """Return the time of day that a text stands for, or None."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None or not (found["m"] or found["half"]):
        return None
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    try:
        return time(hour, int(found["m"] or 0), int(found["s"] or 0))
    except ValueError:
        return None


def unclear_clocks(texts: Collection[str]) -> Iterator[Unclear]:
    """Yield the texts that are no times of day."""
    for text in texts:
        if clock_of(text) is None:
            yield Unclear(text, f"{quoted(text)} is no time of day.")


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are to be read."""

    month_first: bool = False

    @classmethod
    def of(cls, texts: Collection[str]) -> Dates | Unclear:
        """Return how the different texts of a column are read, or why that cannot be said."""
        iso = [text for text in texts if _ISO.fullmatch(text)]
        numeric = {text: found for text in texts if (found := _NUMERIC.fullmatch(text))}
        for text, found in numeric.items():
            if len(found["y"]) != 4:
                return Unclear(text, f"The year of {quoted(text)} has {len(found['y'])} digits.")
        if iso and numeric:
            other = next(iter(numeric))
            return Unclear(other, f"Dates are written in two ways: {_both(iso[0], other)}.")
        open_ones = {text: found for text, found in numeric.items() if found["mark"] != "."}
        day = [text for text, found in open_ones.items() if int(found["a"]) > 12]
        month = [text for text, found in open_ones.items() if int(found["b"]) > 12]
        if day and month:
            said = f"{quoted(day[0])} has the day first and {quoted(month[0])} the month"
            return Unclear(month[0], f"Dates are written in two ways: {said}.")
        double = [text for text, found in open_ones.items() if int(found["a"]) != int(found["b"])]
        if double and not day and not month:
            readings = _readings(open_ones[double[0]])
            return Unclear(double[0], f"{quoted(double[0])} could be {readings}.")
        return cls(month_first=bool(month))

    def read(self, text: str) -> datetime | None:
        """Return the moment that a text stands for, or None where it is no date."""
        found = _ISO.fullmatch(text)
        numeric = _NUMERIC.fullmatch(text)
        if found is not None:
            year, month, day = found["y"], found["a"], found["b"]
        elif numeric is not None:
            first = self.month_first and numeric["mark"] != "."
            day, month = (numeric["b"], numeric["a"]) if first else (numeric["a"], numeric["b"])
            found, year = numeric, numeric["y"]
        else:
            return None
        clock = clock_of(found["clock"]) if found["clock"] else time()
        try:
            date = datetime(int(year), int(month), int(day))
            return None if clock is None else datetime.combine(date, clock)
        except ValueError:
            return None


def _both(one: str, other: str) -> str:
    return f"{quoted(one)} and {quoted(other)}"


def _readings(found: re.Match[str]) -> str:
    one, two = int(found["a"]), int(found["b"])
    return either(f"{day} {_MONTHS[month - 1]}" for day, month in ((one, two), (two, one)))
