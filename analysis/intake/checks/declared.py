"""Check of a file's own column of units against trial.yaml: C01."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, issue, quoted
from analysis.intake.companions import companions, words
from analysis.intake.layout import Source
from analysis.intake.units import convertible

_NAMES = {"unit", "units", "einheit", "unite", "unidad"}
_LIMITS = re.compile(r"([0-9]+) ?[-–] ?([0-9]+)")


def check_units_column(source: Source) -> Iterator[Issue]:
    """C01: where the file has a column of units, these are the declared one."""
    outcome = source.outcome
    for column in companions(source):
        if words(column.header) != _NAMES & words(column.header) or not words(column.header):
            continue
        first = {text: row for row, text in reversed(column.texts.items()) if text}
        for text, row in first.items():
            limits = _LIMITS.fullmatch(text)
            said = tuple(map(float, limits.groups())) if limits else None
            scale = said is not None and outcome.range not in (None, said)
            length = text in convertible(outcome.unit) and text != outcome.unit
            if not (length or scale):
                continue
            declared = quoted(outcome.unit) if length else f"the range {outcome.range}"
            message = (
                f"{source.table.file} gives {quoted(text)} as unit of {outcome.name} (first in row "
                f"{row}), but trial.yaml has {declared}."
            )
            remedy = "Correct `unit` and `range` in trial.yaml, or the column in the file."
            key = f"outcomes.{outcome.name}.{'unit' if length else 'range'}"
            yield issue("C01", PLAN_FILE, message, remedy, column=key, value=text)
