"""The candidate analyses: one trial's values -> the contrast active - control at every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.inference.contrasts import marginal_cells
from analysis.inference.estimates import Inference
from analysis.inference.fitting import SIMPLER
from analysis.inference.models import Specification, specify
from analysis.mixed.design import build_design, reference_grid
from analysis.mixed.fit import Fit
from analysis.mixed.reml import fit_reml
from analysis.mixed.residual import ResidualModel
from analysis.mixed.structures import make_structure
from analysis.trial import Trial
from tests.calibration.scenarios import TIMES

Answer = tuple[np.ndarray, np.ndarray, np.ndarray, str]


@dataclass
class Cell:
    """The rows of one trial with what all trials of the same rows share."""

    trial: Trial
    spec: Specification

    def __post_init__(self) -> None:
        self.design = self.spec.design()
        self.models: dict[str, ResidualModel] = {}
        self.rows: np.ndarray | None = None

    def fit(self, residual: str, y: np.ndarray) -> Fit:
        if residual == "iid":
            return fit_reml(self.design, y)
        if residual not in self.models:
            structure = make_structure(
                residual, self.spec.frame, self.trial.time_names, self.spec.units
            )
            self.models[residual] = ResidualModel(self.design, structure)
        return self.models[residual].fit(y, zero_variances="keep")

    def contrasts(self, inference: Inference) -> np.ndarray:
        if self.rows is None:
            cells = marginal_cells(self.spec, inference)
            self.rows = np.array([cells[t, "active"] - cells[t, "control"] for t in TIMES])
        return self.rows


def cell(trial: Trial, rows: pd.DataFrame) -> Cell:
    """Return what the trials with these rows share."""
    frame = rows.assign(value=np.arange(len(rows), dtype=float), outcome="score", occasion="")
    return Cell(trial, specify(trial, trial.outcomes[0], frame))


def joint(residual: str, cell: Cell, y: np.ndarray) -> Answer:
    """The joint model with a residual structure, down the ladder where it is not certified."""
    step: str | None = residual
    while step is not None:
        try:
            fit = cell.fit(step, y)
        except ModelError:
            fit = None
        if fit is not None and fit.certificate.holds:
            inference = Inference(fit, "kenward_roger")
            found = inference.estimates(cell.contrasts(inference))
            return found.estimate, found.std_error, found.df, step
        step = SIMPLER.get(step)
    return (*per_time(True, cell, y)[:3], "per_time")


def per_time(two_arms: bool, cell: Cell, y: np.ndarray) -> Answer:
    """Each time alone, fixed participants, of all arms or of the two arms of the contrast only."""
    frame = cell.spec.frame.assign(response=y)
    if two_arms:
        frame = frame[frame["arm"].isin(["control", "active"])]
    crossover = cell.trial.design == "crossover"
    found = [_one_time(frame[frame["time"] == time], crossover) for time in TIMES]
    estimate, std_error, df = np.array(found).T
    return estimate, std_error, df, "per_time"


def _one_time(frame: pd.DataFrame, crossover: bool) -> tuple[float, float, float]:
    counts = frame.groupby("participant", observed=True).size()
    frame = frame[frame["participant"].isin(counts.index[counts > crossover])].copy()
    for name in ("participant", "period", "arm"):
        frame[name] = frame[name].cat.remove_unused_categories()
    terms = [("participant",), ("period",), ("arm",)] if crossover else [("arm",)]
    design = build_design(frame, terms, {})
    try:
        inference = Inference(fit_reml(design, frame["response"].to_numpy(float)), "satterthwaite")
    except ModelError:
        return np.nan, np.nan, np.nan
    cells, rows = reference_grid(design.fixed, ["arm"])
    index = {arm: row for arm, row in zip(cells["arm"], rows, strict=True)}
    found = inference.estimates((index["active"] - index["control"])[None, :])
    return float(found.estimate[0]), float(found.std_error[0]), float(found.df[0])


CANDIDATES: dict[str, Callable[[Cell, np.ndarray], Answer]] = {
    "per_time_two_arms": partial(per_time, True),
    "per_time_pooled": partial(per_time, False),
    **{
        f"joint_{residual}": partial(joint, residual)
        for residual in ("iid", "by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1")
    },
}
