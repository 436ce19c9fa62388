"""Checks of the values: F06, F07, F11, F12, V01, V02, V05, V10, D01."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from analysis.errors import Issue
from analysis.intake.codes import counted, issue, listed, quoted
from analysis.intake.layout import Cell, at_cell
from analysis.intake.measurements import Measurement, by_visit, filled
from analysis.intake.values import MISSING_NUMBERS, MissingCodes, exact, fault
from analysis.trial import Outcome

_AGGREGATED = ("F06", "V02")
_NOT_A_NUMBER = {
    "F06": (
        "has a decimal comma",
        'Write `csv: {decimal: ","}` under the outcome, or save the file with decimal points.',
    ),
    "F07": (
        "has a thousands separator, or both a point and a comma",
        "Write the number without separators and with a decimal point.",
    ),
    "F11": (
        "is a spreadsheet error or a formula without a result",
        "Correct the formula, or leave the cell empty if the value is missing.",
    ),
    "F12": (
        "looks like a date or a time of day; expected a number",
        "Correct it at its source and format the column as text or number, not as date.",
    ),
    "V02": (
        "looks like a code for a missing value that is not declared",
        "If it is one, add it to `missing_codes` in trial.yaml; else correct it.",
    ),
    "V10": (
        "is not a number",
        "Write the number alone, without unit or sign; leave the cell empty if it is missing.",
    ),
}


def visit_in_words(cell: Cell) -> str:
    """Return participant, arm, time and where given period and occasion, for messages."""
    parts = [cell.participant, cell.arm, cell.time]
    parts += [f"period {cell.period}"] if cell.period else []
    parts += [f"occasion {cell.occasion}"] if cell.occasion else []
    return " / ".join(parts)


def check_numbers(cells: Sequence[Cell], codes: MissingCodes) -> Iterator[Issue]:
    """F06, F07, F11, F12, V02, V10: every cell is a number or missing."""
    texts = {cell.text for cell in cells}
    wrong = {text for text in texts if exact(text) is None and not codes.match(text)}
    grouped: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells if wrong else ():
        if cell.text not in wrong:
            continue
        code = fault(cell.text)
        what = cell.column if code == "F06" else cell.text.strip()
        key = (code, what, "" if code in _AGGREGATED else f"{cell.row} {cell.column}")
        grouped.setdefault(key, []).append(cell)
    for (code, _, _), group in grouped.items():
        yield _no_number(code, group)


def _no_number(code: str, group: Sequence[Cell]) -> Issue:
    found, remedy = _NOT_A_NUMBER[code]
    first = group[0]
    message = f"{quoted(first.text)} {found}"
    if len(group) > 1:
        message += f" ({counted(len(group), 'cell')} like this, first in row {first.row})"
    return at_cell(code, first, f"{message}.", remedy)


def check_range(measurements: Sequence[Measurement], outcome: Outcome) -> Iterator[Issue]:
    """V01, V02: values lie in the declared range, and none looks like a missing code."""
    suspects: dict[Fraction, list[Cell]] = {}
    limits = outcome.range
    for each in filled(measurements):
        number = each.number
        if number is None or (limits is not None and limits[0] <= each.value <= limits[1]):
            continue
        if number in MISSING_NUMBERS:
            suspects.setdefault(number, []).append(each.cell)
        elif outcome.range is not None:
            yield _out_of_range(each.cell, outcome)
    every = {each.number for each in measurements if suspects and each.number is not None}
    usual = every - MISSING_NUMBERS
    for number, cells in suspects.items():
        if outcome.range is not None or _stands_apart(number, usual):
            yield _suspect(cells, outcome)


def _stands_apart(number: Fraction, usual: Collection[Fraction]) -> bool:
    """Whether a number is negative among positive ones, or half as large again as the largest."""
    if not usual:
        return True
    return number > Fraction(3, 2) * max(usual) if number > 0 else min(usual) >= 0


def _limits(outcome: Outcome) -> str:
    low, high = outcome.range or (0, 0)
    return f"{low:g} to {high:g} {outcome.unit}"


def _out_of_range(cell: Cell, outcome: Outcome) -> Issue:
    message = (
        f"{cell.text.strip()} {outcome.unit} ({visit_in_words(cell)}) lies outside the range of "
        f"{quoted(outcome.name)}, {_limits(outcome)}."
    )
    remedy = "Check it at its source. If it is right, widen `range`; else correct it."
    return at_cell("V01", cell, message, remedy)


def _suspect(cells: Sequence[Cell], outcome: Outcome) -> Issue:
    first = cells[0]
    scale = (
        f"outside the range {_limits(outcome)}" if outcome.range else "far from all other values"
    )
    message = (
        f"{first.text.strip()} occurs {counted(len(cells), 'time')} (first in row {first.row}) and "
        f"lies {scale}; it looks like a code for a missing value."
    )
    remedy = f"If so, write `missing_codes: [{first.text.strip()}]` in trial.yaml; else correct it."
    return at_cell("V02", first, message, remedy)


def check_duplicates(measurements: Sequence[Measurement], outcome: Outcome) -> Iterator[Issue]:
    """D01: a visit has one value, or several that are declared as replicates."""
    if outcome.replicates != "error" and outcome.pattern is None:
        return
    for group in by_visit(measurements).values():
        if outcome.replicates == "error":
            yield from _duplicate(group, outcome)
        else:  # replicates told apart by {trial} must not occur twice either
            for trial in {each.cell.trial for each in group if each.cell.trial}:
                yield from _duplicate([m for m in group if m.cell.trial == trial], outcome)


def _duplicate(group: Sequence[Measurement], outcome: Outcome) -> Iterator[Issue]:
    if len(group) < 2:
        return
    first, second = group[0].cell, group[1].cell
    texts = [each.cell.text.strip() or "empty" for each in group]
    files = {each.cell.file for each in group}
    cells = listed(each.cell.place if len(files) > 1 else f"row {each.cell.row}" for each in group)
    if len({(each.cell.file, each.cell.row) for each in group}) == 1:
        cells = "columns " + listed(quoted(each.cell.column) for each in group)
    found = f"{len(group)} values ({cells}: {listed(texts)})"
    message = f"{visit_in_words(first)} has {found}; expected one."
    yield issue(
        "D01",
        second.file,
        message,
        "Keep one. " + _duplicate_remedy(outcome),
        row=second.row,
        column=second.column if len(files) > 1 else first.column,
        value=listed(texts),
    )


def _duplicate_remedy(outcome: Outcome) -> str:
    if outcome.replicates != "error":
        return ""
    remedy = "If they are trials of one visit, write `replicates: mean` (or best, or median)"
    if not outcome.tells("occasion"):
        remedy += "; if the arm was given more than once, name the column `occasion`"
    if not outcome.where and outcome.value is not None:
        remedy += "; if the file holds several outcomes, tell them apart with `where`"
    return remedy + "."


def check_trial_counts(measurements: Sequence[Measurement], outcome: Outcome) -> Iterator[Issue]:
    """V05: the best of more trials is better by chance, so visits should have equally many."""
    if outcome.replicates != "best":
        return
    visits = by_visit(filled(measurements))
    numbers = {len(group) for group in visits.values()}
    if len(numbers) > 1:
        least = min(visits.values(), key=len)
        message = (
            f"Visits have {min(numbers)} to {max(numbers)} trials (fewest: "
            f"{visit_in_words(least[0].cell)}), and `replicates` is best: the best of more trials "
            "is better by chance alone."
        )
        remedy = "Use mean, or the same number of trials at every visit."
        yield issue("V05", least[0].cell.file, message, remedy, row=least[0].cell.row)
