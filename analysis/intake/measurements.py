"""Cells with their numbers: what the checks of values, visits and design work on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from analysis.intake.layout import Cell
from analysis.intake.values import MissingCodes, exact

Visit = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A cell and its number, exact and in the unit of the file; None where it is missing."""

    cell: Cell
    number: Fraction | None

    @property
    def visit(self) -> Visit:
        """Participant, period, occasion, arm and time."""
        cell = self.cell
        return cell.participant, cell.period, cell.occasion, cell.arm, cell.time


def measure(cells: Iterable[Cell], codes: MissingCodes) -> list[Measurement]:
    """Return the cells that are numbers or missing; others are reported by `check_numbers`."""
    found = []
    for cell in cells:
        number = exact(cell.text)
        if codes.match(cell.text):
            found.append(Measurement(cell, None))
        elif number is not None:
            found.append(Measurement(cell, number))
    return found


def by_visit(measurements: Iterable[Measurement]) -> dict[Visit, list[Measurement]]:
    """Return the measurements of every visit, in the order of the file."""
    visits: dict[Visit, list[Measurement]] = {}
    for each in measurements:
        visits.setdefault(each.visit, []).append(each)
    return visits


def filled(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Return the measurements that are not missing."""
    return [each for each in measurements if each.number is not None]
