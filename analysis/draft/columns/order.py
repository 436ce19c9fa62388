"""Which column is the period, the sequence, the occasion: judged by the data, never by a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.draft.columns.column import Column, cross, decides, filled_rows
from analysis.draft.columns.roles import Found, orders
from analysis.draft.labels import words

_SHORT = 12
_MOST = 8
_TOLERATED = 0.8
_COUNT = re.compile(r"([a-z]*[ _.-]*[0-9]{1,2}|i{1,3}|iv|v|first|second|third|[a-c])", re.I)


@dataclass(frozen=True)
class Periods:
    """The column of the period, if the data have one; else what speaks against each candidate."""

    found: Found | None
    against: tuple[str, ...] = ()


def period_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], who: str, arm: str
) -> Periods:
    """Return the column that is consistent with a period.

    Within every participant each of its labels has one arm; arms change their label between
    participants; and there are no more labels than a participant has. A column that only bears the
    name is not taken, and what contradicts it is said.

    Parameters
    ----------
    frame : DataFrame
    columns : mapping
    taken : collection of str
        Columns that have another role.
    who, arm : str
        Headers of participant and arm.
    """
    against: list[str] = []
    accepted: list[tuple[float, Found]] = []
    for name, column in columns.items():
        if name in taken or not _period_like(column):
            continue
        named = words.any_of(column.words, words.PERIOD)
        found = _judged(frame, column, who, arm)
        if isinstance(found, Found):
            accepted.append((2.0 * named + column.whole, found))
        elif named:
            against.append(found)
    if not accepted:
        return Periods(None, tuple(against))
    return Periods(max(accepted, key=lambda each: each[0])[1], tuple(against))


def _period_like(column: Column) -> bool:
    labels = column.labels
    counted = all(_COUNT.fullmatch(label) for label in labels)
    return counted and len(labels) >= 2 and not column.dated and max(map(len, labels)) <= _SHORT


def _judged(frame: pd.DataFrame, column: Column, who: str, arm: str) -> Found | str:
    """Return the column as a period, or what in the data speaks against it."""
    name = column.name
    rows = frame[[who, arm, name]].drop_duplicates()
    rows = rows[(rows != "").all(axis=1)]
    per_person = rows.groupby(who)[name].nunique()
    if per_person.max() < 2:
        return f"'{name}' does not change within a participant"
    arms = rows.groupby([who, name])[arm].nunique()
    torn = sorted(set(arms[arms > 1].index.get_level_values(0)))
    if len(torn) > (1 - _TOLERATED) * len(per_person):
        person = torn[0]
        label = next(label for each, label in arms[arms > 1].index if each == person)
        return f"'{name}' {label} has several arms in participant {person}"
    spread = rows[~rows[who].isin(torn)].groupby([who, arm])[name].nunique()
    given = rows.groupby(who)[arm].nunique()
    if spread.max() > 1 and not _again(spread, given):
        person, label = spread[spread > 1].index[0]
        return f"{label} has several labels of '{name}' in participant {person}"
    if len(column.labels) > min(per_person.max(), _MOST):
        return (
            f"'{name}' has {len(column.labels)} labels, but no participant more than "
            f"{per_person.max()}: calendar weeks? Count 1, 2, 3 in each participant's own order"
        )
    if len(cross(frame, arm, name)) == len(set(rows[arm])):
        return f"'{name}' goes with the same arm in every participant: it may be a code of the arm"
    but = f", but not in {', '.join(torn)}" if torn else ""
    return Found(name, f"{len(column.labels)} labels, each with one arm per participant{but}")


def _again(spread: pd.Series, given: pd.Series) -> bool:
    """Whether arms are given more than once throughout: a replicate design, not a slip."""
    return bool((spread > 1).mean() > 0.3 and len(given))


def sequence_column(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    taken: Collection[str],
    who: str,
    arms: Collection[str],
    fixes: Callable[[str], bool],
) -> Found | None:
    """Return the column with the order of the arms: one per participant.

    Parameters
    ----------
    frame, columns, taken, who
        As in `period_column`.
    arms : collection of str
        Labels of the arms.
    fixes : callable
        Whether a column and the period together fix the arm.
    """
    for name, column in columns.items():
        people = frame[who].nunique()
        several = 2 <= len(column.labels) <= people and column.wordy
        few = len(column.labels) < max(3, people)
        if name in taken or not several or not decides(frame, [who], name):
            continue
        if not fixes(name):
            continue
        named = few and words.any_of(column.words, words.SEQUENCE)
        if named or _spells(column, arms) or len(orders(column)) == len(set(arms)):
            return Found(name, f"{len(column.labels)} labels, one per participant")
    return None


def _spells(column: Column, arms: Collection[str]) -> bool:
    """Whether labels are made of the names, or the first letters, of the arms: fir-passive, AB."""
    bare = [words.bare(each) for each in arms if each]
    initials = {each[0] for each in bare if each}
    for label in map(words.bare, column.labels):
        spelled = all(each in label for each in bare)
        if not spelled and not (len(label) >= len(initials) > 1 and set(label) <= initials):
            return False
    return True


def occasion_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], who: str, arm: str,
    period: str,
) -> Found | None:  # fmt: skip
    """Return the column that counts how often a participant has had an arm."""
    for name, column in _counts(columns, taken):
        rows = filled_rows(frame, who, arm, name, period)[
            [who, arm, name, period]
        ].drop_duplicates()
        one = rows.groupby([who, arm, name])[period].nunique().max() == 1
        other = rows.groupby([who, period])[name].nunique().max() == 1
        if one and other and rows.groupby([who, arm])[name].nunique().max() > 1:
            return Found(name, f"{len(column.labels)} labels; tells apart an arm given again")
    return None


def _counts(columns: Mapping[str, Column], taken: Collection[str]) -> Iterator[tuple[str, Column]]:
    for name, column in columns.items():
        if name not in taken and column.whole and len(column.labels) <= _MOST:
            yield name, column
