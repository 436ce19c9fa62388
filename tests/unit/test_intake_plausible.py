"""Checks of plausibility: quiet on clean trials, awake to slips, silent about people."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pandas as pd
import pytest

from analysis import io
from analysis.errors import Issue
from analysis.intake import check_docs
from analysis.intake.check_words import CAUSES
from analysis.intake.checks.outliers import slips
from analysis.intake.codes import CHECKS
from analysis.intake.companions import words
from analysis.intake.stamps import moment
from analysis.steps.prepare import survey
from tests.clean_trials import Clean, clean_trials, two_arms_once
from tests.conftest import REPO
from tests.corruption import SINGLE, run
from tests.data.make_faults import FAULTS, FOLDER
from tests.data.plausible_faults import BASE, DOSES, PLAUSIBLE, data, plan, values

SCHEMA = io.read_schema()
CLEAN = list(clean_trials())


def found(files: dict[str, str]) -> list[Issue]:
    contents = {name: text.encode() for name, text in files.items()}
    return list(survey("base", contents, SCHEMA).issues)


def codes(files: dict[str, str]) -> set[str]:
    return {each.code for each in found(files)}


# --- Quiet ---


@pytest.mark.parametrize("clean", CLEAN, ids=lambda clean: clean.name)
def test_a_clean_trial_raises_no_error_and_at_most_one_warning(clean: Clean) -> None:
    issues = survey(clean.name, clean.files, SCHEMA).issues
    assert [each.line() for each in issues if each.severity == "error"] == []
    assert len([each for each in issues if each.severity == "warning"]) <= 1, issues


def test_clean_trials_are_quiet_together() -> None:
    """About 1 in 7 may have a warning (docs/robustness.md), so 3 or 4 of 24."""
    issues = [each for clean in CLEAN for each in survey(clean.name, clean.files, SCHEMA).issues]
    assert len(CLEAN) == 24
    assert sum(each.severity == "warning" for each in issues) <= 4


def test_the_demo_and_the_base_of_the_fixtures_raise_nothing() -> None:
    demo = survey("demo", io.read_folder(REPO / "data" / "raw" / "demo_fir_cryo"), SCHEMA).issues
    base = survey("base", two_arms_once().files, SCHEMA).issues
    assert {each.severity for each in (*demo, *base)} <= {"note"}


def test_two_people_without_soreness_are_no_copies() -> None:
    (clean,) = (each for each in clean_trials(401000) if each.name == "two_arms_401022")
    assert {each.code for each in survey(clean.name, clean.files, SCHEMA).issues} <= {"D12"}


# --- Awake ---


def test_slips_are_noticed() -> None:
    """A small version of tests/corruption.py; the large one stands in docs/checks.md."""
    cases = [each for each in run(60, seed=3, trials=CLEAN[::3]) if each.kind in SINGLE]
    matter = [each for each in cases if each.matters]
    noticed = [each for each in matter if each.raised]
    assert len(matter) >= 10
    assert len(noticed) >= 0.8 * len(matter), [each for each in matter if not each.raised]


def test_an_outlier_is_named_with_row_value_and_a_guess() -> None:
    (issue,) = found(PLAUSIBLE["v04_digits_swapped"])
    frame = pd.read_csv(StringIO(PLAUSIBLE["v04_digits_swapped"]["jump.csv"]), dtype=str)
    assert frame.loc[(issue.row or 0) - 2, "value"] == issue.value == "63.9"
    assert "P07 / fir / 24h" in issue.message
    assert "36.9" in issue.remedy


def test_an_outlier_casts_no_suspicion_on_its_neighbours() -> None:
    wild = data(values(lambda v: "99", "id == 'P07' and time == 'pre'"), "soreness.csv")
    rows = [each.row for each in found(wild) if each.code == "V04"]
    frame = pd.read_csv(StringIO(wild["soreness.csv"]), dtype=str)
    assert {frame.loc[(row or 0) - 2, "time"] for row in rows} == {"pre"}


def test_two_rows_exchanged_are_named_together() -> None:
    def exchange(frame: pd.DataFrame) -> None:
        one = frame.query("id == 'P03' and arm == 'passive' and time == '24h'").index[0]
        two = frame.query("id == 'P09' and arm == 'fir' and time == 'pre'").index[0]
        values = [str(frame.at[row, "value"]) for row in (one, two)]
        assert (one + 2, two + 2, values) == (29, 98, ["45", "3"])
        frame.loc[[one, two], "value"] = values[::-1]

    (issue,) = found(data(exchange, "soreness.csv"))
    assert (issue.code, issue.row, issue.value) == ("V11", 29, "3")
    for part in ("P03 / passive / 24h", "has 3", "P09 / fir / pre", "has 45", "rows 29 and 98"):
        assert part in issue.message


def test_cells_of_a_wide_sheet_that_slipped_sideways() -> None:
    """A cell inserted in the row of one course: all behind it stand one column too far right."""
    long = pd.read_csv(StringIO(BASE["soreness.csv"]), dtype=str)
    wide = long.pivot(index=["id", "arm", "period", "sequence"], columns="time", values="value")
    times = list(dict.fromkeys(long["time"]))
    wide = wide[times].add_prefix("s_").reset_index()
    columns = [f"s_{time}" for time in times]
    typed = wide.loc[6, columns].tolist()
    wide.loc[6, columns] = [typed[-1], *typed[:-1]]
    files = plan(
        ("soreness.csv, value: value", 'soreness.csv, wide: {pattern: "s_{time}"}'),
        files=dict(BASE) | {"soreness.csv": wide.to_csv(index=False)},
    )
    (issue,) = found(files)
    assert (issue.code, issue.row, issue.column) == ("V11", 8, "s_pre")
    assert "in row 8 would fit participants and times much better one cell to the left" in (
        issue.message
    )


def test_two_times_exchanged() -> None:
    def exchange(frame: pd.DataFrame) -> None:
        rows = (frame["id"] == "P08") & (frame["period"] == "1")
        frame.loc[rows, "time"] = frame.loc[rows, "time"].replace({"pre": "24h", "24h": "pre"})

    assert {"V04", "V11"} & codes(data(exchange, "soreness.csv"))


@pytest.mark.parametrize(
    ("factor", "rows"),
    [
        (100, "id == 'P07'"),
        (0.01, "id == 'P07' and period == '1'"),
        (10, "id == 'P07' and time == '24h'"),
        (1 / 2.54, "id == 'P07' and time == '24h'"),
        (2.54, "id == 'P07' and period == '2'"),
    ],
)
def test_units_mixed_within_a_file(factor: float, rows: str) -> None:
    text = plan(
        ("range: [3, 110]", "range: [0, 10000]"),
        files=data(values(lambda v: f"{v * factor:.4g}", rows), "jump.csv"),
    )
    issues = found(text)
    assert {each.code for each in issues} == {"U01"}
    assert "P07" in issues[0].message


def rated(text: str) -> dict[str, str]:
    """Return a trial with ratings from 0 to 10, one of which is a text."""
    every = values(lambda v: f"{min(round(v / 5), 10)}", "id == id")
    one = values(lambda v: text, "id == 'P07' and time == '24h' and period == '2'")

    def both(frame: pd.DataFrame) -> None:
        every(frame)
        one(frame)

    return plan(
        ("unit: cm", "unit: points"), ("range: [3, 110]", "range: [0, 10]"),
        files=data(both, "jump.csv"),
    )  # fmt: skip


def test_a_low_rating_is_not_of_another_unit() -> None:
    """1 on a scale of recovery from 0 to 10, where the person usually writes 7, can be honest."""
    assert "U01" not in codes(rated("1"))


def test_a_rating_of_zero_is_worth_a_look_and_no_error() -> None:
    severe = {each.severity for each in found(rated("0")) if each.code == "V03"}
    assert severe == {"warning"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("24h: {hours: 24}", "24h: {hours: 1}", None),
        ("fir: {}", "fir: {label: cryotherapy, dose: {temperature_c: 110}}", "U05"),
        ("fir: {}", "fir: {dose: {temperature_c: 316}}", "U05"),
        ("fir: {}", "fir: {dose: {temperature_c: 43}}", None),
        ("fir: {}", "fir: {label: cryotherapy, dose: {temperature_c: -110}}", None),
    ],
)
def test_numbers_of_the_plan(old: str, new: str, code: str | None) -> None:
    severe = {each.code for each in found(plan((old, new)))} & {"U05", "U06"}
    assert severe == ({code} if code else set()) or "hours" in old


def test_a_lost_minus_sign_in_a_column_of_temperatures() -> None:
    doses = [(old, new.replace("43", "-110")) for old, new in DOSES]
    add: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame.assign(  # noqa: E731
        temp_c=[
            "21" if arm == "passive" else "110" if who == "P04" else "-110"
            for who, arm in zip(frame["id"], frame["arm"], strict=True)
        ]
    )
    assert codes(plan(*doses, files=data(add, "jump.csv"))) == {"U05"}


def test_sequences_that_say_something_else_are_left_alone() -> None:
    other = data(lambda frame: frame.assign(sequence=frame["sequence"].map(
        {"passive-fir": "fir-passive", "fir-passive": "passive-fir"}
    )))  # fmt: skip
    assert codes(other) == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("63.9", "36.9"), ("381", "38.1"), ("388.1", "38.1"), ("14", "41")],
)
def test_slips_of_a_hand(typed: str, meant: str) -> None:
    assert meant in slips(typed)


def test_small_parts() -> None:
    assert words("VisitDate") == words("visit_date") == {"visit", "date"}
    assert words("prénom") == {"prenom"}
    assert moment("2024-03-01T10:30") is not None
    assert moment("01.03.2024") is None


# --- Silent about people ---


@pytest.mark.parametrize("name", ["p01_names", "p01_mail_address", "p03_comments"])
def test_nothing_of_a_personal_column_reaches_a_result(name: str) -> None:
    done = survey(name, FAULTS[name].contents(), SCHEMA)
    written = done.observations.to_csv() + "".join(
        f"{each.line()} {each.value}" for each in done.issues
    )
    for secret in ("Example", "example.org", "felt tired", "@"):
        assert secret not in written


def test_other_messages_wait_until_people_have_codes() -> None:
    files = dict(PLAUSIBLE["p01_names"])
    files["jump.csv"] = files["jump.csv"].replace("Ada Example,passive", "Ada Example,unknown", 1)
    assert codes(files) == {"P01"}


@pytest.mark.parametrize(
    ("header", "content", "code"),
    [
        ("Surname", "x{}", "P01"),
        ("E-Mail", "x{}", "P01"),
        ("contact", "+358 40 123 45{}", "P01"),
        ("name", "person {}", "P01"),
        ("DOB", "1990-01-{}", "P02"),
        ("Verein", "club", "P02"),
        ("name", "vas", None),
        ("attempt", "1", None),
        ("device", "force plate", None),
    ],
)
def test_columns_by_name_and_content(header: str, content: str, code: str | None) -> None:
    add = data(lambda frame: frame.assign(**{header: frame["id"].str[1:].map(content.format)}))
    assert codes(add) == ({code} if code else set())


def test_traits_that_single_people_out() -> None:
    add = data(lambda frame: frame.assign(sex="f", age=frame["id"].str[1:]))
    assert codes(add) == {"P02"}
    assert codes(data(lambda frame: frame.assign(sex="f", age="20"))) == set()


# --- The page ---


def test_every_check_says_how_it_comes_about() -> None:
    assert set(CAUSES) >= set(CHECKS), "add the cause to analysis/intake/check_words.py"


def test_the_page_of_the_checks_is_in_step() -> None:
    page = io.read_text(REPO / "docs" / "checks.md")
    issues = {
        each.name: survey(each.name, io.read_folder(each), SCHEMA).issues
        for each in io.folders_in(FOLDER)
    }
    if page != check_docs.refresh(page, issues):
        pytest.fail(f"docs/checks.md is out of step; run: {check_docs.COMMAND}")
    for code in CHECKS:
        assert f"### {code}: " in page
    assert BASE
