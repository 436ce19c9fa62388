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


def read_errors(path: str | Path) -> list[Issue]:
    """Return the errors in an issues.csv; each keeps its trial from being analysed."""
    return [issue for issue in read_issues(path) if issue.severity == "error"]


def _issue(row: dict[str, Any]) -> Issue:
    return Issue(**row | {"row": int(row["row"]) if row["row"] else None})
