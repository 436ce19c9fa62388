"""Records of texts -> a table with one header, or what keeps them from being one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, in_rows, issue, listed, quoted
from analysis.intake.headers import two_row_header
from analysis.trial import Dialect

HEADER_SEARCH = 50

Record = tuple[str, ...]
Numbered = tuple[int, Record]


@dataclass(frozen=True)
class RawTable:
    """A file as typed: header, rows, and the number of every row in the user's file.

    `texts` is False where the file holds numbers, as workbooks do, which we made texts of.
    """

    file: str
    header: Record
    rows: tuple[Record, ...]
    numbers: tuple[int, ...]
    header_row: int = 1
    texts: bool = True


@dataclass(frozen=True, order=True)
class Repair:
    """One cell that was not read as typed."""

    file: str
    row: int
    column: str
    old: str
    new: str
    repair: str


@dataclass(frozen=True)
class Reading:
    """A table, or None where an issue is an error; the issues; what was not read as typed."""

    table: RawTable | None
    issues: tuple[Issue, ...] = ()
    repairs: tuple[Repair, ...] = ()


def failed(
    code: str,
    file: str,
    message: str,
    remedy: str,
    row: int | None = None,
    value: str = "",
    severity: Severity | None = None,
) -> Reading:
    """Return the reading of a file that cannot be used."""
    found = issue(code, file, message, remedy, row=row, value=value, severity=severity)
    return Reading(None, (found,))


def tabulate(
    file: str,
    records: Sequence[Record],
    needed: Collection[str],
    open_end: bool = False,
    dialect: Dialect | None = None,
) -> Reading:
    """Return records as a table: the declared row is the header, or the first one with content.

    `open_end` says that the file does not end with a line end, as files do that were cut off.
    """
    dialect = dialect or Dialect()
    filled = within(records, dialect)
    if not filled:
        return _nothing(file, records, dialect)
    (header_row, first), *body = filled
    wrong_row = _wrong_header_row(file, records, needed, dialect, filled[0])
    if wrong_row is not None:
        return wrong_row
    header = trimmed(first)
    body, notes = _split_notes(body, len(header), open_end)
    if not body:
        message = "The file has a header and no data rows; expected one row per measurement."
        return failed("F01", file, message, "Export it again.", header_row)
    lower = two_row_header(header_row, first, body)
    if lower is not None:
        return failed("F08", file, *lower, row=header_row)
    issues = [*_bad_header(file, header_row, header), *_bad_widths(file, body, first, open_end)]
    if issues:
        return Reading(None, tuple(issues))
    width = len(header)
    rows = tuple(tuple(row[:width]) for _, row in body)
    table = RawTable(file, header, rows, tuple(number for number, _ in body), header_row)
    loose = _loose_ends(table, _rows(records, dialect), first, body)
    return Reading(table, (*_footnotes(file, notes, body[-1][0]), *loose))


def within(records: Sequence[Record], dialect: Dialect) -> list[Numbered]:
    """Return the records with content, with their numbers, from the header to the last row."""
    return [(number, each) for number, each in _rows(records, dialect) if has_content(each)]


def _rows(records: Sequence[Record], dialect: Dialect) -> list[Numbered]:
    first, last = dialect.header_row or 1, dialect.last_row or len(records)
    return list(enumerate(records, start=1))[first - 1 : last]


def has_content(record: Record) -> bool:
    """Whether a record has more than blanks in it."""
    return any(map(str.strip, record))


def trimmed(record: Record) -> Record:
    """Return a record without the empty fields at its end."""
    while record and not record[-1].strip():
        record = record[:-1]
    return record


def matches(record: Record, needed: Collection[str]) -> int:
    """Return how many of the needed headers a record has, blanks around them aside."""
    found = {field.strip() for field in record}
    return sum(name.strip() in found for name in set(needed))


def _nothing(file: str, records: Sequence[Record], dialect: Dialect) -> Reading:
    if dialect.header_row and any(has_content(each) for each in records):
        message = f"From row {dialect.header_row} on, which `header_row` names, there is nothing."
        return failed("F08", file, message, "Correct `header_row` in trial.yaml.")
    message = "The file is empty; expected a header and one row per measurement."
    return failed("F01", file, message, "Export it again.")


def _wrong_header_row(
    file: str,
    records: Sequence[Record],
    needed: Collection[str],
    dialect: Dialect,
    first: Numbered,
) -> Reading | None:
    """Say which row is the header, where it is not the one that trial.yaml implies."""
    row, header = first
    lower = _better_header(records, header, needed)
    if dialect.header_row is None and lower is not None:
        above = quoted(listed(filter(None, header)))
        message = f"The header stands in row {lower}; above it stands {above}."
        remedy = f"Write `header_row: {lower}` under the outcome, or delete the rows above it."
        return failed("F08", file, message, remedy, row)
    if dialect.header_row is not None and (row != dialect.header_row or lower is not None):
        message = f"`header_row` names row {dialect.header_row}, which has {_shown(header)}."
        message = message if row == dialect.header_row else f"Row {dialect.header_row} is empty."
        remedy = f"Write `header_row: {lower or row}`, where the header seems to stand."
        return failed("F08", file, message, remedy, dialect.header_row)
    return None


def _shown(record: Record) -> str:
    return quoted(listed(filter(None, record)))


def _better_header(
    records: Sequence[Record], header: Record, needed: Collection[str]
) -> int | None:
    """Return the row that holds more of the needed headers than this one, where one does."""
    found = {row: matches(each, needed) for row, each in enumerate(records[:HEADER_SEARCH], 1)}
    best = max(found, key=lambda row: found[row])
    better = found[best] > matches(header, needed)
    return best if better and found[best] >= min(2, len(set(needed))) else None


def _split_notes(
    body: list[Numbered], width: int, open_end: bool
) -> tuple[list[Numbered], list[Numbered]]:
    """Return the rows of data, and the notes below them: rows at the end with one text only.

    A row of a single field is a note where an empty row stands before it or where it is a phrase.
    In a file that ends amid a line it may also be what is left of the last measurement.
    """
    start = len(body)
    while start > 1 and width > 1 and sum(bool(field.strip()) for field in body[start - 1][1]) == 1:
        start -= 1
    for place in range(start, len(body)):
        (before, _), (number, row) = body[place - 1], body[place]
        apart = number > before + 1
        torn = open_end and not apart and place == len(body) - 1
        if place and not torn and (apart or _is_phrase(row)):
            return body[:place], body[place:]
    return body, []


def _is_phrase(row: Record) -> bool:
    return len("".join(row).split()) > 2


def _footnotes(file: str, notes: Sequence[Numbered], last: int) -> Iterator[Issue]:
    if notes:
        first, text = notes[0][0], quoted("".join(notes[0][1]).strip())
        message = f"{counted(len(notes), 'row')} below the data, not read: row {first} has {text}."
        remedy = f"Nothing needs to be done if it is a note; `last_row: {last}` says so."
        yield issue("F10", file, message, remedy, row=first)


def _bad_header(file: str, row: int, header: Record) -> Iterator[Issue]:
    for name, times in Counter(name for name in header if name.strip()).items():
        if times > 1:
            places = listed(place for place, each in enumerate(header, start=1) if each == name)
            message = f"{counted(times, 'column')} have the name {quoted(name)} (columns {places})."
            remedy = "Give every column its own name."
            yield issue("F09", file, message, remedy, row=row, column=name)


def misfits(rows: Sequence[Record], first: Record) -> list[int]:
    """Return the positions of the rows that do not have the fields of the header."""
    width, most = len(trimmed(first)), len(first)
    return [
        place
        for place, row in enumerate(rows)
        if len(row) < width or (len(row) > most and has_content(row[most:]))
    ]


def _bad_widths(
    file: str, body: Sequence[Numbered], first: Record, open_end: bool
) -> Iterator[Issue]:
    width = len(trimmed(first))
    places = misfits([row for _, row in body], first)
    wrong = [body[place] for place in places]
    if open_end and wrong and wrong[-1] == body[-1] and len(body[-1][1]) < width:
        number, row = wrong.pop()
        message = f"The last row has {len(row)} of {width} fields: the file seems to be cut off."
        yield issue("F02", file, message, "Export or copy it again.", row=number)
    at_end = places == list(range(len(body) - len(places), len(body))) and len(places) < len(body)
    notes = (
        f" If they are notes below the data, write `last_row: {wrong[0][0] - 1}`."
        if (at_end and wrong)
        else ""
    )
    by_length: dict[int, list[int]] = {}
    for number, row in wrong:
        by_length.setdefault(len(row), []).append(number)
    for length, numbers in by_length.items():
        message = (
            f"{counted(len(numbers), 'row')} with {counted(length, 'field')} ({in_rows(numbers)}); "
            f"the header has {width}."
        )
        yield issue("F05", file, message, _width_remedy(length, width) + notes, row=numbers[0])


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
    table: RawTable, records: Sequence[Numbered], first: Record, body: Sequence[Numbered]
) -> Iterator[Issue]:
    """Yield what is harmless and still worth knowing: empty rows, columns without a name."""
    last = body[-1][0]
    empty = [
        number
        for number, each in records
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
