"""The files of a trial -> observations and issues."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.errors import Issue
from analysis.intake import plausibility
from analysis.intake.checks import columns, design, labels, visits
from analysis.intake.codes import capped, has_errors
from analysis.intake.files import open_files, sources_of
from analysis.intake.gather import Gathered, gather
from analysis.intake.layout import Cell
from analysis.intake.observations import observe
from analysis.intake.repairs import as_typed, check_repairs
from analysis.intake.tabulate import Repair
from analysis.trial import Trial

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
    with _uncollected():
        return _take_in(trial, files)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from searching for cycles: here are a million small objects and none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _take_in(trial: Trial, files: Mapping[str, bytes]) -> Intake:
    opened = open_files(trial, files)
    gathered = [gather(trial, each, sources_of(trial, each, opened)) for each in trial.outcomes]
    issues, repairs = opened.issues, opened.repairs
    for each in gathered:
        issues += each.issues
        repairs += each.repairs
    issues += [*check_repairs(repairs), *_across(trial, gathered)]
    people = plausibility.check_people([each for one in gathered for each in one.readable])
    issues = plausibility.nameless([*issues, *plausibility.check_plan(trial)], people)
    issues = list(as_typed(dict.fromkeys(issues), repairs))
    issues.sort(key=lambda each: _RANK[each.severity])
    measured = {each.outcome.name: each.measurements for each in gathered}
    observations = observe(trial, {} if has_errors(issues) else measured)
    return Intake(observations, tuple(issues), tuple(sorted(set(repairs))))


def _across(trial: Trial, gathered: Sequence[Gathered]) -> list[Issue]:
    """Check what only all outcomes together show.

    What is missing is judged only where everything could be read: a label that is not declared
    would otherwise be reported a second time as a missing visit.
    """
    few = design.without_times(each.cell for one in gathered for each in one.measurements)
    periods = list(design.check_periods(few, trial))
    muddled = {each.value for each in periods}
    in_order = [each for each in few if each.participant not in muddled]
    issues = [
        *labels.check_spelling_of_participants(few),
        *periods,
        *design.check_sequences(in_order, trial),
        *columns.check_unused([each for one in gathered if one.sound for each in one.sources]),
    ]
    if all(one.sound for one in gathered):
        contradicted = list(design.check_declared_design(few, trial))
        issues += contradicted or design.check_period_labels(few, trial)
    if not has_errors(issues):
        issues += plausibility.check_order(trial, few)
        for one in (each for each in gathered if each.sound):
            tables = [(each, one.cells(each)) for each in one.sources]
            issues += plausibility.check_witnesses(tables, trial)
    return capped(issues) + _missing(trial, gathered, few, has_errors(issues))


def _missing(
    trial: Trial, gathered: Sequence[Gathered], cells: Sequence[Cell], torn: bool
) -> list[Issue]:
    people: dict[str, dict[str, None]] = {}
    for cell in cells:
        people.setdefault(cell.participant, {})[cell.arm] = None
    issues: list[Issue] = []
    for one in gathered:
        if not one.sound or torn:
            continue
        found = list(visits.check_cells(trial, one.outcome, one.measurements))
        if not has_errors(found):
            found += visits.check_missing_visits(trial, one.outcome, one.measurements, people)
            found += visits.check_absent(one.outcome, one.participants(), people)
            found += visits.check_size(trial, one.outcome, one.measurements)
        if not has_errors(found):
            found += plausibility.check_visits(one.visits)
        issues += capped(found)
    return issues
