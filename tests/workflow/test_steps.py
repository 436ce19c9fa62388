"""Steps of the workflow that need no Snakemake to be tried."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.inference.multiplicity import SEED
from analysis.intake.plan import read_plan
from analysis.io import SCHEMA, read_schema
from analysis.steps.confirm import confirm
from analysis.steps.discover import discover
from analysis.steps.prepare import prepare
from analysis.steps.report import seed
from analysis.steps.trials import sound_trial
from tests.workflow.running import TRIAL_YAML, break_trial, write_trial


def test_trials_are_found_in_order_and_other_folders_hinted_at(tmp_path: Path) -> None:
    for name in ("b", "a", "10"):
        write_trial(tmp_path, name)
    raw = tmp_path / "data" / "raw"
    (raw / "later").mkdir()
    (raw / ".ipynb_checkpoints").mkdir()
    (raw / "README.md").touch()
    trials, hints = discover(raw)
    assert trials == ["10", "a", "b"]
    assert [hint.split(":")[0] for hint in hints] == [str(raw / "later")]


def test_no_folder_is_no_trial(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no trials here"):
        discover(tmp_path / "data" / "raw")


def test_a_trial_may_be_a_link_to_a_folder_elsewhere(tmp_path: Path) -> None:
    real = write_trial(tmp_path / "elsewhere", "real_name")
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "linked").symlink_to(real)
    assert discover(raw) == (["linked"], [])
    assert sound_trial(raw / "linked" / "trial.yaml", SCHEMA).name == "linked"


def test_a_plan_that_broke_during_the_run_is_one_line(tmp_path: Path) -> None:
    trial = write_trial(tmp_path, "a")
    (trial / "trial.yaml").write_text("title: gone")
    with pytest.raises(InputError, match="was changed during the run"):
        sound_trial(trial / "trial.yaml", SCHEMA)


def test_confirm_names_the_broken_trials_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bad", "good"):
        trial = write_trial(tmp_path, name)
        if name == "bad":
            break_trial(trial)
        folder = Path("data", "processed", name)
        made = ("observations", "issues", "repairs", "inputs")
        files = {each: folder / f"{each}.csv" for each in made}
        prepare(plan=trial / "trial.yaml", schema=SCHEMA, **files)
    assert confirm(["good", "not_prepared"]) == ""
    heading, error = confirm(["bad", "good"]).strip().splitlines()
    assert heading == "bad: not analysed, 1 error. Report: reports/bad/report.html"
    assert error.startswith("  [S02] error: soreness.csv, row ")


def test_a_seed_is_named_only_where_numbers_depend_on_it() -> None:
    trial = read_plan(TRIAL_YAML.format(name="a"), read_schema(), "a").trial
    assert trial is not None
    assert seed(trial) is None
    assert seed(None) is None
    plan = dataclasses.replace(trial.plan, multiplicity="dunnett")
    assert seed(dataclasses.replace(trial, plan=plan)) == SEED
