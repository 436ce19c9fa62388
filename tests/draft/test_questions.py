"""A needed key without a value is a question that is still open: one error, and nothing else."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from analysis.intake.plan import read_plan
from tests.draft.answering import SCHEMA

PLAN = """\
title: Open
design: crossover
randomised: true
columns: {participant: id, arm: arm, time: time, period: week}
arms: {rest: {role: control}, fir: }
times:
  pre: {hours: -1, role: baseline}
  24h: {hours: 24}
outcomes:
  soreness: {file: a.csv, value: vas, unit: mm, better: lower, convert_to: cm, range: [0, 100]}
plan:
  primary: {outcome: soreness, arm: fir, reference: rest, time: 24h}
"""
KEYS = {
    "design: crossover": ("design", "crossover or parallel"),
    "randomised: true": ("randomised", "true or false"),
    "participant: id": ("columns.participant", "a text"),
    "hours: 24": ("times.24h.hours", "a number"),
    "unit: mm": ("outcomes.soreness.unit", "a text"),
    "better: lower": ("outcomes.soreness.better", "lower or higher"),
}


def emptied(*keys: str) -> str:
    text = PLAN
    for key in keys:
        assert text.count(key) == 1
        text = text.replace(key, key.split()[0])
    return text


def test_the_plan_itself_is_sound() -> None:
    assert read_plan(PLAN, SCHEMA, "open").issues == ()


@pytest.mark.parametrize("key", KEYS)
def test_an_open_question_is_the_only_error(key: str) -> None:
    place, expected = KEYS[key]
    text = emptied(key)
    reading = read_plan(text, SCHEMA, "open")
    (found,) = reading.issues
    assert reading.trial is None
    assert (found.code, found.severity, found.column) == ("C04", "error", place)
    line = next(n for n, each in enumerate(PLAN.splitlines(), 1) if key in each)
    assert found.row == line
    assert found.message.startswith("This question is not answered: ")
    assert found.remedy == f"Write {expected} after `{place.split('.')[-1]}:`."


def test_all_open_questions_are_reported_at_once_and_pass_the_schema() -> None:
    text = emptied(*KEYS)
    validator = jsonschema.Draft202012Validator(yaml.safe_load(SCHEMA))
    assert not list(validator.iter_errors(yaml.safe_load(text)))
    issues = read_plan(text, SCHEMA, "open").issues
    assert {each.column for each in issues} == {place for place, _ in KEYS.values()}
