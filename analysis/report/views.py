"""What a table of the report is: text, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

UNRELIABLE = "†"  # stands at every number from a fit that is not in order


@dataclass(frozen=True)
class Line:
    """One row: the first cell names it; `kind` is its look."""

    cells: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True)
class View:
    """One table as text. `text_columns` are set flush left, all others are numbers."""

    caption: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str = ""
    kind: str = ""
    text_columns: tuple[int, ...] = (0,)


def rows_of(table: pd.DataFrame, outcome: str) -> list[dict[str, Any]]:
    """Return the rows of a table that belong to an outcome."""
    chosen = table[table["outcome"] == outcome].to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in chosen]
