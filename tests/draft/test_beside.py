"""What stands beside the values and is none: sums below and beside them, rooms, logs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.draft.build import drafted
from analysis.draft.text import trial_yaml
from tests.draft.made import Rows, delimited
from tests.draft.test_files import draft, long


def outcomes(files: dict[str, bytes]) -> dict[str, dict[str, object]]:
    found = draft(files)["outcomes"]
    assert isinstance(found, dict)
    return found


def drafted_text(files: dict[str, bytes]) -> str:
    return trial_yaml(drafted("x", files))[0]


def test_an_arm_of_unknown_name_is_found_where_every_outcome_has_it() -> None:
    arms = ("lepo", "IR-sauna", "snow roll")
    headers = [f"{what} {arm} {time}" for what in ("vas", "flexi") for arm in arms
               for time in ("pre", "24h")]  # fmt: skip
    rows: Rows = [["id", *headers]]
    rows += [[f"P{who}", *[20 + 3 * who + n for n in range(len(headers))]] for who in range(8)]
    found = draft({"wide.csv": delimited(rows)})
    patterns = {each["wide"]["pattern"] for each in found["outcomes"].values()}  # type: ignore[attr-defined]
    assert patterns == {"vas {arm} {time}", "flexi {arm} {time}"}
    assert len(found["arms"]) == len(arms)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "below",
    [
        [[], ["Moyenne", "", "", "", 31.5], ["ET", "", "", "", 4.2]],
        [["Mean", "", "", "", 31.5], ["SD", "", "", "", 4.2]],
    ],
)
def test_rows_that_sum_up_are_below_the_last_row(below: Rows) -> None:
    rows = long()
    (outcome,) = outcomes({"a.csv": delimited([*rows, *below])}).values()
    assert outcome["last_row"] == str(len(rows))


def test_a_last_participant_with_gaps_is_no_sum() -> None:
    rows = long()
    (outcome,) = outcomes({"a.csv": delimited([*rows, ["P9", 1, "", "", 31.5]])}).values()
    assert "last_row" not in outcome


@pytest.mark.parametrize(("offset", "asked"), [(0.0, True), (9.0, False)])
def test_trials_and_their_mean_are_one_outcome_which_is_asked(offset: float, asked: bool) -> None:
    header, *body = long()
    rows: Rows = [[*header[:-1], "jump 1", "jump 2", "jump best"]]
    rows += [[*row[:-1], x, x + 2, x + 1.5 + offset] for row in body for x in [30 + row[-1] / 9]]
    found = outcomes({"a.csv": delimited(rows)})
    if asked:
        (outcome,) = found.values()
        assert outcome["value"] == ""
    else:
        assert len(found) == 2


@pytest.mark.parametrize(("middle", "kept"), [(21, False), (70, False), (33, True), (98, True)])
def test_the_temperature_of_a_room_is_no_outcome(middle: float, kept: bool) -> None:
    header, *body = long()
    rows = [[*header, "temp"], *([*row, middle + row[-1] % 5] for row in body)]
    assert ("temperature" in outcomes({"a.csv": delimited(rows)})) == kept


def test_a_log_without_arms_that_shares_no_time_is_left_out() -> None:
    log: Rows = [["id", "minutes", "rpe"]]
    log += [[f"P{who}", 60 + 15 * n, 4 + (who + n) % 5] for who in range(8) for n in range(3)]
    assert set(outcomes({"a.csv": delimited(long()), "log.csv": delimited(log)})) == {"vas"}


def test_a_header_that_follows_a_pattern_and_is_no_time_is_excepted() -> None:
    headers = ["vas_pre", "vas_24h", "vas_48h", "vas_change"]
    rows: Rows = [["id", "group", *headers]]
    rows += [[f"P{who}", "ab"[who % 2], 5 + who, 30 + who, 20 + who, 25] for who in range(8)]
    (outcome,) = outcomes({"wide.csv": delimited(rows)}).values()
    assert outcome["wide"] == {"pattern": "vas_{time}", "except": ["vas_change"]}


@pytest.mark.parametrize(
    ("name", "numbers"), [("vas % of pre", (100.0, 88.5)), ("ratio", (1.0, 0.93))]
)
def test_what_is_relative_to_the_baseline_is_no_outcome(
    name: str, numbers: tuple[float, float]
) -> None:
    header, *body = long()
    rows: Rows = [[*header, name]]
    rows += [[*row, x if x in (1, 100) else x + row[-1] / 500] for row in body
             for x in [numbers[row[3] == "24h"]]]  # fmt: skip
    assert set(outcomes({"a.csv": delimited(rows)})) == {"vas"}


def test_a_list_of_participants_is_left_out() -> None:
    roster: Rows = [["id", "class", "ht", "group"]]
    roster += [[f"P{who}", "JS"[who % 2], 170 + who % 5, "rest"] for who in range(8)]
    assert set(outcomes({"a.csv": delimited(long()), "roster.csv": delimited(roster)})) == {"vas"}


def test_batches_may_differ_by_a_column() -> None:
    header, *body = long()
    first, second = body[:16], [[*row, "JT"] for row in body[16:]]
    files = {"batch1.csv": delimited([header, *first]),
             "batch2.csv": delimited([[*header, "tester"], *second])}  # fmt: skip
    (outcome,) = outcomes(files).values()
    assert outcome["file"] == ["batch1.csv", "batch2.csv"]


def test_numbers_of_samples_are_no_outcome() -> None:
    header, *body = long()
    rows = [[*header, "prov"], *([*row, 24000 + 7 * n] for n, row in enumerate(body))]
    assert set(outcomes({"a.csv": delimited(rows)})) == {"vas"}


def test_what_may_be_no_outcome_can_be_deleted() -> None:
    header, *body = long()
    rows = [[*header, "rmssd"], *([*row, 30 + row[-1] % 7] for row in body)]
    text = " ".join(drafted_text({"a.csv": delimited(rows)}).replace("#", " ").split())
    assert "If rmssd is no outcome of the trial, delete its lines" in text
    assert "If vas is no outcome" not in text


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("mean", lambda row: round(sum(row[1:]) / 2, 2)),
        ("fall", lambda row: row[1] - row[0]),
        ("top", max),
    ],
)
def test_what_was_computed_from_the_visits_is_no_visit(
    name: str, made: Callable[[list[float]], float]
) -> None:
    arms, times = ("rest", "sauna"), ("pre", "24h", "48h")
    headers = [f"vas_{arm}_{time}" for arm in arms for time in (*times, name)]
    rows: Rows = [["id", *headers]]
    for who in range(12):
        row: list[object] = [f"P{who}"]
        for arm in range(2):
            visits = [round(20 + 7 * ((who * (n + 3) + arm) % 5) + n, 1) for n in range(3)]
            row += [*visits, made(visits)]
        rows.append(row)
    (outcome,) = outcomes({"wide.csv": delimited(rows)}).values()
    excepted = [f"vas_{arm}_{name}" for arm in arms]
    assert outcome["wide"] == {"pattern": "vas_{arm}_{time}", "except": excepted}


def test_an_arm_called_otherwise_in_another_file_is_known_by_those_beside_it() -> None:
    header, *body = long(("fir", "rest"))
    other = [["IR lamp" if cell == "fir" else cell for cell in row[:-1]] + [30 + row[-1] / 9]
             for row in body]  # fmt: skip
    files = {"vas.csv": delimited([header, *body]),
             "jump.csv": delimited([["who", "visit", "given", "when", "cmj"], *other])}  # fmt: skip
    arms = draft(files)["arms"]
    assert isinstance(arms, dict)
    spellings = [
        {name, arm.get("label", name), *arm.get("aliases", [])} for name, arm in arms.items()
    ]
    assert {frozenset(each) for each in spellings} == {
        frozenset(("fir", "IR lamp")), frozenset(("rest",))
    }  # fmt: skip
