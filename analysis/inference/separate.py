"""Every contrast from its own time and its own two arms.

Used where there is no joint model: small parallel groups, an outcome whose joint model cannot be
certified under any residual structure on the ladder, or at the wish of trial.yaml. Each row is the
referee's exact analysis (`sensitivity.per_time`); nothing is borrowed from other times, so there
are no marginal means, terms or variances to report.
"""

from __future__ import annotations

import numpy as np

from analysis.inference.contrasts import Row, rows_from, wanted
from analysis.inference.estimates import Estimates
from analysis.inference.models import Specification
from analysis.inference.sensitivity.answer import Answer
from analysis.inference.sensitivity.per_time import per_time
from analysis.trial import Comparison, Outcome, Trial

NOTHING = (np.nan, np.nan, np.nan)


def separate_rows(trial: Trial, outcome: Outcome, spec: Specification) -> list[Row]:
    """Return the contrasts of one outcome, each from the two arms at its time alone."""
    answers = [_answer(trial, spec, comparison) for comparison, _ in wanted(trial, outcome, spec)]
    found = np.array([_numbers(answer) for answer in answers])
    rows = rows_from(trial, outcome, spec, Estimates(*found.T))
    for row, answer in zip(rows, answers, strict=True):
        row |= {"df_method": "residual", "status": row["status"] or "ok"}
        row["analysis"] = "per_time" if row["analysis"] == "joint" else row["analysis"]
        if answer is not None and answer.left_out:
            lost = f"Without a value in both arms, so left out: {', '.join(answer.left_out)}."
            row["n_participants"] = answer.n_participants
            row["note"] = " ".join(part for part in (str(row["note"]), lost) if part)
    return rows


def formula_apart(trial: Trial, baseline: str) -> str:
    """Return the model of one comparison in words, with the baseline handling of `models`."""
    response = "value - baseline" if baseline == "change" else "value"
    units = "" if trial.design == "parallel" else "participant + period + "
    covariate = {"within": " + baseline_within", "covariate": " + baseline"}.get(baseline, "")
    return f"{response} ~ {units}arm{covariate}, for two arms at one time"


def _answer(trial: Trial, spec: Specification, comparison: Comparison) -> Answer | None:
    frame = spec.frame[spec.frame["time"] == comparison.time]
    return per_time(trial, frame, spec.baseline, comparison.arm, comparison.reference)


def _numbers(answer: Answer | None) -> tuple[float, float, float]:
    if answer is None or not answer.usable:
        return NOTHING
    found = answer.estimates
    return float(found.estimate[0]), float(found.std_error[0]), float(found.df[0])
