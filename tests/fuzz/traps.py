"""Where the files lie: paths in the plan, links and folders in the trial, names of the trial."""

from __future__ import annotations

import random

from tests.data.make_faults import BASE, PLAN
from tests.fuzz.bases import plan_for
from tests.fuzz.case import Case
from tests.fuzz.words import PATHS

LINKS = {"link.csv": "soreness.csv", "loop.csv": "loop.csv", "gone.csv": "nowhere.csv",
         "folder.csv": ".", "zero.csv": "/dev/zero", "pipe.csv": "fifo", "up": ".."}  # fmt: skip
NAMES = (
    "Trial",
    "a b",
    "-rf",
    "trial.v2",
    "é",
    "x" * 200,
    "1",
    "_x",
    "a;b",
    "$(id)",
    "'",
    "a'b",
    "%s",
)


def paths(rng: random.Random) -> Case:
    """Name a file that is no file of the trial's folder: it is refused and never opened."""
    word = rng.choice(PATHS)
    inside = ("sub/soreness.csv", "link.csv", "soreness.csv")
    files = {"trial.yaml": plan_for(f'"{word}"').encode(), "soreness.csv": BASE.encode()}
    files["sub/soreness.csv"] = BASE.encode()
    chosen = rng.sample(sorted(LINKS), rng.randint(0, 4))
    links = {name: LINKS[name] for name in chosen}
    return Case(files, links, invalid=word not in inside)


def names(rng: random.Random) -> Case:
    """Call the trial's folder something else."""
    return Case(
        {"trial.yaml": PLAN.encode(), "soreness.csv": BASE.encode()}, name=rng.choice(NAMES)
    )
