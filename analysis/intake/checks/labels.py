"""Checks of the labels of every value: S02, S03, S06, D02, F12 (participant codes)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, in_rows, issue, listed, quoted, suggestion
from analysis.intake.labels import difference, lookalike, spellings, unclean
from analysis.intake.layout import Cell
from analysis.intake.values import MissingCodes, is_date
from analysis.trial import Outcome, Trial

WARNING: Severity = "warning"
_CODES = ("participant", "period", "sequence", "occasion")
_TRIM = " `trim_blanks: true` in trial.yaml removes blanks, and lists each in repairs.csv."
_PREFIXES = ("p", "s", "id", "sub", "subj", "subject", "part", "participant", "pt", "athlete")


def without_blanks(cells: Sequence[Cell], outcome: Outcome, codes: MissingCodes) -> list[Cell]:
    """Return the cells without those that have neither a value nor all their labels."""
    needed = _needed(outcome)
    missing = {text for text in _different(cells, "text") if codes.match(text)}
    return [
        each
        for each in cells
        if each.text not in missing or all(getattr(each, role).strip() for role in needed)
    ]


def _needed(outcome: Outcome) -> list[str]:
    optional = [role for role in ("period", "occasion") if outcome.tells(role)]
    return ["participant", "arm", "time", *optional]


def check_empty(cells: Sequence[Cell], outcome: Outcome) -> Iterator[Issue]:
    """S06: every value says whose it is, under which arm and when."""
    for role in _needed(outcome):
        blank = {text for text in _different(cells, role) if not text.strip()}
        if blank:
            empty = [each for each in cells if getattr(each, role) in blank]
            rows = {each.row for each in empty}
            message = f"{counted(len(rows), 'row')} with a value but without {role}: "
            message += f"{in_rows(each.row for each in empty)}."
            remedy = "Fill in every cell; a label is not carried over from the row above."
            column = getattr(outcome.columns, role, None) or role
            first = empty[0]
            yield issue("S06", first.file, message, remedy, row=first.row, column=column)


def check_declared(cells: Sequence[Cell], outcome: Outcome, trial: Trial) -> Iterator[Issue]:
    """S02, S03: every arm and time is declared, spelled exactly so."""
    for role, entries in (("arm", trial.arms), ("time", trial.times)):
        legal = spellings(entries)
        odd = {text for text in _different(cells, role) if text.strip() and text not in legal}
        unknown: dict[str, list[Cell]] = {}
        for each in cells if odd else ():
            if (label := getattr(each, role)) in odd:
                unknown.setdefault(label, []).append(each)
        column = getattr(outcome.columns, role) or role
        if trial.blinded and role == "arm":  # their order would tell which letter is which
            legal = dict(sorted((text, "") for text in legal if text not in trial.arm_names))
        for label, group in unknown.items():
            yield _undeclared(role, label, group, column, legal)


def _undeclared(
    role: str, label: str, group: Sequence[Cell], column: str, legal: dict[str, str]
) -> Issue:
    rows = list(dict.fromkeys(each.row for each in group))
    found = f"{quoted(label)} ({counted(len(rows), 'row')}, first row {rows[0]})"
    twin = lookalike(label, legal)
    if twin is not None:
        code = "S03"
        message = f"{found} looks like {quoted(twin)} but has {difference(label, twin)}."
        remedy = f"Correct it in the file, or add {quoted(label)} to the aliases of the {role}."
        remedy += _TRIM if label.strip() == twin else ""
    else:
        code = "S02"
        message = f"{found} is not one of the {role}s: {listed(dict.fromkeys(legal))}."
        remedy = suggestion(label, legal) + f"Correct it, declare it under `{role}s`, or add it to "
        remedy += f"the aliases of the {role} that it means."
    return issue(code, group[0].file, message, remedy, row=rows[0], column=column, value=label)


def check_codes(cells: Sequence[Cell], outcome: Outcome) -> Iterator[Issue]:
    """S03, F12: codes of participants and periods have no unseen signs and are not dates."""
    for role in _CODES:
        column = getattr(outcome.columns, role) or role
        odd = {text for text in _different(cells, role) if unclean(text) or is_date(text)}
        for text, rows in _rows_by_label(cells, role, odd).items():
            found = f"{quoted(text)} ({counted(len(rows), 'row')}, first row {rows[0]})"
            if unclean(text) and text.strip():
                code, severity = "S03", None
                message = f"The {role} {found} has {difference(text, text.strip())}."
                remedy = f"Delete them in the file: with them it counts as another {role}."
                remedy += _TRIM if text.strip().isprintable() else ""
            elif role == "participant" and is_date(text):
                code, severity = "F12", WARNING
                message = f"The participant code {found} looks like a date made by a spreadsheet."
                remedy = "If it is one, correct it at its source and format the column as text."
            else:
                continue
            yield issue(
                code,
                cells[0].file,
                message,
                remedy,
                row=rows[0],
                column=column,
                value=text,
                severity=severity,
            )


def _different(cells: Iterable[Cell], role: str) -> set[str]:
    """Return the different labels or texts of cells: few, however many cells there are."""
    return set(map(attrgetter(role), cells))


def _rows_by_label(
    cells: Iterable[Cell], role: str, texts: Collection[str]
) -> dict[str, list[int]]:
    rows: dict[str, dict[int, None]] = {}
    for each in cells if texts else ():
        if (text := getattr(each, role)) in texts:
            rows.setdefault(text, {})[each.row] = None
    return {text: list(numbers) for text, numbers in rows.items()}


def resolved(cells: Sequence[Cell], trial: Trial) -> list[Cell]:
    """Return the cells whose arm and time are declared, with these under their names."""
    arms, times = spellings(trial.arms), spellings(trial.times)
    return [
        _named(each, arms[each.arm], times[each.time])
        for each in cells
        if each.arm in arms and each.time in times and each.participant.strip()
    ]


def _named(cell: Cell, arm: str, time: str) -> Cell:
    same = cell.arm == arm and cell.time == time
    return cell if same else replace(cell, arm=arm, time=time)


def check_spelling_of_participants(cells: Iterable[Cell]) -> Iterator[Issue]:
    """D02: no two codes that may be one person, such as 7, 07 and P7."""
    first: dict[str, Cell] = {}
    for each in cells:
        first.setdefault(each.participant, each)
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for text, cell in first.items():
        if unclean(text):
            continue  # reported as S03
        groups.setdefault(_person(text), []).append(cell)
    for alike in groups.values():
        if len(alike) > 1:
            places = listed(f"{quoted(each.participant)} ({each.place})" for each in alike)
            message = f"The participant codes {places} may be one person; they are analysed as "
            message += f"{len(alike)}."
            remedy = "If it is one person, use one spelling."
            last = alike[-1]
            yield issue("D02", last.file, message, remedy, row=last.row, value=last.participant)


def _person(code: str) -> tuple[str, ...]:
    """Return what remains of a code without case, signs, leading zeros and usual prefixes."""
    pieces = re.findall(r"[0-9]+|[^\W\d_]+", code.casefold())
    pieces = [each.lstrip("0") or "0" if "0" <= each[0] <= "9" else each for each in pieces]
    if len(pieces) > 1 and pieces[0] in _PREFIXES:
        pieces = pieces[1:]
    return tuple(pieces) or (code,)
