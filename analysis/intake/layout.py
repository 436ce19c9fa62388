"""A table as typed -> one cell per value, with the labels of its participant, arm and time.

Long and wide files become the same cells here; everything after this module knows only cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from analysis.errors import Issue, Severity
from analysis.intake.codes import in_rows, issue
from analysis.intake.labels import spellings
from analysis.intake.pattern import Matcher, Slot, placeholders
from analysis.intake.tabulate import RawTable
from analysis.intake.values import MissingCodes
from analysis.trial import Outcome, Trial

LABELS = ("participant", "arm", "time", "period", "sequence", "occasion")
WHEN = ("date", "clock")  # columns that bear witness and reach no result


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
    """One outcome's part of one table, and the labels that trial.yaml gives to the whole table."""

    trial: Trial
    outcome: Outcome
    table: RawTable
    constants: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def wanted(self) -> dict[str, str]:
        """Header of every column that trial.yaml names for this outcome, by its role."""
        return wanted_columns(self.outcome, self.constants)

    @property
    def complete(self) -> bool:
        """Whether the table has all of these columns."""
        return set(self.wanted.values()) <= set(self.table.header)

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
        """Headers that are neither columns of labels nor excepted from the pattern."""
        taken = {*self.wanted.values(), *self.outcome.beside}
        return [name for name in self.table.header if name not in taken and name.strip()]

    def column(self, header: str) -> int:
        """Return the position of a column."""
        return self.table.header.index(header)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the rows that belong to the outcome, with their numbers."""
        where = [(self.column(name), label) for name, label in self.outcome.where.items()]
        every = zip(self.table.numbers, self.table.rows, strict=True)
        if not where:
            yield from every
        for number, row in every:
            if all(row[place] == label for place, label in where):
                yield number, row

    def participants(self) -> dict[str, int]:
        """Return every participant code in the rows of the outcome, with its first row."""
        if "participant" in self.constants:
            top = next(self.rows(), None)
            return {} if top is None else {self.constants["participant"]: top[0]}
        place = self.column(self.wanted["participant"])
        first: dict[str, int] = {}
        for number, row in self.rows():
            if row[place].strip():
                first.setdefault(row[place], number)
        return first


def at_cell(
    code: str, cell: Cell, message: str, remedy: str, severity: Severity | None = None
) -> Issue:
    """Return an issue about one cell: in its file and row, with its text as the value."""
    return issue(code, cell.file, message, remedy, row=cell.row, column=cell.column,
                 value=cell.text, severity=severity)  # fmt: skip


def in_files(cells: Iterable[Cell]) -> str:
    """Return where cells stand, in words: their rows, with the files where there are several."""
    rows: dict[str, list[int]] = {}
    for cell in cells:
        rows.setdefault(cell.file, []).append(cell.row)
    if len(rows) == 1:
        return in_rows(next(iter(rows.values())))
    return "; ".join(f"{file} {in_rows(numbers)}" for file, numbers in rows.items())


def both_rows(one: Cell, two: Cell) -> str:
    """Return where two cells stand, in words."""
    if one.file == two.file:
        return f"rows {one.row} and {two.row}"
    return f"{one.place} and {two.place}"


def wanted_columns(outcome: Outcome, constants: Collection[str] = ()) -> dict[str, str]:
    """Return the header of every column that an outcome's file must have, by its role."""
    wide = placeholders(outcome.pattern or "")
    skipped = {*wide, *constants}
    roles = {
        role: getattr(outcome.columns, role) for role in (*LABELS, *WHEN) if role not in skipped
    }
    wanted = {role: header for role, header in roles.items() if header is not None}
    if outcome.value is not None:
        wanted["value"] = outcome.value
    return wanted | {f"where {name}": name for name in outcome.where}


def cells_of(source: Source) -> list[Cell]:
    """Return one cell per value of an outcome; its columns must be there."""
    return list(_wide(source) if source.outcome.pattern else _long(source))


def _long(source: Source) -> Iterator[Cell]:
    outcome, file, column = source.outcome.name, source.table.file, source.wanted["value"]
    value = source.column(column)
    places = _label_places(source)
    # Behind the fields of a row stand the labels of the whole table, empty where there is none.
    behind = [source.constants.get(role, "") for role in LABELS]
    width = len(source.table.header)
    labels = itemgetter(*(places.get(role, width + k) for k, role in enumerate(LABELS)))
    for number, row in source.rows():
        yield Cell(outcome, file, number, column, row[value], *labels((*row, *behind)))


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
        shared = {role: row[place] for role, place in places.items()} | dict(source.constants)
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


def _cell(source: Source, row: int, column: str, text: str, labels: Mapping[str, str]) -> Cell:
    return Cell(source.outcome.name, source.table.file, row, column, text, **labels)
