"""Check of values that pile up at an end of the scale: V09."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np

from analysis.errors import Issue
from analysis.intake.codes import issue, listed
from analysis.intake.visits import Visits

_SHARE = 0.2
_USUAL, _CHANCE = 0.1, 0.03  # of few values a fifth may lie there though a tenth is usual
_FEWEST, _MANY = 8, 100


def check_ends(visits: Visits) -> Iterator[Issue]:
    """V09: in no planned comparison more than a fifth of the values lie at an end of the scale.

    They must be so many that a true share of a tenth would hardly give them. Without a plan every
    time after the treatment counts.
    """
    limits = visits.outcome.range
    if limits is None:
        return
    piled = []
    for arm, time in _judged(visits):
        column = visits.values[visits.level("arm") == arm][:, visits.table.columns.get_loc(time)]
        there = column[np.isfinite(column)]
        for end, words in zip(limits, ("lowest", "highest"), strict=True):
            count = int((there == end).sum())
            if len(there) >= _FEWEST and count > _SHARE * len(there) and _beyond(count, len(there)):
                piled.append(f"{count / len(there):.0%} {words} under {arm} at {time}")
    if not piled:
        return
    first = visits.cells[0]
    message = (
        f"Many values of {visits.outcome.name} lie at an end of the scale: {listed(piled, 6)}. "
        "Differences between arms look smaller than they are there."
    )
    remedy = "Nothing to correct; read these comparisons with that in mind."
    yield issue("V09", first.file, message, remedy, column=first.column)


def _beyond(count: int, n: int) -> bool:
    """Whether chance rarely puts so many of n at an end, if a tenth of all values lie there."""
    if n > _MANY:
        return True  # a fifth of so many is beyond chance
    fewer = sum(comb(n, k) * _USUAL**k * (1 - _USUAL) ** (n - k) for k in range(count))
    return 1 - fewer < _CHANCE


def _judged(visits: Visits) -> list[tuple[str, str]]:
    """Return the arms and times of the planned comparisons, or all after the treatment."""
    trial, name = visits.trial, visits.outcome.name
    planned = [
        (arm, each.time)
        for each in trial.plan.comparisons
        if each.outcome == name
        for arm in (each.arm, each.reference)
    ]
    if not trial.plan.comparisons:
        after = [time.name for time in trial.times_with_role("outcome")]
        planned = [(arm, time) for arm in trial.arm_names for time in after]
    times = set(visits.table.columns)
    return [(arm, time) for arm, time in dict.fromkeys(planned) if time in times]
