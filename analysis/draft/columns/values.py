"""The columns of a table that hold values, and whether the rows of a visit are trials."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.draft.columns.column import Column, decides, duplicated, filled_rows
from analysis.draft.columns.courses import taken_by
from analysis.draft.columns.derived import derived
from analysis.draft.columns.roles import Found, item_column, replicate_column, same_labels
from analysis.draft.labels import words
from analysis.draft.labels.measures import kind_of
from analysis.intake.companions import words as header_words

_OFTEN = 0.5
_MANY = 30  # whole numbers of which no two agree are those of samples or records
_OF_BODIES = ((25.0, 43.0), (77.0, 110.0))  # °C and °F of skin and core; rooms are cooler
_MOST_TRIALS = 12
_VISIT = ("participant", "arm", "time", "period", "occasion")


@dataclass(frozen=True)
class Values:
    """Where the values of a table stand.

    Attributes
    ----------
    columns : tuple of str
        The columns of values of a long table.
    other : tuple of str
        The columns of numbers that are none.
    item : Found or None
        The column that tells outcomes apart that stand below each other.
    replicates : str
        Why the rows of a visit are taken for trials; empty where they are not.
    doubled : int
        How many visits have several rows.
    """

    columns: tuple[str, ...]
    other: tuple[str, ...]
    item: Found | None = None
    replicates: str = ""
    doubled: int = 0


def wide_values(
    frame: pd.DataFrame, free: Mapping[str, Column], roles: Mapping[str, Found]
) -> Values:
    """Return what a wide table has beside its patterns."""
    taken = taken_by(roles)
    other = tuple(name for name, each in free.items() if each.numeric and name not in taken)
    said, doubled = _doubled(frame, _visit(roles), None) if "participant" in roles else ("", 0)
    return Values((), other, None, said, doubled)


def long_values(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    free: Mapping[str, Column],
    roles: Mapping[str, Found],
) -> Values:
    """Return the columns of values of a long table.

    Parameters
    ----------
    frame : DataFrame
    columns, free : mapping
        All columns; those that may have a role.
    roles : mapping
        The roles that columns have.
    """
    visit = _visit(roles)
    item = item_column(frame, free, taken_by(roles), visit)
    taken = taken_by(roles) | ({item.column} if item else set())
    key = [*visit, item.column] if item else visit
    counter = replicate_column(frame, free, taken, key)
    taken |= {counter} if counter else set()
    found, other = _split(frame, columns, roles, taken)
    said, doubled = _doubled(frame, key, counter) if visit else ("", 0)
    return Values(tuple(found), tuple(other), item, said, doubled)


def _visit(roles: Mapping[str, Found]) -> list[str]:
    return [roles[role].column for role in _VISIT if role in roles]


def _doubled(frame: pd.DataFrame, visit: list[str], counter: str | None) -> tuple[str, int]:
    """Return why rows of a visit are trials, and how many visits have several rows."""
    visits = filled_rows(frame, *visit)
    several = duplicated(visits, visit)
    few = len(several) < _OFTEN * len(visits.groupby(visit))
    if few or several.max() > _MOST_TRIALS:
        return "", len(several)
    named = f", counted in '{counter}'" if counter else ""
    return f"up to {several.max()} rows per visit{named}", len(several)


def _split(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    roles: Mapping[str, Found],
    taken: Collection[str],
) -> tuple[list[str], list[str]]:
    """Return the columns that hold outcomes, and the columns of numbers that do not.

    Left out is what does not change between the visits of a course: traits, doses, codes.
    """
    found: list[str] = []
    other: list[str] = []
    for name, column in columns.items():
        if name not in taken and column.numeric and not column.dated and len(column.numbers):
            (found if _measured(frame, column, roles) else other).append(name)
    time = frame[roles["time"].column] if "time" in roles else None
    made = derived([columns[name] for name in found], time)
    return [name for name in found if name not in made], [*other, *made]


def _measured(frame: pd.DataFrame, column: Column, roles: Mapping[str, Found]) -> bool:
    if column.numbers.nunique() < 3 or _counts_rows(column) or _describes(column):
        return False
    rows = frame.loc[column.numbers.index]
    if len(filled_rows(rows, *_visit(roles))) < _OFTEN * len(rows):
        return False  # rows of another form, which say neither arm nor time
    courses = [roles[role].column for role in ("participant", "arm") if role in roles]
    if "time" not in roles:
        return "participant" not in roles or not decides(frame, courses[:1], column.name)
    time = roles["time"].column
    if decides(frame, [time], column.name) or same_labels(frame, time, column.name):
        return False
    return not (courses and decides(frame, courses, column.name))


def _counts_rows(column: Column) -> bool:
    numbers = column.numbers
    every = column.whole and numbers.is_unique
    many = len(numbers) >= _MANY and kind_of(column.name) is None
    counted = len(numbers) == len(column.texts) and column.words & {"id", "no", "nr", "number"}
    return bool(every and (many or counted))


def _describes(column: Column) -> bool:
    """Whether a column describes a person or a record, unless its name is that of an outcome."""
    kind = kind_of(column.name)
    meta = words.META if kind is None else words.META - {"status"}  # perceived recovery status
    named = words.any_of(header_words(column.name), meta)
    asked = words.any_of(column.words, meta) and kind_of(column.question) is None
    if column.words >= {"duration", "seconds"} or named or asked:
        return True
    if kind is not None and kind.name == "temperature":
        return not any(low <= column.numbers.median() <= high for low, high in _OF_BODIES)
    return words.any_of(column.words, words.BODY) and kind is None
