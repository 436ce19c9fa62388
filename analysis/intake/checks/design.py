"""Checks of who got what when, over all outcomes: C01, D03, D04, D05, D11, D14."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, counted, issue, listed, quoted
from analysis.intake.layout import Cell
from analysis.trial import Trial

Groups = dict[tuple[str, ...], dict[tuple[str, ...], Cell]]

_WHO_GOT_WHAT = attrgetter("participant", "arm", "period", "occasion", "sequence")


def without_times(cells: Iterable[Cell]) -> list[Cell]:
    """Return the first cell of every participant, arm, period, occasion and sequence.

    What is asked of who got what when is answered by these few.
    """
    first: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        first.setdefault(_WHO_GOT_WHAT(cell), cell)
    return list(first.values())


def grouped(cells: Iterable[Cell], keys: Sequence[str], values: Sequence[str]) -> Groups:
    """Return for every combination of `keys` its distinct `values`, each with its first cell."""
    groups: Groups = {}
    for cell in cells:
        key = tuple(getattr(cell, name) for name in keys)
        value = tuple(getattr(cell, name) for name in values)
        groups.setdefault(key, {}).setdefault(value, cell)
    return groups


def _places(found: Mapping[tuple[str, ...], Cell]) -> str:
    return listed(f"{' '.join(value).strip()} ({cell.place})" for value, cell in found.items())


def _last(found: Mapping[tuple[str, ...], Cell]) -> Cell:
    return list(found.values())[-1]


def check_declared_design(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """C01, D11: the data have the design that trial.yaml declares."""
    people = grouped(cells, ["participant"], ["arm"])
    several = {person: arms for person, arms in people.items() if len(arms) > 1}
    if trial.design == "crossover":
        if people and not several:
            message = (
                f"The design is crossover, but each of the {len(people)} participants has only "
                "one arm in the data."
            )
            remedy = "If every participant got one arm, write `design: parallel`."
            yield issue("C01", PLAN_FILE, message, remedy, column="design", value="crossover")
    elif len(several) > len(people) / 2:
        message = (
            f"The design is parallel, but {len(several)} of {len(people)} participants have "
            "several arms in the data."
        )
        remedy = "If every participant got several arms in turn, write `design: crossover`."
        yield issue("C01", PLAN_FILE, message, remedy, column="design", value="parallel")
    else:
        for (person,), arms in several.items():
            message = (
                f"{quoted(person)} has several arms: {_places(arms)}; in a parallel trial a "
                "participant has one."
            )
            remedy = "Correct the arm or the participant code."
            cell = _last(arms)
            yield issue("D11", cell.file, message, remedy, row=cell.row, value=person)


def check_periods(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D03, D14: in a crossover a participant has one arm per period and one period per arm."""
    timed = [each for each in cells if each.period]
    if trial.design != "crossover":
        return
    said = set()
    for (person, period), found in grouped(
        timed, ["participant", "period"], ["arm", "occasion"]
    ).items():
        if len(found) > 1:
            message = f"{quoted(person)} has several arms in period {period}: {_places(found)}."
            remedy = "Correct the arm, the period or the participant code."
            cell = _last(found)
            said.add(person)
            yield issue("D14", cell.file, message, remedy, row=cell.row, value=person)
    for (person, arm, occasion), found in grouped(
        timed, ["participant", "arm", "occasion"], ["period"]
    ).items():
        if len(found) > 1 and person not in said:
            again = f" (occasion {occasion})" if occasion else ""
            message = f"{quoted(person)} has arm {arm}{again} in several periods: {_places(found)}."
            remedy = (
                "Correct the arm or the period. If the arm was given more than once, name the "
                "column that says which time it is under `columns: occasion`."
            )
            cell = _last(found)
            yield issue("D03", cell.file, message, remedy, row=cell.row, value=person)


def check_sequences(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D04: a participant has one sequence, and a sequence stands for one order of the arms."""
    known = [each for each in cells if each.sequence.strip()]
    torn = False
    for (person,), found in grouped(known, ["participant"], ["sequence"]).items():
        if len(found) > 1:
            torn = True
            message = f"{quoted(person)} has several sequences: {_places(found)}."
            cell = _last(found)
            remedy = "Correct the sequence or the participant code."
            yield issue("D04", cell.file, message, remedy, row=cell.row, value=person)
    if trial.design != "crossover" or torn:
        return
    timed = [each for each in known if each.period]
    said = set()
    for (sequence, period), arms in grouped(timed, ["sequence", "period"], ["arm"]).items():
        if len(arms) > 1 and sequence not in said:
            said.add(sequence)
            yield _two_orders(sequence, period, timed)


def _two_orders(sequence: str, period: str, cells: Sequence[Cell]) -> Issue:
    here = [each for each in cells if (each.sequence, each.period) == (sequence, period)]
    people = {arm: list(found) for (arm,), found in grouped(here, ["arm"], ["participant"]).items()}
    said = "; ".join(
        f"{arm} for {listed((p for (p,) in found), 5)}" for arm, found in people.items()
    )
    rarest = min(people, key=lambda arm: len(people[arm]))
    cell = next(each for each in here if each.arm == rarest)
    message = (
        f"Participants with sequence {quoted(sequence)} have different arms in period {period}: "
        f"{said}."
    )
    remedy = (
        "Correct the arm, period or sequence. If a participant did not follow the planned order, "
        "write the order that was followed."
    )
    return issue("D04", cell.file, message, remedy, row=cell.row, value=sequence)


def check_period_labels(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D05: periods are counted alike for all participants."""
    timed = [each for each in cells if each.period]
    if trial.design != "crossover" or not timed:
        return
    labels = list(dict.fromkeys(each.period for each in timed))
    most = max(map(len, grouped(timed, ["participant"], ["period"]).values()))
    if len(labels) > most:
        message = (
            f"There are {len(labels)} periods ({listed(labels)}), but no participant has more than "
            f"{counted(most, 'period')}."
        )
        remedy = "Count the periods in each participant's own order: 1, 2, 3."
        cell = timed[0]
        yield issue("D05", cell.file, message, remedy, value=listed(labels))
