"""The end of a run: which trials have errors, and what those are."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.errors import Issue
from analysis.steps.issues import read_errors

SHOWN = 20  # errors of one trial on the screen; its report lists them all


def confirm(trials: Iterable[str]) -> str:
    """Return what to tell the user about those of `trials` that have errors; empty if none."""
    found = {trial: read_errors(f"data/processed/{trial}/issues.csv") for trial in trials}
    return "\n".join(_paragraph(trial, errors) for trial, errors in found.items() if errors)


def _paragraph(trial: str, errors: list[Issue]) -> str:
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    lines = [f"\n{trial}: not analysed, {count}. Report: reports/{trial}/report.html"]
    lines += [f"  {issue.line()}" for issue in errors[:SHOWN]]
    if len(errors) > SHOWN:
        lines.append(f"  and {len(errors) - SHOWN} more in data/processed/{trial}/issues.csv")
    return "\n".join(lines)
