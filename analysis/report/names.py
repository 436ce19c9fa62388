"""What the user calls things: labels of outcomes, arms and times, for running text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.report.numbers import plain
from analysis.trial import Comparison, Time, Trial


@dataclass(frozen=True)
class Names:
    """Labels of a trial, and the decimals that results of each outcome get."""

    trial: Trial
    digits: Mapping[str, int]

    def arm(self, name: str) -> str:
        """Return the label of an arm."""
        return self.trial.arm(name).label

    def time(self, name: str) -> str:
        """Return a time for running text: ``24 h`` or ``post (0 h)``."""
        return time_words(self.trial.time(name))

    def pair(self, comparison: Comparison) -> tuple[str, str]:
        """Return the labels of arm and reference."""
        return self.arm(comparison.arm), self.arm(comparison.reference)

    def measure(self, comparison: Comparison) -> str:
        """Return outcome and time: ``Muscle soreness at 24 h``."""
        label = self.trial.outcome(comparison.outcome).label
        return f"{label} at {self.time(comparison.time)}"

    def amount(self, value: float | None, row: Mapping[str, Any] | None) -> str:
        """Return a size with the unit of a row: ``10 mm``."""
        unit = "" if row is None else str(row["unit"])
        return f"{plain(value)} {unit}".strip()


def time_words(time: Time) -> str:
    """Return a time for running text; a name that is the number of hours is not repeated."""
    hours = f"{plain(time.hours)} h"
    found = re.fullmatch(r"([-+−]?\d+(?:\.\d+)?)\s*(?:h|hours?)?", time.label.strip())
    same = found is not None and float(found[1].replace("−", "-")) == time.hours
    return hours if same else f"{time.label} ({hours})"
