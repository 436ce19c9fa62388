"""README.md, "Your own data in five minutes", followed to the letter."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from analysis import io
from analysis.__main__ import main
from analysis.intake.plan import read_plan
from tests.draft.answering import SCHEMA, Answers, answered

ROOT = Path(__file__).parents[2]


def blocks() -> list[str]:
    text = io.read_text(ROOT / "README.md")
    section = text.split("## Your own data in five minutes")[1].split("\n## ")[0]
    return [
        textwrap.dedent(each)
        for each in re.findall(r"```(?:yaml)?\n(.*?)   ```", section, re.DOTALL)
    ]


def test_the_steps_give_what_they_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, commands, shown = blocks()
    folder = tmp_path / "data" / "raw" / "my_trial"
    folder.mkdir(parents=True)
    (folder / "pain.csv").write_text(data)
    monkeypatch.chdir(tmp_path)
    command = commands.splitlines()[-1].split()
    assert command[:3] == ["python", "-m", "analysis"]
    assert main(command[3:]) == 0
    plan = folder / "trial.yaml"
    answers = Answers("rest", {"vas": "lower"}, ("vas", "FIR", "rest", "24h"))
    done = answered(plan.read_text(), answers)
    loader = yaml.BaseLoader
    filled = {key: value for key, value in yaml.load(done, Loader=loader).items()}
    wanted = yaml.load(shown, Loader=loader)
    for arms in (filled["arms"], wanted["arms"]):
        assert arms["FIR"].get("role", "") == ""
    assert filled == wanted
    assert read_plan(shown, SCHEMA, "my_trial").issues == ()
    plan.write_text(done)
    capsys.readouterr()
    assert main(["check", "data/raw/my_trial"]) == 0
    assert "0 errors" in capsys.readouterr().out.splitlines()[-1]
