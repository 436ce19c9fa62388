"""Check of zeros where nothing can be zero: V03."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.errors import Issue, Severity
from analysis.intake.checks.units import is_jump, is_rating
from analysis.intake.codes import counted
from analysis.intake.layout import at_cell, in_files
from analysis.intake.visits import Visits

WARNING: Severity = "warning"
_APART = 0.2
_FEW = 0.1


def check_zero(visits: Visits) -> Iterator[Issue]:
    """V03: a jump of 0 is a failed trial or a missing value, never a measurement.

    A rating can be 0; where its other values are far from it, that is worth a look.
    """
    value = visits.readings["value"].to_numpy(float)
    positive = value[value > 0]
    zero = np.flatnonzero(value == 0)
    low, high = visits.outcome.range or (-np.inf, np.inf)
    if not len(zero) or not len(positive) or not low <= 0 <= high:
        return
    apart = positive.min() > _APART * np.median(positive) and len(zero) < _FEW * len(value)
    if not (is_jump(visits.outcome) or (apart and visits.steady)):
        return
    cells = [visits.cells[place] for place in zero]
    message = (
        f"{visits.outcome.name} is 0 in {counted(len(cells), 'cell')} "
        f"({in_files(cells)}); the smallest other value is "
        f"{positive.min():g} {visits.outcome.unit}. A failed or missing trial is not a value of 0."
    )
    remedy = "Leave the cell empty, or declare the code: `missing_codes: [0]`."
    rating = is_rating(visits.outcome)
    if rating:
        remedy += " Nothing needs to be done if 0 was meant."
    yield at_cell("V03", cells[0], message, remedy, severity=WARNING if rating else None)
