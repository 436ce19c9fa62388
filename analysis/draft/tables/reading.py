"""The files of a folder -> tables, and how each is written; read by the workflow's own reader.

What trial.yaml would have to say (header row, delimiter, encoding, export) is found here and then
handed to `analysis.intake.read`, so that a draft never rests on a table the workflow cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.draft.labels.measures import kind_of
from analysis.draft.tables.heading import Shape, delimiter_of, shape_of, text_records
from analysis.draft.tables.letters import encoding_of
from analysis.intake.encoding import decoded
from analysis.intake.exports import EXPORTS, recognised
from analysis.intake.read import read_table
from analysis.intake.repairs import trimmed_header
from analysis.intake.statfile import PROGRAMS
from analysis.intake.tabulate import HEADER_SEARCH, RawTable, Reading, Record
from analysis.intake.values import exact, has_decimal_comma, has_point
from analysis.intake.workbook import sheets_of
from analysis.trial import Dialect

DATA = (".csv", ".tsv", ".txt", ".xlsx", ".ods", *PROGRAMS)
_BOOKS = (".xlsx", ".ods")
_RELIABLE = 0.8


@dataclass(frozen=True)
class Part:
    """One of several files or sheets that continue each other, and the texts in its name."""

    file: str
    sheet: str | None
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """One table of one file: its cells without blanks around them, and how it is read.

    Attributes
    ----------
    frame : DataFrame
        One column of texts per header; the empty text where a cell is empty.
    table : RawTable
        The same as typed, blanks around headers aside.
    reasons : mapping
        Why the reader is told what it is told, by key of trial.yaml.
    questions : mapping
        What a column says in a row below its header, where the system writes one.
    parts : tuple of Part
        The files that were joined to this table, where there are several.
    """

    file: str
    sheet: str | None
    dialect: Dialect
    frame: pd.DataFrame
    table: RawTable
    reasons: Mapping[str, str]
    questions: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def place(self) -> str:
        """File and sheet, in words."""
        if self.parts:
            return f"{self.file} and {len(self.parts) - 1} more"
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file

    @property
    def export(self) -> str | None:
        """Name of the system that wrote the file, where it is known."""
        return self.dialect.export


@dataclass(frozen=True)
class Pages:
    """The tables of a folder; one line for each file or sheet that could not be used."""

    pages: tuple[Page, ...]
    problems: tuple[str, ...]
    skipped: tuple[str, ...]


def read_pages(files: Mapping[str, bytes]) -> Pages:
    """Return every table in the files of a trial.

    Parameters
    ----------
    files : mapping
        Contents by name. Files that are no data files are named in `skipped`.
    """
    pages: list[Page] = []
    problems: list[str] = []
    data = {name: each for name, each in files.items() if name.lower().endswith(DATA)}
    for name, content in data.items():
        for found in _pages_of(name, content):
            if isinstance(found, Page):
                pages.append(found)
            else:
                problems.append(found)
    skipped = tuple(name for name in files if name not in data)
    return Pages(tuple(pages), tuple(problems), skipped)


def _pages_of(file: str, content: bytes) -> Iterator[Page | str]:
    if file.lower().endswith(tuple(PROGRAMS)):
        yield _labelled_page(file, content)
        return
    if not file.lower().endswith(_BOOKS):
        yield _text_page(file, content)
        return
    sheets = sheets_of(file, content)
    if not sheets:
        yield _page(file, content, None, Dialect(), {})
        return
    for name, records in sheets.items():
        sheet = name if len(sheets) > 1 else None
        shape, reasons = _known_shape(records)
        dialect = Dialect(**shape)
        if sheet is None or any(len(record) > 1 for record in records):
            yield _page(file, content, sheet, dialect, reasons)


def _known_shape(records: list[Record]) -> tuple[Shape, dict[str, str]]:
    """Return where the table lies in its records, and why; exports say it by their headers."""
    export = recognised(records[:HEADER_SEARCH])
    if export is not None:
        label = EXPORTS[export].label
        return {"export": export}, {"export": f"its headers are those of {label}"}
    return shape_of(records)


def _text_page(file: str, content: bytes) -> Page | str:
    encoding, why = encoding_of(file, content)
    reasons = {"encoding": why} if encoding else {}
    text = decoded(file, content, encoding)
    if isinstance(text, Reading):
        return text.issues[0].line()
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return _page(file, content, None, Dialect(), {})
    mark = "tab" if file.lower().endswith(".tsv") else delimiter_of(text)
    records = text_records(text, mark)
    shape, more = _known_shape(records)
    dialect = Dialect(encoding=encoding, **shape)
    reasons |= more
    page = _page(file, content, None, dialect, reasons)
    if isinstance(page, Page) and page.frame.shape[1] > 1:
        return replace(page, questions=_questions(records, page.export))
    reasons["delimiter"] = "with others there is one column, or rows differ in length"
    told = _page(file, content, None, replace(dialect, delimiter=mark), reasons)
    broken = isinstance(told, str) and max(map(len, records), default=0) > 1
    return told if broken or (isinstance(told, Page) and told.frame.shape[1] > 1) else page


def _questions(records: list[Record], name: str | None) -> dict[str, str]:
    """Return the row below the header, where the exporting system describes its columns there."""
    export = EXPORTS.get(name or "")
    row = export.row_of_header(records[:HEADER_SEARCH]) if export and export.below else None
    return {} if row is None else dict(zip(records[row - 1], records[row], strict=False))


def _page(
    file: str, content: bytes, sheet: str | None, dialect: Dialect, reasons: Mapping[str, str]
) -> Page | str:
    reading = read_table(file, content, sheet, (), dialect)
    if reading.table is None:
        return reading.issues[0].line()
    return _as_page(reading.table, sheet, dialect, reasons)


def _labelled_page(file: str, content: bytes) -> Page | str:
    """Return the table of a statistical program: with labels for codes that all have one.

    Ratings keep their numbers, which the workflow reads as values.
    """
    plain = read_table(file, content).table
    if plain is None:
        return _page(file, content, None, Dialect(), {})
    named = read_table(file, content, labels=plain.header).table or plain
    columns = [
        labels
        if kind_of(header) is None and not any(exact(text) is not None for text in labels)
        else codes
        for header, codes, labels in zip(
            plain.header, zip(*plain.rows, strict=True), zip(*named.rows, strict=True), strict=True
        )
    ]
    table = replace(plain, rows=tuple(zip(*columns, strict=True)))
    return _as_page(table, None, Dialect(), {})


def _as_page(
    table: RawTable, sheet: str | None, dialect: Dialect, reasons: Mapping[str, str]
) -> Page:
    frame = _frame(table)
    found = dict(reasons)
    if _decimal_comma(frame):
        dialect = replace(dialect, decimal=",")
        found["decimal"] = "the numbers have commas and no points"
    if _blanks(table, dialect):
        dialect = replace(dialect, trim_blanks=True)
        found["trim_blanks"] = "headers or labels have blanks around them"
    return Page(table.file, sheet, dialect, frame, trimmed_header(table)[0], found)


def _frame(table: RawTable) -> pd.DataFrame:
    named = [place for place, name in enumerate(table.header) if name.strip()]
    columns = {
        table.header[place].strip(): [row[place].strip() for row in table.rows] for place in named
    }
    return pd.DataFrame(columns, index=list(table.numbers), dtype=str)


def _decimal_comma(frame: pd.DataFrame) -> bool:
    """Whether a whole column has decimal commas, and no cell of such a column a point."""
    found = False
    for name in frame:
        filled = [text for text in frame[name] if text]
        commas = sum(map(has_decimal_comma, filled))
        if commas and commas > (1 - _RELIABLE) * len(filled):
            if any(map(has_point, filled)):
                return False
            found = True
    return found


def _blanks(table: RawTable, dialect: Dialect) -> bool:
    """Whether headers or labels have blanks around them that the reader would keep."""
    headers = dialect.export is None and any(name != name.strip() for name in table.header)
    return headers or any(
        text != text.strip() and any(each.isalpha() for each in text)
        for row in table.rows
        for text in row
    )
