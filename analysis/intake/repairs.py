"""Repairs: what trial.yaml allows to be read otherwise than typed, each one on record.

Only cells that the analysis uses are repaired and recorded; whatever else stands in a file never
reaches an output.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from analysis.errors import Issue
from analysis.intake.codes import counted, issue, quoted
from analysis.intake.layout import Cell, at_cell
from analysis.intake.tabulate import RawTable, Repair
from analysis.intake.values import has_decimal_comma, has_point
from analysis.trial import Dialect

BOM = "byte-order mark"
BLANKS = "blanks"
COMMA = "decimal comma"
_ASKED = {
    BLANKS: "blanks around them were removed, as `trim_blanks` asks",
    COMMA: "the decimal comma was read as a point, as `csv: decimal` asks",
}


def trimmed_header(table: RawTable) -> tuple[RawTable, list[Repair]]:
    """Return a table whose headers have no blanks around them."""
    header = tuple(name.strip() for name in table.header)
    pairs = zip(table.header, header, strict=True)
    repairs = [
        Repair(table.file, table.header_row, new, old, new, BLANKS)
        for old, new in pairs
        if old != new and new
    ]
    return replace(table, header=header), repairs


def trimmed_labels(table: RawTable, columns: Collection[str]) -> tuple[RawTable, list[Repair]]:
    """Return a table without blanks around the labels in some of its columns."""
    places = [place for place, name in enumerate(table.header) if name in columns]
    repairs: list[Repair] = []
    rows = []
    for number, row in zip(table.numbers, table.rows, strict=True):
        fields = list(row)
        for place in places:
            old, new = row[place], row[place].strip()
            if old != new:
                repairs.append(Repair(table.file, number, table.header[place], old, new, BLANKS))
                fields[place] = new
        rows.append(tuple(fields))
    return replace(table, rows=tuple(rows)), repairs


def with_points(cells: Iterable[Cell], dialect: Dialect) -> tuple[list[Cell], list[Repair]]:
    """Return the cells with decimal points, where trial.yaml declares a decimal comma."""
    if dialect.decimal != ",":
        return list(cells), []
    kept: list[Cell] = []
    repairs: list[Repair] = []
    for cell in cells:
        if has_decimal_comma(cell.text):
            new = cell.text.replace(",", ".")
            repairs.append(Repair(cell.file, cell.row, cell.column, cell.text, new, COMMA))
            cell = replace(cell, text=new)
        kept.append(cell)
    return kept, repairs


def check_points(cells: Sequence[Cell], dialect: Dialect, texts: bool = True) -> Iterator[Issue]:
    """F06: where a decimal comma is declared, a point could stand for thousands.

    `cells` are as typed. Where a file has no `texts` but numbers, their points were put by us.
    """
    if dialect.decimal != "," or not texts:
        return
    pointed = [cell for cell in cells if has_point(cell.text)]
    if pointed:
        first = pointed[0]
        message = (
            f"{quoted(first.text)} has a point, but trial.yaml declares a decimal comma "
            f"({counted(len(pointed), 'cell')} like this, first in row {first.row}). It could mean "
            "a decimal or thousands."
        )
        remedy = "Write all numbers of the file in one way, without thousands separators."
        yield at_cell("F06", first, message, remedy)


def check_repairs(repairs: Iterable[Repair]) -> Iterator[Issue]:
    """F18: what was not read as typed is said, once per file and kind.

    Byte-order marks are F03.
    """
    alike: dict[tuple[str, str], list[Repair]] = {}
    for each in sorted(set(repairs)):
        alike.setdefault((each.file, each.repair), []).append(each)
    for (file, kind), made in alike.items():
        if kind not in _ASKED:
            continue
        cells = counted(len(made), "cell")
        message = (
            f"{cells} {'was' if len(made) == 1 else 'were'} not read as typed: {_ASKED[kind]}."
        )
        remedy = "Nothing needs to be done; repairs.csv has each cell as typed and as read."
        yield issue("F18", file, message, remedy, row=made[0].row, column=made[0].column,
                    value=str(len(made)))  # fmt: skip


def as_typed(issues: Iterable[Issue], repairs: Iterable[Repair]) -> Iterator[Issue]:
    """Return issues whose value is what the user typed, also where it was repaired."""
    typed = {(each.file, each.row, each.column, each.new): each.old for each in repairs}
    for each in issues:
        old = typed.get((each.file, each.row or 0, each.column, each.value))
        yield each if old is None else replace(each, value=old)
