"""Every file of a trial, opened once for all outcomes that share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, capped, issue, listed, quoted, suggestion
from analysis.intake.layout import wanted_columns
from analysis.intake.read import read_table
from analysis.intake.repairs import trimmed_header, trimmed_labels
from analysis.intake.tabulate import RawTable, Reading, Repair
from analysis.trial import Dialect, Outcome, Trial

Place = tuple[str, str | None, Dialect]


@dataclass
class Opened:
    """The tables by file, sheet and dialect, None where one cannot be used; what was found."""

    tables: dict[Place, RawTable | None] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def place_of(outcome: Outcome) -> Place:
    """Return where an outcome is read from, and how."""
    return outcome.file, outcome.sheet, outcome.dialect


def open_files(trial: Trial, files: Mapping[str, bytes]) -> Opened:
    """Read every file once, also where several outcomes share it."""
    opened = Opened()
    sharing: dict[Place, list[Outcome]] = {}
    for outcome in trial.outcomes:
        sharing.setdefault(place_of(outcome), []).append(outcome)
    for place, outcomes in sharing.items():
        reading = _open(place, outcomes, files)
        opened.tables[place] = reading.table
        opened.issues += reading.issues
        opened.repairs += reading.repairs
    opened.issues = capped(dict.fromkeys(opened.issues))
    return opened


def _open(place: Place, outcomes: list[Outcome], files: Mapping[str, bytes]) -> Reading:
    file, sheet, dialect = place
    if file not in files:
        return Reading(None, (_absent(file, files),))
    wanted = [wanted_columns(outcome) for outcome in outcomes]
    needed = {name for each in wanted for name in each.values()}
    reading = read_table(file, files[file], sheet, needed, dialect)
    if reading.table is None or not dialect.trim_blanks:
        return reading
    labels = {name for each in wanted for role, name in each.items() if role != "value"}
    table, headers = trimmed_header(reading.table)
    table, cells = trimmed_labels(table, labels)
    return Reading(table, reading.issues, (*reading.repairs, *headers, *cells))


def _absent(file: str, files: Mapping[str, bytes]) -> Issue:
    there = [name for name in files if name != PLAN_FILE]
    message = f"There is no file {quoted(file)} in the trial's folder; it has {listed(there)}."
    if not there:
        message = f"There is no file {quoted(file)} in the trial's folder, nor any other data file."
    remedy = suggestion(file, there) + "Add the file, or correct `file` in trial.yaml."
    return issue("F14", file, message, remedy, value=file)
