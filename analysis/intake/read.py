"""Bytes of a file -> a table of cells as typed, with the user's row numbers.

Nothing is guessed and nothing is converted. Reading goes through four steps, each of which a
further format can extend: the kind of file (`read_table`), bytes to text (`_decoded`), text to
records (`_split`, `_chosen`), records to a table (`tabulate.tabulate`).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import StringIO

from analysis.intake.codes import either, issue, quoted
from analysis.intake.tabulate import (
    HEADER_SEARCH,
    Reading,
    Record,
    failed,
    has_content,
    misfits,
    tabulate,
)
from analysis.intake.workbook import read_workbook

MAX_BYTES = 50_000_000
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_FIELD_LIMIT = 1_000_000


def read_table(
    file: str, content: bytes, sheet: str | None = None, needed: Collection[str] = ()
) -> Reading:
    """Read a csv, tsv or xlsx file.

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
    """
    if len(content) > MAX_BYTES:
        size = f"{len(content) / 1e6:.0f} MB"
        return failed(
            "F14",
            file,
            f"The file has {size}; at most {MAX_BYTES / 1e6:.0f} MB are read.",
            "Keep only the columns and rows of the trial.",
        )
    if file.lower().endswith(".xlsx"):
        return read_workbook(file, content, sheet, needed)
    return _read_text(file, content, needed)


def _read_text(file: str, content: bytes, needed: Collection[str]) -> Reading:
    text = _decoded(file, content)
    if isinstance(text, Reading):
        return text
    notes = []
    if content.startswith(b"\xef\xbb\xbf"):
        message = "The file starts with a byte-order mark; it is not part of the first header."
        notes.append(issue("F03", file, message, "Nothing needs to be done.", row=1))
    tab_only = file.lower().endswith(".tsv")
    splits = [_split(text, mark) for mark in (["\t"] if tab_only else _DELIMITERS)]
    reading = _chosen(file, text, splits, needed)
    return Reading(reading.table, (*notes, *reading.issues))


def _decoded(file: str, content: bytes) -> str | Reading:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        message = "This is a spreadsheet or an archive, not a text file."
        return failed("F14", file, message, "Rename it to .xlsx, or save it as CSV (UTF-8).")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "The file is UTF-16 (Excel calls it Unicode text); expected UTF-8."
        return failed("F04", file, message, "Save it as 'CSV UTF-8'.")
    if b"\x00" in content:
        row = content[: content.index(b"\x00")].count(b"\n") + 1
        message = "The file contains null bytes; it is damaged or not a text file."
        return failed("F02", file, message, "Export or copy it again.", row)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = content[: problem.start].count(b"\n") + 1
        near = content[max(0, problem.start - 10) : problem.start + 10].decode("cp1252", "replace")
        message = (
            f"Byte {problem.start + 1} is not UTF-8; the file is probably Windows-1252 or Mac "
            f"Roman (near {quoted(near)})."
        )
        return failed("F04", file, message, "Save it as 'CSV UTF-8'.", row)


@dataclass(frozen=True)
class _Split:
    """A text cut at one delimiter; `broken` is the row in which the quotation marks fail."""

    delimiter: str
    records: tuple[Record, ...]
    broken: int | None

    @property
    def header(self) -> Record:
        """The first record with content."""
        return next((record for record in self.records if has_content(record)), ())

    def sound(self, needed: Collection[str]) -> bool:
        """Whether all records have the fields of the header, and it names what is needed."""
        rows = [record for record in self.records if has_content(record)]
        fits = self.broken is None and not misfits(rows, self.header)
        return fits and set(needed) <= set(self.header)


def _split(text: str, delimiter: str) -> _Split:
    records: list[Record] = []
    broken = None
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records.extend(tuple(record) for record in reader)
    except csv.Error:
        broken = len(records) + 1
    return _Split(delimiter, tuple(records), broken)


def _chosen(file: str, text: str, splits: list[_Split], needed: Collection[str]) -> Reading:
    """Return the table by the one delimiter that fits, or what is wrong with the best one."""
    sound = sorted((each for each in splits if each.sound(needed)), key=lambda s: -len(s.header))
    if len(sound) > 1 and len(sound[0].header) == len(sound[1].header) > 1:
        marks = " as well as ".join(_DELIMITERS[each.delimiter] for each in sound[:2])
        message = f"The columns can be told apart by {marks}."
        return failed("F05", file, message, "Save the file as CSV with commas.", 1)
    if sound:
        return tabulate(file, sound[0].records, needed)
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
        remedy = "Save it as CSV with commas between the columns, and call it .csv (tabs: .tsv)."
        return failed("F05", file, message, remedy, 1)
    return tabulate(file, best.records, needed, open_end=not text.endswith(("\n", "\r")))


def _best_match(records: Sequence[Record], needed: Collection[str]) -> int:
    return max((len(set(needed) & set(each)) for each in records[:HEADER_SEARCH]), default=0)
