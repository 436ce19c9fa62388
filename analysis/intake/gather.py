"""The files of one outcome -> its measurements, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.errors import Issue
from analysis.intake import plausibility
from analysis.intake.checks import columns, labels, values
from analysis.intake.codes import capped, has_errors
from analysis.intake.exports_read import check_export
from analysis.intake.layout import Cell, Source, cells_of
from analysis.intake.measurements import Measurement, filled, measure
from analysis.intake.repairs import check_points, with_points
from analysis.intake.stamps import check_stamps
from analysis.intake.tabulate import Repair
from analysis.intake.values import MissingCodes
from analysis.intake.visits import Visits, visits_of
from analysis.trial import Outcome, Trial


@dataclass(frozen=True)
class Gathered:
    """What the files of one outcome gave."""

    outcome: Outcome
    sources: tuple[Source, ...]
    measurements: tuple[Measurement, ...] = ()
    issues: tuple[Issue, ...] = ()
    repairs: tuple[Repair, ...] = ()
    visits: Visits | None = None

    @property
    def readable(self) -> list[Source]:
        """The tables that have all their columns."""
        return [each for each in self.sources if each.complete]

    @property
    def sound(self) -> bool:
        """Whether every file could be read and nothing in them is an error."""
        return len(self.sources) == len(self.outcome.parts) and not has_errors(self.issues)

    def cells(self, source: Source) -> list[Cell]:
        """Return the cells of the measurements that come from one of the tables."""
        file = source.table.file
        return [each.cell for each in self.measurements if each.cell.file == file]

    def participants(self) -> dict[str, tuple[str, int]]:
        """Return every participant code in the rows of the outcome, with file and first row."""
        first: dict[str, tuple[str, int]] = {}
        for source in self.sources:
            for person, row in source.participants().items():
                first.setdefault(person, (source.table.file, row))
        return first


def gather(trial: Trial, outcome: Outcome, sources: Sequence[Source]) -> Gathered:
    """Read and check the values of one outcome.

    Parameters
    ----------
    trial : Trial
    outcome : Outcome
    sources : sequence of Source
        The tables that could be opened, in the order of trial.yaml.
    """
    issues: list[Issue] = []
    repairs: list[Repair] = []
    measurements: list[Measurement] = []
    for source in sources:
        wrong = [*columns.check_columns(source), *columns.check_constants(source)]
        issues += wrong
        if not has_errors(wrong):
            issues += columns.check_where(source)
            issues += check_export(source)
            issues += check_stamps(source)
            found = _read(source)
            measurements += found.measurements
            issues += found.issues
            repairs += found.repairs
    visits = visits_of(trial, outcome, measurements) if filled(measurements) else None
    issues += _check_together(outcome, measurements, visits)
    return Gathered(
        outcome, tuple(sources), tuple(measurements), tuple(capped(issues)), tuple(repairs), visits
    )


@dataclass(frozen=True)
class _Read:
    """The cells of one table, those with numbers as measurements."""

    measurements: list[Measurement]
    issues: list[Issue]
    repairs: list[Repair]


def _read(source: Source) -> _Read:
    trial, outcome = source.trial, source.outcome
    codes = MissingCodes.of(trial.missing_codes)
    typed = cells_of(source)
    issues = list(check_points(typed, outcome.dialect, source.table.texts))
    cells, repairs = with_points(typed, outcome.dialect)
    cells = labels.without_blanks(cells, outcome, codes)
    issues += labels.check_empty(cells, outcome)
    issues += labels.check_declared(cells, outcome, trial)
    issues += labels.check_codes(cells, outcome)
    issues += values.check_numbers(cells, codes)
    return _Read(measure(labels.resolved(cells, trial), codes), issues, repairs)


def _check_together(
    outcome: Outcome, measurements: Sequence[Measurement], visits: Visits | None
) -> Iterator[Issue]:
    ranges = list(values.check_range(measurements, outcome))
    yield from plausibility.check_sizes(visits, ranges)
    yield from values.check_duplicates(measurements, outcome)
    yield from values.check_trial_counts(measurements, outcome)
