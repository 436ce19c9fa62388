"""Checks between the entries of trial.yaml that say how a file is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.errors import Issue
from analysis.intake.codes import either, listed, quoted, suggestion
from analysis.intake.plan_names import at, entries, placeholders_of, ready, spellings
from analysis.intake.schema import Path
from analysis.intake.statfile import PROGRAMS
from analysis.intake.typed import Typed

WORKBOOKS = (".xlsx", ".ods")
_TEXT_ONLY = ("delimiter", "encoding")


def check_rows(typed: Typed) -> Iterator[Issue]:
    """The last row lies below the header."""
    for name, outcome in entries(typed, "outcomes").items():
        path = ("outcomes", name)
        if not ready(typed, path, "header_row", "last_row"):
            continue
        first, last = outcome.get("header_row") or 1, outcome.get("last_row")
        if last is not None and last <= first:
            message = f"`last_row` is {last}, and the header stands in row {first}."
            remedy = "Name the last row of the data, counted from the top of the file."
            yield at(typed, (*path, "last_row"), message, remedy, last)


def check_text_only(typed: Typed) -> Iterator[Issue]:
    """Delimiter and encoding are not declared for a workbook, which has neither."""
    for name, outcome in entries(typed, "outcomes").items():
        path: Path = ("outcomes", name)
        own = outcome.get("csv") if isinstance(outcome, Mapping) else None
        if not ready(typed, path, "file", "csv") or not isinstance(own, Mapping):
            continue
        books = [part["name"] for _, part in parts_of(outcome)
                 if str(part["name"]).lower().endswith((*WORKBOOKS, *PROGRAMS))]  # fmt: skip
        for key in _TEXT_ONLY:
            if books and own.get(key) is not None:
                message = f"{books[0]} is not a text file; it has no {key}."
                yield at(typed, (*path, "csv", key), message, "Remove it.", own[key], "C07")


def parts_of(outcome: Mapping[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """Return the files of an outcome with their places below it; a single one as a list of one."""
    given = outcome.get("file")
    if not isinstance(given, list):
        return [(("file",), {"name": str(given), "sheet": outcome.get("sheet")})]
    whole = [{"name": each} if isinstance(each, str) else each for each in given]
    return [
        (("file", f"[{place}]"), {"sheet": outcome.get("sheet")} | dict(each))
        for place, each in enumerate(whole, start=1)
    ]


def check_files(typed: Typed) -> Iterator[Issue]:
    """Files lie in the folder, sheets belong to workbooks, no two outcomes read the same cells."""
    readings: dict[str, str] = {}
    for name, outcome in entries(typed, "outcomes").items():
        path = ("outcomes", name)
        if not ready(typed, path, "file", "sheet", "value", "wide", "where", "columns"):
            continue
        parts = parts_of(outcome)
        for below, part in parts:
            yield from _check_part(typed, (*path, *below), part)
            yield from _check_labels(typed, (*path, *below), part, outcome)
        yield from _check_list(typed, path, [part for _, part in parts])
        keys = ("file", "sheet", "value", "wide", "where", "columns")
        first = readings.setdefault(repr([outcome.get(key) for key in keys]), name)
        if first != name:
            message = f"{quoted(name)} reads the same values as {quoted(first)}."
            remedy = "Correct `file`, `value`, `wide` or `where` of one of them."
            yield at(typed, path, message, remedy, str(outcome.get("file")))


def _check_part(typed: Typed, path: Path, part: Mapping[str, Any]) -> Iterator[Issue]:
    file = str(part["name"])
    if file.startswith("/") or "\\" in file or ".." in file.split("/") or ":" in file:
        message = f"{quoted(file)} is not a file in the trial's folder."
        remedy = "Copy the file beside trial.yaml and write its name only."
        yield at(typed, path, message, remedy, file)
    if part.get("sheet") and not file.lower().endswith(WORKBOOKS):
        message = f"A sheet is given, but {quoted(file)} is not a workbook ({either(WORKBOOKS)})."
        here = path if path[-1] != "file" else (*path[:-1], "sheet")
        yield at(typed, here, message, "Remove `sheet`.", part["sheet"])


def _check_list(typed: Typed, path: Path, parts: Sequence[Mapping[str, Any]]) -> Iterator[Issue]:
    """An outcome has at least one file, and each of them once."""
    if not parts:
        message = "The list of files is empty."
        yield at(typed, (*path, "file"), message, "Write the name of a file.")
    seen = Counter((part["name"], part.get("sheet")) for part in parts)
    for (file, sheet), times in seen.items():
        if times > 1:
            what = f"{quoted(file)}, sheet {quoted(sheet)}," if sheet else quoted(file)
            message = f"{what} is in the list {times} times."
            yield at(typed, (*path, "file"), message, "Keep one of them.", file)


def _check_labels(
    typed: Typed, path: Path, part: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Iterator[Issue]:
    """Labels that are given to a whole file are declared, and do not stand in its headers too."""
    wide = placeholders_of(outcome)
    for role, section in (("arm", "arms"), ("time", "times"), ("period", None)):
        text = part.get(role)
        if text is None:
            continue
        if role in wide:
            message = f"The pattern has {{{role}}}, but {quoted(part['name'])} is given one {role}."
            yield at(typed, (*path, role), message, "Remove one of the two.", text)
        entry = entries(typed, section) if section else {}
        legal = [each for name, own in entry.items() for each in spellings(name, own or {})]
        if legal and text not in legal and typed.sound(str(section)):
            message = f"{quoted(text)} is not one of the {section}: {listed(dict.fromkeys(legal))}."
            remedy = suggestion(text, legal) + "Write a name, label or alias."
            yield at(typed, (*path, role), message, remedy, text)


CHECKS_OF_FILES = (check_rows, check_text_only, check_files)
