"""Reading files of known systems: F15 (which one it is), F16 (rows not to be used), F17, C01."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, in_rows, issue, listed, quoted
from analysis.intake.exports import EXPORTS, Export, Mark, recognised, same_unit
from analysis.intake.layout import Source
from analysis.intake.repairs import trimmed_header
from analysis.intake.tabulate import HEADER_SEARCH, RawTable, Reading, Record, failed, tabulate
from analysis.intake.values import exact
from analysis.trial import Dialect

ERROR: Severity = "error"


def tabulate_known(
    file: str,
    records: Sequence[Record],
    needed: Collection[str],
    open_end: bool = False,
    dialect: Dialect | None = None,
) -> Reading:
    """Return records as a table; where trial.yaml names an export, as that system means it."""
    dialect = dialect or Dialect()
    top = records[:HEADER_SEARCH]
    name = dialect.export
    if name is None:
        reading = tabulate(file, records, needed, open_end, dialect)
        found = recognised(top)
        return reading if found is None else _with_hint(file, reading, found)
    export = EXPORTS[name]
    row = export.row_of_header(top)
    if row is None:
        return _unlike(file, top, name)
    known = replace(dialect, header_row=dialect.header_row or row)
    reading = tabulate(file, records, needed, open_end, known)
    return reading if reading.table is None else _as_meant(reading, reading.table, export)


def _unlike(file: str, top: Sequence[Record], name: str) -> Reading:
    export = EXPORTS[name]
    signature = listed(sorted(export.signature))
    message = f"trial.yaml says `export: {name}`, but no row has its headers: {signature}."
    other = recognised(top)
    remedy = f"It is probably `export: {other}`." if other else "Correct or remove `export`."
    return failed("F15", file, message, remedy, value=name, severity=ERROR)


def _with_hint(file: str, reading: Reading, name: str) -> Reading:
    """Return a reading with the advice to name the export.

    Where that changes what is read it is an error, and the only one: whatever else is found in rows
    that are no measurements would lead astray.
    """
    export, table = EXPORTS[name], reading.table
    message = f"This is an export of {export.label}"
    remedy = f"Write `export: {name}` under the outcome; docs/exports.md has a trial.yaml for it."
    if table is None:
        return failed("F15", file, f"{message}.", remedy, value=name, severity=ERROR)
    if export.below or _marked(table, export.mark):
        message += ", with rows that are not to be used."
        return failed("F15", file, message, remedy, value=name, severity=ERROR)
    hint = issue("F15", file, f"{message}.", remedy, value=name)
    return replace(reading, issues=(hint, *reading.issues))


def _as_meant(reading: Reading, table: RawTable, export: Export) -> Reading:
    table, repairs = trimmed_header(table)
    described = table.rows[: export.below]
    table = replace(table, rows=table.rows[export.below :], numbers=table.numbers[export.below :])
    if export.below and not any("ImportId" in field for row in described for field in row):
        message = f"{export.below} rows below the header should describe it, and do not."
        remedy = "Export the file again and do not edit it before."
        return failed("F15", table.file, message, remedy, table.header_row + 1, severity=ERROR)
    kept = [each for each in reading.issues if not _about_empty_columns(each, table)]
    issues = [*kept, *_check_marks(table, export.mark)]
    return Reading(_used(table, export.mark), tuple(issues), (*reading.repairs, *repairs))


def _about_empty_columns(issue: Issue, table: RawTable) -> bool:
    return issue.code == "F10" and issue.row == table.header_row


def _marks(table: RawTable, mark: Mark) -> list[str]:
    header = [name.strip() for name in table.header]
    if mark.column not in header:
        return [next(iter(mark.used))] * len(table.rows)
    place = header.index(mark.column)
    return [row[place].strip().casefold() for row in table.rows]


def _marked(table: RawTable, mark: Mark | None) -> list[int]:
    """Return the numbers of the rows that the system marks as not to be used."""
    if mark is None:
        return []
    pairs = zip(table.numbers, _marks(table, mark), strict=True)
    return [number for number, text in pairs if text in mark.unused]


def _used(table: RawTable, mark: Mark | None) -> RawTable:
    unused = set(_marked(table, mark))
    pairs = zip(table.numbers, table.rows, strict=True)
    kept = [(number, row) for number, row in pairs if number not in unused]
    return replace(
        table, numbers=tuple(number for number, _ in kept), rows=tuple(row for _, row in kept)
    )


def _check_marks(table: RawTable, mark: Mark | None) -> Iterator[Issue]:
    """F16: rows that are marked as not to be used are named; a mark must be a known one."""
    if mark is None:
        return
    unused = _marked(table, mark)
    if unused:
        message = f"{counted(len(unused), 'row')} marked as {mark.means}, not read: "
        message += f"{in_rows(unused)}."
        remedy = "Nothing needs to be done if that is meant."
        yield issue("F16", table.file, message, remedy, row=unused[0], column=mark.column)
    for number, text in zip(table.numbers, _marks(table, mark), strict=True):
        if text not in mark.used | mark.unused:
            message = f"{quoted(text)} does not say whether the row is to be used; expected "
            message += f"{listed(sorted(filter(None, mark.used | mark.unused)), 20)}."
            yield issue(
                "F16", table.file, message, "Correct it.", row=number, column=mark.column,
                value=text, severity=ERROR,
            )  # fmt: skip


def check_export(source: Source) -> Iterator[Issue]:
    """F17, C01: numbers that stand for none, and a unit that is not the system's."""
    outcome = source.outcome
    export = EXPORTS.get(outcome.dialect.export or "")
    if export is None or outcome.value is None:
        return
    unit = export.unit_of(outcome.value)
    if unit is not None and not same_unit(unit, outcome.unit):
        message = f"{quoted(outcome.value)} is exported in {quoted(unit)}, but trial.yaml says "
        message += f"{quoted(outcome.unit)}."
        remedy = (
            f"Write `unit:` with {quoted(unit)}; `convert_to` changes the unit of the analysis."
        )
        table = source.table
        yield issue("C01", table.file, message, remedy, row=table.header_row, column=outcome.value)
    yield from _check_sentinel(source, export)


def _check_sentinel(source: Source, export: Export) -> Iterator[Issue]:
    sentinel = export.sentinel
    if sentinel is None or sentinel.column not in source.table.header:
        return
    place = source.column(sentinel.column)
    rows = [number for number, row in source.rows() if exact(row[place]) == sentinel.number]
    if rows:
        own = sentinel.column == source.outcome.value
        message = f"{sentinel.number} in {in_rows(rows)}: {sentinel.means}."
        remedy = "Correct it at the source and export again, or clear the values of these rows."
        yield issue(
            "F17", source.table.file, message, remedy, row=rows[0], column=sentinel.column,
            value=str(sentinel.number), severity=ERROR if own else None,
        )  # fmt: skip
