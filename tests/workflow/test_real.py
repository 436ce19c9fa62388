"""Real, openly licensed data sets through the whole workflow; skipped where they are absent."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests.workflow.running import REPO, TABLES, Run, snakemake

PLANS = sorted((REPO / "tests" / "data" / "real").glob("*/trial.yaml"))
NAMES = [plan.parent.name for plan in PLANS]


@pytest.fixture(scope="module")
def analysed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    folder = tmp_path_factory.mktemp("real")
    for plan, name in zip(PLANS, NAMES, strict=True):
        if not (shared_data / name).is_dir():
            pytest.skip(f"{name} is not at {shared_data}")
        shutil.copytree(shared_data / name, folder / "data" / "raw" / name)
        shutil.copy(plan, folder / "data" / "raw" / name)
    return folder, snakemake(folder)


def test_the_run_succeeds(analysed: tuple[Path, Run]) -> None:
    _, run = analysed
    assert run.code == 0, run.screen


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_has_results(analysed: tuple[Path, Run], name: str) -> None:
    reports = analysed[0] / "reports" / name
    for table in TABLES:
        assert (reports / "tables" / f"{table}.csv").is_file()
    with (reports / "tables" / "models.csv").open(newline="") as stream:
        models = list(csv.DictReader(stream))
    assert models
    assert {model["converged"] for model in models} == {"True"}
    assert "Traceback" not in (reports / "report.html").read_text()
