"""Every file of a trial, opened once for all outcomes that share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, capped, issue, listed, quoted, suggestion
from analysis.intake.layout import Source, wanted_columns
from analysis.intake.read import read_table
from analysis.intake.repairs import trimmed_header, trimmed_labels
from analysis.intake.tabulate import RawTable, Reading, Repair
from analysis.trial import Dialect, Outcome, Part, Trial

Place = tuple[str, str | None, Dialect]


@dataclass
class Opened:
    """The tables by file, sheet and dialect, None where one cannot be used; what was found."""

    tables: dict[Place, RawTable | None] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def sources_of(trial: Trial, outcome: Outcome, opened: Opened) -> list[Source]:
    """Return an outcome's part of each of its files that could be used."""
    found = [(part, opened.tables[_place(outcome, part)]) for part in outcome.parts]
    return [
        Source(trial, outcome, table, part.constants) for part, table in found if table is not None
    ]


def _place(outcome: Outcome, part: Part) -> Place:
    return part.file, part.sheet, outcome.dialect


def open_files(trial: Trial, files: Mapping[str, bytes]) -> Opened:
    """Read every file once, also where several outcomes share it."""
    opened = Opened()
    sharing: dict[Place, list[dict[str, str]]] = {}
    books: set[str] = set()
    for outcome in trial.outcomes:
        for part in outcome.parts:
            mine = wanted_columns(outcome, part.constants)
            sharing.setdefault(_place(outcome, part), []).append(mine)
        times = Counter(part.file for part in outcome.parts)
        books |= {file for file in times if times[file] > 1}
    for place, wanted in sharing.items():
        reading = _open(place, wanted, files)
        reading = _with_sheet(reading, place) if place[0] in books else reading
        opened.tables[place] = reading.table
        opened.issues += reading.issues
        opened.repairs += reading.repairs
    opened.issues = capped(dict.fromkeys(opened.issues))
    return opened


def _open(place: Place, wanted: list[dict[str, str]], files: Mapping[str, bytes]) -> Reading:
    file, sheet, dialect = place
    if file not in files:
        return Reading(None, (_absent(file, files),))
    needed = {name for each in wanted for name in each.values()}
    labels = {name for each in wanted for role, name in each.items() if role != "value"}
    reading = read_table(file, files[file], sheet, needed, dialect, labels)
    if reading.table is None or not dialect.trim_blanks:
        return reading
    table, headers = trimmed_header(reading.table)
    table, cells = trimmed_labels(table, labels)
    return Reading(table, reading.issues, (*reading.repairs, *headers, *cells))


def _with_sheet(reading: Reading, place: Place) -> Reading:
    """Return a reading that names the sheet with the file: one outcome is read from several."""
    name = f"{place[0]} ({place[1]})"
    return Reading(
        None if reading.table is None else replace(reading.table, file=name),
        tuple(replace(each, file=name) for each in reading.issues),
        tuple(replace(each, file=name) for each in reading.repairs),
    )


def _absent(file: str, files: Mapping[str, bytes]) -> Issue:
    there = [name for name in files if name != PLAN_FILE]
    message = f"There is no file {quoted(file)} in the trial's folder; it has {listed(there)}."
    if not there:
        message = f"There is no file {quoted(file)} in the trial's folder, nor any other data file."
    remedy = suggestion(file, there) + "Add the file, or correct `file` in trial.yaml."
    return issue("F14", file, message, remedy, value=file)
