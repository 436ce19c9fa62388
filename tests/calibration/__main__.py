"""Run the calibration grid: python -m tests.calibration --trials 1000 [--participants 9 12] ...

Writes one row per scenario x participants x arms x candidate x time to results.csv beside this
file (rows of cells that were run again are replaced) and docs/calibration.md from it.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.inference.estimates import t_quantile, two_sided_p
from tests.calibration import families
from tests.calibration.candidates import CANDIDATES, designs
from tests.calibration.entries import enter
from tests.calibration.page import page
from tests.calibration.scenarios import SCENARIOS, TIMES, draw, seed_of, trial

HERE = Path(__file__).parent
RESULTS = HERE / "results.csv"
KEYS = ["scenario", "participants", "arms", "candidate"]
Task = tuple[str, int, int, str, int]


def run_cell(task: Task) -> pd.DataFrame:
    """Analyse all trials of one cell by one candidate; one row per time."""
    name, participants, arms, candidate, trials = task
    scenario = SCENARIOS[name]
    rows, values = draw(scenario, participants, arms, seed_of(name, participants, arms), trials)
    began = time.perf_counter()
    answers = [
        CANDIDATES[candidate](own, y) for own, y in designs(trial(scenario, arms), rows, values)
    ]
    seconds = (time.perf_counter() - began) / trials
    found = np.concatenate([each.numbers for each in answers], axis=1)
    used = Counter(step for each in answers for step in each.steps)
    return _rows(task, found, used, seconds)


def _rows(task: Task, found: np.ndarray, used: Counter[str], seconds: float) -> pd.DataFrame:
    name, participants, arms, candidate, trials = task
    estimate, std_error, df = found
    truth = np.array([SCENARIOS[name].effect if each == "24h" else 0.0 for each in TIMES])
    p = two_sided_p(estimate / std_error, df)
    half = t_quantile(df, 0.95) * std_error
    known = np.isfinite(p)
    mine = f"{used.most_common(1)[0][0]}"
    return pd.DataFrame(
        {
            "scenario": name,
            "participants": participants,
            "arms": arms,
            "candidate": candidate,
            "time": list(TIMES),
            "trials": trials,
            "no_estimate": (~known).sum(axis=0),
            "rejected": (p <= 0.05).sum(axis=0) / known.sum(axis=0),
            "covered": (np.abs(estimate - truth) <= half).sum(axis=0) / known.sum(axis=0),
            "bias": np.nanmean(estimate - truth, axis=0),
            "empirical_sd": np.nanstd(estimate, axis=0, ddof=1),
            "model_se": np.sqrt(np.nanmean(std_error**2, axis=0)),
            "median_df": np.nanmedian(df, axis=0),
            "stepped_down": 1 - used[candidate.removeprefix("joint_")] / trials
            if candidate.startswith("joint_")
            else 0.0,
            "mostly": mine,
            "seconds": seconds,
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--participants", type=int, nargs="+", default=[9, 12, 16, 20])
    parser.add_argument("--arms", type=int, nargs="+", default=[3])
    parser.add_argument("--scenarios", nargs="+", default=list(SCENARIOS))
    parser.add_argument("--candidates", nargs="+", default=list(CANDIDATES))
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="only write docs/calibration.md anew")
    chosen = parser.parse_args()
    tasks = [
        (scenario, n, arms, candidate, chosen.trials)
        for arms in chosen.arms
        for n in chosen.participants
        for candidate in chosen.candidates
        for scenario in chosen.scenarios
    ]
    with Pool(chosen.processes) as pool:
        for table in pool.imap(run_cell, [] if chosen.page else tasks):
            enter(table, RESULTS, KEYS)
            print(table.drop(columns=["bias", "mostly"]).to_string(header=False), flush=True)
    page(pd.read_csv(RESULTS), pd.read_csv(families.RESULTS))


if __name__ == "__main__":
    main()
