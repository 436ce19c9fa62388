"""What can be read and still be wrong: all checks of plausibility, in the order they are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.errors import Issue
from analysis.intake.checks.baselines import check_drift, check_stimulus
from analysis.intake.checks.copies import check_copies
from analysis.intake.checks.dates import check_dates
from analysis.intake.checks.declared import check_units_column
from analysis.intake.checks.digits import check_preference, check_rounding
from analysis.intake.checks.ends import check_ends
from analysis.intake.checks.hours import check_doses, check_hours, check_treatments
from analysis.intake.checks.order import check_balance, check_spelled_sequences
from analysis.intake.checks.outliers import check_levels, check_places
from analysis.intake.checks.personal import check_declared, check_personal
from analysis.intake.checks.scale import check_scale, check_whole
from analysis.intake.checks.temperature import check_temperatures
from analysis.intake.checks.trials import check_trials
from analysis.intake.checks.units import check_units
from analysis.intake.checks.zero import check_zero
from analysis.intake.codes import has_errors
from analysis.intake.layout import Cell, Source
from analysis.intake.visits import Visits
from analysis.trial import Trial

OF_SIZE = (check_units, check_scale)
OF_VALUES = (check_whole, check_zero)
OF_VISITS = (
    check_places,
    check_levels,
    check_trials,
    check_copies,
    check_preference,
    check_rounding,
    check_ends,
    check_drift,
    check_stimulus,
)


def check_plan(trial: Trial) -> list[Issue]:
    """Check the numbers of trial.yaml: D07, U05, U06."""
    return [*check_hours(trial), *check_doses(trial), *check_treatments(trial)]


def check_people(sources: Sequence[Source]) -> list[Issue]:
    """Check all files for personal data: P01 to P04."""
    alike: dict[tuple[object, ...], list[Source]] = {}
    for each in sources:  # outcomes that read the same rows
        who = each.wanted.get("participant")
        alike.setdefault((id(each.table), who, *each.outcome.where.items()), []).append(each)
    found: list[Issue] = []
    for first, *others in alike.values():
        found += check_declared(first, others)
        found += check_personal(first, others)
    return list(dict.fromkeys(found))


def nameless(issues: Sequence[Issue], people: Sequence[Issue]) -> list[Issue]:
    """Return the issues that may be written into results.

    Where the participants are not coded, other messages would name them: these wait until they are.
    """
    hidden = any(each.code == "P01" and each.remedy.startswith("Replace") for each in people)
    return list(people) if hidden else [*people, *issues]


def check_sizes(visits: Visits | None, ranges: Sequence[Issue]) -> list[Issue]:
    """Check units, scales and zeros; issues about the range that these explain are left out."""
    if visits is None:
        return list(ranges)
    faults = [fault for check in OF_SIZE for fault in check(visits)]
    explained = {(cell.row, cell.column) for fault in faults for cell in fault.cells}
    issues = [fault.issue for fault in faults]
    issues += [each for each in ranges if (each.row, each.column) not in explained]
    if not has_errors(issues):
        issues += [found for check in OF_VALUES for found in check(visits)]
    return issues


def check_visits(visits: Visits | None) -> Iterator[Issue]:
    """Check the values of an outcome without errors against each other: V04 to V09, D09, D10."""
    if visits is not None:
        for check in OF_VISITS:
            yield from check(visits)


def check_order(trial: Trial, cells: Sequence[Cell]) -> Iterator[Issue]:
    """Check the order of the arms: D04, D08. One cell per participant and arm is enough."""
    wrong = list(check_spelled_sequences(cells, trial))
    yield from wrong or check_balance(cells, trial)


def check_witnesses(
    tables: Sequence[tuple[Source, Sequence[Cell]]], trial: Trial
) -> Iterator[Issue]:
    """Check the tables of an outcome against further columns of them: C01, D05, D06, D07, U05."""
    for source, cells in tables:
        yield from check_units_column(source)
        yield from check_temperatures(source, cells, trial)
    yield from check_dates(tables, trial)
