"""Sheets of an .ods file (LibreOffice, OpenOffice) as records of texts.

Read here and not by a library, because the one at hand returns spreadsheet errors and formulas
without a result as empty cells, which would turn them into missing values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from xml.etree.ElementTree import Element, iterparse
from zipfile import ZipFile

from analysis.intake.headers import Range
from analysis.intake.tabulate import Record
from analysis.intake.workbook import Sheet, as_text

_MAX_CELLS = 20_000_000
_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TABLE, _TEXT = (_OASIS % part for part in ("office", "table", "text"))
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def read_ods(content: bytes) -> dict[str, Sheet]:
    """Return every sheet of a workbook by its name.

    Raises
    ------
    Exception
        Whatever goes wrong inside a damaged file.
    """
    pages: dict[str, _Page] = {}
    page = _Page()
    with ZipFile(BytesIO(content)) as archive:
        text = archive.read("content.xml")
    if b"<!ENTITY" in text:
        raise ValueError("entities, which could fill the memory")
    for event, node in iterparse(BytesIO(text), events=("start", "end")):
        if event == "start" and node.tag == f"{_TABLE}table":
            page = pages.setdefault(node.get(f"{_TABLE}name", ""), _Page())
        elif event == "end" and node.tag == f"{_TABLE}table-row":
            page.add(node)
            node.clear()
    return {name: Sheet(each.records, each.merged) for name, each in pages.items()}


@dataclass
class _Page:
    """A sheet while it is read; `pending` empty rows count only if a filled one follows."""

    records: list[Record] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    pending: int = 0
    size: int = 0

    def add(self, node: Element) -> None:
        """Add a row as often as it is repeated."""
        times = _count(node, "number-rows-repeated")
        cells = [
            (_text_of(cell), _count(cell, "number-columns-repeated"), cell)
            for cell in node
            if cell.tag in _CELLS
        ]
        while cells and not cells[-1][0]:
            cells.pop()  # one empty cell, repeated to the edge of the sheet
        if not cells:
            self.pending += times
            return
        self.size += self.pending + times * sum(repeated for _, repeated, _ in cells)
        if self.size > _MAX_CELLS:
            raise ValueError("more cells than a data sheet has")
        self.records += [()] * self.pending
        self.pending = 0
        record: list[str] = []
        for text, repeated, cell in cells:
            self.merged += _merged(cell, len(self.records) + 1, len(record) + 1)
            record += [text] * repeated
        self.records += [tuple(record)] * times


def _count(node: Element, name: str) -> int:
    return max(int(node.get(f"{_TABLE}{name}", "1")), 1)


def _merged(cell: Element, row: int, column: int) -> list[Range]:
    rows, columns = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
    return [(row, column, row + rows - 1, column + columns - 1)] if rows * columns > 1 else []


def _text_of(cell: Element) -> str:
    """Return a cell as it would be typed; numbers as stored, not as shown."""
    kind = cell.get(f"{_OFFICE}value-type")
    shown = "\n".join("".join(_pieces(each)) for each in cell.findall(f"{_TEXT}p"))
    if cell.get(f"{_CALC}value-type") == "error":
        return shown or "#N/A"
    number = cell.get(f"{_OFFICE}value")
    if kind in ("float", "percentage", "currency") and number is not None:
        return as_text(float(number))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", "").upper()
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", shown).removesuffix("T00:00:00").replace("T", " ")
    if kind is None and not shown:
        return cell.get(f"{_TABLE}formula", "")  # without a result
    return shown


def _pieces(node: Element) -> list[str]:
    """Return the texts of a paragraph; blanks, tabs and line breaks are elements of their own."""
    signs = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    pieces = [node.text or ""]
    for each in node:
        if each.tag in signs:
            pieces.append(signs[each.tag] * min(max(int(each.get(f"{_TEXT}c", "1")), 1), 100))
        elif each.tag != f"{_OFFICE}annotation":
            pieces += _pieces(each)
        pieces.append(each.tail or "")
    return pieces
