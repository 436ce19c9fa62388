"""One table -> the roles of its columns, and where its values stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.draft.columns.column import Column, columns_of, decides
from analysis.draft.columns.courses import Roles, ordered, sequence_of_headers, taken_by
from analysis.draft.columns.order import Periods
from analysis.draft.columns.roles import (
    Found,
    arm_column,
    participant_column,
    same_labels,
    telling_column,
    time_columns,
)
from analysis.draft.columns.values import Values, long_values, wide_values
from analysis.draft.headers.wide import InRows, Pattern, patterns_of
from analysis.draft.labels import words
from analysis.draft.labels.clock import moment
from analysis.draft.tables.reading import Page
from analysis.draft.tables.stacks import is_of_names

# Which column of an export holds the participant, and which may hold the time.
_WHO = {
    "vald_trials": ("Athlete",),
    "hawkin_cloud": ("Name",),
    "hawkin_api": ("athlete", "athlete_name"),
    "redcap": ("record_id",),
    "smartabase": ("user_id",),
}
_WHEN = {"hawkin_cloud": "Tags", "redcap": "redcap_event_name"}
_SURE = frozenset({"before", "after", "hours", "day"})


@dataclass(frozen=True)
class Understood:
    """What one table was understood to hold.

    Attributes
    ----------
    roles : mapping
        Role -> column and reason; a role that no column has is not there.
    patterns : tuple of Pattern
        In wide layout.
    values : Values
        The columns of values of a long table, and what else the numbers are.
    against : tuple of str
        What speaks against columns that bear the name of a period.
    hours : mapping
        Hours of labels of time, where another column has them.
    """

    page: Page
    columns: Mapping[str, Column]
    roles: Mapping[str, Found]
    patterns: tuple[Pattern, ...]
    values: Values
    against: tuple[str, ...]
    hours: Mapping[str, float]

    def of(self, role: str) -> str | None:
        """Return the column with a role in the table as it was joined, or None."""
        return self.roles[role].column if role in self.roles else None

    def header(self, role: str) -> str | None:
        """Return the header of the column with a role in the file, or None."""
        name = self.of(role)
        return None if name is None or is_of_names(name) else name

    def named(self, role: str) -> bool:
        """Whether the names of files say what this role is."""
        return self.of(role) != self.header(role)

    def labels(self, rows: pd.Index) -> pd.DataFrame:
        """Return participant, arm, time and period of rows; empty where no column says them."""
        frame = self.page.frame
        names = {role: self.of(role) for role in ("participant", "arm", "time", "period")}
        said = {role: "" if name is None else frame.loc[rows, name] for role, name in names.items()}
        return pd.DataFrame(said, index=rows)

    @property
    def useful(self) -> bool:
        """Whether the table holds values of outcomes."""
        return bool((self.patterns or self.values.columns) and self.roles)


def understood(page: Page) -> Understood:
    """Return what a table holds, judged by its labels and numbers.

    Parameters
    ----------
    page : Page
    """
    frame = page.frame
    columns = columns_of(frame, page.questions)
    varied = {name: each for name, each in columns.items() if len(each.labels) > 1}
    times = time_columns(varied, _WHEN.get(page.export or ""))
    free, patterns, roles, periods = _parted(page, columns, varied, times)
    values = wide_values(frame, free, roles) if patterns else long_values(
        frame, columns, free, roles
    )  # fmt: skip
    hours = _hours(frame, columns, roles)
    return Understood(page, columns, roles, tuple(patterns), values, periods.against, hours)


def _parted(
    page: Page,
    columns: Mapping[str, Column],
    varied: Mapping[str, Column],
    times: Sequence[Found],
) -> tuple[dict[str, Column], list[Pattern], Roles, Periods]:
    """Return the columns beside the patterns, the patterns, the roles and what a period is.

    Where the likeliest column of times turns out to be the period, the next one is tried.
    """
    frame = page.frame
    fitting = [found for found in times if _within(page, varied, found)]
    time = fitting[0] if fitting else None
    patterns = _patterns(frame, columns, varied, time)
    slotted = {slot.header for each in patterns for slot in each.slots}
    free = {name: each for name, each in varied.items() if name not in slotted}
    arms = {slot.arm for each in patterns for slot in each.slots if slot.arm}
    roles = _roles(page, free, None if patterns else time, patterns, bool(arms))
    if arms:
        roles |= sequence_of_headers(frame, free, roles, arms)
    roles, periods = ordered(frame, free, roles)
    if not patterns and "time" not in roles and len(fitting) > 1:
        return _parted(page, columns, varied, fitting[1:])
    if not patterns and "time" not in roles and "arm" in roles and "participant" in roles:
        told = telling_column(frame, free, taken_by(roles), [roles["participant"], roles["arm"]])
        roles |= {"time": told} if told is not None else {}
    return free, patterns, roles, periods


def _within(page: Page, varied: Mapping[str, Column], time: Found) -> bool:
    """Whether a column changes within participants, as times do."""
    taken = {time.column}
    who = _who(page, varied, taken, False) or _who(page, varied, taken, True)
    if who is None:
        return True
    rows = page.frame.groupby(varied[who.column].filled).size()
    return bool(rows.median() > 1) and not decides(page.frame, [who.column], time.column)


def _roles(
    page: Page,
    free: Mapping[str, Column],
    time: Found | None,
    patterns: Collection[Pattern],
    arms: bool,
) -> Roles:
    """Return participant, time and arm, as far as columns have them."""
    roles: Roles = {} if time is None else {"time": time}
    who = _who(page, free, taken_by(roles), bool(patterns))
    if who is not None:
        roles["participant"] = who
    name = None if who is None else who.column
    found = None if arms else arm_column(page.frame, free, taken_by(roles), name)
    return roles | ({"arm": found} if found is not None else {})


def _patterns(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    varied: Mapping[str, Column],
    time: Found | None,
) -> list[Pattern]:
    """Return the patterns of headers, unless a column has labels that surely are times."""
    if time is not None and {moment(each).kind for each in varied[time.column].labels} & _SURE:
        return []
    arm = arm_column(frame, varied, (), None)
    in_rows: InRows = "no"
    if arm is not None:
        known = any(map(words.treatment, varied[arm.column].labels))
        in_rows = "surely" if known else "perhaps"
    return patterns_of(columns, in_rows)


def _who(
    page: Page, free: Mapping[str, Column], taken: Collection[str], once: bool
) -> Found | None:
    for name in _WHO.get(page.export or "", ()):
        if name in free:
            return Found(name, f"{len(free[name].labels)} codes; the column of this system")
    return participant_column(free, taken, once)


def _hours(
    frame: pd.DataFrame, columns: Mapping[str, Column], roles: Mapping[str, Found]
) -> dict[str, float]:
    """Return the hours of the labels of time, where a column of numbers says them one to one."""
    if "time" not in roles:
        return {}
    time = roles["time"].column
    for name, column in columns.items():
        named = words.any_of(column.words, words.HOUR_WORDS - {"h"})
        if name != time and named and column.numeric and same_labels(frame, time, name):
            pairs = zip(frame[time], column.parsed, strict=True)
            return {label: hours for label, hours in pairs if label and hours == hours}
    return {}
