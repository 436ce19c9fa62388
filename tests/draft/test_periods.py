"""A column is a period by the data and never by its name alone."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.draft.columns.column import columns_of
from analysis.draft.columns.order import period_column

ORDERS = [("fir", "rest"), ("rest", "fir")]


def table(**labels: list[str]) -> pd.DataFrame:
    """Return a crossover of eight in two arms and three times, with further columns."""
    rows = [
        {"who": f"P{who}", "arm": arm, "time": time, "course": course + 1, "visit": time + 1}
        for who in range(8)
        for course, arm in enumerate(ORDERS[who % 2])
        for time in range(3)
    ]
    frame = pd.DataFrame(rows).astype(str)
    return frame.assign(**labels)


def found(frame: pd.DataFrame) -> tuple[str | None, str]:
    columns = columns_of(frame, {})
    periods = period_column(frame, columns, {"who", "arm", "time"}, "who", "arm")
    return periods.found.column if periods.found else None, "; ".join(periods.against)


def test_a_consistent_column_is_found_whatever_its_name() -> None:
    assert found(table().drop(columns="visit"))[0] == "course"


def test_a_column_called_period_that_counts_visits_is_refused() -> None:
    frame = table().drop(columns="course").rename(columns={"visit": "period"})
    column, against = found(frame)
    assert column is None
    assert "'period' 1 has several arms in participant P0" in against


def test_calendar_weeks_are_refused() -> None:
    frame = table().drop(columns="visit")
    frame["week"] = [str(10 + int(who[1:]) + int(n)) for who, n in zip(frame["who"], frame["course"], strict=True)]  # fmt: skip # noqa: E501
    column, against = found(frame.drop(columns="course"))
    assert column is None
    assert "calendar weeks" in against


def test_a_code_of_the_arm_is_refused() -> None:
    frame = table().drop(columns=["visit", "course"])
    frame["period"] = ["1" if arm == "fir" else "2" for arm in frame["arm"]]
    column, against = found(frame)
    assert column is None
    assert "may be a code of the arm" in against


def test_a_column_that_does_not_change_within_people_is_refused() -> None:
    frame = table().drop(columns=["visit", "course"])
    frame["session"] = [str(int(who[1:]) % 2 + 1) for who in frame["who"]]
    column, against = found(frame)
    assert column is None
    assert "does not change within a participant" in against


@pytest.mark.parametrize("people", [1])
def test_one_person_out_of_order_is_named_and_the_column_kept(people: int) -> None:
    frame = table().drop(columns="visit")
    wrong = (frame["who"] == "P3") & (frame["time"] == "2") & (frame["arm"] == "fir")
    assert wrong.sum() == people
    frame.loc[wrong, "course"] = "1" if frame.loc[wrong, "course"].iloc[0] == "2" else "2"
    columns = columns_of(frame, {})
    periods = period_column(frame, columns, {"who", "arm", "time"}, "who", "arm")
    assert periods.found is not None
    assert "but not in P3" in periods.found.why
