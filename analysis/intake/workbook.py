"""Sheets of an .xlsx file as records of texts.

openpyxl reads them, because it tells spreadsheet errors and formulas without a stored result from
empty cells; a reader that returns nothing for them would turn them into missing values.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice, zip_longest
from typing import Any
from zipfile import BadZipFile, ZipFile

from analysis.intake.codes import listed, quoted, suggestion
from analysis.intake.exports_read import tabulate_known
from analysis.intake.headers import Range, merged_cells
from analysis.intake.limits import too_many_rows
from analysis.intake.tabulate import (
    Reading,
    Record,
    failed,
    has_content,
    trimmed,
    within,
)
from analysis.trial import Dialect

_MAX_UNPACKED = 300_000_000
_EXCEL_ROWS = 1_048_576


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as texts, and its blocks of merged cells."""

    records: list[Record]
    merged: list[Range] = field(default_factory=list)


def read_workbook(
    file: str,
    content: bytes,
    sheet: str | None,
    needed: Collection[str],
    dialect: Dialect | None = None,
) -> Reading:
    """Read one sheet of a workbook; it must be named where there are several."""
    kind = "." + file.lower().rsplit(".", 1)[1]
    problem = _not_a_workbook(content, kind)
    if problem:
        return failed("F14", file, problem, "Save it in Excel as .xlsx, or as CSV (UTF-8).")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl mentions features that hold no cells
            page = _sheet(file, content, sheet)
    except Exception as damage:  # whatever goes wrong inside a damaged file comes through
        message = f"The workbook cannot be read; it seems to be damaged ({type(damage).__name__})."
        return failed("F14", file, message, f"Open it and save it again as {kind}.")
    return page if isinstance(page, Reading) else _tabulated(file, page, needed, dialect)


def sheets_of(file: str, content: bytes) -> dict[str, list[Record]]:
    """Return the records of every sheet, by name; none where the workbook cannot be read."""
    if _not_a_workbook(content, "." + file.lower().rsplit(".", 1)[1]):
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if file.lower().endswith(".ods"):
                from analysis.intake.ods import read_ods

                return {name: page.records for name, page in read_ods(content).items()}
            books = _opened(content)
            return {
                page.title: _records(books, place) for place, page in enumerate(books[0].worksheets)
            }
    except Exception:  # `read_workbook` says what is wrong
        return {}


def _tabulated(file: str, page: Sheet, needed: Collection[str], dialect: Dialect | None) -> Reading:
    records = page.records
    while records and not has_content(records[-1]):
        records.pop()  # empty rows that spreadsheets keep at the end
    width = max((len(record) for record in records), default=0)
    too_large = too_many_rows(file, len(records), width)
    if too_large is not None:
        return too_large
    records = [record + ("",) * (width - len(record)) for record in records]
    reading = tabulate_known(file, records, needed, dialect=dialect)
    if reading.table is None and any(each.code != "F09" for each in reading.issues):
        return reading
    rows = within(records, dialect or Dialect())
    first, last, header = rows[0][0], rows[-1][0], rows[0][1]
    if reading.table is not None:
        first, header = reading.table.header_row, reading.table.header
        last = max(reading.table.numbers, default=first)
    merged = merged_cells(page.merged, first, last, len(trimmed(header)))
    return reading if merged is None else failed("F08", file, *merged, row=first)


def _not_a_workbook(content: bytes, kind: str) -> str:
    if content[:4] == b"\xd0\xcf\x11\xe0":
        return "The workbook is in the old .xls format or protected by a password."
    try:
        with ZipFile(BytesIO(content)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except (BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return f"The file is not an {kind} workbook, or it is cut off."
    return "The workbook is too large to be a data sheet." if unpacked > _MAX_UNPACKED else ""


def _sheet(file: str, content: bytes, sheet: str | None) -> Sheet | Reading:
    if file.lower().endswith(".ods"):
        from analysis.intake.ods import read_ods

        pages = read_ods(content)
        place = _chosen(file, list(pages), sheet)
        return place if isinstance(place, Reading) else list(pages.values())[place]
    return _excel(file, content, sheet)


def _chosen(file: str, names: list[str], sheet: str | None) -> int | Reading:
    if sheet is None and len(names) != 1:
        message = f"The workbook has {len(names)} sheets ({listed(names)}); expected one."
        return failed("F08", file, message, "Write `sheet:` and its name under the outcome.")
    if sheet is not None and sheet not in names:
        message = f"There is no sheet {quoted(sheet)}; the workbook has {listed(names)}."
        remedy = suggestion(sheet, names) + "Correct `sheet` in trial.yaml."
        return failed("F08", file, message, remedy, value=sheet)
    return names.index(sheet) if sheet is not None else 0


def _excel(file: str, content: bytes, sheet: str | None) -> Sheet | Reading:
    books = _opened(content)
    names = [each.title for each in books[0].worksheets]
    place = _chosen(file, names, sheet)
    if isinstance(place, Reading):
        return place
    return Sheet(_records(books, place), _merged_in_excel(content, names[place]))


def _opened(content: bytes) -> tuple[Any, Any]:
    """Return an Excel workbook with the results of formulas, and with the formulas."""
    import openpyxl

    results = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    return results, openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=False)


def _records(books: tuple[Any, Any], place: int) -> list[Record]:
    pages = [book.worksheets[place] for book in books]
    for page in pages:
        page.reset_dimensions()  # some programs store a wrong size of the sheet
    rows = zip_longest(*(page.iter_rows() for page in pages), fillvalue=())
    records = [_record(shown, typed) for shown, typed in islice(rows, _EXCEL_ROWS)]
    if next(rows, None) is not None:  # a row number that no sheet has; all rows above it come too
        raise ValueError("more rows than a sheet has")
    return records


def _merged_in_excel(content: bytes, sheet: str) -> list[Range]:
    """Return the merged blocks, which openpyxl does not know when it reads row by row."""
    with ZipFile(BytesIO(content)) as archive:
        pages = [name for name in archive.namelist() if "worksheets/" in name]
        if not any(b"mergeCell" in archive.read(name) for name in pages):
            return []
    from python_calamine import load_workbook

    found = load_workbook(BytesIO(content)).get_sheet_by_name(sheet).merged_cell_ranges or []
    return [(top + 1, left + 1, low + 1, right + 1) for (top, left), (low, right) in found]


def _record(shown: Iterable[Any], typed: Iterable[Any]) -> Record:
    return tuple(
        as_text(result.value if result.value is not None else _formula(formula.value))
        for result, formula in zip(shown, typed, strict=False)
    )


def _formula(value: Any) -> Any:
    return getattr(value, "text", value)  # an array formula is an object around its text


def as_text(value: Any) -> str:
    """Return a cell as it would be typed: 24 and not 24.0; dates as 2024-03-02."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value)
