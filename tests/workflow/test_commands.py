"""The commands beside the workflow: ``python -m analysis``."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.__main__ import main
from tests.workflow.running import REPO, break_trial, call, write_trial

DEMO = REPO / "data" / "raw" / "demo_fir_cryo"


def test_check_is_quick_and_finds_nothing_wrong_with_the_demo() -> None:
    start = time.perf_counter()
    run = call("analysis", "check", str(DEMO), cwd=REPO)
    assert time.perf_counter() - start < 5  # 0.5 s on an idle machine
    assert run.code == 0
    assert "0 errors" in run.screen.splitlines()[-1]


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no pipes that close on this system")
def test_a_reader_that_stops_early_sees_no_traceback() -> None:
    """As in `python -m analysis check ... | head -3`."""
    command = [sys.executable, "-m", "analysis", "check", str(DEMO)]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == -signal.SIGPIPE


def test_check_lists_errors_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = write_trial(tmp_path, "broken")
    break_trial(trial)
    data = trial / "soreness.csv"
    data.write_text(
        "\n".join(line for line in data.read_text().splitlines() if "P5,2,fir,24h" not in line)
    )
    assert main(["check", str(trial)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(f"{trial}: 1 error, ")
    ranks = [("error", "warning", "note").index(line.split()[1][:-1]) for line in lines[:-1]]
    assert ranks == sorted(ranks)


def test_check_finds_an_illegal_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write_trial(tmp_path, "My Trial"))]) == 1
    assert "'My Trial'" in capsys.readouterr().out


def test_check_of_no_trial_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert "there is no trial.yaml here" in capsys.readouterr().err


def test_the_demo_is_made_byte_for_byte(tmp_path: Path) -> None:
    assert main(["demo", str(tmp_path)]) == 0
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in DEMO.iterdir()}


def test_the_readme_of_the_data_is_in_step(tmp_path: Path) -> None:
    source = REPO / "data" / "raw" / "README.md"
    copy = tmp_path / "README.md"
    copy.write_bytes(source.read_bytes())
    assert main(["schema-docs", str(copy)]) == 0
    assert copy.read_bytes() == source.read_bytes(), "run: python -m analysis schema-docs"


def test_verify_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    assert "FAIL" not in capsys.readouterr().out
