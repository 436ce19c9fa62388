"""Checks of the order of the arms: D04 (sequences spelled out), D08 (balance)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import factorial

from analysis.errors import Issue
from analysis.intake.codes import counted, issue, listed, quoted
from analysis.intake.labels import spellings
from analysis.intake.layout import Cell
from analysis.trial import Trial

Order = tuple[str, ...]
_FEWEST = 6


def orders(cells: Sequence[Cell], trial: Trial) -> dict[str, tuple[Order, Cell]]:
    """Return every participant's arms in the order of the periods, with a cell of theirs.

    Only participants with all periods; nobody where periods are not numbered.
    """
    periods = {cell.period for cell in cells}
    if trial.design != "crossover" or not periods or not all(p.isdigit() for p in periods):
        return {}
    given: dict[str, dict[int, Cell]] = {}
    for cell in cells:
        given.setdefault(cell.participant, {}).setdefault(int(cell.period), cell)
    whole = {who: mine for who, mine in given.items() if len(mine) == len(periods)}
    return {
        who: (tuple(mine[period].arm for period in sorted(mine)), next(iter(mine.values())))
        for who, mine in whole.items()
    }


def check_spelled_sequences(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D04: where sequences are spelled out in arms, the periods have these arms in this order.

    A column that agrees with the periods of fewer than half of the participants is not read so.
    """
    words = {text.casefold(): name for text, name in spellings(trial.arms).items()}
    read = {
        who: (_spelled(cell.sequence, words, trial), order, cell)
        for who, (order, cell) in orders(cells, trial).items()
    }
    known = {who: each for who, each in read.items() if each[0] is not None}
    wrong = {who: each for who, each in known.items() if each[0] != each[1]}
    if 2 * len(wrong) >= len(known):
        return
    for who, (_, order, cell) in wrong.items():
        message = (
            f"Participant {quoted(who)} has sequence {quoted(cell.sequence)}, but the periods of "
            f"the file have {', '.join(order)}."
        )
        remedy = "Correct the arm, period or sequence; write the order that was followed."
        yield issue("D04", cell.file, message, remedy, row=cell.row, value=cell.sequence)


def _spelled(sequence: str, words: Mapping[str, str], trial: Trial) -> Order | None:
    text = sequence.strip().casefold()
    for parts in (re.split(r"\s*[-–_/,;>+|]+\s*|\s+", text), list(text)):
        if len(parts) > 1 and all(part in words for part in parts):
            return tuple(words[part] for part in parts)
    initials = Counter(name[0].casefold() for name in trial.arm_names)
    if len(text) > 1 and all(initials.get(letter) == 1 for letter in text):
        return tuple(
            next(name for name in trial.arm_names if name[0].casefold() == letter)
            for letter in text
        )
    return None


def check_balance(cells: Sequence[Cell], trial: Trial) -> Iterator[Issue]:
    """D08: the orders of a randomised crossover are about equally frequent."""
    found = orders(cells, trial)
    counts = Counter(order for order, _ in found.values())
    if not trial.randomised or len(found) < _FEWEST:
        return
    if max(counts.values()) - min(counts.values()) > 1:
        said = listed(f"{'-'.join(order)} {n}" for order, n in sorted(counts.items()))
        what = f"orders of the arms are not equally frequent: {said}"
    elif len(found) % factorial(len(trial.arms)) == 0 and not _each_arm_in_each_period(found):
        what = f"arms are not equally frequent in each period: {_table(found)}"
    else:
        return
    cell = next(iter(found.values()))[1]
    message = (
        f"Among {counted(len(found), 'participant')} the {what}. Then the comparison of arms leans "
        "on the adjustment for the period; swapped labels look the same."
    )
    remedy = "Compare with the randomisation list; nothing needs to be done if it says so."
    yield issue("D08", cell.file, message, remedy)


def _each_arm_in_each_period(found: Mapping[str, tuple[Order, Cell]]) -> bool:
    pairs = Counter((place, arm) for order, _ in found.values() for place, arm in enumerate(order))
    width = len(next(iter(found.values()))[0])
    arms = {arm for _, arm in pairs}
    return len(set(pairs.values())) == 1 and len(pairs) == width * len(arms)


def _table(found: Mapping[str, tuple[Order, Cell]]) -> str:
    pairs = Counter((place, arm) for order, _ in found.values() for place, arm in enumerate(order))
    return listed(f"{arm} {n} in period {place + 1}" for (place, arm), n in sorted(pairs.items()))
