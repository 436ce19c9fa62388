"""The words in figures: numbers, units, times and counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from analysis.rounding import MINUS, number
from analysis.trial import Outcome, Time, Trial


def plain(value: float) -> str:
    """Return a number as the user would type it, with a true minus sign."""
    return f"{value:g}".replace("-", MINUS)


def estimate(row: pd.Series, digits: int) -> str:
    """Return estimate and interval: ``−8.2 (−14.3 to −2.1)``."""
    if pd.isna(row["estimate"]):
        return "not estimated"
    value = number(row["estimate"], digits)
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return f"{value} (no interval)"
    return f"{value} ({number(row['ci_low'], digits)} to {number(row['ci_high'], digits)})"


def difference(row: pd.Series, digits: int) -> str:
    """Return a difference like `estimate`; a limit near zero keeps the digit showing its side."""
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return estimate(row, digits)
    shown = max(_side_digits(row["ci_low"], digits), _side_digits(row["ci_high"], digits))
    limits = f"{number(row['ci_low'], shown)} to {number(row['ci_high'], shown)}"
    return f"{number(row['estimate'], digits)} ({limits})"


def _side_digits(limit: float, digits: int) -> int:
    for more in range(3):
        if limit == 0 or float(f"{limit:.{digits + more}f}") != 0:
            return digits + more
    return digits + 2


def level(rows: pd.DataFrame) -> str:
    """Return the confidence level that the rows carry, for example ``95 %``."""
    found = sorted({round(float(each), 6) for each in rows["ci_level"].dropna()})
    return " or ".join(f"{100 * each:g} %" for each in found)


def counts(values: Iterable[Any]) -> str:
    """Return a count or the range of several: ``n = 12``, ``n = 11–12``."""
    known = [int(value) for value in values if not pd.isna(value)]
    if not known:
        return "n not known"
    low, high = min(known), max(known)
    return f"n = {low}" if low == high else f"n = {low}–{high}"


def axis_label(outcome: Outcome) -> str:
    """Return label and unit of an outcome."""
    return f"{outcome.label}, {outcome.analysis_unit}"


def hours(time: Time) -> str:
    """Return the scheduled hours of a time: ``24 h``."""
    return f"{time.hours:g} h".replace("-", MINUS)


def names_its_hours(time: Time) -> bool:
    """Tell whether the label already is the number of hours: ``24h``, ``24 h``, ``24``."""
    found = re.fullmatch(r"([-+−]?\d+(?:\.\d+)?)\s*(?:h|hours?)?", time.label.strip())
    return found is not None and float(found[1].replace(MINUS, "-")) == time.hours


def time_words(time: Time) -> str:
    """Return a time for running text: ``24 h`` or ``post (0 h)``."""
    return hours(time) if names_its_hours(time) else f"{time.label} ({hours(time)})"


def time_ticks(times: Sequence[Time]) -> list[str]:
    """Return axis labels: the hours, below them the name where it says something else."""
    return [hours(t) if names_its_hours(t) else f"{hours(t)}\n{t.label}" for t in times]


def times_in(trial: Trial, frame: pd.DataFrame) -> tuple[Time, ...]:
    """Return the times of the trial that a table has, in order."""
    present = set(frame["time"])
    return tuple(time for time in trial.times if time.name in present)


def exercise_position(times: Sequence[Time]) -> float | None:
    """Return where exercise lies on an axis with one step per time: between h < 0 and h >= 0."""
    for k, (before, after) in enumerate(pairwise(times)):
        if before.hours < 0 <= after.hours:
            return k + 0.5
    return None


def before_treatment(times: Sequence[Time]) -> int:
    """Return how many of the first times lie before treatment, where nothing is an effect yet."""
    return next((k for k, time in enumerate(times) if time.role == "outcome"), len(times))


def wrapped(text: str, width: int) -> str:
    """Return the text broken into lines of at most `width` characters."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width)) or text
