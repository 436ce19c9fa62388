"""Made-up measurements for the data sets of the draft: visits and plausible numbers."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import permutations
from typing import Any

import openpyxl

Rows = list[list[Any]]


@dataclass(frozen=True)
class Visit:
    """One visit: participant, period, arm and time, each counted from 0."""

    who: int
    period: int
    arm: int
    time: int


def crossover(people: int, arms: int, times: int, shuffle: int | None = None) -> Iterator[Visit]:
    """Yield the visits of a crossover whose orders are given in turn."""
    orders = list(permutations(range(arms)))
    if shuffle is not None:
        random.Random(shuffle).shuffle(orders)
    for who in range(people):
        for period, arm in enumerate(orders[who % len(orders)]):
            for time in range(times):
                yield Visit(who, period, arm, time)


def parallel(people: int, arms: int, times: int) -> Iterator[Visit]:
    """Yield the visits of a parallel trial."""
    for who in range(people):
        for time in range(times):
            yield Visit(who, 0, who % arms, time)


class Numbers:
    """Plausible numbers: sore after the exercise, weaker jumps, more creatine kinase."""

    SHAPE = (0.0, 0.6, 1.0, 0.7, 0.4, 0.3)

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.levels: dict[int, float] = {}

    def _own(self, visit: Visit) -> float:
        return self.levels.setdefault(visit.who, self.draw.gauss(0, 1))

    def _shape(self, visit: Visit) -> float:
        return self.SHAPE[visit.time] * (1 - 0.15 * visit.arm) * (1 - 0.1 * visit.period)

    def rating(self, visit: Visit, top: float = 100) -> float:
        """Return a rating from 0 to `top`."""
        middle = 0.05 + 0.55 * self._shape(visit) + 0.06 * self._own(visit)
        return min(max(top * (middle + self.draw.gauss(0, 0.07)), 0), top)

    def height(self, visit: Visit) -> float:
        """Return the height of a jump in cm."""
        middle = 36 + 3 * self._own(visit) - 2.5 * self._shape(visit)
        return middle + self.draw.gauss(0, 0.9)

    def enzyme(self, visit: Visit) -> float:
        """Return creatine kinase in U/L."""
        growth = 1 + 2.5 * self._shape(visit)
        return 150 * growth * 2.0 ** (0.4 * self._own(visit) + self.draw.gauss(0, 0.2))

    def around(self, middle: float, spread: float) -> float:
        """Return a number that nothing depends on."""
        return self.draw.gauss(middle, spread)


def delimited(rows: Rows, mark: str = ",", encoding: str = "utf-8", end: str = "\n") -> bytes:
    """Return rows as a text file."""
    stream = StringIO(newline="")
    csv.writer(stream, delimiter=mark, lineterminator=end).writerows(rows)
    return stream.getvalue().encode(encoding)


def workbook(sheets: dict[str, Rows]) -> bytes:
    """Return sheets as an xlsx file."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([None if value == "" else value for value in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def comma(number: float, digits: int = 1) -> str:
    """Return a number with a decimal comma."""
    return f"{number:.{digits}f}".replace(".", ",")


def filled(header: Sequence[str], values: dict[str, Any]) -> list[Any]:
    """Return a row with the columns of `values` filled and the others empty."""
    assert set(values) <= set(header), set(values) - set(header)
    return [values.get(name, "") for name in header]
