"""The problems found in a trial's data and plan, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.report.numbers import count, is_missing
from analysis.report.views import Line, View

ORDER = ("error", "warning", "note")
SHOWN = 200


def n_of(issues: pd.DataFrame, severity: str) -> int:
    """Return how many problems have a severity."""
    return int((issues["severity"] == severity).sum())


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: ``1 error``, ``3 errors``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def summary(issues: pd.DataFrame) -> str:
    """Return how many problems of which severity there are."""
    found = [(n_of(issues, severity), severity) for severity in ORDER]
    return ", ".join(counted(n, severity) for n, severity in found if n)


def view(issues: pd.DataFrame) -> View | None:
    """Return all problems, errors first; None where there are none."""
    if not len(issues):
        return None
    rank = issues["severity"].map({severity: k for k, severity in enumerate(ORDER)})
    ordered = issues.assign(rank=rank).sort_values("rank", kind="stable")
    hidden = len(ordered) - SHOWN
    return View(
        caption=f"Problems found: {summary(issues)}",
        head=("Severity", "Code", "Where", "Value", "What is wrong", "What to do"),
        lines=tuple(
            Line(
                (
                    row["severity"],
                    row["code"],
                    _place(row),
                    row["value"],
                    row["message"],
                    row["remedy"],
                ),
                str(row["severity"]),
            )
            for _, row in ordered.head(SHOWN).iterrows()
        ),
        note=f"{hidden} more are listed in issues.csv." if hidden > 0 else "",
        kind="problems",
        text_columns=(0, 1, 2, 3, 4, 5),
    )


def _place(row: pd.Series) -> str:
    parts = [str(row["file"])]
    if not is_missing(row["row"]):
        parts.append(f"row {count(row['row'])}")
    if not is_missing(row["column"]):
        parts.append(str(row["column"]))
    return ", ".join(part for part in parts if part)
