"""Repairs: what trial.yaml allows to be read otherwise than typed, each one on record.

Only cells that the analysis uses are repaired and recorded; whatever else stands in a file never
reaches an output.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from analysis.errors import Issue
from analysis.intake.codes import counted, issue, quoted
from analysis.intake.layout import Cell
from analysis.intake.tabulate import RawTable, Repair
from analysis.intake.values import has_decimal_comma, has_point
from analysis.trial import Dialect

BOM = "byte-order mark"
BLANKS = "blanks"
COMMA = "decimal comma"


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


def check_points(cells: Sequence[Cell], dialect: Dialect) -> Iterator[Issue]:
    """F06: where a decimal comma is declared, a point could stand for thousands.

    `cells` are as typed. A workbook holds numbers, not texts: their points were put there by us.
    """
    workbook = bool(cells) and cells[0].file.lower().endswith((".xlsx", ".ods"))
    if dialect.decimal != "," or workbook:
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
        yield issue(
            "F06", first.file, message, remedy, row=first.row, column=first.column, value=first.text
        )


def as_typed(issues: Iterable[Issue], repairs: Iterable[Repair]) -> Iterator[Issue]:
    """Return issues whose value is what the user typed, also where it was repaired."""
    typed = {(each.file, each.row, each.column, each.new): each.old for each in repairs}
    for each in issues:
        old = typed.get((each.file, each.row or 0, each.column, each.value))
        yield each if old is None else replace(each, value=old)
