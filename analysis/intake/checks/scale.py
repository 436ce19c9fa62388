"""Checks of rating scales: U02 (0-10 or 0-100), U03 (whole numbers)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from analysis.errors import Issue, Severity
from analysis.intake.checks.units import UnitFault
from analysis.intake.codes import counted, issue, quoted
from analysis.intake.layout import at_cell
from analysis.intake.visits import Visits

WARNING: Severity = "warning"

_RATING = re.compile(r"\bnrs\b|likert|numeric(al)? rating|\bborg\b|\bcr-?10\b", re.I)
_SHORT, _LONG = 10.0, 100.0
_MANY = 20


def check_scale(visits: Visits) -> list[UnitFault]:
    """U02: values fill the scale that is declared, for everyone."""
    limits = visits.outcome.range
    value = visits.readings["value"]
    if limits is None or limits[0] != 0 or len(value) < _MANY or visits.outcome.better == "higher":
        return []
    share = float((value > _SHORT).mean())
    if limits[1] == _SHORT and share > 0.1 and value.max() <= _LONG:
        return [UnitFault(_wrong_scale(visits, "0 to 100", None), visits.cells)]
    if limits[1] != _LONG:
        return []
    if value.max() <= _SHORT:
        return [UnitFault(_wrong_scale(visits, "0 to 10", WARNING), ())]
    return [UnitFault(found, ()) for found in _people_on_the_short_scale(visits)]


def _wrong_scale(visits: Visits, other: str, severity: Severity | None) -> Issue:
    outcome, first = visits.outcome, visits.cells[0]
    low, high = outcome.range or (0, 0)
    message = (
        f"{outcome.name} is declared as {low:g} to {high:g}, but its largest value is "
        f"{visits.readings['value'].max():g}; a scale from {other} may have been used."
    )
    remedy = "If so, correct `range`, `unit` and the margin in trial.yaml."
    return issue(
        "U02", first.file, message, remedy, column=first.column, value=f"{low:g} to {high:g}",
        severity=severity,
    )  # fmt: skip


def _people_on_the_short_scale(visits: Visits) -> Iterator[Issue]:
    """Yield courses with decimals up to 10 where the others have whole numbers up to 100."""
    frame = visits.readings
    whole = frame["value"] == frame["value"].round()
    groups = frame.assign(whole=whole).groupby(["person", "period"], sort=False)
    courses = groups.agg(
        top=("value", "max"), whole=("whole", "mean"), n=("value", "size"), cell=("cell", "first")
    )
    usual = float(courses["top"].median())
    small = (courses["top"] <= _SHORT) & (courses["n"] >= 3) & (courses["whole"] < 0.7)
    if usual < 3 * _SHORT or whole.mean() < 0.7:
        return
    for _, row in courses[small].iterrows():
        first = visits.cells[int(row["cell"])]
        person, period = first.participant, first.period
        when = f" in period {period}" if period else ""
        message = (
            f"The values of participant {person}{when} have decimals and reach {row['top']:g}; the "
            f"others are whole numbers and reach {usual:g}. Theirs may be on a scale from 0 to 10."
        )
        remedy = "If so, correct these values at the source."
        yield at_cell("U02", first, message, remedy, severity=WARNING)


def check_whole(visits: Visits) -> Iterator[Issue]:
    """U03: a scale of whole numbers has whole numbers.

    An error where trial.yaml says that the scale is one of whole numbers, a warning where all other
    values are.
    """
    outcome = visits.outcome
    value = visits.readings["value"].to_numpy(float)
    if outcome.range is None or outcome.replicates != "error" or not len(value):
        return
    odd = np.flatnonzero(value != np.round(value))
    rating = bool(_RATING.search(f"{outcome.unit} {outcome.label} {outcome.name}"))
    few = len(value) >= _MANY and len(odd) <= 0.1 * len(value)
    if not len(odd) or not (rating or few):
        return
    first = visits.cells[int(odd[0])]
    no_number = "is no whole number" if len(odd) == 1 else "are no whole numbers"
    message = (
        f"{counted(len(odd), 'value')} of {outcome.name} {no_number} "
        f"(first {quoted(first.text.strip())}), though "
        + (
            "it is a scale of whole numbers."
            if rating
            else f"the other {len(value) - len(odd)} are."
        )
    )
    remedy = "Correct it at the source."
    if rating:
        remedy += " If the scale allows values between the marks, give its unit and label no name "
        remedy += "of a scale of whole numbers (NRS, Likert)."
    yield at_cell("U03", first, message, remedy, severity=None if rating else WARNING)
