"""Measurements -> the table of observations: converted, replicates combined, sorted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from math import lcm
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
    arms = {name: place for place, name in enumerate(trial.arm_names)}
    times = {name: place for place, name in enumerate(trial.time_names)}
    for outcome in trial.outcomes:
        found = _rows(trial, outcome, measured.get(outcome.name, ()))
        rows += sorted(found, key=partial(_key, arms, times))
    if trial.blinded:
        hide_sequences(rows)
    if not any(outcome.tells("occasion") for outcome in trial.outcomes):
        for row in rows:
            del row["occasion"]
    return OBSERVATIONS.from_rows(rows)


def hide_sequences(rows: Sequence[dict[str, Any]]) -> None:
    """Number the sequences in order of appearance: their names may spell out the arms."""
    numbers: dict[str, str] = {"": ""}
    for row in rows:
        row["sequence"] = numbers.setdefault(row["sequence"], f"S{len(numbers)}")


def _rows(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]
) -> Iterator[dict[str, Any]]:
    hours = {time.name: time.hours for time in trial.times}
    scale = _scale(outcome)
    for (participant, period, occasion, arm, time), group in by_visit(measurements).items():
        files = list(dict.fromkeys(each.cell.file for each in group))
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
            "value": combined(numbers, outcome, scale),
            "unit": outcome.analysis_unit,
            "n_replicates": len(numbers),
            "source_file": "; ".join(files),
            "source_rows": "; ".join(_rows_in(file, group) for file in files),
            "occasion": occasion,
        }


def _rows_in(file: str, group: Sequence[Measurement]) -> str:
    rows = {each.cell.row for each in group if each.cell.file == file}
    return " ".join(map(str, sorted(rows)))


def _scale(outcome: Outcome) -> Fraction:
    scale = factor(outcome.unit, outcome.convert_to)
    if scale is None:
        raise ValueError(f"{outcome.unit} cannot be converted to {outcome.convert_to}")
    return scale


def combined(
    numbers: Sequence[Fraction], outcome: Outcome, scale: Fraction = Fraction(1)
) -> float | None:
    """Return the value of a visit in the unit of the analysis; None where all are missing.

    Computed exactly and rounded once, so that a change of unit changes nothing else.
    """
    if not numbers:
        return None
    if outcome.replicates not in ("best", "median"):
        return _mean(numbers, scale)
    ordered = sorted(numbers)
    if outcome.replicates == "best":
        return float((ordered[0] if outcome.better == "lower" else ordered[-1]) * scale)
    middle = len(ordered) // 2
    return float((ordered[middle] + ordered[-middle - 1]) / 2 * scale)


def _mean(numbers: Sequence[Fraction], scale: Fraction) -> float:
    """Return the scaled mean in whole numbers and one division, which rounds correctly."""
    whole = lcm(*(each.denominator for each in numbers))
    total = sum(each.numerator * (whole // each.denominator) for each in numbers)
    return (total * scale.numerator) / (whole * len(numbers) * scale.denominator)


@lru_cache(maxsize=1 << 16)
def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key under which P2 comes before P10."""
    pieces = [each for each in re.split(r"([0-9]+)", text) if each]
    return (*(_piece(each) for each in pieces), (-1, 0, text))


def _piece(text: str) -> tuple[int, int, str]:
    digits = text.lstrip("0")
    return (0, len(digits), digits) if "0" <= text[0] <= "9" else (1, 0, text)


def _key(arms: Mapping[str, int], times: Mapping[str, int], row: dict[str, Any]) -> tuple[Any, ...]:
    people = [natural(row[name]) for name in ("participant", "period", "occasion")]
    return (*people, arms[row["arm"]], times[row["time"]])
