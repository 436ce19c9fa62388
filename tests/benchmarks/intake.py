"""Reading and checking a large trial: time and memory of ``python -m analysis check`` by size."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.timing import HERE, Turns, human, table

ROOT = HERE.parents[1]
SIZES = (50, 100, 200)
ARMS = ("passive", "fir", "cryo")
TIMES = {"pre": -1, "0h": 0, "1h": 1, "3h": 3, "6h": 6, "24h": 24, "48h": 48, "72h": 72}
TRIALS = 3
OUTCOMES = 20

# The peak is asked of the child itself: what the system reports to a parent may be the parent's.
CHILD = """
import resource, sys, time
from analysis.__main__ import main
code = main(sys.argv[1:])
try:
    lines = open("/proc/self/status").read().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(code, time.process_time(), peak)
"""


@dataclass(frozen=True)
class Run:
    """One check: seconds from call to exit, seconds at work, peak memory, and the last line said.

    On a machine that others use as well, the seconds at work are the steadier ones.
    """

    seconds: float
    at_work: float
    megabytes: float
    said: str


def intake(rounds: int = 3) -> str:
    """Time the check of trials of several sizes, in one file and in one file per outcome."""
    rows = []
    for shared in (True, False):
        for people in SIZES:
            rows.append([f"{people} participants", *_measure(people, shared, rounds)])
    header = ["trial", "files", "rows of each", "values", "time", "processor time", "peak memory"]
    return table(header, rows)


def _measure(people: int, shared: bool, rounds: int) -> list[str]:
    turns, peak = Turns(), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "large"
        rows = write_trial(folder, people, shared)
        for _ in range(rounds):
            run = check(folder)
            turns.add("check", run.seconds)
            turns.add("at work", run.at_work)
            peak = max(peak, run.megabytes)
    files = "1" if shared else str(OUTCOMES)
    times = human(turns.median("check")), human(turns.median("at work"))
    return [files, f"{rows:,}", f"{rows * OUTCOMES:,}", *times, f"{peak:.0f} MB"]


def check(folder: Path) -> Run:
    """Run ``python -m analysis check`` on a folder in a process of its own."""
    command = [sys.executable, "-c", CHILD, "check", str(folder)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    spent = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"check failed:\n{done.stdout}\n{done.stderr}")
    *_, said, last = done.stdout.splitlines()
    code, at_work, peak = last.split()
    if code != "0":
        raise RuntimeError(f"the trial of the benchmark has errors:\n{done.stdout}")
    return Run(spent, float(at_work), int(peak) / 1024, said)


def write_trial(folder: Path, people: int, shared: bool) -> int:
    """Write a crossover of three arms, eight times, three trials a visit and twenty outcomes.

    Parameters
    ----------
    folder : Path
        Created; gets trial.yaml and one file for all outcomes (`shared`) or one for each.
    people : int
        Number of participants.

    Returns
    -------
    int
        Rows of each file, without the header.
    """
    folder.mkdir(parents=True)
    labels, values = _simulated(people)
    if shared:
        pd.concat([labels, values], axis=1).to_csv(folder / "all.csv", index=False)
    else:
        for name in values:
            frame = labels.assign(value=values[name])
            frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "trial.yaml").write_text(_plan(list(values), shared), encoding="utf-8")
    return len(labels)


def _simulated(people: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    shape = (people, len(ARMS), len(TIMES), TRIALS)
    person, period, hour, trial = (each.ravel() for each in np.indices(shape))
    order = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [1, 0, 2], [0, 2, 1]])
    arm = order[person % 6, period]
    labels = pd.DataFrame(
        {
            "id": [f"P{each + 1:03d}" for each in person],
            "period": period + 1,
            "arm": np.array(ARMS)[arm],
            "time": np.array(list(TIMES))[hour],
            "trial": trial + 1,
        }
    )
    values = {}
    for place in range(OUTCOMES):
        own = rng.normal(size=people)[person]
        visit = rng.normal(size=shape[:3])[person, period, hour]
        noise = rng.normal(size=len(person))
        if place % 2:
            ache = 30 + 15 * np.exp(-np.abs(hour - 5) / 2) + 8 * own + 6 * visit + 2 * noise
            values[f"soreness_{place}"] = np.clip(ache, 1, 99).round().astype(int)
        else:
            values[f"jump_{place}"] = (38 - hour % 3 / 2 + 4 * own + visit + 0.5 * noise).round(1)
    return labels, pd.DataFrame(values)


def _plan(outcomes: list[str], shared: bool) -> str:
    roles = {"pre": ", role: baseline", "0h": ", role: before_treatment"}
    lines = [
        "title: A large trial",
        "design: crossover",
        "randomised: true",
        "columns: {participant: id, arm: arm, time: time, period: period}",
        "arms: {passive: {role: control}, fir: {}, cryo: {}}",
        "times:",
        *(f"  {name}: {{hours: {hours}{roles.get(name, '')}}}" for name, hours in TIMES.items()),
        "outcomes:",
    ]
    for name in outcomes:
        place = f"file: all.csv, value: {name}" if shared else f"file: {name}.csv, value: value"
        scale = "unit: cm, range: [3, 110], better: higher"
        if name.startswith("soreness"):
            scale = "unit: mm, range: [0, 100], better: lower"
        lines.append(f"  {name}: {{{place}, {scale}, replicates: mean}}")
    return "\n".join(lines) + "\n"
