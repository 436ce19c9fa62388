"""data/raw/README.md says what the program does."""

import re
from pathlib import Path

import pytest
import yaml

from analysis import io
from analysis.intake import schema_docs
from analysis.intake.codes import CHECKS
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in

README = Path(__file__).resolve().parents[2] / "data" / "raw" / "README.md"
SCHEMA = io.read_schema()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", io.read_text(README), re.DOTALL)


def test_the_tables_are_in_step() -> None:
    text = io.read_text(README)
    if text != schema_docs.refresh(text, SCHEMA):
        pytest.fail(f"data/raw/README.md is out of step; run: {schema_docs.COMMAND}")


def test_every_key_has_a_row() -> None:
    table = schema_docs.table(SCHEMA)
    rows = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(rows) == len(set(rows))
    top = list(yaml.safe_load(SCHEMA)["properties"])
    assert [each for each in rows if "." not in each] == top
    for key in ("arms.<arm>.dose.minutes", "outcomes.<outcome>.wide.pattern", "plan.primary.claim"):
        assert key in rows
    assert {row.count("|") - row.count("\\|") for row in table.splitlines()} == {7}


def test_every_code_has_a_row() -> None:
    for code, check in CHECKS.items():
        assert f"| `{code}` | {check.severity} |" in schema_docs.codes_table()


def test_insert_needs_its_place() -> None:
    assert schema_docs.insert("a\n<!-- keys:begin -->\nold\n<!-- keys:end -->\nb", "new\n") == (
        "a\n<!-- keys:begin -->\nnew\n<!-- keys:end -->\nb"
    )
    with pytest.raises(ValueError, match="keys:begin"):
        schema_docs.insert("nothing", "new\n")


def test_the_examples_work() -> None:
    (plan,) = blocks("yaml")
    long, wide, trials = blocks("csv")
    for text, content in (
        (plan, long),
        (
            plan.replace("value: vas", 'wide: {pattern: "vas_{time}"}').replace(
                "  24h:", "  1h: {hours: 1}\n  24h:"
            ),
            wide,
        ),
        (
            plan.replace("value: vas", 'wide: {pattern: "jump{trial}"}, replicates: mean'),
            trials,
        ),
    ):
        reading = read_plan(text, SCHEMA, "example")
        assert reading.issues == ()
        assert reading.trial is not None
        found = take_in(reading.trial, {"soreness.csv": content.encode()})
        assert [each.code for each in found.issues] == ["D13"]
        assert len(found.observations) == len(reading.trial.times) * 2
