"""The whole workflow on the demo trial, against one R script that does the same job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.timing import HERE, Turns, human, table

ROOT = HERE.parents[1]
DEMO = "demo_fir_cryo"
OURS = "snakemake --cores 4"


def workflow(rounds: int = 3) -> str:
    """Time both from nothing to the report, taking turns."""
    turns = Turns()
    with_r = shutil.which("Rscript") is not None
    for _ in range(rounds):
        if with_r:
            turns.add("R script", _in_new_folder(_r_script))
        turns.add(OURS, _in_new_folder(_snakemake))
    names = list(turns.times)
    row = [DEMO, *(human(turns.median(each)) for each in names)]
    if with_r:
        row.append(turns.ratio("R script", OURS))
    return table(["trial", *names, *(["R / ours"] if with_r else [])], [row])


def _in_new_folder(job: Callable[[Path], None]) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "data" / "raw" / DEMO, folder / "data" / "raw" / DEMO)
        start = time.perf_counter()
        job(folder)
        return time.perf_counter() - start


def _snakemake(folder: Path) -> None:
    program = Path(sys.executable).with_name("snakemake")
    _run([str(program), "--cores", "4", "--directory", str(folder), "-s", str(ROOT / "Snakefile")])
    assert (folder / "reports" / DEMO / "report.html").is_file()


def _r_script(folder: Path) -> None:
    data, out = folder / "data" / "raw" / DEMO, folder / "reports"
    _run(["Rscript", "--vanilla", str(HERE / "workflow.R"), str(data), str(out)])
    assert (out / "report.html").is_file()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
