"""Records of texts -> a table with one header, or what keeps them from being one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from analysis.errors import Issue
from analysis.intake.codes import counted, in_rows, issue, listed, quoted

HEADER_SEARCH = 50

Record = tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """A file as typed: header, rows, and the number of every row in the user's file."""

    file: str
    header: Record
    rows: tuple[Record, ...]
    numbers: tuple[int, ...]
    header_row: int = 1


@dataclass(frozen=True)
class Reading:
    """A table, or None where an issue is an error; and the issues."""

    table: RawTable | None
    issues: tuple[Issue, ...] = ()


def failed(
    code: str, file: str, message: str, remedy: str, row: int | None = None, value: str = ""
) -> Reading:
    """Return the reading of a file that cannot be used."""
    return Reading(None, (issue(code, file, message, remedy, row=row, value=value),))


def tabulate(
    file: str, records: Sequence[Record], needed: Collection[str], open_end: bool = False
) -> Reading:
    """Return records as a table: the first one with content is the header.

    `open_end` says that the file does not end with a line end, as files do that were cut off.
    """
    filled = [(number, each) for number, each in enumerate(records, start=1) if has_content(each)]
    if not filled:
        message = "The file is empty; expected a header and one row per measurement."
        return failed("F01", file, message, "Export it again.")
    (header_row, first), *body = filled
    header = trimmed(first)
    lower = _header_below(filled, header, needed)
    if lower is not None:
        above = quoted(listed(filter(None, first)))
        message = f"The header stands in row {lower}; above it stands {above}."
        return failed("F08", file, message, "Delete the rows above the header.", header_row)
    if not body:
        message = "The file has a header and no data rows; expected one row per measurement."
        return failed("F01", file, message, "Export it again.", header_row)
    issues = [*_bad_header(file, header_row, header), *_bad_widths(file, body, first, open_end)]
    if issues:
        return Reading(None, tuple(issues))
    width = len(header)
    rows = tuple(tuple(row[:width]) for _, row in body)
    table = RawTable(file, header, rows, tuple(number for number, _ in body), header_row)
    return Reading(table, tuple(_loose_ends(table, records, first, body)))


def has_content(record: Record) -> bool:
    """Whether a record has more than blanks in it."""
    return any(field.strip() for field in record)


def trimmed(record: Record) -> Record:
    """Return a record without the empty fields at its end."""
    while record and not record[-1].strip():
        record = record[:-1]
    return record


def _header_below(
    filled: Sequence[tuple[int, Record]], header: Record, needed: Collection[str]
) -> int | None:
    """Return the row that holds more of the needed headers than the first one, where one does."""
    matches = {row: len(set(needed) & set(each)) for row, each in filled[:HEADER_SEARCH]}
    best = max(matches, key=lambda row: matches[row])
    better = matches[best] > len(set(needed) & set(header))
    return best if better and matches[best] >= min(2, len(set(needed))) else None


def _bad_header(file: str, row: int, header: Record) -> Iterator[Issue]:
    for name, times in Counter(name for name in header if name.strip()).items():
        if times > 1:
            places = listed(place for place, each in enumerate(header, start=1) if each == name)
            message = f"{counted(times, 'column')} have the name {quoted(name)} (columns {places})."
            remedy = "Give every column its own name."
            yield issue("F09", file, message, remedy, row=row, column=name)


def misfits(rows: Sequence[Record], first: Record) -> list[int]:
    """Return the positions of the rows that do not have the fields of the header."""
    width = len(trimmed(first))
    return [
        place
        for place, row in enumerate(rows)
        if len(row) < width or any(field.strip() for field in row[max(width, len(first)) :])
    ]


def _bad_widths(
    file: str, body: Sequence[tuple[int, Record]], first: Record, open_end: bool
) -> Iterator[Issue]:
    width = len(trimmed(first))
    wrong = [body[place] for place in misfits([row for _, row in body], first)]
    if open_end and wrong and wrong[-1] == body[-1] and len(body[-1][1]) < width:
        number, row = wrong.pop()
        message = f"The last row has {len(row)} of {width} fields: the file seems to be cut off."
        yield issue("F02", file, message, "Export or copy it again.", row=number)
    by_length: dict[int, list[int]] = {}
    for number, row in wrong:
        by_length.setdefault(len(row), []).append(number)
    for length, numbers in by_length.items():
        message = (
            f"{counted(len(numbers), 'row')} with {counted(length, 'field')} ({in_rows(numbers)}); "
            f"the header has {width}."
        )
        yield issue("F05", file, message, _width_remedy(length, width), row=numbers[0])


def _width_remedy(length: int, width: int) -> str:
    if width == 1:
        return "If the first row is a title, delete it: the first row must be the header."
    if length < width:
        return "Fill in the missing fields; leave a cell empty where there is no value."
    return (
        "Put texts that contain the delimiter in quotation marks, and write decimals with a point; "
        "if the first column has no header, give it one."
    )


def _loose_ends(
    table: RawTable, records: Sequence[Record], first: Record, body: Sequence[tuple[int, Record]]
) -> Iterator[Issue]:
    """Yield what is harmless and still worth knowing: empty rows, columns without a name."""
    last = body[-1][0]
    empty = [
        number
        for number, each in enumerate(records, start=1)
        if not has_content(each) and (number < last or len(each) > 1)
    ]
    if empty:
        message = f"{counted(len(empty), 'row')} without content, not read: {in_rows(empty)}."
        yield issue("F10", table.file, message, "Delete them if they are not meant.", row=empty[0])
    inner = [place for place, name in enumerate(table.header) if not name.strip()]
    nameless = [*inner, *range(len(table.header), len(first))]
    filled = [
        place for place in nameless if any("".join(row[place : place + 1]) for _, row in body)
    ]
    if filled:
        places = listed(place + 1 for place in filled)
        message = f"{counted(len(filled), 'column')} without a name, not read (column {places})."
        remedy = "Give every column a name in the header row, if it is needed."
        yield issue("F09", table.file, message, remedy, row=table.header_row, severity="warning")
    elif nameless:
        message = f"{counted(len(nameless), 'column')} without a name or content, not read."
        remedy = "Delete them if they are not meant."
        yield issue("F10", table.file, message, remedy, row=table.header_row)
