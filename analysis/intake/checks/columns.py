"""Checks of a table's columns against trial.yaml: S01, S02 (headers), S03, S04, S05, S07."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analysis.errors import Issue, nearest
from analysis.intake.codes import counted, issue, listed, quoted, suggestion
from analysis.intake.exports import choice
from analysis.intake.labels import difference, lookalike, spellings
from analysis.intake.layout import LABELS, Source

_HOLDS = {
    "participant": "the participant",
    "arm": "the arm",
    "time": "the time of measurement",
    "period": "the period",
    "sequence": "the sequence",
    "occasion": "the occasion",
    "date": "the date",
    "clock": "the time of day",
    "value": "the values",
}
_SPARABLE = ("period", "sequence", "occasion", "date", "clock")


def check_columns(source: Source) -> Iterator[Issue]:
    """S01, S04: every column that trial.yaml names is there."""
    header = source.table.header
    missing = {role: name for role, name in source.wanted.items() if name not in header}
    wide = _wide_pattern(source) if {"time", "value"} & set(missing) else None
    if wide is not None:
        message = (
            f"The file is wide: it has one column per time ({wide}), but trial.yaml describes a "
            "long file with a column for the time and one for the values."
        )
        remedy = f'Replace `value` by `wide: {{pattern: "{wide}"}}` under {source.outcome.name}.'
        table = source.table
        yield issue("S04", table.file, message, remedy, row=table.header_row)
        missing = {role: name for role, name in missing.items() if role not in ("time", "value")}
    for role, name in missing.items():
        yield _missing_column(source, role, name)
    if source.outcome.pattern:
        yield from _check_wide_headers(source)


def _missing_column(source: Source, role: str, name: str) -> Issue:
    header = [each for each in source.table.header if each.strip()]
    holds = _HOLDS.get(role, "the labels under `where`")
    message = f"There is no column {quoted(name)} for {holds}. Found: {listed(header)}."
    twin = lookalike(name, header)
    if twin is not None:
        remedy = f"The file has {quoted(twin)}, which differs by {difference(twin, name)}. "
        remedy += "Write `trim_blanks: true`. " if twin.strip() == name else ""
    else:
        remedy = choice(header, name) or suggestion(name, header)
    key = "value" if role == "value" else role if role.startswith("where") else f"columns: {role}"
    remedy += f"Correct `{key}` in trial.yaml, or the header in the file."
    if source.outcome.several and role in LABELS:
        remedy += f" If this file has none, write `{{name: {source.table.file}, {role}: ...}}` in "
        remedy += "the list of files, with the label of all its rows."
    elif role in _SPARABLE:
        own = f"columns: {{{role}: null}}"
        remedy += f" If this file has none, write `{own}` under {source.outcome.name}."
    table = source.table
    return issue("S01", table.file, message, remedy, row=table.header_row, column=name)


def _wide_pattern(source: Source) -> str | None:
    """Return the pattern that at least two headers with different times have in common."""
    if source.outcome.pattern:
        return None
    patterns: dict[str, set[str]] = {}
    texts = sorted(spellings(source.trial.times), key=len, reverse=True)
    for name in source.free_headers:
        for text in texts:
            around = rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])"
            if re.search(around, name):
                found = re.sub(around, "{time}", name, count=1)
                patterns.setdefault(found, set()).add(text)
                break
    shared = [found for found, times in patterns.items() if len(times) > 1]
    return shared[0] if shared else None


def _check_wide_headers(source: Source) -> Iterator[Issue]:
    table, pattern = source.table, source.outcome.pattern or ""
    if not source.headers:
        message = f"No header follows the pattern {quoted(pattern)}. Found: {listed(table.header)}."
        remedy = "Correct the pattern; {time} and {arm} stand for names, labels or aliases."
        yield issue("S01", table.file, message, remedy, row=table.header_row, column=pattern)
        return
    yield from _check_excepted(source)
    for name, slots in source.headers.items():
        if len(slots) > 1:
            readings = listed(f"{each.time} {each.arm} {each.trial}".strip() for each in slots)
            message = f"The header {quoted(name)} can be read in several ways: {readings}."
            remedy = "Rename it, or choose names that do not contain each other."
            yield issue("S02", table.file, message, remedy, row=table.header_row, column=name)
    for name in source.matcher.all_resembling(source.free_headers):
        message = f"The header {quoted(name)} follows {quoted(pattern)}, but names no declared "
        message += "time." if "{arm}" not in pattern else "time and arm."
        close = nearest(name, source.headers)
        remedy = f"It resembles {quoted(close)}. " if close else ""
        remedy += "Declare the name or an alias in trial.yaml. If the column holds something else, "
        remedy += "such as a change, list it: `wide: {pattern: ..., except: [...]}`."
        yield issue("S02", table.file, message, remedy, row=table.header_row, column=name)


def _check_excepted(source: Source) -> Iterator[Issue]:
    """S01: every header that trial.yaml excepts from a pattern is there."""
    table = source.table
    for name in source.outcome.beside:
        if name not in table.header:
            message = f"`except` names the column {quoted(name)}, which is not in the file."
            close = nearest(name, table.header)
            remedy = f"Did you mean {quoted(close)}? " if close else ""
            remedy += "Correct it in trial.yaml, or remove it there."
            yield issue("S01", table.file, message, remedy, row=table.header_row, column=name)


def check_constants(source: Source) -> Iterator[Issue]:
    """C01: a label that trial.yaml gives to a whole file is not contradicted by a column of it."""
    trial, columns, table = source.trial, source.outcome.columns, source.table
    legal = {"arm": spellings(trial.arms), "time": spellings(trial.times)}
    for role, text in source.constants.items():
        header = getattr(columns, role)
        if header not in table.header:
            continue
        names = legal.get(role, {})
        place = source.column(header)
        for number, row in source.rows():
            label = row[place].strip()
            if label and names.get(label, label) != names.get(text, text):
                message = f"trial.yaml gives {role} {quoted(text)} to {table.file}, but its column "
                message += f"{quoted(header)} has {quoted(label)}."
                remedy = f"Correct one of them, or remove `{role}` from the entry of this file: "
                remedy += "then the column is read."
                yield issue("C01", table.file, message, remedy, row=number, column=header,
                            value=row[place])  # fmt: skip
                break


def check_where(source: Source) -> Iterator[Issue]:
    """S03, S05: rows belong to the outcome, and none is missed for a sign that cannot be seen."""
    table, where = source.table, source.outcome.where
    for column, label in where.items():
        labels = Counter(row[source.column(column)] for row in table.rows)
        for text in labels:
            if lookalike(text, [label]):
                yield _missed_row(source, column, label, text)
    if where and next(source.rows(), None) is None:
        wanted = listed(f"{column} = {label}" for column, label in where.items())
        column, label = next(iter(where.items()))
        labels = Counter(row[source.column(column)] for row in table.rows)
        message = f"No row has {wanted}. Labels in {quoted(column)}: {listed(labels)}."
        remedy = suggestion(label, labels) + f"Correct `where` of {source.outcome.name}."
        yield issue("S05", table.file, message, remedy, column=column, value=label)


def _missed_row(source: Source, column: str, label: str, text: str) -> Issue:
    place = source.column(column)
    pairs = zip(source.table.numbers, source.table.rows, strict=True)
    rows = [number for number, row in pairs if row[place] == text]
    message = (
        f"{quoted(text)} ({counted(len(rows), 'row')}) looks like {quoted(label)} but has "
        f"{difference(text, label)}; these rows would be left out."
    )
    remedy = "Correct the label in the file."
    return issue("S03", source.table.file, message, remedy, row=rows[0], column=column, value=text)


def check_unused(sources: Sequence[Source]) -> Iterator[Issue]:
    """S07: rows of a shared file that belong to no outcome; said, because a typo looks the same."""
    claimed: dict[tuple[str, str], set[str]] = {}
    tables: dict[tuple[str, str], Source] = {}
    for source in sources:
        for column, label in source.outcome.where.items():
            claimed.setdefault((source.table.file, column), set()).add(label)
            tables[source.table.file, column] = source
    for (file, column), labels in claimed.items():
        source = tables[file, column]
        found = Counter(row[source.column(column)] for row in source.table.rows)
        unused = {text: rows for text, rows in found.items() if text not in labels}
        if unused:
            yield _unused(file, column, unused)


def _unused(file: str, column: str, unused: Mapping[str, int]) -> Issue:
    labels = listed(f"{quoted(text)} ({counted(rows, 'row')})" for text, rows in unused.items())
    message = f"Rows of {quoted(column)} that belong to no outcome: {labels}."
    remedy = "Nothing needs to be done if these are other measurements."
    return issue("S07", file, message, remedy, column=column)
