"""The trials that both sides are timed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.mixed.design import Design, build_design
from analysis.mixed.hypotheses import reference_grid

Array = NDArray[np.float64]

ARMS = ("cryo", "fir", "passive")
TIMES = ("t1", "t2", "t3", "t4", "t5", "t6")
SEQUENCES = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0))
TERMS = (("arm",), ("time",), ("arm", "time"), ("period",))
COMPONENTS = {"participant": ("participant",), "participant:period": ("participant", "period")}
VARIANCES = (1.0, 0.5, 1.0)


@dataclass(frozen=True)
class Case:
    """A crossover of three arms in three periods with six times each."""

    name: str
    people: int
    missing: float
    bar: int
    aim: int

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Rows as measured, with one response in column ``y``."""
        rows = [
            (f"P{i + 1:02d}", str(p + 1), ARMS[SEQUENCES[i % 6][p]], time)
            for i, p, time in product(range(self.people), range(3), TIMES)
        ]
        frame = pd.DataFrame(rows, columns=["participant", "period", "arm", "time"])
        rng = np.random.default_rng(1)
        gone = rng.choice(len(frame), round(self.missing * len(frame)), replace=False)
        frame = frame.drop(gone).reset_index(drop=True)
        for name in list(frame):
            frame[name] = pd.Categorical(frame[name], sorted(set(frame[name])), ordered=True)
        frame["y"] = self.draw(frame, 1)[:, 0]
        return frame

    def design(self, frame: pd.DataFrame) -> Design:
        """Return the model's matrices."""
        return build_design(frame, TERMS, COMPONENTS)

    def draw(self, frame: pd.DataFrame, n: int) -> Array:
        """Return responses of the model, (N, n)."""
        design = self.design(frame)
        rng = np.random.default_rng(2)
        spread = np.sqrt(VARIANCES[:2])[design.owner, None]
        random = design.z @ (rng.standard_normal((design.z.shape[1], n)) * spread)
        return np.asarray(50 + random + rng.standard_normal((design.n_rows, n)))

    def contrasts(self, design: Design) -> Array:
        """Differences between arms at every time (first minus second), then over all times."""
        _, means = reference_grid(design.fixed, ["time", "arm"])
        cells = means.reshape(len(TIMES), len(ARMS), -1)
        pairs = list(combinations(range(len(ARMS)), 2))
        apart = np.array([[cells[t, a] - cells[t, b] for a, b in pairs] for t in range(len(TIMES))])
        return np.vstack([apart.reshape(-1, cells.shape[2]), apart.mean(axis=0)])

    def write(self, folder: Path) -> Path:
        """Write the trial for R."""
        path = folder / f"{self.people}_{self.missing}.csv"
        self.frame.to_csv(path, index=False)
        return path


CASES = (
    Case("complete, n = 12", 12, 0.0, 2000, 10_000),
    Case("9 % missing, n = 12", 12, 0.09, 500, 3000),
    Case("9 % missing, n = 30", 30, 0.09, 100, 500),
)
