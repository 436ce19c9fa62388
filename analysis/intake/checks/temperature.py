"""Checks of arms against a column of temperatures: D06 (swapped arms), U05 (units, signs)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analysis.errors import Issue
from analysis.intake.codes import in_rows, issue
from analysis.intake.companions import Companion, find
from analysis.intake.layout import Cell, Source
from analysis.intake.values import exact
from analysis.trial import Trial

_NAMES = ("temp", "temperature", "temperatur", "temperatura", "celsius", "degc")
_NEVER = ("skin", "core", "body", "room", "rectal", "haut")
_NEAR = 10.0
_FAR = 20.0


def check_temperatures(source: Source, cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D06, U05: a column of treatment temperatures agrees with the arms' doses.

    A column counts as one where most rows lie near the dose of their arm.
    """
    doses = {
        arm.name: arm.dose.temperature_c
        for arm in trial.arms
        if arm.dose is not None and arm.dose.temperature_c is not None
    }
    column = find(source, _NAMES, _NEVER, lambda text: exact(text) is not None) if doses else None
    if column is None:
        return
    seen = [(cell, _degrees(column, cell)) for cell in cells]
    dosed = [(cell, t) for cell, t in seen if t is not None and cell.arm in doses]
    near = [cell for cell, t in dosed if abs(t - doses[cell.arm]) <= _NEAR]
    if 2 * len(near) <= len(dosed):
        return
    odd: dict[tuple[str, str, str], list[tuple[Cell, float]]] = {}
    for cell, degrees in seen:
        what = _reading(doses, cell.arm, degrees) if degrees is not None else ""
        if what and degrees is not None:
            odd.setdefault((cell.participant, cell.arm, what), []).append((cell, degrees))
    for (person, arm, what), found in odd.items():
        yield _contradiction(column, person, arm, what, found)


def _degrees(column: Companion, cell: Cell) -> float | None:
    number = exact(column.of(cell))
    return None if number is None else float(number)


def _reading(doses: Mapping[str, float], arm: str, degrees: float) -> str:
    """Return what a temperature that is not the arm's own may be; empty where it is near."""
    own = doses.get(arm)
    if own is not None:
        if abs(degrees - own) <= _FAR:
            return ""
        if own < 0 and abs(degrees + own) <= _NEAR:
            return "minus sign"
        if abs((degrees - 32) / 1.8 - own) <= 5:
            return "Fahrenheit"
        if abs(degrees - 273.15 - own) <= 5:
            return "kelvin"
    others = [name for name, dose in doses.items() if name != arm and abs(degrees - dose) <= _NEAR]
    return others[0] if others else ""


def _contradiction(
    column: Companion, person: str, arm: str, what: str, found: Sequence[tuple[Cell, float]]
) -> Issue:
    cell, degrees = found[0]
    start = (
        f"Participant {person}, arm {arm}, has {column.header} {degrees:g} "
        f"({in_rows(each.row for each, _ in found)})"
    )
    if what in ("minus sign", "Fahrenheit", "kelvin"):
        code = "U05"
        guess = "the minus sign is lost" if what == "minus sign" else f"in {what}"
        message = f"{start}: perhaps {guess}."
        remedy = "Correct it at the source; the temperature does not enter the analysis."
    else:
        code = "D06"
        message = f"{start}, which is the temperature of arm {what}; the arms may be swapped."
        remedy = "Check with the treatment log which arm was given; correct the arm if wrong."
    return issue(code, cell.file, message, remedy, row=cell.row, column=column.header,
                 value=column.of(cell))  # fmt: skip
