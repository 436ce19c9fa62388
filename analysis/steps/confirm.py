"""The end of a run: which trials have errors, and what those are."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.errors import Issue
from analysis.steps.issues import read_issues


def confirm(trials: Iterable[str]) -> str:
    """Return what to tell the user about those of `trials` that have errors; empty if none."""
    found = {trial: _errors(f"data/processed/{trial}/issues.csv") for trial in trials}
    return "\n".join(_paragraph(trial, errors) for trial, errors in found.items() if errors)


def _errors(path: str) -> list[Issue]:
    return [issue for issue in read_issues(path) if issue.severity == "error"]


def _paragraph(trial: str, errors: list[Issue]) -> str:
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    first = f"\n{trial}: not analysed, {count}. Report: reports/{trial}/report.html"
    return "\n  ".join([first, *(issue.line() for issue in errors)])
