"""Models with a variance per visit, or arm and visit, and autocorrelation, against nlme."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from analysis.errors import ModelError
from analysis.inference.estimates import Inference
from analysis.mixed.fit import Fit
from analysis.mixed.residual import ResidualModel, fit_residual, problem
from analysis.mixed.structures import make_structure
from tests.benchmarks.timing import REngine, Turns, human, seconds, table
from tests.benchmarks.trials import CASES, TIMES, Array, Case

# Each structure and the seed of its errors. nlme gives up on many trials of the last one, the
# default of the pipeline for crossovers; on this one it does not.
KINDS = {"by_time": 4, "by_time_ar1": 4, "by_arm_time_ar1": 6}
SPREAD = (0.7, 1.0, 1.2, 1.6, 1.4, 0.9)  # standard deviation of the visits
CORRELATION = 0.4
ROUNDS = 3
MANY = 100  # responses of one design
THEIRS = "nlme::lme, no df"
FIT, CONTRASTS, EACH = "fit", "with Kenward-Roger", f"each of {MANY} responses"
NOT_COMPILED = "fit, not compiled"
OURS = (FIT, CONTRASTS, EACH, NOT_COMPILED)


def structures(r: REngine | None, rounds: int = ROUNDS) -> str:
    """Time one fit, the same with all contrasts, and many fits, for each structure and trial."""
    rows = []
    for case in CASES:
        for kind in KINDS:
            rows.append([case.name, kind, *_row(case, kind, r, rounds)])
    names = [THEIRS] if r is not None else []
    extra = [f"nlme / {name}" for name in OURS] + ["nlme's criterion above ours"]
    header = ["trial", "residual", *names, *OURS]
    return table([*header, *(extra if r is not None else [])], rows)


def _row(case: Case, kind: str, r: REngine | None, rounds: int) -> list[str]:
    turns, frame = Turns(), correlated(case, KINDS[kind])
    many = np.array([correlated(case, seed)["y"] for seed in range(10, 10 + MANY)])
    jobs: dict[str, Callable[[], object]] = {
        FIT: lambda: fitted(case, frame, kind),
        CONTRASTS: lambda: contrasts(case, frame, kind),
    }
    gap = ""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = Path(folder) / "trial.csv", Path(folder) / "criterion"
        frame.to_csv(file, index=False)
        for _ in range(rounds):
            if r is not None:
                turns.add(THEIRS, r.ask("lme", file, 2, kind, answer))
            for name, job in jobs.items():
                turns.add(name, seconds(job))
            turns.add(EACH, seconds(lambda: fitted_many(case, frame, kind, many), 0.01) / MANY)
            turns.add(NOT_COMPILED, seconds(lambda: by_numpy(case, frame, kind)))
        if r is not None:
            gap = f"{float(answer.read_text()) - fitted(case, frame, kind).criterion:.0e}"
    times = [human(turns.median(each)) for each in turns.times]
    ratios = [turns.ratio(THEIRS, name) for name in OURS] if r is not None else []
    return [*times, *ratios, *([gap] if r is not None else [])]


def correlated(case: Case, seed: int = 4) -> pd.DataFrame:
    """Return a case's rows with errors whose spread differs by visit and that correlate."""
    frame = case.frame.copy()
    rng = np.random.default_rng(seed)
    unit = frame.groupby(["participant", "period"], observed=True).ngroup().to_numpy()
    visit = frame["time"].cat.codes.to_numpy()
    lags = np.abs(np.subtract.outer(range(len(TIMES)), range(len(TIMES))))
    root = np.linalg.cholesky(CORRELATION**lags)
    errors = rng.normal(size=(unit.max() + 1, len(TIMES))) @ root.T * SPREAD
    person = frame["participant"].cat.codes.to_numpy()
    own, shared = rng.normal(size=person.max() + 1), rng.normal(size=unit.max() + 1)
    frame["y"] = 50 + own[person] + 0.7 * shared[unit] + errors[unit, visit]
    return frame


def fitted(case: Case, frame: pd.DataFrame, kind: str) -> Fit:
    """From the data frame to estimates, their covariance, variances, criterion and certificate."""
    structure = make_structure(kind, frame, TIMES)
    return fit_residual(case.design(frame), frame["y"].to_numpy(float), structure)


def by_numpy(case: Case, frame: pd.DataFrame, kind: str) -> Fit:
    """The same where nothing has been compiled."""
    with mock.patch.object(problem, "kernel_for", lambda *_: None):
        return fitted(case, frame, kind)


def fitted_many(case: Case, frame: pd.DataFrame, kind: str, y: Array) -> list[Fit | ModelError]:
    """From the data frame and responses, (R, N), to the same for each."""
    structure = make_structure(kind, frame, TIMES)
    return ResidualModel(case.design(frame), structure).fit_many(y)


def contrasts(case: Case, frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """From the data frame to the table of contrasts with Kenward-Roger's adjustments."""
    fit = fitted(case, frame, kind)
    found = Inference(fit, "kenward_roger").estimates(case.contrasts(fit.design)[:18])
    names = ("estimate", "std_error", "df", "p_value")
    return pd.DataFrame({name: getattr(found, name) for name in names})
