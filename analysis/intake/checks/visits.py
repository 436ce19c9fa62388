"""Checks of what should be there and is not: D12, D13."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, issue, listed
from analysis.intake.layout import Cell, in_files
from analysis.intake.measurements import Measurement, filled
from analysis.trial import Outcome, Time, Trial

FEWEST = 6
FEWEST_PER_ARM = 4
NOTE: Severity = "note"
WARNING: Severity = "warning"

_SLOT = attrgetter("participant", "arm", "occasion", "time")

People = Mapping[str, Collection[str]]


def check_cells(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]
) -> Iterator[Issue]:
    """D12: every arm has values at every time at which the outcome was measured."""
    there = {(each.cell.arm, each.cell.time) for each in filled(measurements)}
    if not there:
        message = f"There is no value of {outcome.name}: every cell is empty or a missing code."
        remedy = "Check `value` (or the pattern), `where` and `missing_codes`."
        yield issue("D12", outcome.file, message, remedy, column=outcome.value or "")
        return
    arms = [name for name in trial.arm_names if any(arm == name for arm, _ in there)]
    for name in trial.arm_names:
        if name not in arms:
            message = f"There is no value of {outcome.name} under arm {name}."
            remedy = "Add the rows, or remove the arm from trial.yaml."
            yield issue("D12", outcome.file, message, remedy, value=name)
    for time in trial.times:
        without = [name for name in arms if (name, time.name) not in there]
        if without == arms:
            yield _unmeasured(trial, outcome, time)
        elif without:
            yield _uneven(outcome, time, without)


def _unmeasured(trial: Trial, outcome: Outcome, time: Time) -> Issue:
    plan = {(each.outcome, each.time) for each in trial.plan.comparisons}
    message = f"{outcome.name} has no value at {time.name}"
    if (outcome.name, time.name) in plan:
        message += ", and the plan has a comparison there."
        remedy = "Add the rows, or correct the plan."
        return issue("D12", outcome.file, message, remedy, value=time.name)
    message += ": it is taken as not measured then."
    remedy = "Nothing needs to be done if that is so."
    return issue("D12", outcome.file, message, remedy, value=time.name, severity=NOTE)


def _uneven(outcome: Outcome, time: Time, without: Sequence[str]) -> Issue:
    message = (
        f"{outcome.name} has no value at {time.name} under {listed(without)}, but under the other "
        "arms: they cannot be compared then."
    )
    remedy = "Add the rows. If nothing was measured there, remove the arm or the time."
    severity = WARNING if time.role == "baseline" else None
    value = time.name
    return issue("D12", outcome.file, message, remedy, value=value, severity=severity)


def check_missing_visits(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement], people: People
) -> Iterator[Issue]:
    """D12 (note): every participant with a missing visit, by name.

    `people` are all participants of the trial with the arms they have in any outcome.
    """
    there = {_slot(each) for each in filled(measurements)}
    arms = [name for name in trial.arm_names if any(arm == name for _, arm, _, _ in there)]
    times = [name for name in trial.time_names if any(time == name for *_, time in there)]
    occasions = {arm: sorted({o for _, a, o, _ in there if a == arm}) for arm in arms}
    empty: dict[str, list[Cell]] = {}
    for each in measurements:
        _, arm, _, time = slot = _slot(each)
        if each.number is None and slot not in there and arm in arms and time in times:
            empty.setdefault(each.cell.participant, []).append(each.cell)
    for person, own in people.items():
        gaps: dict[str, list[str]] = {}
        for arm in arms if trial.design == "crossover" else [name for name in arms if name in own]:
            for occasion in occasions[arm]:
                missing = [time for time in times if (person, arm, occasion, time) not in there]
                if missing:
                    gaps[f"{arm} {occasion}".strip()] = missing
        if gaps:
            yield _gap(outcome, person, gaps, times, empty.get(person, []))


def _slot(measurement: Measurement) -> tuple[str, str, str, str]:
    slot: tuple[str, str, str, str] = _SLOT(measurement.cell)
    return slot


def _gap(
    outcome: Outcome,
    person: str,
    gaps: Mapping[str, Sequence[str]],
    times: Sequence[str],
    cells: Sequence[Cell],
) -> Issue:
    said = [
        f"{arm} at {'every time' if list(missing) == list(times) else listed(missing)}"
        for arm, missing in gaps.items()
    ]
    where = f"no value in {in_files(cells)}" if cells else "no row"
    message = f"Participant {person} has no {outcome.name} under {'; '.join(said)} ({where})."
    remedy = "Nothing needs to be done if these visits did not happen."
    file, row = (cells[0].file, cells[0].row) if cells else (outcome.file, None)
    return issue("D12", file, message, remedy, row=row, value=person, severity=NOTE)


def check_absent(
    outcome: Outcome, listed_people: Mapping[str, tuple[str, int]], people: People
) -> Iterator[Issue]:
    """D12 (note): participants who have rows and not one value in any outcome."""
    for person, (file, row) in listed_people.items():
        if person not in people:
            message = f"Participant {person} has a row, but no value in any outcome."
            remedy = "Nothing needs to be done if no visit happened."
            yield issue("D12", file, message, remedy, row=row, value=person, severity=NOTE)


def check_size(
    trial: Trial, outcome: Outcome, measurements: Sequence[Measurement]
) -> Iterator[Issue]:
    """D13: enough participants for more than a description."""
    values = filled(measurements)
    everyone = {each.cell.participant for each in values}
    per_arm = {
        name: len({each.cell.participant for each in values if each.cell.arm == name})
        for name in trial.arm_names
    }
    small = [f"{count} under {name}" for name, count in per_arm.items() if count < FEWEST_PER_ARM]
    if len(everyone) >= FEWEST and not small:
        return
    found = counted(len(everyone), "participant") + (f" ({listed(small)})" if small else "")
    message = (
        f"{outcome.name} has values of {found}; with fewer than {FEWEST}, or {FEWEST_PER_ARM} in "
        "an arm, the results describe these participants and are no evidence about others."
    )
    yield issue("D13", outcome.file, message, "Report them as a description.")
