"""The candidate analyses: trials of one design -> the contrast active - control at every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.inference.contrasts import marginal_cells
from analysis.inference.estimates import Inference
from analysis.inference.fitting import SIMPLER
from analysis.inference.models import Specification, specify
from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid, type3_hypotheses
from analysis.mixed.reml import fit_reml
from analysis.mixed.residual import ResidualModel
from analysis.mixed.structures import make_structure
from analysis.trial import Trial
from tests.calibration.scenarios import TIMES

Asked = tuple[tuple[str, str], ...]  # (arm, time), each against the control
AT_ONCE = 100  # fits, with two megabytes of derivatives each, that are kept at a time
ACTIVE: Asked = tuple(("active", time) for time in TIMES)


@dataclass(frozen=True)
class Answers:
    """Estimate, standard error and df, (3, trials, times), and the analysis each trial got."""

    numbers: np.ndarray
    steps: list[str]


@dataclass
class Cell:
    """The rows of one trial with what all trials of the same rows share."""

    trial: Trial
    spec: Specification

    def __post_init__(self) -> None:
        self.design = self.spec.design()
        self.models: dict[str, ResidualModel] = {}
        self.rows: dict[Asked, np.ndarray] = {}
        tests = type3_hypotheses(self.design, self.spec.frame)
        self.hypotheses = {frozenset(term): rows for term, rows in tests.items()}

    def fits(self, residual: str, y: np.ndarray) -> list[Fit | ModelError]:
        """Fit every row of y."""
        if residual == "iid":
            return [fit_reml(self.design, each) for each in y]
        if residual not in self.models:
            structure = make_structure(
                residual, self.spec.frame, self.trial.time_names, self.spec.units
            )
            self.models[residual] = ResidualModel(self.design, structure)
        return self.models[residual].fit_many(y, zero_variances="keep")

    def inferences(self, residual: str, y: np.ndarray) -> Iterator[tuple[Inference | None, str]]:
        """Return, per row of y, the first certified model down the ladder and its structure."""
        for first in range(0, len(y), AT_ONCE):
            yield from self._inferences(residual, y[first : first + AT_ONCE])

    def _inferences(self, residual: str, y: np.ndarray) -> Iterator[tuple[Inference | None, str]]:
        for each, fit in zip(y, self.fits(residual, y), strict=True):
            if isinstance(fit, Fit) and fit.certificate.holds:
                yield Inference(fit, "kenward_roger"), residual
            elif residual not in SIMPLER:
                yield None, "per_time"
            else:
                yield from self.inferences(SIMPLER[residual], each[None])

    def contrasts(self, inference: Inference, asked: Asked) -> np.ndarray:
        """Return the combinations that are arm - control at a time."""
        if asked not in self.rows:
            cells = marginal_cells(self.spec, inference)
            self.rows[asked] = np.array([cells[t, arm] - cells[t, "control"] for arm, t in asked])
        return self.rows[asked]


def designs(
    trial: Trial, rows: pd.DataFrame, values: np.ndarray
) -> Iterator[tuple[Cell, np.ndarray]]:
    """Split trials, (trials, rows), into runs that miss the same visits, in order."""
    seen = np.isfinite(values)
    first = np.flatnonzero(np.r_[True, (seen[1:] != seen[:-1]).any(axis=1)])
    for start, stop in zip(first, [*first[1:], len(values)], strict=True):
        here = seen[start]
        own = rows[here].reset_index(drop=True)
        frame = own.assign(value=np.arange(len(own), dtype=float), outcome="score", occasion="")
        yield (
            Cell(trial, specify(trial, trial.outcomes[0], frame)),
            values[start:stop, here],
        )


def joint(residual: str, cell: Cell, y: np.ndarray) -> Answers:
    """The joint model with a residual structure, down the ladder where it is not certified."""
    numbers = np.empty((3, len(y), len(TIMES)))
    steps = []
    for i, (inference, step) in enumerate(cell.inferences(residual, y)):
        if inference is None:
            numbers[:, i] = per_time(True, cell, y[i : i + 1]).numbers[:, 0]
        else:
            found = inference.estimates(cell.contrasts(inference, ACTIVE))
            numbers[:, i] = found.estimate, found.std_error, found.df
        steps.append(step)
    return Answers(numbers, steps)


def per_time(two_arms: bool, cell: Cell, y: np.ndarray) -> Answers:
    """Each time alone, fixed participants, of all arms or of the two arms of the contrast only."""
    frame = cell.spec.frame.assign(row=np.arange(len(cell.spec.frame)))
    if two_arms:
        frame = frame[frame["arm"].isin(["control", "active"])]
    crossover = cell.trial.design == "crossover"
    found = [_one_time(frame[frame["time"] == time], y, crossover) for time in TIMES]
    return Answers(np.stack(found, axis=2), ["per_time"] * len(y))


def _one_time(frame: pd.DataFrame, y: np.ndarray, crossover: bool) -> np.ndarray:
    """Return estimate, standard error and df by least squares, (3, trials)."""
    counts = frame.groupby("participant", observed=True).size()
    frame = frame[frame["participant"].isin(counts.index[counts > crossover])].copy()
    for name in ("participant", "period", "arm"):
        frame[name] = frame[name].cat.remove_unused_categories()
    terms = [("participant",), ("period",), ("arm",)] if crossover else [("arm",)]
    design = build_design(frame, terms, {})
    cells, rows = reference_grid(design.fixed, ["arm"])
    index = {arm: row for arm, row in zip(cells["arm"], rows, strict=True)}
    wanted = index["active"] - index["control"]
    df = len(frame) - design.x.shape[1]
    if df < 1 or not design.estimable(wanted[None])[0]:
        return np.full((3, len(y)), np.nan)
    own = y[:, frame["row"].to_numpy()]
    weights = np.linalg.pinv(design.x)
    beta = own @ weights.T
    variance = ((own - beta @ design.x.T) ** 2).sum(axis=1) / df
    short = wanted[design.kept]
    scale = np.sqrt(short @ weights @ weights.T @ short)
    return np.stack([beta @ short, scale * np.sqrt(variance), np.full(len(y), float(df))])


CANDIDATES: dict[str, Callable[[Cell, np.ndarray], Answers]] = {
    "per_time_two_arms": partial(per_time, True),
    "per_time_pooled": partial(per_time, False),
    **{
        f"joint_{residual}": partial(joint, residual)
        for residual in ("iid", "by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1")
    },
}
