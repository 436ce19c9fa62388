"""The demo trial: invented athletes, published magnitudes, and the untidiness of real files."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.simulate.demo_parameters import JUMP, SORENESS
from analysis.simulate.demo_yaml import TRIAL_YAML
from analysis.simulate.designs import williams
from analysis.simulate.draw import simulate
from analysis.simulate.models import TrialModel

SEED = 20260101  # chosen before any data were drawn, and kept

ARMS = ("passive", "fir", "cryo")
TIMES = {"pre": -1.0, "0h": 0.0, "1h": 1.0, "24h": 24.0, "48h": 48.0, "72h": 72.0}

MISSED_VISIT = ("P07", 2, "48h")  # neither file has a row of it
LOST_JUMPS = {  # (participant, period, time, jump): what stands in the file instead
    ("P03", 1, "24h", 2): "-9",
    ("P10", 3, "1h", 3): "",
    ("P11", 2, "72h", 1): "-9",
    ("P11", 2, "72h", 2): "-9",
    ("P11", 2, "72h", 3): "",
}
WRITTEN_AS = {  # how each arm was typed in week 1, 2, 3, by file
    "soreness.csv": {
        "passive": ("passive", "PAS", "passive"),
        "fir": ("FIR", "far-infrared", "fir"),
        "cryo": ("WBC", "cryo", "WBC"),
    },
    "jump.csv": {
        "passive": ("PAS", "PAS", "PAS"),
        "fir": ("FIR", "FIR", "FIR"),
        "cryo": ("WBC", "WBC", "WBC"),
    },
}


def demo_model() -> TrialModel:
    """Return the truth behind the demo: 12 athletes, three arms, a Williams design.

    Twelve lies within 8 to 15 per group, usual in sports science (Lohse 2020, seen), and gives
    each of the six sequences to two athletes.
    """
    return TrialModel(12, ARMS, TIMES, williams(ARMS), (SORENESS, JUMP))


def demo_trial() -> dict[str, str]:
    """Return the files of the demo trial: name in the trial's folder -> text."""
    data = simulate(demo_model(), SEED)
    rng = np.random.default_rng([SEED, 999])  # a stream of its own: the order of rows
    return {
        "jump.csv": _jump_file(data[data["outcome"] == "jump"], rng),
        "soreness.csv": _soreness_file(data[data["outcome"] == "soreness"], rng),
        "trial.yaml": TRIAL_YAML.substitute(seed=SEED),
    }


def _soreness_file(data: pd.DataFrame, rng: np.random.Generator) -> str:
    kept = _attended(data)
    frame = pd.DataFrame(
        {
            "athlete": kept["participant"],
            "week": kept["period"],
            "order": kept["sequence"],
            "condition": _as_written(kept, "soreness.csv"),
            "timepoint": kept["time"],
            "vas": [f"{value:.0f}" for value in kept["value"]],
        }
    )
    return _text(frame.iloc[rng.permutation(len(frame))])


def _jump_file(data: pd.DataFrame, rng: np.random.Generator) -> str:
    kept = _attended(data)
    frame = pd.DataFrame(
        {
            "id": kept["participant"],
            "week": kept["period"],
            "order": kept["sequence"],
            "condition": _as_written(kept, "jump.csv"),
            "timepoint": kept["time"],
            "attempt": kept["trial"],
            "height": [f"{value:.1f}" for value in kept["value"]],
        }
    )
    for cell, written in LOST_JUMPS.items():
        frame.loc[_rows(kept, *cell), "height"] = written
    visits = kept.groupby(["participant", "period", "time"], sort=False).ngroup().to_numpy()
    order = rng.permutation(
        visits.max() + 1
    )  # visits are shuffled, their three jumps stay together
    return _text(frame.iloc[np.argsort(order[visits], kind="stable")])


def _attended(data: pd.DataFrame) -> pd.DataFrame:
    return data[~_rows(data, *MISSED_VISIT)]


def _rows(
    data: pd.DataFrame, participant: str, period: int, time: str, trial: int | None = None
) -> pd.Series[bool]:
    visit = (data["participant"] == participant) & (data["period"] == period)
    visit &= data["time"] == time
    return visit if trial is None else visit & (data["trial"] == trial)


def _as_written(data: pd.DataFrame, file: str) -> list[str]:
    names = WRITTEN_AS[file]
    return [names[arm][week - 1] for arm, week in zip(data["arm"], data["period"], strict=True)]


def _text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")
