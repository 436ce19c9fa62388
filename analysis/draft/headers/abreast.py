"""Trials side by side in a row per visit: jump1, jump2, jump3 -> jump{trial}."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from analysis.draft.columns.column import Column
from analysis.draft.labels import words
from analysis.draft.labels.measures import kind_of
from analysis.intake import companions

_MOST = 12
_ROWS, _WITHIN = 10, 0.2  # rows that tell; variance within them relative to that between
_ALIKE = 1.25  # trials of one visit have medians this close


def abreast(names: Sequence[str], columns: Mapping[str, Column]) -> dict[str, tuple[str, ...]]:
    """Return the patterns of headers that differ by a count only, each with its headers.

    The counts are 1, 2, ... without a gap, the values of one size, and the headers name something
    that is measured, or the values agree as repeated measurements do: the numbered items of a
    questionnaire are no trials of each other.

    Parameters
    ----------
    names : sequence of str
        Headers of columns of values in a long table.
    columns : mapping
    """
    families: dict[str, dict[int, str]] = {}
    for name in names:
        for pattern, count in _cuts(name):
            families.setdefault(pattern, {})[count] = name
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for pattern, family in families.items():
        members = tuple(family[count] for count in sorted(family))
        if not taken & set(members) and _are_trials(family, columns):
            found[pattern] = members
            taken |= set(members)
    return found


def is_count(header: str) -> bool:
    """Whether a header says only that something is a trial: essai_1, Trial 2."""
    said = companions.words(header)
    return bool(said) and said <= words.REPLICATE and kind_of(header) is None


def _cuts(name: str) -> Iterator[tuple[str, int]]:
    """Yield a header with each small whole number in it replaced, and the number."""
    if set(name) & set("{}"):
        return
    for number in re.finditer(r"(?<![0-9.,])[0-9]{1,2}(?![0-9.,])", name):
        yield f"{name[: number.start()]}{{trial}}{name[number.end() :]}", int(number[0])


def _are_trials(family: Mapping[int, str], columns: Mapping[str, Column]) -> bool:
    if not 2 <= len(family) <= _MOST or set(family) != set(range(1, len(family) + 1)):
        return False
    kinds = {kind_of(name) for name in family.values()}
    kind = next(iter(kinds))
    said = all(map(is_count, family.values()))
    if not said and (len(kinds) > 1 or (kind is not None and kind.scale)):
        return False
    numbers = [columns[name].numbers for name in family.values()]
    if not said and kind is None and not _agree(numbers):
        return False
    middles = [abs(float(each.median())) for each in numbers]
    return max(middles) <= _ALIKE * min(middles)


def _agree(numbers: Sequence[pd.Series]) -> bool:
    """Whether rows differ far more than columns, and the numbers are no ratings: prova1, prova2."""
    frame = pd.concat(numbers, axis=1).dropna()
    ratings = bool((frame == frame.round()).all(axis=None))
    within, between = frame.var(axis=1).mean(), frame.mean(axis=1).var()
    return not ratings and len(frame) >= _ROWS and bool(within < _WITHIN * between)
