"""Cells with their numbers: what the checks of values, visits and design work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from operator import attrgetter

from analysis.intake.layout import Cell
from analysis.intake.values import MissingCodes, exact

Visit = tuple[str, str, str, str, str]
_VISIT = attrgetter("participant", "period", "occasion", "arm", "time")


@dataclass(frozen=True, slots=True)
class Measurement:
    """A cell and its number, exact and in the unit of the file; None where it is missing."""

    cell: Cell
    number: Fraction | None

    @property
    def value(self) -> float:
        """The number, rounded to floating point; not a number where it is missing."""
        number = self.number
        return number.numerator / number.denominator if number is not None else nan

    @property
    def visit(self) -> Visit:
        """Participant, period, occasion, arm and time."""
        visit: Visit = _VISIT(self.cell)
        return visit


def measure(cells: Iterable[Cell], codes: MissingCodes) -> list[Measurement]:
    """Return the cells that are numbers or missing; others are reported by `check_numbers`."""
    cells = list(cells)
    texts = {cell.text for cell in cells}
    numbers = {text: None if codes.match(text) else exact(text) for text in texts}
    read = {text for text in texts if numbers[text] is not None or codes.match(text)}
    return [Measurement(cell, numbers[cell.text]) for cell in cells if cell.text in read]


def by_visit(measurements: Iterable[Measurement]) -> dict[Visit, list[Measurement]]:
    """Return the measurements of every visit, in the order of the file."""
    visits: dict[Visit, list[Measurement]] = {}
    for each in measurements:
        visits.setdefault(_VISIT(each.cell), []).append(each)
    return visits


def filled(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Return the measurements that are not missing."""
    return [each for each in measurements if each.number is not None]
