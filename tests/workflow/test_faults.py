"""One small broken trial per check: each fault is found, reported and survived.

All of them go through the steps in this process; some also through the whole workflow.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.intake.codes import CHECKS
from analysis.io import SCHEMA
from analysis.steps.prepare import prepare
from analysis.steps.report import report
from tests.workflow.running import REPO, snakemake

FAULTS = sorted(path.parent for path in (REPO / "tests/data/faults").glob("*/trial.yaml"))
MADE = ("observations", "issues", "repairs", "inputs")
THROUGH_THE_WORKFLOW = ("c03_open_quote", "d01_duplicate", "f04_windows_1252", "v01_out_of_range")


def code_of(fault: Path) -> str:
    return fault.name.split("_")[0].upper()


def issues_in(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_there_are_faults() -> None:
    assert len(FAULTS) > 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_and_reported(
    fault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = fault / "trial.yaml"
    made = {name: tmp_path / f"{name}.csv" for name in MADE}
    prepare(plan=plan, schema=SCHEMA, **made)
    found = issues_in(made["issues"])
    assert code_of(fault) in {issue["code"] for issue in found}
    for issue in found:
        assert issue["message"]
        assert issue["remedy"]

    (tmp_path / "empty").mkdir()
    report(
        plan=plan,
        schema=SCHEMA,
        issues=made["issues"],
        inputs=made["inputs"],
        fit=tmp_path / "empty",
        answers=tmp_path / "empty",
        figures=tmp_path / "empty",
        tables=tmp_path / "tables",
        page=tmp_path / "report.html",
        provenance=tmp_path / "provenance.json",
        summary=tmp_path / "summary.json",
    )
    assert f">{code_of(fault)}<" in (tmp_path / "report.html").read_text(encoding="utf-8")

    broken = any(issue["severity"] == "error" for issue in found)
    assert main(["check", str(fault)]) == int(broken)
    assert f"[{code_of(fault)}]" in capsys.readouterr().out
    if CHECKS[code_of(fault)].severity == "error":
        assert broken or fault.name in ("d12_missing_visit", "u02_used_short")
        assert (made["observations"].read_text().count("\n") == 1) == broken


def test_faults_in_the_workflow(tmp_path: Path) -> None:
    for name in THROUGH_THE_WORKFLOW:
        shutil.copytree(REPO / "tests/data/faults" / name, tmp_path / "data/raw" / name)
    run = snakemake(tmp_path)
    assert run.code == 1
    assert "Traceback" not in run.screen
    for name in THROUGH_THE_WORKFLOW:
        code = name[:3].upper()
        assert f"{name}: not analysed" in run.screen
        assert f"  [{code}] error: " in run.screen
        assert f">{code}<" in (tmp_path / "reports" / name / "report.html").read_text()
