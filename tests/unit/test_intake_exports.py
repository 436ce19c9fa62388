"""Known exports: docs/exports.md says how each is read, and what is wrong with one is said."""

import re
from pathlib import Path

import pytest

from analysis import io
from analysis.errors import Issue
from analysis.intake.exports import EXPORTS
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in
from tests.data.make_exports import FOLDER, MADE, height, visits

SCHEMA = io.read_schema()
DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
HEAD = """\
title: Recovery
design: crossover
randomised: true
arms:
  passive: {role: control}
  fir: {label: Far-infrared}
"""
SNIPPETS = dict(
    re.findall(r"^## (\w+)\n(?:(?!^## ).)*?```yaml\n(.*?)```", io.read_text(DOCS), re.DOTALL | re.M)
)
FILES = {name.split(".")[0]: name for name in MADE}
# What is said about each file when it is read as documented.
SAID = {
    "vald_trials": {"F17"},
    "hawkin_cloud": {"F16"},
    "hawkin_api": {"F16"},
    "qualtrics": {"F16"},
}


def run(name: str, plan: str = "", content: bytes | None = None) -> Intake:
    reading = read_plan(HEAD + (plan or SNIPPETS[name]), SCHEMA, name)
    assert reading.trial is not None, [each.line() for each in reading.issues]
    data = (FOLDER / FILES[name]).read_bytes() if content is None else content
    return take_in(reading.trial, {FILES[name]: data})


def serious(found: Intake) -> list[Issue]:
    """Return what is more than a note."""
    return [each for each in found.issues if each.severity != "note"]


def replaced(name: str, old: str, new: str) -> bytes:
    content = (FOLDER / FILES[name]).read_text(encoding="utf-8")
    assert old in content
    return content.replace(old, new, 1).encode()


def without(name: str) -> str:
    return SNIPPETS[name].replace(f"    export: {name}\n", "")


def test_every_export_is_documented_and_has_a_file() -> None:
    assert set(SNIPPETS) == set(FILES) == {*EXPORTS, "google_forms"}
    for name, make in MADE.items():
        if name.endswith(".csv"):
            assert (FOLDER / name).read_bytes() == make(), "run: python -m tests.data.make_exports"


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_documented_plan_reads_the_file(name: str) -> None:
    found = run(name)
    assert {each.code for each in serious(found)} == SAID.get(name, set())
    table = found.observations
    assert len(table) == len(visits())
    values = {
        (row.participant, row.period, row.arm, row.time): row.value for row in table.itertuples()
    }
    trials = name in ("vald_trials", "hawkin_cloud", "hawkin_api")
    for athlete, arm, time, week, vas in visits():
        who = str(int(athlete[1:]) + 4000) if name == "smartabase" else athlete
        jump = height(vas) + (0.6 if trials else 0)
        score = max(1, 5 - vas // 12) if name == "pmsys" else vas
        expected = jump if "jump" in SNIPPETS[name] else score
        assert values[who, week, arm, time] == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_a_file_without_the_key_is_recognised(name: str) -> None:
    found = run(name, without(name))
    (hint,) = [each for each in found.issues if each.code == "F15"]
    assert f"`export: {name}`" in hint.remedy
    assert hint.severity == "note" or list(found.issues) == [hint]
    assert hint.severity == ("error" if {"F16"} & SAID.get(name, set()) or name == "vald_trials"
                             else "note")  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_a_file_of_another_system_is_refused(name: str) -> None:
    other = "redcap" if name != "redcap" else "pmsys"
    found = run(name, SNIPPETS[name].replace(f"export: {name}", f"export: {other}"))
    assert [(each.code, each.severity) for each in found.issues] == [("F15", "error")]
    assert f"`export: {name}`" in found.issues[0].remedy
    assert len(found.observations) == 0


def test_rows_that_are_marked_are_named() -> None:
    (warning,) = serious(run("hawkin_cloud"))
    assert "1 row marked as excluded, not read: row 12." in warning.message
    odd = run("hawkin_cloud", content=replaced("hawkin_cloud", "FALSE", "perhaps"))
    assert ("F16", "error", 2) in {(each.code, each.severity, each.row) for each in odd.issues}
    (warning,) = serious(run("qualtrics"))
    assert "row 4" in warning.message


def test_headers_with_blanks_are_repaired_on_record() -> None:
    found = run("vald_summary")
    old = {each.old for each in found.repairs}
    assert "Jump Height (Imp-Mom) [cm] " in old
    assert {each.repair for each in found.repairs} == {"blanks"}
    assert {each.row for each in found.repairs} == {1}


def test_a_jump_height_must_be_chosen() -> None:
    chosen = "value: Jump Height (Imp-Dis) [cm]"
    found = run("vald_trials", SNIPPETS["vald_trials"].replace(chosen, "value: Jump Height [cm]"))
    (issue,) = [each for each in found.issues if each.code == "S01"]
    assert "2 jump heights, which differ" in issue.remedy
    assert "'Jump Height (Flight Time) [cm]'" in issue.remedy


def test_a_body_weight_of_minus_one_is_named() -> None:
    (issue,) = serious(run("vald_trials"))
    assert (issue.column, issue.value) == ("Body Weight [kg]", "-1")
    weight = SNIPPETS["vald_trials"].replace("Jump Height (Imp-Dis) [cm]", "Body Weight [kg]")
    found = run("vald_trials", weight.replace("unit: cm", "unit: kg"))
    assert ("F17", "error") in {(each.code, each.severity) for each in found.issues}
    assert len(found.observations) == 0


@pytest.mark.parametrize("name", ["vald_summary", "hawkin_cloud"])
def test_a_jump_of_zero_is_an_error(name: str) -> None:
    value = {"vald_summary": ",41.8,", "hawkin_cloud": ",0.422,"}[name]
    found = run(name, content=replaced(name, value, ",0,"))
    assert "V03" in {each.code for each in found.issues if each.severity == "error"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("hawkin_cloud", "unit: m\n    convert_to: cm", "unit: cm"),
        ("hawkin_api", "unit: m\n    convert_to: cm", "unit: cm"),
        ("vald_summary", "unit: cm", "unit: m"),
    ],
)
def test_a_unit_that_is_not_the_system_s_is_an_error(name: str, old: str, new: str) -> None:
    found = run(name, SNIPPETS[name].replace(old, new))
    assert "C01" in {each.code for each in found.issues if each.severity == "error"}


def test_units_are_compared_without_regard_to_spelling() -> None:
    export = EXPORTS["vald_summary"]
    assert export.unit_of("Eccentric Deceleration Impulse [N s] ") == "N s"
    assert EXPORTS["hawkin_cloud"].unit_of("Jump Height") == "m"
    assert EXPORTS["hawkin_api"].unit_of("jump_height_m") == "m"
    assert EXPORTS["hawkin_api"].unit_of("peak_relative_propulsive_power_w_kg") == "W/kg"
    assert EXPORTS["redcap"].unit_of("soreness") is None


def test_rows_of_qualtrics_must_be_there() -> None:
    lines = (FOLDER / "qualtrics.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    edited = "".join([lines[0], *lines[3:]]).encode()
    found = run("qualtrics", content=edited)
    assert [(each.code, each.severity) for each in found.issues] == [("F15", "error")]
    assert len(found.observations) == 0
