"""Small trials for the tests of inference: made here, so that the truth is in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.columns import OBSERVATIONS
from analysis.trial import (
    Arm,
    Columns,
    Comparison,
    Margin,
    ModelSettings,
    Outcome,
    Plan,
    Time,
    Trial,
)

ARMS = ("passive", "fir", "cryo")
TIMES = (
    Time("pre", -1, "baseline"),
    Time("0h", 0, "before_treatment"),
    Time("1h", 1),
    Time("24h", 24),
)
PRIMARY = Comparison("soreness", "fir", "passive", "24h")


def outcome(name: str = "soreness", **changes: object) -> Outcome:
    base = Outcome(
        name, name, f"{name}.csv", "mm", "lower", range=(0, 100), margin=Margin(10, "a test")
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def trial(design: str = "crossover", **changes: object) -> Trial:
    base = Trial(
        name="made_up",
        title="Made up",
        design=design,  # type: ignore[arg-type]
        randomised=True,
        columns=Columns("id", "arm", "time", "period"),
        arms=tuple(Arm(name, name, name == "passive") for name in ARMS),
        times=TIMES,
        outcomes=(outcome(),),
        plan=Plan(PRIMARY),
        model=ModelSettings(baseline="none", residual="iid"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def observations(
    participants: int = 9,
    seed: int = 1,
    name: str = "soreness",
    effect: Mapping[tuple[str, str], float] | None = None,
    parallel: bool = False,
    missing: int = 0,
) -> pd.DataFrame:
    """A Latin-square crossover (or parallel trial) with known arm effects by (arm, time)."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(participants):
        level = rng.normal(40, 8)
        courses = [person % 3] if parallel else [(person + p) % 3 for p in range(3)]
        for period, which in enumerate(courses):
            arm = ARMS[which]
            course = rng.normal(0, 4)
            for time in TIMES:
                shift = (effect or {}).get((arm, time.name), 0.0)
                value = level + course + shift + rng.normal(0, 3)
                rows.append((f"P{person + 1:02d}", str(period + 1), arm, time.name, value))
    frame = pd.DataFrame(rows, columns=["participant", "period", "arm", "time", "value"])
    if parallel:
        frame["period"] = ""
    frame.loc[rng.choice(len(frame), missing, replace=False), "value"] = np.nan
    hours = {time.name: time.hours for time in TIMES}
    return OBSERVATIONS.conform(
        frame.assign(
            trial="made_up",
            outcome=name,
            sequence="",
            hours=frame["time"].map(hours),
            unit="mm",
            n_replicates=1,
            source_file=f"{name}.csv",
            source_rows="",
        )
    )
