"""Family-wise error of the multiplicity options: python -m tests.calibration.families.

How often at least one null hypothesis of a family is rejected when all are true, with the default
model (by_arm_time_ar1, down the ladder where it is not certified), and how often the type III F
tests reject. Writes families.csv beside this
file; `python -m tests.calibration --page` puts it on the page.
"""

from __future__ import annotations

import argparse
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.inference.estimates import Inference, two_sided_p
from analysis.inference.multiplicity import fixed_sequence, holm, multivariate_t
from tests.calibration.candidates import Cell, designs
from tests.calibration.entries import enter
from tests.calibration.scenarios import SCENARIOS, TIMES, draw, seed_of, trial

RESULTS = Path(__file__).parent / "families.csv"
KEYS = ["scenario", "participants"]
ALPHA = 0.05
POINTS = 5_000  # error of a p-value about 1e-4

# Every comparison with the control, and the planned ones in the order of a fixed sequence.
EVERY = tuple((arm, time) for time in TIMES for arm in ("active", "other"))
PLANNED = [EVERY.index(each) for each in (("active", "24h"), ("active", "48h"), ("other", "24h"))]
AT_24H = [k for k, (_, time) in enumerate(EVERY) if time == "24h"]

TERMS = {"F test of arm": {"arm"}, "F test of arm:time": {"arm", "time"}}

Task = tuple[str, int, int]


def run_cell(task: Task) -> pd.DataFrame:
    """Return the share of trials in which a family has a rejection; one row per option."""
    name, participants, trials = task
    scenario = SCENARIOS[name]
    rows, values = draw(scenario, participants, 3, seed_of(name, participants, 3), trials)
    found = [
        None if inference is None else rejections(own, inference)
        for own, y in designs(trial(scenario, 3), rows, values)
        for inference, _ in own.inferences("by_arm_time_ar1", y)
    ]
    done = pd.DataFrame([each for each in found if each is not None])
    return pd.DataFrame(
        {
            "scenario": name,
            "participants": participants,
            "option": done.columns,
            "trials": trials,
            "no_joint_model": trials - len(done),
            "rejected": done.mean().to_numpy(),
        }
    )


def rejections(own: Cell, inference: Inference) -> dict[str, bool]:
    """Return, for every option, whether its family has a rejection in one trial."""
    rows = own.contrasts(inference, EVERY)
    found = inference.estimates(rows)
    p = found.p_value
    correlation = inference.correlation(rows)

    def simultaneous(members: list[int], df: np.ndarray) -> bool:
        # An adjusted p-value lies between the raw one and that times the number of tests.
        raw = two_sided_p(found.statistic[members], df[members])
        if raw.min() * len(members) <= ALPHA:
            return True
        shape = correlation[np.ix_(members, members)]
        for t, own in {(found.statistic[k], df[k]) for k in np.array(members)[raw <= ALPHA]}:
            alike = np.full(len(members), t), np.full(len(members), own)
            if multivariate_t(*alike, shape, POINTS)[0] <= ALPHA:
                return True
        return False

    everything = list(range(len(EVERY)))
    smallest = found.df if inference.one_variance else np.full(len(EVERY), found.df.min())
    return {
        "primary alone": bool(p[PLANNED[0]] <= ALPHA),
        "none, 3 planned": bool(p[PLANNED].min() <= ALPHA),
        "fixed_sequence, 3 planned": bool(fixed_sequence(p[PLANNED]).min() <= ALPHA),
        "holm, 3 planned": bool(holm(p[PLANNED]).min() <= ALPHA),
        "dunnett, 2 arms at 24 h": simultaneous(AT_24H, found.df),
        "mvt, 2 arms at 4 times": simultaneous(everything, smallest),
        "mvt, own df": simultaneous(everything, found.df),
        **{name: _f_test(own, inference, term) for name, term in TERMS.items()},
    }


def _f_test(own: Cell, inference: Inference, term: set[str]) -> bool:
    found = inference.f_test(own.hypotheses[frozenset(term)])
    return found is not None and found["p_value"] <= ALPHA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--participants", type=int, nargs="+", default=[9, 12, 20])
    parser.add_argument(
        "--scenarios", nargs="+", default=["soreness", "jump", "arms_unequal", "floor"]
    )
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    tasks = [(name, n, chosen.trials) for n in chosen.participants for name in chosen.scenarios]
    with Pool(chosen.processes) as pool:
        for table in pool.imap(run_cell, tasks):
            enter(table, RESULTS, KEYS)
            print(table.to_string(header=False), flush=True)


if __name__ == "__main__":
    main()
