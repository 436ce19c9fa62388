"""Columns that were computed from others: changes from the baseline, percent of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analysis.draft.columns.column import Column
from analysis.draft.labels import words
from analysis.draft.labels.measures import kind_of

_FEWEST = 4
_SPARE = 4  # rows beyond the weights, so that not any numbers are a weighted sum
_CHANGE = words.word_set("""
    change changes delta diff difference zmiana anderung veranderung differenz variacion cambio
    variazione variacao verschil endring forandring andring muutos pct perc percent percentage
    percentual prozent procent prosent prosentti relative normalised normalized""")
_SIGNS = frozenset("%Δ∆")


def derived(columns: Sequence[Column], time: pd.Series | None) -> list[str]:
    """Return the columns that say again what another one says, relative to the baseline.

    Either every value at one time is 100 or 1 (or 0 where others are negative), or the name says so
    beside a column of the same kind whose name does not.

    Parameters
    ----------
    columns : sequence of Column
        The columns of values of a long table.
    time : Series of str, optional
        The labels of its times.
    """
    plain = [each for each in columns if not says_change(each)]
    kinds = {kind.name for each in plain for kind in [kind_of(each.name)] if kind is not None}
    found = []
    for each in columns:
        kind = kind_of(each.name)
        again = says_change(each) and kind is not None and kind.name in kinds
        if again or (len(columns) > 1 and time is not None and _relative(each.numbers, time)):
            found.append(each.name)
    return found


def says_change(column: Column) -> bool:
    """Whether a header names a change or a percentage."""
    return words.any_of(column.words, _CHANGE) or bool(_SIGNS & set(column.name))


def names_change(text: str) -> bool:
    """Whether a text is a word for a change: MUUTOS, delta."""
    return words.any_of([words.bare(text)], _CHANGE)


def computed(numbers: pd.Series, visits: Sequence[pd.Series]) -> bool:
    """Whether numbers were computed from those of the visits of a course.

    They are the highest or lowest of them, or a mean, difference or area: a sum with weights, up
    to rounding. Or they are partly negative where those never are.
    """
    if (numbers < 0).any() and not any((each < 0).any() for each in visits):
        return True
    table = pd.concat([numbers, *visits], axis=1).dropna().to_numpy(float)
    own, rest, slack = table[:, 0], table[:, 1:], rounding(numbers)
    if len(own) < max(_FEWEST, len(visits) + _SPARE) or len(visits) < 2:
        return False
    weighted = rest @ np.linalg.lstsq(rest, own, rcond=None)[0]
    sums = (rest.max(axis=1), rest.min(axis=1), weighted)
    return any(bool((np.abs(own - each) <= slack).all()) for each in sums)


def rounding(numbers: pd.Series) -> float:
    """Return half a unit of the last decimal that numbers have."""
    decimals = next((n for n in range(4) if (numbers.round(n) == numbers).all()), 4)
    return 0.51 * 10.0**-decimals


def _relative(numbers: pd.Series, time: pd.Series) -> bool:
    """Whether all values of one time are the same 100, 1 or 0, and those of others are not."""
    groups = [part for _, part in numbers.groupby(time[numbers.index]) if len(part) >= _FEWEST]
    constant = [float(part.iloc[0]) for part in groups if part.nunique() == 1]
    if len(constant) != 1 or len(groups) < 2:
        return False
    return constant[0] in _references(numbers)


def _references(numbers: pd.Series) -> Collection[float]:
    """Return what a baseline can be relative to itself; ratings are whole and never negative."""
    if (numbers < 0).any():
        return (0.0,)
    broken = bool((numbers != numbers.round()).any())
    return ((100.0, 1.0) if numbers.max() < 2 else (100.0,)) if broken else ()
