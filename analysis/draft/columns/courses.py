"""Who got which arm in which order -> period, sequence and occasion, where the data have them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from analysis.draft.columns.column import Column, decides, filled_rows
from analysis.draft.columns.order import (
    Periods,
    occasion_column,
    period_column,
    sequence_column,
)
from analysis.draft.columns.roles import Found
from analysis.draft.labels import words
from analysis.draft.labels.arms import letters
from analysis.draft.labels.clock import moment

Roles = dict[str, Found]


def taken_by(roles: Mapping[str, Found]) -> set[str]:
    """Return the headers that have a role."""
    return {found.column for found in roles.values()}


def ordered(
    frame: pd.DataFrame, free: Mapping[str, Column], roles: Mapping[str, Found]
) -> tuple[Roles, Periods]:
    """Return the roles with those that an order of arms has, and what speaks against a period.

    Parameters
    ----------
    frame : DataFrame
    free : mapping
        The columns that may have a role.
    roles : mapping
        Participant, arm and time, as far as they were found.
    """
    if not {"participant", "arm"} <= roles.keys():
        return dict(roles), Periods(None)
    who, arm = roles["participant"].column, roles["arm"].column
    first = next(_with_names(frame, arm))
    if decides(first, [who], arm):
        return dict(roles), Periods(None)  # parallel
    named, periods = _periods(frame, free, roles)
    found = dict(roles)
    if periods.found is None:
        return found | _sequence(named, free, found, named[arm].unique(), None), periods
    period = periods.found.column
    found = {role: each for role, each in found.items() if each.column != period}
    found["period"] = periods.found
    again = occasion_column(named, free, taken_by(found), who, arm, period)
    found |= {"occasion": again} if again else {}
    return found | _sequence(named, free, found, named[arm].unique(), period), periods


def _with_names(frame: pd.DataFrame, arm: str) -> Iterator[pd.DataFrame]:
    """Yield the table with arms spelled alike: by their letters, then by their treatments."""
    yield frame.assign(**{arm: [letters(label) for label in frame[arm]]})
    yield frame.assign(**{arm: [words.treatment(each) or letters(each) for each in frame[arm]]})


def _periods(
    frame: pd.DataFrame, free: Mapping[str, Column], roles: Mapping[str, Found]
) -> tuple[pd.DataFrame, Periods]:
    """Return the table in which a period was found, else the first; and the period.

    A time of bare numbers may be the period itself.
    """
    who, arm = roles["participant"].column, roles["arm"].column
    weak = "time" in roles and _bare(free[roles["time"].column])
    sure = taken_by(roles)
    taken = sure - {roles["time"].column} if weak else sure
    tried = []
    for named in _with_names(frame, arm):
        periods = period_column(named, free, taken, who, arm)
        if periods.found is not None:
            return named, periods
        tried.append(named)
    return tried[0], period_column(tried[0], free, sure, who, arm)


def _bare(column: Column) -> bool:
    return all(moment(label).kind in ("number", "ordinal") for label in column.labels)


def _sequence(
    frame: pd.DataFrame,
    free: Mapping[str, Column],
    roles: Mapping[str, Found],
    arms: Collection[str],
    period: str | None,
) -> Roles:
    who = roles["participant"].column

    def fixes(name: str) -> bool:
        if period is None:
            return True
        arm = roles["arm"].column
        return decides(filled_rows(frame, arm, name, period), [name, period], arm)

    found = sequence_column(frame, free, taken_by(roles), who, arms, fixes)
    return {"sequence": found} if found else {}


def sequence_of_headers(
    frame: pd.DataFrame, free: Mapping[str, Column], roles: Mapping[str, Found], arms: set[str]
) -> Roles:
    """Return the sequence of a table whose headers name the arms, as a role, if it has one."""
    return _sequence(frame, free, roles, arms, None) if "participant" in roles else {}
