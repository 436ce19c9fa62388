"""The checks: their codes, severities and meanings, and how an issue is worded.

A message says what was found and what was expected; a remedy says what to do. Both are whole
sentences on one line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from analysis.errors import Issue, Severity, nearest

PLAN_FILE = "trial.yaml"
EXAMPLES = 20
_VALUE_LIMIT = 200


@dataclass(frozen=True)
class Check:
    """One check: how serious its findings are and what it looks for."""

    severity: Severity
    meaning: str


CHECKS = {
    "B01": Check("note", "the arms are shown as letters, because trial.yaml says so"),
    "C01": Check("error", "the design or the names in trial.yaml contradict the data"),
    "C02": Check("error", "trial.yaml has a key that does not exist"),
    "C03": Check("error", "trial.yaml cannot be read"),
    "C04": Check("error", "trial.yaml lacks a key that is needed"),
    "C05": Check("error", "a value in trial.yaml has the wrong kind or is not a legal one"),
    "C06": Check("error", "two entries of trial.yaml contradict each other"),
    "C07": Check("warning", "an entry of trial.yaml is legal but probably not meant"),
    "F01": Check("error", "a file has no data rows"),
    "F02": Check("error", "a file is cut off or damaged"),
    "F03": Check("note", "a file starts with a byte-order mark"),
    "F04": Check("error", "a file is not in UTF-8, or not in the encoding that is declared"),
    "F05": Check("error", "the columns of a file cannot be told apart"),
    "F06": Check("error", "numbers have another decimal sign than the declared one"),
    "F07": Check("error", "numbers have a thousands separator"),
    "F08": Check(
        "error",
        "the header is not one row at the top, cells are merged, or the sheet is not known",
    ),
    "F09": Check("error", "a column name occurs twice; a column without a name is a warning"),
    "F10": Check("warning", "a file has empty rows or columns, or notes below the data"),
    "F11": Check("error", "a spreadsheet error stands in a cell"),
    "F12": Check("error", "a date stands where a number belongs; in participant codes a warning"),
    "F13": Check("error", "a date or a time of day can be read in several ways, or in none"),
    "F14": Check("error", "a file is not there, too large, or not of its type"),
    "P01": Check("error", "a column names participants or how to reach them"),
    "P02": Check("warning", "columns can tell who a participant is; dates are a note"),
    "P03": Check("warning", "a column holds free text"),
    "P04": Check("warning", "participant codes look like names or initials"),
    "F15": Check("note", "a file is an export of a known system; an error where that matters"),
    "F16": Check("warning", "rows are left out because the system that wrote the file says so"),
    "F17": Check("warning", "an export has a number that stands for none"),
    "F18": Check("note", "cells were not read as typed, because trial.yaml asks for it"),
    "S01": Check("error", "a column is missing"),
    "S02": Check("error", "an arm or a time is not declared in trial.yaml"),
    "S03": Check("error", "a label differs from a declared one by characters that cannot be seen"),
    "S04": Check("error", "a wide file was given where a long one was declared"),
    "S05": Check("error", "no row of a file belongs to an outcome"),
    "S06": Check("error", "a row with a value lacks its participant, arm, time or period"),
    "S07": Check("note", "rows of a file belong to no outcome of trial.yaml"),
    "U01": Check("error", "values are of the size of another unit, all of them or some"),
    "U02": Check(
        "error", "values fill a scale from 0 to 10 where 0 to 100 is declared (warning), or back"
    ),
    "U03": Check("error", "a scale of whole numbers has others"),
    "U04": Check("error", "power or reactive strength is of the size of another unit"),
    "U05": Check("warning", "a temperature is not in degrees Celsius, or has lost its sign"),
    "U06": Check("error", "`hours` in trial.yaml contradict the name of the time"),
    "V01": Check("error", "a value lies outside the declared range"),
    "V02": Check("error", "a value looks like a missing code that is not declared"),
    "V03": Check("error", "a jump, power or time is zero"),
    "V04": Check("warning", "a value is far from what the person's other visits let expect"),
    "V05": Check(
        "warning", "the trials of a visit differ much, or in number where the best is used"
    ),
    "V06": Check("warning", "two series are the same, or one is constant, beyond chance"),
    "V07": Check("warning", "values end in 0 or 5 far more often than others"),
    "V08": Check("warning", "some values were rounded more coarsely than the others"),
    "V09": Check("warning", "many values lie at an end of the scale"),
    "V11": Check("warning", "values of several rows, or two values, fit better elsewhere"),
    "V10": Check("error", "a value is not a number"),
    "D01": Check("error", "a visit has several values"),
    "D02": Check("warning", "two spellings of a participant code may be one person"),
    "D03": Check("error", "a participant of a crossover has an arm in several periods"),
    "D04": Check("error", "the sequence contradicts itself or the order of the arms"),
    "D05": Check("warning", "periods contradict each other, their dates or the washout"),
    "D06": Check("warning", "a temperature belongs to another arm than the row's"),
    "D07": Check("warning", "a date, a clock or the treatment contradicts a time of measurement"),
    "D08": Check("warning", "the orders of the arms are not equally frequent"),
    "D09": Check("warning", "the baseline moves from period to period"),
    "D10": Check("warning", "the arms differ before any treatment, beyond chance"),
    "D11": Check("error", "a participant of a parallel trial has several arms"),
    "D12": Check("error", "an arm has no values at a time; single missing visits are a note"),
    "D13": Check("warning", "there are too few participants for more than a description"),
    "D14": Check("error", "a participant has several arms in one period"),
}


def issue(
    code: str,
    file: str,
    message: str,
    remedy: str,
    *,
    row: int | None = None,
    column: str = "",
    value: str = "",
    severity: Severity | None = None,
) -> Issue:
    """Return an issue with the severity of its check, unless another one is given."""
    return Issue(
        code=code,
        severity=severity or CHECKS[code].severity,
        file=file,
        row=row,
        column=column,
        value=value[:_VALUE_LIMIT],
        message=on_one_line(message),
        remedy=on_one_line(remedy),
    )


def capped(issues: Iterable[Issue], limit: int = EXAMPLES) -> list[Issue]:
    """Return at most `limit` issues per code and severity, then one that counts the others."""
    kept: list[Issue] = []
    seen: dict[tuple[str, Severity], list[Issue]] = {}
    for each in issues:
        alike = seen.setdefault((each.code, each.severity), [])
        alike.append(each)
        if len(alike) <= limit:
            kept.append(each)
    return kept + [_rest(alike, limit) for alike in seen.values() if len(alike) > limit]


def _rest(alike: list[Issue], limit: int) -> Issue:
    more = len(alike) - limit
    return replace(
        alike[0],
        row=None,
        column="",
        value="",
        message=f"There are {more} more of this kind; the first {limit} are listed.",
        remedy="They may share one cause: correct the listed ones, then check again.",
    )


def has_errors(issues: Iterable[Issue]) -> bool:
    """Whether one of the issues keeps the trial from being analysed."""
    return any(each.severity == "error" for each in issues)


def quoted(text: Any, limit: int = 60) -> str:
    """Return text in quotation marks on one line, every invisible character as its code point."""
    shown = str(text)
    shown = shown if len(shown) <= limit else shown[: limit - 3] + "..."
    return f"'{on_one_line(shown)}'"


def on_one_line(text: str) -> str:
    """Return text with every invisible character, line breaks among them, as its code point."""
    return text if text.isprintable() else "".join(_visible(each) for each in text)


def _visible(character: str) -> str:
    if character == " " or character.isprintable():
        return character
    return {"\t": "<tab>", "\n": "<line break>"}.get(character, f"<U+{ord(character):04X}>")


def listed(names: Iterable[Any], limit: int = 12) -> str:
    """Return names with commas; beyond `limit` only how many more there are."""
    every = [str(name) for name in names]
    more = f" and {len(every) - limit} more" if len(every) > limit else ""
    return ", ".join(every[:limit]) + more


def either(names: Iterable[Any]) -> str:
    """Return names as alternatives: a, b or c."""
    *first, last = [str(name) for name in names]
    return f"{', '.join(first)} or {last}" if first else last


def counted(n: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: 1 row, 2 rows."""
    return f"{n} {singular if n == 1 else plural or singular + 's'}"


def in_rows(numbers: Iterable[int], limit: int = 8) -> str:
    """Return row numbers in words: row 9, or rows 9, 12 and 15."""
    rows = list(dict.fromkeys(numbers))
    return f"row{'s' if len(rows) > 1 else ''} {listed(rows, limit)}"


def suggestion(word: str, legal: Collection[str]) -> str:
    """Return the sentence that offers the nearest legal name, or nothing."""
    found = nearest(word, legal)
    return f"Did you mean {quoted(found)}? " if found is not None else ""
