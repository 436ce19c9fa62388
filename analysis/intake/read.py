"""Bytes of a file -> a table of cells as typed, with the user's row numbers.

Nothing is guessed and nothing is converted. Reading goes through four steps, each of which a
further format can extend: the kind of file (`read_table`), bytes to text (`encoding`), text to
records (`_split`, `_chosen`), records to a table (`tabulate`).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from itertools import islice

from analysis.intake import repairs
from analysis.intake.codes import either, issue, quoted
from analysis.intake.encoding import decoded
from analysis.intake.exports_read import tabulate_known
from analysis.intake.limits import too_many_bytes, too_many_rows
from analysis.intake.statfile import PROGRAMS, read_statfile
from analysis.intake.tabulate import (
    HEADER_SEARCH,
    Reading,
    Record,
    Repair,
    failed,
    has_content,
    matches,
    misfits,
    within,
)
from analysis.intake.workbook import read_workbook
from analysis.trial import Dialect

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_FIELD_LIMIT = 1_000_000
_SAVE = "Save it as CSV with commas between the columns, and call it .csv (tabs: .tsv)."
_BOM = "\ufeff"


def read_table(
    file: str,
    content: bytes,
    sheet: str | None = None,
    needed: Collection[str] = (),
    dialect: Dialect | None = None,
    labels: Collection[str] = (),
) -> Reading:
    """Read a csv, tsv, txt, xlsx, ods, dta, sas7bdat or sav file.

    Parameters
    ----------
    file : str
        Name of the file in the trial's folder.
    content : bytes
    sheet : str, optional
        Sheet of a workbook; needed where it has several.
    needed : collection of str
        Headers that trial.yaml names for this file. They tell a delimiter and a header row from
        accidental ones; whether all of them are there is checked elsewhere (S01).
    dialect : Dialect, optional
        How trial.yaml says that the file is written.
    labels : collection of str
        Those of the headers under which labels stand: codes with value labels are replaced there.
    """
    dialect = dialect or Dialect()
    too_large = too_many_bytes(file, len(content))
    if too_large is not None:
        return too_large
    if file.lower().endswith((".xlsx", ".ods")):
        return _of_numbers(read_workbook(file, content, sheet, needed, dialect))
    if file.lower().endswith(tuple(PROGRAMS)):
        return _of_numbers(read_statfile(file, content, needed, labels, dialect))
    return _read_text(file, content, needed, dialect)


def _of_numbers(reading: Reading) -> Reading:
    table = reading.table
    return reading if table is None else replace(reading, table=replace(table, texts=False))


def _read_text(file: str, content: bytes, needed: Collection[str], dialect: Dialect) -> Reading:
    text = decoded(file, content, dialect.encoding)
    if isinstance(text, Reading):
        return text
    too_large = too_many_rows(file, max(text.count("\n"), text.count("\r")))
    if too_large is not None:
        return too_large
    marked = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    tab_only = file.lower().endswith(".tsv")
    marks = (
        [DELIMITERS[dialect.delimiter]] if dialect.delimiter else ["\t"] * tab_only or _DELIMITERS
    )
    reading = _chosen(file, text, [_split(text, mark, dialect) for mark in marks], needed)
    return _without_mark(reading, file, dialect) if marked else reading


def _without_mark(reading: Reading, file: str, dialect: Dialect) -> Reading:
    """Return a reading that says that a byte-order mark was there, and was not read."""
    message = "The file starts with a byte-order mark; it is not part of the first header."
    note = issue("F03", file, message, "Nothing needs to be done.", row=1)
    notes = () if dialect.encoding else (note,)
    first = reading.table.header[0] if reading.table and reading.table.header_row == 1 else ""
    repair = Repair(file, 1, first, _BOM + first, first, repairs.BOM)
    return replace(reading, issues=(*notes, *reading.issues), repairs=(repair, *reading.repairs))


@dataclass(frozen=True)
class _Split:
    """A text cut at one delimiter; `broken` is the row in which the quotation marks fail."""

    delimiter: str
    records: tuple[Record, ...]
    broken: int | None
    dialect: Dialect

    @cached_property
    def rows(self) -> list[Record]:
        """The records with content, from the header on."""
        return [record for _, record in within(self.records, self.dialect)]

    @cached_property
    def header(self) -> Record:
        """The first of them."""
        first = (self.dialect.header_row or 1) - 1
        records = islice(self.records, first, self.dialect.last_row)
        return next((record for record in records if has_content(record)), ())

    def sound(self, needed: Collection[str]) -> bool:
        """Whether all records have the fields of the header, and it names what is needed."""
        named = self.broken is None and matches(self.header, needed) == len(set(needed))
        return named and not misfits(self.rows, self.header)


def _split(text: str, delimiter: str, dialect: Dialect) -> _Split:
    records: list[Record] = []
    broken = None
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records.extend(map(tuple, reader))
    except csv.Error:
        broken = len(records) + 1
    return _Split(delimiter, tuple(records), broken, dialect)


def _chosen(file: str, text: str, splits: list[_Split], needed: Collection[str]) -> Reading:
    """Return the table by the one delimiter that fits, or what is wrong with the best one."""
    sound = sorted((each for each in splits if each.sound(needed)), key=lambda s: -len(s.header))
    if len(sound) > 1 and len(sound[0].header) == len(sound[1].header) > 1:
        marks = " as well as ".join(_DELIMITERS[each.delimiter] for each in sound[:2])
        message = f"The columns can be told apart by {marks}."
        remedy = "Write which one it is, for example `csv: {delimiter: semicolon}`."
        return failed("F05", file, message, remedy, 1)
    if sound:
        return tabulate_known(file, sound[0].records, needed, dialect=sound[0].dialect)
    best = max(splits, key=lambda each: (_best_match(each.records, needed), len(each.header)))
    if best.broken is not None:
        message = (
            f"The quotation marks do not match from row {best.broken} on: one is opened and never "
            "closed, or text follows a closing one."
        )
        remedy = "Correct the marks in that row, or export the file again."
        return failed("F02", file, message, remedy, best.broken)
    if len(best.header) == 1 and needed and not _best_match(best.records, needed):
        tried = either(_DELIMITERS[each.delimiter] for each in splits)
        message = f"Read with {tried}, the file has one column named {quoted(best.header[0])}."
        remedy = _declared_remedy(best) or _SAVE
        return failed("F05", file, message, remedy, 1)
    open_end = not text.endswith(("\n", "\r"))
    return tabulate_known(file, best.records, needed, open_end, best.dialect)


def _declared_remedy(split: _Split) -> str:
    """Return what to do where trial.yaml declares a delimiter that the header does not have."""
    declared = split.dialect.delimiter
    others = [name for name, mark in DELIMITERS.items() if mark in split.header[0]]
    found = f" The header has a {others[0]} in it." if others else ""
    return f"Correct `csv: {{delimiter: {declared}}}`.{found}" if declared else ""


def _best_match(records: Sequence[Record], needed: Collection[str]) -> int:
    return max((matches(each, needed) for each in records[:HEADER_SEARCH]), default=0)
