"""The files of a trial -> observations and issues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.errors import Issue
from analysis.intake import (
    checks_columns,
    checks_design,
    checks_labels,
    checks_values,
    checks_visits,
    plausibility,
)
from analysis.intake.codes import capped, has_errors
from analysis.intake.exports_read import check_export
from analysis.intake.files import open_files, place_of
from analysis.intake.layout import Cell, Source, cells_of
from analysis.intake.measurements import Measurement, measure
from analysis.intake.observations import observe
from analysis.intake.repairs import as_typed, check_points, with_points
from analysis.intake.tabulate import RawTable, Repair
from analysis.intake.values import MissingCodes
from analysis.trial import Outcome, Trial

if TYPE_CHECKING:
    import pandas as pd

_RANK = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Intake:
    """What the files of a trial hold: observations (only the header after an error) and issues.

    `repairs` lists every cell that was read otherwise than typed, because trial.yaml asks for it.
    """

    observations: pd.DataFrame
    issues: tuple[Issue, ...]
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class _Gathered:
    """What one outcome's file gave."""

    outcome: Outcome
    source: Source | None = None
    measurements: tuple[Measurement, ...] = ()
    issues: tuple[Issue, ...] = field(default=())
    repairs: tuple[Repair, ...] = ()

    @property
    def readable(self) -> bool:
        source = self.source
        return source is not None and set(source.wanted.values()) <= set(source.table.header)

    @property
    def sound(self) -> bool:
        return self.source is not None and not has_errors(self.issues)

    def participants(self) -> dict[str, int]:
        return self.source.participants() if self.source else {}


def take_in(trial: Trial, files: Mapping[str, bytes]) -> Intake:
    """Read the data of a trial and check everything that would make an analysis wrong.

    Parameters
    ----------
    trial : Trial
    files : mapping
        Contents of the files in the trial's folder, by name relative to it.

    Returns
    -------
    Intake
        All problems are found in one pass; errors come first, then warnings, then notes.
    """
    opened = open_files(trial, files)
    gathered = [_gather(trial, each, opened.tables[place_of(each)]) for each in trial.outcomes]
    issues, repairs = opened.issues, opened.repairs
    for each in gathered:
        issues += each.issues
        repairs += each.repairs
    issues += _across(trial, gathered)
    people = plausibility.check_people(
        [one.source for one in gathered if one.source and one.readable]
    )
    issues = plausibility.nameless([*issues, *plausibility.check_plan(trial)], people)
    issues = list(as_typed(dict.fromkeys(issues), repairs))
    issues.sort(key=lambda each: _RANK[each.severity])
    measured = {each.outcome.name: each.measurements for each in gathered}
    observations = observe(trial, {} if has_errors(issues) else measured)
    return Intake(observations, tuple(issues), tuple(sorted(set(repairs))))


def _gather(trial: Trial, outcome: Outcome, table: RawTable | None) -> _Gathered:
    if table is None:
        return _Gathered(outcome)
    source = Source(trial, outcome, table)
    issues = list(checks_columns.check_columns(source))
    if has_errors(issues):
        return _Gathered(outcome, source, (), tuple(capped(issues)))
    issues += checks_columns.check_where(source)
    issues += check_export(source)
    typed = cells_of(source)
    issues += check_points(typed, outcome.dialect)
    cells, repairs = with_points(typed, outcome.dialect)
    cells = checks_labels.without_blanks(cells, outcome, trial)
    codes = MissingCodes.of(trial.missing_codes)
    measurements = tuple(measure(checks_labels.resolved(cells, trial), codes))
    issues += _check_cells(trial, outcome, cells, measurements, codes)
    return _Gathered(outcome, source, measurements, tuple(capped(issues)), tuple(repairs))


def _check_cells(
    trial: Trial,
    outcome: Outcome,
    cells: Sequence[Cell],
    measurements: Sequence[Measurement],
    codes: MissingCodes,
) -> Iterator[Issue]:
    yield from checks_labels.check_empty(cells, outcome)
    yield from checks_labels.check_declared(cells, outcome, trial)
    yield from checks_labels.check_codes(cells, outcome)
    yield from checks_values.check_numbers(cells, codes)
    ranges = list(checks_values.check_range(measurements, outcome))
    yield from plausibility.check_sizes(trial, outcome, measurements, ranges)
    yield from checks_values.check_duplicates(measurements, outcome)
    yield from checks_values.check_trial_counts(measurements, outcome)


def _across(trial: Trial, gathered: Sequence[_Gathered]) -> list[Issue]:
    """Check what only all outcomes together show.

    What is missing is judged only where everything could be read: a label that is not declared
    would otherwise be reported a second time as a missing visit.
    """
    cells = [each.cell for one in gathered for each in one.measurements]
    periods = list(checks_design.check_periods(cells, trial))
    muddled = {each.value for each in periods}
    in_order = [each for each in cells if each.participant not in muddled]
    issues = [
        *checks_labels.check_spelling_of_participants(cells),
        *periods,
        *checks_design.check_sequences(in_order, trial),
        *checks_columns.check_unused([one.source for one in gathered if one.source and one.sound]),
    ]
    if all(one.sound for one in gathered):
        design = list(checks_design.check_declared_design(cells, trial))
        issues += design or checks_design.check_period_labels(cells, trial)
    if not has_errors(issues):
        sources = [one.source for one in gathered if one.source and one.sound]
        issues += plausibility.check_order(trial, cells, sources)
    return capped(issues) + _missing(trial, gathered, cells, has_errors(issues))


def _missing(
    trial: Trial, gathered: Sequence[_Gathered], cells: Sequence[Cell], torn: bool
) -> list[Issue]:
    people: dict[str, dict[str, None]] = {}
    for cell in cells:
        people.setdefault(cell.participant, {})[cell.arm] = None
    issues: list[Issue] = []
    for one in gathered:
        if not one.sound or torn:
            continue
        found = list(checks_visits.check_cells(trial, one.outcome, one.measurements))
        if not has_errors(found):
            found += checks_visits.check_missing_visits(
                trial, one.outcome, one.measurements, people
            )
            found += checks_visits.check_absent(one.outcome, one.participants(), people)
            found += checks_visits.check_size(trial, one.outcome, one.measurements)
        if not has_errors(found):
            found += plausibility.check_visits(trial, one.outcome, one.measurements)
        issues += capped(found)
    return issues
