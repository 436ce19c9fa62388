"""Checks of units, by the size of the numbers: U01 (lengths and others), U04 (power, RSI)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, issue, quoted
from analysis.intake.layout import Cell, at_cell, in_files
from analysis.intake.robust import median
from analysis.intake.units import convertible, factor
from analysis.intake.visits import Visits
from analysis.trial import Outcome

WARNING: Severity = "warning"

_JUMP = re.compile(r"jump|cmj|sqj|\bsj\b|hop|sprung|saut|salto|salt[ao]|leap|vertical", re.I)
_RSI = re.compile(r"\brsi|reactive.?strength", re.I)
_JUMP_CM = (18, 90)  # medians of a group; below 18 inches are likelier, below 8 certain
_LOW_JUMP_CM = 8
_FEWEST = 12
_INCH = 2.54
# A ratio to the others counts as a factor when it lies within these limits around it: a person's
# own values differ by a tenth, and people by a third.
_NEAR, _NEAR_INCH = 1.5, 1.18
_OTHER_UNITS = {
    ("cm", 100): "mm/10 or m", ("cm", 0.01): "m", ("cm", 10): "mm", ("cm", 1 / _INCH): "inches",
    ("m", 100): "cm", ("m", 1000): "mm", ("mm", 0.1): "cm", ("mm", 0.001): "m",
    ("s", 1000): "ms", ("ms", 0.001): "s", ("W", 0.001): "kW", ("kW", 1000): "W",
    ("W", 0.01): "W/kg", ("W/kg", 100): "W", ("kN", 1000): "N", ("N", 0.001): "kN",
    ("m/s", 100): "cm/s",
}  # fmt: skip
_SAFE_FACTORS = (1000.0, 100.0, 10.0, 0.1, 0.01, 0.001)


@dataclass(frozen=True)
class UnitFault:
    """A problem with units, and the cells that it explains."""

    issue: Issue
    cells: tuple[Cell, ...]


def check_units(visits: Visits) -> list[UnitFault]:
    """U01, U04: the numbers are of the size that the declared unit gives.

    Where all values are of another size, the unit in trial.yaml is wrong; where some are, these
    are in another unit or have lost their decimal point.
    """
    whole = _whole(visits)
    return [whole] if whole is not None else list(_mixtures(visits))


def is_jump(outcome: Outcome) -> bool:
    """Whether an outcome is the height of a jump, by its name, label or column."""
    words = f"{outcome.name} {outcome.label} {outcome.value or outcome.pattern}".replace("_", " ")
    return "cm" in convertible(outcome.unit) and bool(_JUMP.search(words))


def _whole(visits: Visits) -> UnitFault | None:
    outcome = visits.outcome
    middle = float(np.median(visits.readings["value"]))
    if middle <= 0 or len(visits.readings) < _FEWEST:
        return None
    words = f"{outcome.name} {outcome.label}"
    if is_jump(outcome):
        return _whole_jump(visits, middle)
    if outcome.unit == "W" and middle < 120:
        return _other_unit(visits, middle, "W/kg")
    if outcome.unit == "W/kg" and middle > 150:
        return _other_unit(visits, middle, "W")
    if _RSI.search(words) and middle > 10:
        return _other_unit(visits, middle, "cm/s, or a value times 100")
    return None


def _whole_jump(visits: Visits, middle: float) -> UnitFault | None:
    def in_cm(unit: str) -> float:
        return middle * float(factor(unit, "cm") or 0)

    low, high = _JUMP_CM
    declared = visits.outcome.unit
    size = in_cm(declared)
    if low <= size <= high:
        return None
    other = [u for u in ("m", "cm", "mm", "in") if u != declared and low <= in_cm(u) <= high]
    if not other:
        return None
    doubtful = _LOW_JUMP_CM <= size < low
    return _other_unit(visits, middle, other[0], WARNING if doubtful else None)


def _other_unit(
    visits: Visits, middle: float, unit: str, severity: Severity | None = None
) -> UnitFault:
    outcome = visits.outcome
    code = "U01" if is_jump(outcome) else "U04"
    message = (
        f"The median of {outcome.name} is {middle:.4g} {outcome.unit}, which is "
        f"{'low' if severity else 'impossible'}; in {unit} it would be usual. The unit declared in "
        f"trial.yaml is {quoted(outcome.unit)}."
    )
    remedy = "Correct `unit` and `range` in trial.yaml; `convert_to` changes the unit if you like."
    first = visits.cells[0]
    found = issue(
        code, first.file, message, remedy, column=first.column, value=outcome.unit,
        severity=severity,
    )  # fmt: skip
    return UnitFault(found, () if severity else visits.cells)


def is_rating(outcome: Outcome) -> bool:
    """Whether any value from the lowest of a scale on is possible: 1 where 7 is usual."""
    scale = outcome.unit.casefold() in ("points", "au") or outcome.range in ((0, 10), (0, 100))
    return scale and not is_jump(outcome)


def _mixtures(visits: Visits) -> Iterator[UnitFault]:
    """Yield a fault for every person some of whose values are a unit's factor away."""
    if not visits.steady or is_rating(visits.outcome):
        return
    frame = visits.readings
    value = frame["value"].to_numpy(float)
    usual = float(median(frame.groupby("person")["value"].median().to_numpy(float)))
    # A person's own level, from those values that can be in the unit of the others.
    usable = frame["value"].where((value > usual / _NEAR) & (value < usual * _NEAR))
    own = usable.groupby(frame["person"]).transform("median").to_numpy(float)
    factors = _factors(visits.outcome, value, own, usual)
    people = frame["person"].to_numpy()
    for person in dict.fromkeys(people[factors != 1]):
        mine = (people == person) & (factors != 1)
        for found in dict.fromkeys(factors[mine]):
            cells = [visits.cells[place] for place in frame["cell"][mine & (factors == found)]]
            reference = usual if found in _SAFE_FACTORS else float(own[mine][0])
            yield _mixture(visits.outcome, person, float(found), cells, reference)


def _factors(outcome: Outcome, value: np.ndarray, own: np.ndarray, usual: float) -> np.ndarray:
    """Return for every value the factor of a unit that it is away from the others; 1 is none."""
    factors = np.ones(len(value))
    for each in _SAFE_FACTORS:
        ratio = value / (usual * each)
        factors[(ratio > 1 / _NEAR) & (ratio < _NEAR)] = each
    if is_jump(outcome):
        alike = np.isfinite(own)
        for each in (_INCH, 1 / _INCH):
            ratio = value / (own * each)
            near = (ratio > 1 / _NEAR_INCH) & (ratio < _NEAR_INCH)
            factors[alike & near & (factors == 1)] = each
    return factors


def _mixture(
    outcome: Outcome, person: str, times: float, cells: list[Cell], usual: float
) -> UnitFault:
    first = cells[0]
    size = f"{times:.3g} times" if times > 1 else f"1/{1 / times:.3g} of"
    unit = next((u for (own, by), u in _OTHER_UNITS.items()
                 if own == outcome.unit and abs(by / times - 1) < 0.05), "")  # fmt: skip
    guess = f"another unit ({unit})" if unit else "another unit"
    message = (
        f"{counted(len(cells), 'value')} of participant {person} "
        f"({in_files(cells)}), such as {first.text.strip()} {outcome.unit}, "
        f"{'is' if len(cells) == 1 else 'are'} about {size} the usual {usual:.4g}: {guess}, or a "
        "decimal point in the wrong place."
    )
    remedy = "Correct at the source; all values of an outcome must be in its unit."
    code = "U04" if outcome.unit in ("W", "kW", "W/kg") or _RSI.search(outcome.label) else "U01"
    found = at_cell(code, first, message, remedy)
    return UnitFault(found, tuple(cells))
