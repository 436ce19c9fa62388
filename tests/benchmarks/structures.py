"""Models with a variance per visit and autocorrelation, against nlme."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.inference.estimates import Inference
from analysis.mixed.residual import fit_residual
from analysis.mixed.structures import make_structure
from analysis.trial import DfMethod
from tests.benchmarks.timing import REngine, Turns, human, seconds, table
from tests.benchmarks.trials import CASES, TIMES, Case

KINDS = ("by_time", "by_time_ar1")
METHODS: dict[str, DfMethod] = {"Kenward-Roger": "kenward_roger", "Satterthwaite": "satterthwaite"}
SPREAD = (0.7, 1.0, 1.2, 1.6, 1.4, 0.9)  # standard deviation of the visits
CORRELATION = 0.4
ROUNDS = 5
THEIRS = "nlme::lme, no df"


def structures(r: REngine | None, rounds: int = ROUNDS) -> str:
    """Time one fit with all contrasts for each structure and trial."""
    rows = []
    for case in CASES:
        for kind in KINDS:
            rows.append([case.name, kind, *_row(case, kind, r, rounds)])
    names = [THEIRS] if r is not None else []
    extra = [f"nlme / with {name}" for name in METHODS] + ["nlme's criterion above ours"]
    return table(["trial", "residual", *names, *METHODS, *(extra if r is not None else [])], rows)


def _row(case: Case, kind: str, r: REngine | None, rounds: int) -> list[str]:
    turns, frame = Turns(), correlated(case)
    gap = ""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = Path(folder) / "trial.csv", Path(folder) / "criterion"
        frame.to_csv(file, index=False)
        for _ in range(rounds):
            if r is not None:
                turns.add(THEIRS, r.ask("lme", file, 2, kind, answer))
            for name, method in METHODS.items():
                job = lambda method=method: contrasts(case, frame, kind, method)  # noqa: E731
                turns.add(name, seconds(job))
        if r is not None:
            gap = f"{float(answer.read_text()) - _criterion(case, frame, kind):.0e}"
    times = [human(turns.median(each)) for each in turns.times]
    ratios = [turns.ratio(THEIRS, name) for name in METHODS] if r is not None else []
    return [*times, *ratios, *([gap] if r is not None else [])]


def correlated(case: Case) -> pd.DataFrame:
    """Return a case's rows with errors whose spread differs by visit and that correlate."""
    frame = case.frame.copy()
    rng = np.random.default_rng(4)
    unit = frame.groupby(["participant", "period"], observed=True).ngroup().to_numpy()
    visit = frame["time"].cat.codes.to_numpy()
    lags = np.abs(np.subtract.outer(range(len(TIMES)), range(len(TIMES))))
    root = np.linalg.cholesky(CORRELATION**lags)
    errors = rng.normal(size=(unit.max() + 1, len(TIMES))) @ root.T * SPREAD
    person = frame["participant"].cat.codes.to_numpy()
    own, shared = rng.normal(size=person.max() + 1), rng.normal(size=unit.max() + 1)
    frame["y"] = 50 + own[person] + 0.7 * shared[unit] + errors[unit, visit]
    return frame


def contrasts(case: Case, frame: pd.DataFrame, kind: str, method: DfMethod) -> pd.DataFrame:
    """From the data frame to the table of contrasts."""
    design = case.design(frame)
    structure = make_structure(kind, frame, TIMES)
    fit = fit_residual(design, frame["y"].to_numpy(float), structure)
    found = Inference(fit, method).estimates(case.contrasts(design)[:18])
    names = ("estimate", "std_error", "df", "p_value")
    return pd.DataFrame({name: getattr(found, name) for name in names})


def _criterion(case: Case, frame: pd.DataFrame, kind: str) -> float:
    structure = make_structure(kind, frame, TIMES)
    return fit_residual(case.design(frame), frame["y"].to_numpy(float), structure).criterion
