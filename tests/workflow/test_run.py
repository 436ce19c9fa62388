"""The workflow on trials that are as they should be: what it makes, and what it makes again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.workflow.running import (
    REPO,
    TABLES,
    Run,
    call,
    copy_project,
    results,
    snakemake,
    write_trial,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that may be edited."""
    return copy_project(tmp_path_factory.mktemp("home") / "project")


@pytest.fixture(scope="module")
def first(project: Path) -> tuple[Path, Run]:
    """A folder with two trials, and the run that analysed them."""
    folder = project.parent / "first"
    for seed, name in enumerate(("alpha", "beta")):
        write_trial(folder, name, seed)
    return folder, snakemake(folder, project=project)


@pytest.fixture
def work(first: tuple[Path, Run]) -> Iterator[Path]:
    """A copy of the analysed folder that may be edited."""
    folder = first[0].parent / "copy"
    shutil.copytree(first[0], folder)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def edited(path: Path) -> Iterator[None]:
    """Append a line to a file for a while."""
    text, times = path.read_text(), path.stat()
    path.write_text(text + "# edited\n")
    yield
    path.write_text(text)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def trials_named(run: Run) -> set[str]:
    return set(re.findall(r"^Job \d+: (\w+):", run.screen, flags=re.MULTILINE))


def test_a_run_makes_what_it_declares(first: tuple[Path, Run]) -> None:
    folder, run = first
    assert run.code == 0, run.screen
    assert "Traceback" not in run.screen
    made = results(folder)
    for trial in ("alpha", "beta"):
        tables = ("observations.csv", "issues.csv", "repairs.csv")
        for name in (*tables, "inputs.json", "summary.json"):
            assert f"data/processed/{trial}/{name}" in made
        for name in (*(f"tables/{table}.csv" for table in TABLES), "report.html"):
            assert made[f"reports/{trial}/{name}"]
        assert any(name.startswith(f"reports/{trial}/figures/") for name in made)
        assert f"reports/{trial}/".encode() not in made[f"reports/{trial}/report.html"]
    assert b"Tiny trial alpha" in made["reports/index.html"]
    assert b"Tiny trial beta" in made["reports/index.html"]


def test_every_figure_comes_with_its_data_and_words(first: tuple[Path, Run]) -> None:
    figures = first[0] / "reports" / "alpha" / "figures"
    listed = json.loads((figures / "figures.json").read_text())
    names = {each["name"] for each in listed}
    assert names
    visible = {path.name for path in figures.iterdir() if not path.name.startswith(".")}
    expected = {f"{name}.{kind}" for name in names for kind in ("svg", "png", "csv")}
    assert visible == expected | {"figures.json"}


def test_provenance_says_what_went_in_and_nothing_of_where_and_when(
    first: tuple[Path, Run],
) -> None:
    folder, _ = first
    text = (folder / "reports" / "alpha" / "provenance.json").read_text()
    content = json.loads(text)
    assert set(content["inputs"]) == {"trial.yaml", "soreness.csv"}
    assert {"python", "numpy", "scipy", "pandas", "statsmodels", "pingouin", "snakemake"} <= set(
        content["packages"]
    )
    assert len(content["code"]["sha256"]) == 64
    assert content["seed"] is None
    assert str(folder) not in text
    assert not re.search(r"\d\d:\d\d", text)


def test_a_second_run_has_nothing_to_do(first: tuple[Path, Run], project: Path) -> None:
    run = snakemake(first[0], project=project)
    assert run.code == 0
    assert "Nothing to be done" in run.screen


def test_raw_files_are_left_alone(first: tuple[Path, Run], tmp_path: Path) -> None:
    for seed, name in enumerate(("alpha", "beta")):
        before = write_trial(tmp_path, name, seed)
        after = first[0] / "data" / "raw" / name
        assert {p.name: p.read_bytes() for p in before.iterdir()} == {
            p.name: p.read_bytes() for p in after.iterdir()
        }


def test_the_same_input_gives_the_same_bytes(first: tuple[Path, Run], project: Path) -> None:
    again = project.parent / "elsewhere" / "deeper"
    write_trial(again, "alpha", 0)
    snakemake(again, project=project)
    one, two = results(first[0]), results(again)
    assert {name for name in one if "/alpha/" in name} == {
        name for name in two if "/alpha/" in name
    }
    assert [name for name in two if one[name] != two[name]] == ["reports/index.html"]


@pytest.mark.parametrize("name", ["trial.yaml", "soreness.csv"])
def test_an_edited_file_reruns_its_trial_only(work: Path, project: Path, name: str) -> None:
    with edited(work / "data" / "raw" / "alpha" / name):
        run = snakemake(work, "--dry-run", project=project)
    assert trials_named(run) == {"alpha"}
    assert {"prepare", "model", "figures", "report", "index"} <= set(run.jobs)


def test_a_touched_file_reruns_nothing(work: Path, project: Path) -> None:
    os.utime(work / "data" / "raw" / "alpha" / "soreness.csv")
    assert "Nothing to be done" in snakemake(work, "--dry-run", project=project).screen


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("analysis/figures/style.py", {"figures", "report", "index"}),
        ("analysis/mixed/reml.py", {"model", "figures", "report", "index"}),
        ("analysis/inference/contrasts.py", {"model", "figures", "report", "index"}),
        (
            "analysis/intake/run.py",
            {"prepare", "model", "figures", "report", "index"},
        ),
        (
            "workflow/schemas/trial.schema.yaml",
            {"prepare", "model", "figures", "report", "index"},
        ),
        ("analysis/report/wording.py", {"report", "index"}),
        ("analysis/steps/index.py", {"index"}),
        ("workflow/scripts/index.py", {"index"}),
        ("analysis/simulate/demo.py", set()),
        ("analysis/__main__.py", set()),
    ],
)
def test_edited_code_reruns_what_depends_on_it(
    first: tuple[Path, Run], project: Path, file: str, rules: set[str]
) -> None:
    with edited(project / file):
        run = snakemake(first[0], "--dry-run", project=project)
    assert set(run.jobs) - {"all", "total"} == rules, run.screen


def test_a_template_reruns_the_pages(first: tuple[Path, Run], project: Path) -> None:
    template = next((project / "analysis" / "report" / "templates").iterdir())
    with edited(template):
        run = snakemake(first[0], "--dry-run", project=project)
    assert set(run.jobs) - {"all", "total"} == {"report", "index"}


def test_an_added_trial_runs_alone(work: Path, project: Path) -> None:
    write_trial(work, "gamma", 3)
    run = snakemake(work, "--dry-run", project=project)
    assert trials_named(run) == {"gamma"}
    assert run.jobs["index"] == 1


def test_a_removed_trial_leaves_the_index(work: Path, project: Path) -> None:
    shutil.rmtree(work / "data" / "raw" / "beta")
    run = snakemake(work, project=project)
    assert run.jobs == {"index": 1, "all": 1, "total": 2}
    assert "beta" not in (work / "reports" / "index.html").read_text()
    assert (work / "reports" / "beta" / "report.html").is_file()


def test_one_trial_is_a_few_jobs(project: Path, tmp_path: Path) -> None:
    write_trial(tmp_path, "only")
    assert snakemake(tmp_path, "--dry-run", project=project).jobs["total"] == 6


def test_one_report_can_be_asked_for(project: Path, tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        write_trial(tmp_path, name)
    run = snakemake(tmp_path, "--dry-run", "reports/alpha/report.html", project=project)
    assert run.jobs == {"prepare": 1, "model": 1, "figures": 1, "report": 1, "total": 4}


def test_plain_snakemake_in_the_project_uses_the_projects_own_code(
    project: Path, tmp_path: Path
) -> None:
    """No option, no profile named, and another package called analysis on the path."""
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("raise RuntimeError('not this one')")
    write_trial(project, "plain")
    run = call("snakemake", "--cores", "2", cwd=project, PYTHONPATH=str(tmp_path))
    assert run.code == 0, run.screen
    assert (project / "reports" / "plain" / "report.html").is_file()
    for name in ("data", "reports"):
        shutil.rmtree(project / name)


def test_snakemakes_own_report_can_be_made(first: tuple[Path, Run], project: Path) -> None:
    target = project.parent / "snakemake-report.html"
    run = snakemake(first[0], "--report", str(target), project=project)
    assert run.code == 0, run.screen
    assert target.stat().st_size > 100_000


def test_lint_has_nothing_to_say(first: tuple[Path, Run]) -> None:
    run = snakemake(first[0], "--lint")
    assert run.code == 0, run.screen


def test_the_workflow_is_formatted() -> None:
    run = call("snakefmt", "--check", "Snakefile", "workflow/rules", cwd=REPO)
    assert run.code == 0, run.screen


def test_the_snakefile_is_a_table_of_contents() -> None:
    assert 30 <= len((REPO / "Snakefile").read_text().splitlines()) <= 60
