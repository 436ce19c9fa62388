"""The issues that the prepare step found.

Snakemake's own process asks too, hence without pandas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis import io
from analysis.errors import Issue


def read_issues(path: str | Path) -> list[Issue]:
    """Return the rows of an issues.csv; none where the file does not exist."""
    return [_issue(row) for row in io.read_rows(path)] if Path(path).is_file() else []


def has_errors(path: str | Path) -> bool:
    """Return whether an issues.csv has an error, which keeps the trial from being analysed.

    Asked before a run too, of a file that another version of the project may have written.
    """
    rows = io.read_rows(path) if Path(path).is_file() else []
    return any(row.get("severity") == "error" for row in rows)


def _issue(row: dict[str, Any]) -> Issue:
    return Issue(**row | {"row": int(row["row"]) if row["row"] else None})
