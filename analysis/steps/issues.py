"""The errors that the prepare step found.

Snakemake's own process asks too, hence without pandas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis import io
from analysis.errors import Issue


def read_errors(path: str | Path) -> list[Issue]:
    """Return the errors in an issues.csv; none where the file does not exist.

    Any of them keeps the trial from being analysed.
    """
    rows = io.read_rows(path) if Path(path).is_file() else []
    return [_issue(row) for row in rows if row["severity"] == "error"]


def _issue(row: dict[str, Any]) -> Issue:
    return Issue(**row | {"row": int(row["row"]) if row["row"] else None})
