"""A table as typed -> one cell per value, with the labels of its participant, arm and time.

Long and wide files become the same cells here; everything after this module knows only cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby

from analysis.intake.labels import spellings
from analysis.intake.pattern import Matcher, Slot, placeholders
from analysis.intake.tabulate import RawTable
from analysis.intake.values import MissingCodes
from analysis.trial import Outcome, Trial

LABELS = ("participant", "arm", "time", "period", "sequence", "occasion")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as typed, where it stands, and its labels as typed.

    `trial` tells replicates of a visit apart in a wide file: the label in the header, or the row.
    """

    outcome: str
    file: str
    row: int
    column: str
    text: str
    participant: str
    arm: str
    time: str
    period: str = ""
    sequence: str = ""
    occasion: str = ""
    trial: str = ""

    @property
    def place(self) -> str:
        """File and row, in words."""
        return f"{self.file} row {self.row}"


@dataclass(frozen=True)
class Source:
    """One outcome's part of one table."""

    trial: Trial
    outcome: Outcome
    table: RawTable

    @cached_property
    def wanted(self) -> dict[str, str]:
        """Header of every column that trial.yaml names for this outcome, by its role."""
        return wanted_columns(self.outcome)

    @cached_property
    def headers(self) -> dict[str, set[Slot]]:
        """Wide layout: every header that the pattern can read, with its readings."""
        found = {name: self.matcher.slots(name) for name in self.free_headers}
        return {name: slots for name, slots in found.items() if slots}

    @cached_property
    def matcher(self) -> Matcher:
        """Wide layout: the reader of headers."""
        pattern = self.outcome.pattern or ""
        return Matcher(pattern, spellings(self.trial.times), spellings(self.trial.arms))

    @cached_property
    def free_headers(self) -> list[str]:
        """Headers that are not columns of labels."""
        taken = set(self.wanted.values())
        return [name for name in self.table.header if name not in taken and name.strip()]

    def column(self, header: str) -> int:
        """Return the position of a column."""
        return self.table.header.index(header)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the rows that belong to the outcome, with their numbers."""
        where = [(self.column(name), label) for name, label in self.outcome.where.items()]
        for number, row in zip(self.table.numbers, self.table.rows, strict=True):
            if all(row[place] == label for place, label in where):
                yield number, row

    def participants(self) -> dict[str, int]:
        """Return every participant code in the rows of the outcome, with its first row."""
        place = self.column(self.wanted["participant"])
        first: dict[str, int] = {}
        for number, row in self.rows():
            if row[place].strip():
                first.setdefault(row[place], number)
        return first


def wanted_columns(outcome: Outcome) -> dict[str, str]:
    """Return the header of every column that an outcome's file must have, by its role."""
    wide = placeholders(outcome.pattern or "")
    skipped = {*wide, *(["time"] if outcome.pattern else [])}
    roles = {role: getattr(outcome.columns, role) for role in LABELS if role not in skipped}
    wanted = {role: header for role, header in roles.items() if header is not None}
    if outcome.value is not None:
        wanted["value"] = outcome.value
    return wanted | {f"where {name}": name for name in outcome.where}


def cells_of(source: Source) -> list[Cell]:
    """Return one cell per value of an outcome; its columns must be there."""
    return list(_wide(source) if source.outcome.pattern else _long(source))


def _long(source: Source) -> Iterator[Cell]:
    places = _label_places(source)
    value = source.column(source.wanted["value"])
    for number, row in source.rows():
        yield _cell(source, number, source.wanted["value"], row[value], _labels(row, places))


def _wide(source: Source) -> Iterator[Cell]:
    """Yield the cells of every row; a block of an arm or period that is all empty is not there.

    With {arm} in the pattern a row has columns of all arms, also of those that the participant of
    a parallel trial never got.
    """
    places = _label_places(source)
    codes = MissingCodes.of(source.trial.missing_codes)
    slots = [(name, min(found, key=repr)) for name, found in source.headers.items()]
    slots.sort(key=lambda each: (each[1].arm, each[1].period))
    groups = groupby(slots, key=lambda each: (each[1].arm, each[1].period))
    blocks = [list(each) for _, each in groups]
    for number, row in source.rows():
        shared = _labels(row, places)
        for block in blocks:
            texts = [row[source.column(name)] for name, _ in block]
            if len(blocks) > 1 and all(codes.match(text) for text in texts):
                continue
            for (name, slot), text in zip(block, texts, strict=True):
                own = {key: label for key, label in asdict(slot).items() if label}
                labels = {"trial": f"row {number}"} | shared | own
                yield _cell(source, number, name, text, labels)


def _label_places(source: Source) -> dict[str, int]:
    return {role: source.column(name) for role, name in source.wanted.items() if role in LABELS}


def _labels(row: tuple[str, ...], places: Mapping[str, int]) -> dict[str, str]:
    return {role: row[place] for role, place in places.items()}


def _cell(source: Source, row: int, column: str, text: str, labels: Mapping[str, str]) -> Cell:
    return Cell(source.outcome.name, source.table.file, row, column, text, **labels)
