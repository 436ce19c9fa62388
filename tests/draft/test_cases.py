"""The measure of `init`: answer only the questions of a draft, and nothing is left to correct."""

from __future__ import annotations

from functools import cache

import jsonschema
import pytest
import yaml

from analysis import io
from analysis.draft.build import drafted
from analysis.draft.text import trial_yaml
from analysis.inference.analyse import analyse
from analysis.intake.plan import read_plan
from analysis.steps.prepare import Survey, survey
from tests.draft.__main__ import END, START, table
from tests.draft.answering import SCHEMA, answered, knowing, read
from tests.draft.cases import CASES
from tests.draft.comparing import to_correct

NAMES = sorted(CASES)
VALIDATOR = jsonschema.Draft202012Validator(yaml.safe_load(SCHEMA))


@cache
def draft(name: str) -> tuple[str, int]:
    return trial_yaml(drafted(name, CASES[name].files))


@cache
def finished(name: str) -> str:
    case = CASES[name]
    return answered(draft(name)[0], knowing(case.answers, read(case.right.lstrip(), name)))


@cache
def checked(name: str) -> Survey:
    return survey(name, {**CASES[name].files, "trial.yaml": finished(name).encode()}, SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_passes_the_schema_and_cannot_run_unanswered(name: str) -> None:
    text, questions = draft(name)
    assert not list(VALIDATOR.iter_errors(yaml.safe_load(text)))
    reading = read_plan(text, SCHEMA, name)
    assert reading.trial is None
    assert {each.code for each in reading.issues} <= {"C04", "C06"}
    assert text.count("# QUESTION ") == questions
    assert all(f"# QUESTION {number}: " in text for number in range(1, questions + 1))


@pytest.mark.parametrize("name", NAMES)
def test_control_direction_and_plan_are_asked_and_never_guessed(name: str) -> None:
    text, _ = draft(name)
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    assert all(arm["role"] == "" for arm in raw["arms"].values())
    assert all(outcome["better"] == "" for outcome in raw["outcomes"].values())
    assert raw["randomised"] == ""
    assert "plan" not in raw
    asked = " ".join(text.replace("#", " ").split())
    assert "Which arm is the control" in asked
    assert "Which one comparison was the trial made for" in asked
    for outcome in raw["outcomes"]:
        assert f"Which direction of {outcome} is the good one" in asked


@pytest.mark.parametrize("name", NAMES)
def test_after_the_answers_nothing_is_to_be_corrected(name: str) -> None:
    case = CASES[name]
    mine, right = read(finished(name), name), read(case.right.lstrip(), name)
    assert to_correct(mine, right, case.files) == []


@pytest.mark.parametrize("name", NAMES)
def test_after_the_answers_the_checks_find_no_error(name: str) -> None:
    assert [each.line() for each in checked(name).issues if each.severity == "error"] == []


@pytest.mark.parametrize("name", NAMES[::4])  # all would take a minute and tell the same
def test_after_the_answers_the_trial_is_analysed(name: str) -> None:
    trial = read(finished(name), name)
    models = analyse(trial, checked(name).observations)["models"]
    assert set(models["outcome"]) == {each.name for each in trial.outcomes}
    assert models["converged"].all()


def test_what_is_right_is_right_by_the_checks_too() -> None:
    """The trial.yaml files that drafts are compared with have no errors themselves."""
    for name, case in CASES.items():
        files = {**case.files, "trial.yaml": case.right.lstrip().encode()}
        issues = survey(name, files, SCHEMA).issues
        assert [each.line() for each in issues if each.severity == "error"] == [], name


def test_the_measure_notices_wrong_drafts() -> None:
    """Each slip in an answered draft is one key to correct: the measure is not blind."""
    name = "three_files"
    case = CASES[name]
    right = read(case.right.lstrip(), name)
    text = finished(name)
    slips = {
        "unit: U/L": ("unit: mmol/L", "outcomes.ck.unit"),
        "replicates: mean": ("replicates: best", "outcomes.jump.replicates"),
        "period: visit": ("period: null", "outcomes.ck.columns.period"),
        "hours: 72": ("hours: 96", "times.72h.hours"),
        "missing_codes: [-99]": ("missing_codes: []", "missing_codes"),
        "better: lower": ("better: higher", "outcomes.soreness.better"),
    }
    for old, (new, key) in slips.items():
        assert old in text, old
        wrong = read(text.replace(old, new, 1), name)
        assert key in to_correct(wrong, right, case.files), old


def test_the_page_tells_the_questions_of_every_shape() -> None:
    text = io.read_text(io.ROOT / "docs" / "init.md")
    assert table(lambda case: draft(case.name)) == text.split(f"{START}\n")[1].split(END)[0]
