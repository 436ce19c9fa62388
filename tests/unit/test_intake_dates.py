"""Dates and times of day: how they are read (F13), and what they say (D05, D07)."""

from datetime import datetime, time

import pytest

from analysis import io
from analysis.errors import Issue
from analysis.intake.moments import Dates, Unclear, clock_of
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in
from tests.data.edits import with_texts
from tests.data.make_faults import BASE, PLAN, Fault, edited, of_p02, plan, timed

SCHEMA = io.read_schema()


def issues(fault: Fault, *pairs: tuple[str, str]) -> list[Issue]:
    """Return what is found in a trial, but for the note that dates are personal data."""
    reading = read_plan(with_texts(fault.plan, *pairs), SCHEMA, "base")
    found = take_in(reading.trial, fault.contents()).issues if reading.trial else ()
    return [each for each in (*reading.issues, *found) if each.code != "P02"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:05", time(8, 5)),
        ("08:05:30", time(8, 5, 30)),
        ("8.05", time(8, 5)),
        ("8h05", time(8, 5)),
        ("2:05 pm", time(14, 5)),
        ("12 a.m.", time(0)),
        ("12:10 PM", time(12, 10)),
        ("8", None),
        ("25:00", None),
        ("13:00 pm", None),
        ("8:75", None),
        ("noon", None),
    ],
)
def test_times_of_day(text: str, expected: time | None) -> None:
    assert clock_of(text) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-03-04"], datetime(2024, 3, 4)),
        (["2024-3-4 08:30"], datetime(2024, 3, 4, 8, 30)),
        (["2024-03-04T08:30:00Z"], datetime(2024, 3, 4, 8, 30)),
        (["04.03.2024"], datetime(2024, 3, 4)),
        (["04/03/2024", "13/03/2024"], datetime(2024, 3, 4)),
        (["03/04/2024", "03/13/2024"], datetime(2024, 3, 4)),
        (["3-4-2024 9:15 pm", "3-13-2024 9:15 pm"], datetime(2024, 3, 4, 21, 15)),
        (["04/04/2024"], datetime(2024, 4, 4)),
    ],
)
def test_dates_that_can_be_read_in_one_way(texts: list[str], expected: datetime) -> None:
    order = Dates.of(texts)
    assert isinstance(order, Dates)
    assert order.read(texts[0]) == expected


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["03/04/2024"], "could be 3 April or 4 March"),
        (["13/04/2024", "04/13/2024"], "two ways"),
        (["2024-04-13", "13/04/2024"], "two ways"),
        (["13/04/24"], "2 digits"),
    ],
)
def test_dates_that_cannot(texts: list[str], words: str) -> None:
    order = Dates.of(texts)
    assert isinstance(order, Unclear)
    assert words in order.message


@pytest.mark.parametrize("text", ["2024-02-30", "31.04.2024", "April", "2024-03-04 25:00", "45355"])
def test_what_is_no_date(text: str) -> None:
    order = Dates.of([text])
    assert isinstance(order, Dates)
    assert order.read(text) is None


def test_good_dates_and_clocks_are_left_in_peace() -> None:
    both = timed("", "date: day, clock: at", lambda row, day, at: [f"2024-03-{day:02}", at])
    assert issues(both) == []
    assert issues(timed("", "clock: at", lambda row, day, at: [at])) == []
    assert (
        issues(timed("washout_days: 7\n", "date: day", lambda row, day, at: [f"{day}.03.2024"]))
        == []
    )


def test_a_washout_is_counted_from_start_to_start() -> None:
    (found,) = issues(
        timed("washout_days: 8\n", "date: day", lambda row, day, at: [f"2024-03-{day:02}"])
    )[:1]
    assert (found.code, found.severity, found.column) == ("D05", "warning", "day")
    assert "7 days after period 1 began; `washout_days` is 8" in found.message


def test_a_window_replaces_the_usual_one() -> None:
    def late(row: list[str], day: int, at: str) -> list[str]:
        return [f"2024-03-{day:02} {'11:35' if of_p02(row, '1h') else at}"]

    # 3.6 h after pre, where 2 h are planned: 1.6 h late
    fault = timed("", "date: day", late)
    assert [each.code for each in issues(fault)] == ["D07"]
    assert issues(fault, ("1h: {hours: 1}", "1h: {hours: 1, window: 1.6}")) == []
    strict = issues(fault, ("24h: {hours: 24}", "24h: {hours: 24, window: 0.05}"))
    assert len(strict) == 12
    assert "23.08 h after 1h, where 23 h are planned" in strict[-1].message


def test_without_periods_every_arm_is_a_course_of_its_own() -> None:
    """A visit that is missing in the last arm leaves no visit of another arm in its place."""
    dated = timed("", "date: day", lambda row, day, at: [f"2024-03-{day:02}"])
    plan = dated.plan.replace("period: week", "period: null")
    header, *lines = dated.contents()["soreness.csv"].decode().splitlines(keepends=True)
    mine = [line for line in lines if line.startswith("P02,")]
    last = max(mine, key=lambda line: (line.split(",")[-1], "24h" in line))
    text = header + "".join(line for line in lines if line != last)
    found = issues(Fault(plan, {"soreness.csv": text.encode()}))
    assert [each.code for each in found if each.code != "D12"] == []


def test_an_empty_date_says_nothing() -> None:
    fault = timed(
        "", "date: day", lambda row, day, at: ["" if row[0] == "P03" else f"2024-03-{day:02}"]
    )
    assert issues(fault) == []


def test_a_declared_column_must_be_there() -> None:
    (found,) = issues(plan("  period: week\n", "  period: week\n  date: day\n"))
    assert (found.code, found.column) == ("S01", "day")
    assert "write `columns: {date: null}` under soreness" in found.remedy


def test_what_is_no_time_of_day_is_an_error() -> None:
    (found,) = issues(
        timed("", "clock: at", lambda row, day, at: ["noon" if of_p02(row, "1h") else at])
    )
    assert (found.code, found.row, found.value) == ("F13", 9, "noon")


def test_days_of_one_course_may_stand_in_several_files() -> None:
    late = timed(
        "", "date: day", lambda row, day, at: [f"2024-03-{day + 2 * of_p02(row, '24h'):02}"]
    )
    header, *lines = late.contents()["soreness.csv"].decode().splitlines(keepends=True)
    files = {
        f"{name}.csv": (header + "".join(line for line in lines if f",{name}," in line)).encode()
        for name in ("pre", "1h", "24h")
    }
    apart = Fault(late.plan.replace("soreness.csv", "[pre.csv, 1h.csv, 24h.csv]"), files)
    (found,) = issues(apart)
    assert (found.code, found.file, found.row) == ("D07", "24h.csv", 4)


@pytest.mark.parametrize(
    ("dose", "severity"),
    [
        ("minutes: 30, delay_h: 0", None),
        ("minutes: 60, delay_h: 0", None),
        ("minutes: 90, delay_h: 0", "warning"),
        ("minutes: 90, delay_h: 1", None),
        ("delay_h: 1.5", "error"),
        ("delay_h: -2", "warning"),
    ],
)
def test_a_treatment_lies_between_baseline_and_outcomes(dose: str, severity: str | None) -> None:
    text = PLAN.replace("fir: {label: Far-infrared}", f"fir: {{dose: {{{dose}}}}}")
    found = issues(Fault(text, {"soreness.csv": BASE.encode()}))
    assert [(each.code, each.severity) for each in found] == (
        [("D07", severity)] if severity else []
    )


def test_a_parallel_trial_has_no_washout() -> None:
    text = PLAN.replace("design: crossover", "design: parallel\nwashout_days: 7")
    one = edited(lambda row: row if row[3] == "1" else None)
    found = issues(Fault(text, {"soreness.csv": one.encode()}))
    assert "C07" in {each.code for each in found}
