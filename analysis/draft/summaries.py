"""Trials of a visit and a column that sums them up: which of them is the outcome is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.draft.columns.derived import rounding
from analysis.draft.model import Entry
from analysis.draft.series import Series
from analysis.intake.codes import listed

_NEARLY_ALL = 0.95
_FEWEST = 4
_VISIT = ["participant", "arm", "time", "period"]


def one_of_each(found: Sequence[Series]) -> list[Series]:
    """Return series with one in place of trials and of the columns that sum these up.

    Parameters
    ----------
    found : sequence of Series
        The series of one table.
    """
    sums = {
        i: [j for j, other in enumerate(found) if i != j and _between(other, each)]
        for i, each in enumerate(found)
    }
    settled = {j for others in sums.values() for j in others}
    return [
        _asked(each, [found[j] for j in sums[i]]) if sums[i] else each
        for i, each in enumerate(found)
        if i not in settled
    ]


def _between(one: Series, trials: Series) -> bool:
    """Whether a series has one number per visit, which lies among the trials of it."""
    if one.measure.kind != trials.measure.kind or "where" in one.keys:
        return False
    spread = trials.rows.groupby(_VISIT)["number"].agg(["min", "max", "size"])
    if (spread["size"] < 2).mean() > 0.5 or one.rows.duplicated(_VISIT).any():
        return False
    pairs = one.rows.set_index(_VISIT).join(spread, how="inner")
    slack = 0.011 * (pairs["max"] - pairs["min"]) + rounding(one.rows["number"])
    inside = pairs["number"].between(pairs["min"] - slack, pairs["max"] + slack)
    return len(pairs) >= _FEWEST and bool(inside.mean() >= _NEARLY_ALL)


def _asked(trials: Series, sums: Sequence[Series]) -> Series:
    first = sums[0]
    key = "value" if "value" in first.keys else "wide"
    names = [str(each.keys[key].value) for each in sums if key in each.keys]
    instead = (
        f"`wide: {trials.keys['wide'].value}` and `replicates: mean`"
        if "wide" in trials.keys
        else f"`value: {trials.keys['value'].value}` and `replicates: mean`"
    )
    ask = (
        f"The file has the trials of {trials.measure.label} and {listed(names)}, which sums them "
        f"up. Which is the outcome? Write {' or '.join(names)} here, or {instead} in place of "
        "this line for the mean of the trials."
    )
    keys = {**first.keys, key: Entry(None, question=ask)}
    return replace(first, keys=keys, choices=(*trials.choices, *names))
