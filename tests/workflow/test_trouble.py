"""The workflow on trials that are broken: the others run, and the user is told what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.workflow.running import Run, break_trial, copy_project, snakemake, write_trial

MESSAGE = "broken: not analysed"
ILLEGAL = "My Trial (2)"


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A folder with a good trial, a broken one and one whose name is illegal, and its run."""
    folder = tmp_path_factory.mktemp("home") / "troubled"
    write_trial(folder, "good")
    break_trial(write_trial(folder, "broken"))
    write_trial(folder, ILLEGAL)
    (folder / "data" / "raw" / "notes").mkdir()
    return folder, snakemake(folder)


def test_a_broken_trial_ends_the_run_with_its_errors(troubled: tuple[Path, Run]) -> None:
    _, run = troubled
    assert run.code == 1
    end = run.screen[run.screen.index(MESSAGE) :].splitlines()
    assert end[0].endswith("Report: reports/broken/report.html")
    assert len(end) == 2, "one line per error, and nothing after them"
    assert "soreness.csv" in end[1]
    assert "sauna" in end[1]
    assert "Traceback" not in run.screen
    assert "WorkflowError" not in run.screen


def test_a_broken_trial_has_a_report_and_no_results(troubled: tuple[Path, Run]) -> None:
    folder, _ = troubled
    reports = folder / "reports" / "broken"
    assert "sauna" in (reports / "report.html").read_text()
    for name in ("tables", "figures"):
        assert not [path for path in (reports / name).iterdir() if path.name[0] != "."]
    summary = json.loads((folder / "data/processed/broken/summary.json").read_text())
    assert summary["status"] == "problems"
    assert summary["n_errors"] == 1
    observations = (folder / "data/processed/broken/observations.csv").read_text()
    assert observations.count("\n") == 1


def test_the_other_trials_are_reported_and_listed(troubled: tuple[Path, Run]) -> None:
    folder, _ = troubled
    assert (folder / "reports" / "good" / "tables" / "contrasts.csv").is_file()
    assert "Tiny trial good" in (folder / "reports" / "good" / "report.html").read_text()
    index = (folder / "reports" / "index.html").read_text()
    assert "good/report.html" in index
    assert "broken/report.html" in index


def test_a_folder_without_trial_yaml_is_named(troubled: tuple[Path, Run]) -> None:
    assert "data/raw/notes: not analysed, because it has no trial.yaml" in troubled[1].screen


def test_a_second_run_says_so_again(troubled: tuple[Path, Run]) -> None:
    run = snakemake(troubled[0])
    assert run.code == 1
    assert run.jobs == {"report": 2, "index": 1, "all": 1, "total": 4}
    assert run.screen.count(MESSAGE) == 1


@pytest.mark.parametrize(("trial", "code"), [("good", 0), ("broken", 1)])
def test_one_report_asked_for(troubled: tuple[Path, Run], trial: str, code: int) -> None:
    folder, _ = troubled
    run = snakemake(folder, f"reports/{trial}/report.html")
    assert run.code == code
    assert (MESSAGE in run.screen) == bool(code)
    assert (folder / "reports" / trial / "report.html").is_file()


def test_a_trial_is_repaired_and_breaks_again(troubled: tuple[Path, Run]) -> None:
    folder = troubled[0].parent / "copy"
    shutil.copytree(troubled[0], folder)
    target = "reports/broken/report.html"
    tables = folder / "reports" / "broken" / "tables"
    data = folder / "data" / "raw" / "broken" / "soreness.csv"

    data.write_text(data.read_text().replace("sauna", "rest"))
    assert snakemake(folder, target).code == 0
    assert (tables / "contrasts.csv").is_file()
    assert "Nothing to be done" in snakemake(folder, target).screen

    break_trial(data.parent)
    assert snakemake(folder, target).code == 1
    assert not (tables / "contrasts.csv").exists()


def test_a_bug_in_one_trial_leaves_the_others_alone(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    script = project / "workflow" / "scripts" / "model.py"
    script.write_text(script.read_text() + "assert 'unlucky' not in snakemake.output.fit\n")
    folder = tmp_path / "data"
    write_trial(folder, "unlucky")
    break_trial(write_trial(folder, "broken"))
    run = snakemake(folder, project=project)
    assert run.code == 1
    assert "AssertionError" in run.screen
    assert MESSAGE in run.screen
    assert (folder / "reports" / "broken" / "report.html").is_file()
    assert not (folder / "reports" / "unlucky" / "report.html").exists()


def test_no_trial_at_all(tmp_path: Path) -> None:
    run = snakemake(tmp_path)
    assert run.code == 1
    assert "data/raw: no trials here." in run.screen.splitlines()[-1]


def test_a_name_that_snakemake_cannot_carry(tmp_path: Path) -> None:
    trial = write_trial(tmp_path, "good")
    (trial / "notes {old}.txt").touch()
    run = snakemake(tmp_path)
    assert run.code == 1
    assert "notes {old}.txt: has a brace in its name" in run.screen.splitlines()[-1]


def test_a_folder_with_an_illegal_name_is_a_broken_trial(troubled: tuple[Path, Run]) -> None:
    folder, run = troubled
    assert f"'{ILLEGAL}'" in run.screen
    assert "Rename the folder" in (folder / "reports" / ILLEGAL / "report.html").read_text()
    assert ILLEGAL in (folder / "reports" / "index.html").read_text()
