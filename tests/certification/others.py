"""The same trials by lme4 and statsmodels; whose criterion is lower.

The restricted likelihood is evaluated here at the variances the others report, so that it does not
matter how each counts its constants or which dependent columns it leaves out.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.inference.models import Specification
from analysis.inference.second_opinion import _fit_statsmodels
from analysis.mixed.criterion import evaluate, reduce
from analysis.mixed.fit import Fit
from analysis.mixed.reml import fit_reml
from tests.certification.trials import RandomTrial, draw_trial

Array = NDArray[np.float64]
COLUMNS = ["participant", "period", "arm", "time", "response"]


@dataclass(frozen=True)
class Comparison:
    """Criteria of one other program, less ours, by trial; not a number where it failed."""

    program: str
    excess: Array

    def share_above(self, gap: float) -> float:
        """Share of trials it failed to fit or left more than `gap` above our criterion."""
        return float(1 - (self.excess <= gap).mean())


def fitted_trials(seed: int, count: int) -> list[tuple[RandomTrial, Fit]]:
    """Return the first trials that have an optimum, with our fits."""
    found: list[tuple[RandomTrial, Fit]] = []
    number = 0
    while len(found) < count:
        trial = draw_trial(seed, number)
        number += 1
        try:
            found.append((trial, fit_reml(trial.design, trial.y)))
        except ModelError:
            continue
    return found


def _excess(trial: RandomTrial, fit: Fit, relative: Array) -> float:
    problem, *_ = reduce(trial.design, trial.y)
    return evaluate(problem, relative).value + problem.constant() - fit.criterion


def against_lme4(pairs: list[tuple[RandomTrial, Fit]]) -> Comparison | None:
    """Fit the trials by lmer in one R process; None where there is no R with lme4."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        rows, models, answer = (Path(folder) / name for name in ("rows", "models", "answer"))
        frames = [trial.frame[COLUMNS].assign(trial=trial.number) for trial, _ in pairs]
        pd.concat([frame.astype({"response": float}) for frame in frames]).to_csv(
            rows, index=False, float_format="%.17g"
        )
        pd.DataFrame([_model_line(trial) for trial, _ in pairs]).to_csv(models, index=False)
        script = Path(__file__).with_name("lmer.R")
        command = ["Rscript", "--vanilla", str(script), str(rows), str(models), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        theirs = pd.read_csv(answer).set_index("trial")["theta"].to_dict()
    excess = [
        _excess(trial, fit, np.array(str(theirs[trial.number]).split(), float) ** 2)
        if trial.number in theirs
        else np.nan
        for trial, fit in pairs
    ]
    return Comparison(done.stdout.strip(), np.array(excess))


def _model_line(trial: RandomTrial) -> dict[str, object]:
    fixed = " + ".join(["1", *(":".join(term) for term in trial.terms)])
    return {"trial": trial.number, "fixed": fixed, "random": "|".join(trial.components)}


def against_statsmodels(pairs: list[tuple[RandomTrial, Fit]]) -> Comparison:
    """Fit the trials by statsmodels MixedLM as the second opinion of the report does."""
    from importlib.metadata import version

    excess = []
    for trial, fit in pairs:
        components = {name: tuple(by) for name, by in trial.components.items()}
        spec = Specification(trial.frame, trial.terms, components, (), "none", "common", "iid", ())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = _fit_statsmodels(spec, fit)
            excess.append(_excess(trial, fit, found.relative_variances))
        except Exception:  # it fails in many ways, each of them a miss
            excess.append(np.nan)
    return Comparison(f"statsmodels {version('statsmodels')}", np.array(excess))
