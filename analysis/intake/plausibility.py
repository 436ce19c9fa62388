"""What can be read and still be wrong: all checks of plausibility, in the order they are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.errors import Issue
from analysis.intake.checks_baselines import check_drift, check_stimulus
from analysis.intake.checks_copies import check_copies
from analysis.intake.checks_dates import check_dates
from analysis.intake.checks_declared import check_units_column
from analysis.intake.checks_digits import check_preference, check_rounding
from analysis.intake.checks_ends import check_ends
from analysis.intake.checks_hours import check_doses, check_hours
from analysis.intake.checks_order import check_balance, check_spelled_sequences
from analysis.intake.checks_outliers import check_levels, check_outliers
from analysis.intake.checks_personal import check_declared, check_personal
from analysis.intake.checks_scale import check_scale, check_whole
from analysis.intake.checks_slipped import check_slipped
from analysis.intake.checks_temperature import check_temperatures
from analysis.intake.checks_trials import check_trials
from analysis.intake.checks_units import check_units
from analysis.intake.checks_zero import check_zero
from analysis.intake.codes import has_errors
from analysis.intake.layout import Cell, Source
from analysis.intake.measurements import Measurement, filled
from analysis.intake.visits import visits_of
from analysis.trial import Outcome, Trial

OF_SIZE = (check_units, check_scale)
OF_VALUES = (check_whole, check_zero)
OF_VISITS = (
    check_outliers,
    check_levels,
    check_trials,
    check_copies,
    check_slipped,
    check_preference,
    check_rounding,
    check_ends,
    check_drift,
    check_stimulus,
)


def check_plan(trial: Trial) -> list[Issue]:
    """Check the numbers of trial.yaml: U05, U06."""
    return [*check_hours(trial), *check_doses(trial)]


def check_people(sources: Sequence[Source]) -> list[Issue]:
    """Check all files for personal data: P01 to P04."""
    found = [issue for each in sources for issue in (*check_declared(each), *check_personal(each))]
    return list(dict.fromkeys(found))


def nameless(issues: Sequence[Issue], people: Sequence[Issue]) -> list[Issue]:
    """Return the issues that may be written into results.

    Where the participants are not coded, other messages would name them: these wait until they are.
    """
    hidden = any(each.code == "P01" and each.remedy.startswith("Replace") for each in people)
    return list(people) if hidden else [*people, *issues]


def check_sizes(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement], ranges: Sequence[Issue]
) -> list[Issue]:
    """Check units, scales and zeros; issues about the range that these explain are left out."""
    if not filled(measurements):
        return list(ranges)
    visits = visits_of(trial, outcome, measurements)
    faults = [fault for check in OF_SIZE for fault in check(visits)]
    explained = {(cell.row, cell.column) for fault in faults for cell in fault.cells}
    issues = [fault.issue for fault in faults]
    issues += [each for each in ranges if (each.row, each.column) not in explained]
    if not has_errors(issues):
        issues += [found for check in OF_VALUES for found in check(visits)]
    return issues


def check_visits(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]
) -> Iterator[Issue]:
    """Check the values of an outcome without errors against each other: V04 to V09, D09, D10."""
    if filled(measurements):
        visits = visits_of(trial, outcome, measurements)
        for check in OF_VISITS:
            yield from check(visits)


def check_order(trial: Trial, cells: Sequence[Cell], sources: Sequence[Source]) -> Iterator[Issue]:
    """Check who got what when against everything else in the files: C01, D04 to D08, U05."""
    wrong = list(check_spelled_sequences(cells, trial))
    yield from wrong or check_balance(cells, trial)
    for source in sources:
        own = [cell for cell in cells if cell.outcome == source.outcome.name]
        yield from check_units_column(source)
        yield from check_temperatures(source, own, trial)
        yield from check_dates(source, own, trial)
