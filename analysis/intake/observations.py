"""Measurements -> the table of observations: converted, replicates combined, sorted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from analysis.columns import OBSERVATIONS
from analysis.intake.measurements import Measurement, by_visit, filled
from analysis.intake.units import factor
from analysis.trial import Outcome, Trial

if TYPE_CHECKING:
    import pandas as pd


def observe(trial: Trial, measured: Mapping[str, Sequence[Measurement]]) -> pd.DataFrame:
    """Return the observations of a trial.

    Parameters
    ----------
    trial : Trial
    measured : mapping
        Measurements of every outcome, by its name.

    Returns
    -------
    DataFrame
        As in `columns.OBSERVATIONS`, with `occasion` only where an outcome declares one; sorted
        by outcome, participant, period, occasion, arm and time.
    """
    rows: list[dict[str, Any]] = []
    for outcome in trial.outcomes:
        found = _rows(trial, outcome, measured.get(outcome.name, ()))
        rows += sorted(found, key=partial(_key, trial))
    if all(outcome.columns.occasion is None for outcome in trial.outcomes):
        rows = [{key: row[key] for key in row if key != "occasion"} for row in rows]
    return OBSERVATIONS.from_rows(rows)


def _rows(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]
) -> Iterator[dict[str, Any]]:
    hours = {time.name: time.hours for time in trial.times}
    for (participant, period, occasion, arm, time), group in by_visit(measurements).items():
        rows = sorted({each.cell.row for each in group})
        numbers = [each.number for each in filled(group) if each.number is not None]
        yield {
            "trial": trial.name,
            "outcome": outcome.name,
            "participant": participant,
            "sequence": next((m.cell.sequence for m in group if m.cell.sequence), ""),
            "period": period,
            "arm": arm,
            "time": time,
            "hours": hours[time],
            "value": combined(numbers, outcome),
            "unit": outcome.analysis_unit,
            "n_replicates": len(numbers),
            "source_file": group[0].cell.file,
            "source_rows": " ".join(map(str, rows)),
            "occasion": occasion,
        }


def combined(numbers: Sequence[Fraction], outcome: Outcome) -> float | None:
    """Return the value of a visit in the unit of the analysis; None where all are missing.

    Computed exactly and rounded once, so that a change of unit changes nothing else.
    """
    if not numbers:
        return None
    ordered = sorted(numbers)
    if outcome.replicates == "best":
        value = ordered[0] if outcome.better == "lower" else ordered[-1]
    elif outcome.replicates == "median":
        middle = len(ordered) // 2
        value = (ordered[middle] + ordered[-middle - 1]) / 2
    else:
        value = sum(ordered, Fraction(0)) / len(ordered)
    scale = factor(outcome.unit, outcome.convert_to)
    if scale is None:
        raise ValueError(f"{outcome.unit} cannot be converted to {outcome.convert_to}")
    return float(value * scale)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key under which P2 comes before P10."""
    pieces = [each for each in re.split(r"([0-9]+)", text) if each]
    return (*(_piece(each) for each in pieces), (-1, 0, text))


def _piece(text: str) -> tuple[int, int, str]:
    digits = text.lstrip("0")
    return (0, len(digits), digits) if "0" <= text[0] <= "9" else (1, 0, text)


def _key(trial: Trial, row: dict[str, Any]) -> tuple[Any, ...]:
    people = [natural(row[name]) for name in ("participant", "period", "occasion")]
    return (
        *people,
        trial.arm_names.index(row["arm"]),
        trial.time_names.index(row["time"]),
    )
