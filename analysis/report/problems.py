"""The problems found in a trial's data and plan, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.errors import Issue
from analysis.report.views import Line, View

ORDER = ("error", "warning", "note")
SHOWN = 200
REPAIRED = "F18"


def n_of(issues: Sequence[Issue], severity: str) -> int:
    """Return how many problems have a severity."""
    return sum(issue.severity == severity for issue in issues)


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: ``1 error``, ``3 errors``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def summary(issues: Sequence[Issue]) -> str:
    """Return how many problems of which severity there are."""
    found = [(n_of(issues, severity), severity) for severity in ORDER]
    return ", ".join(counted(n, severity) for n, severity in found if n)


def repaired(issues: Sequence[Issue]) -> str:
    """Return how many cells were read otherwise than typed, and where they are listed."""
    n = sum(int(issue.value) for issue in issues if issue.code == REPAIRED)
    if not n:
        return ""
    cells = f"{counted(n, 'cell')} {'was' if n == 1 else 'were'}"
    return (
        f"{cells} not read as typed, because the plan asks for it; each is listed in repairs.csv."
    )


def view(issues: Sequence[Issue]) -> View | None:
    """Return all problems, errors first; None where there are none."""
    if not issues:
        return None
    ordered = sorted(issues, key=lambda issue: ORDER.index(issue.severity))
    hidden = len(ordered) - SHOWN
    more = f"{hidden} more are listed in issues.csv." if hidden > 0 else ""
    return View(
        caption=f"Problems found: {summary(issues)}",
        head=("Severity", "Code", "Where", "Value", "What is wrong", "What to do"),
        lines=tuple(
            Line(
                (
                    issue.severity,
                    issue.code,
                    _place(issue),
                    issue.value,
                    issue.message,
                    issue.remedy,
                ),
                issue.severity,
            )
            for issue in ordered[:SHOWN]
        ),
        note=" ".join(filter(None, (more, repaired(issues)))),
        kind="problems",
        text_columns=(0, 1, 2, 3, 4, 5),
    )


def _place(issue: Issue) -> str:
    row = "" if issue.row is None else f"row {issue.row}"
    return ", ".join(part for part in (issue.file, row, issue.column) if part)
