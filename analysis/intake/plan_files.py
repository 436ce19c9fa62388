"""Checks between the entries of trial.yaml that say how a file is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis.errors import Issue
from analysis.intake.plan_names import at, entries, ready
from analysis.intake.schema import Path
from analysis.intake.typed import Typed

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
        workbook = str(outcome.get("file")).lower().endswith((".xlsx", ".ods"))
        for key in _TEXT_ONLY:
            if workbook and own.get(key) is not None:
                message = f"{outcome['file']} is a workbook; it has no {key}."
                yield at(typed, (*path, "csv", key), message, "Remove it.", own[key], "C07")


CHECKS_OF_FILES = (check_rows, check_text_only)
