"""Small trials, and Snakemake as users run it: a process of its own, judged by what it shows."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parents[2]
PROJECT = ("Snakefile", "environment.yml", "analysis", "workflow", "profiles")

TABLES = {"means", "contrasts", "terms", "variances", "models", "descriptives"}

TRIAL_YAML = """\
title: Tiny trial {name}
design: crossover
randomised: true
columns: {{participant: who, arm: arm, time: time, period: week}}
arms: {{rest: {{label: Rest, role: control}}, fir: {{label: Far-infrared}}}}
times: {{pre: {{hours: -1, role: baseline}}, 1h: {{hours: 1}}, 24h: {{hours: 24}}}}
outcomes:
  soreness:
    label: Soreness
    file: soreness.csv
    value: vas
    unit: mm
    range: [0, 100]
    better: lower
plan:
  primary: {{outcome: soreness, arm: fir, reference: rest, time: 24h}}
"""


@dataclass(frozen=True)
class Run:
    """How one call of Snakemake ended, and everything it put on the screen."""

    code: int
    screen: str

    @property
    def jobs(self) -> dict[str, int]:
        """Number of jobs of each rule, from Snakemake's own table; `total` included."""
        rows = re.findall(r"^(\w+) +(\d+)$", self.screen, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows}


def snakemake(folder: Path, *arguments: str, project: Path = REPO) -> Run:
    """Run the workflow on the data of a folder."""
    place = ("--directory", str(folder), "--snakefile", str(project / "Snakefile"))
    return call("snakemake", "--cores", "2", *place, *arguments)


def call(module: str, *arguments: str, cwd: Path | None = None, **environment: str) -> Run:
    """Run a Python module as a command."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout)


def write_trial(folder: Path, name: str, seed: int = 1) -> Path:
    """Write a crossover of six participants, two arms and three times; return its folder."""
    draw = random.Random(seed)
    rows = ["who,week,arm,time,vas"]
    for who in range(6):
        own = draw.gauss(30, 5)
        for week, arm in enumerate(("rest", "fir") if who % 2 else ("fir", "rest"), start=1):
            for time, mean in (("pre", -20), ("1h", 0), ("24h", 10)):
                value = round(max(own + mean + draw.gauss(0, 4), 0), 1)
                rows.append(f"P{who},{week},{arm},{time},{value}")
    trial = folder / "data" / "raw" / name
    trial.mkdir(parents=True)
    (trial / "trial.yaml").write_text(TRIAL_YAML.format(name=name))
    (trial / "soreness.csv").write_text("\n".join(rows) + "\n")
    return trial


def break_trial(trial: Path) -> None:
    """Put an arm into a trial's data that its trial.yaml does not declare."""
    data = trial / "soreness.csv"
    data.write_text(data.read_text().replace("P3,1,rest", "P3,1,sauna"))


def copy_project(target: Path) -> Path:
    """Copy the project without its data, environments and caches."""
    skip = shutil.ignore_patterns("__pycache__")
    for name in PROJECT:
        source = REPO / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=skip)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def results(folder: Path) -> dict[str, bytes]:
    """Return every file the workflow made for the user, by path; hidden files are not."""
    made = [*(folder / "data" / "processed").rglob("*"), *(folder / "reports").rglob("*")]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in made
        if path.is_file() and not path.name.startswith(".")
    }
