"""sensitivity.csv: every contrast beside the other answers to its question."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.columns import SENSITIVITY
from analysis.inference.contrasts import Row
from analysis.inference.models import Specification, specify
from analysis.inference.sensitivity.answer import Answer
from analysis.inference.sensitivity.classical_t import classical_t
from analysis.inference.sensitivity.per_time import per_time
from analysis.trial import Trial


def sensitivity(trial: Trial, observations: pd.DataFrame, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Return sensitivity.csv: the other answers to every question contrasts.csv answers.

    Parameters
    ----------
    observations : DataFrame
        As in `columns.OBSERVATIONS`.
    contrasts : DataFrame
        As in `columns.CONTRASTS`.
    """
    rows: list[Row] = []
    for outcome in trial.outcomes:
        asked = contrasts[contrasts["outcome"] == outcome.name].to_dict("records")
        own = observations[observations["outcome"] == outcome.name]
        if any(row["status"] != "not estimable" for row in asked):
            spec = specify(trial, outcome, own)
            rows += sensitivity_rows(
                trial, spec, [{str(k): v for k, v in r.items()} for r in asked]
            )
    return SENSITIVITY.from_rows(rows)


def sensitivity_rows(trial: Trial, spec: Specification, contrasts: list[Row]) -> list[Row]:
    """Return the other answers to each of an outcome's contrasts.

    Parameters
    ----------
    contrasts : list of rows
        As in contrasts.csv.
    """
    rows = []
    for contrast in contrasts:
        if contrast["analysis"] != "noninferiority":
            found = dict(_answers(trial, spec, contrast))
            rows += [_row(trial, contrast, name, each) for name, each in found.items()]
    return rows


def _answers(trial: Trial, spec: Specification, contrast: Row) -> Iterator[tuple[str, Answer]]:
    frame = spec.frame[spec.frame["time"] == contrast["time"]]
    arm, reference = str(contrast["arm"]), str(contrast["reference"])
    if contrast["analysis"] != "per_time":
        referee = per_time(trial, frame, spec.baseline, arm, reference)
        if referee is not None and referee.usable:
            yield "per_time", referee
    classical = classical_t(trial, frame, arm, reference)
    if classical is not None and classical.usable:
        yield "paired_t" if trial.design == "crossover" else "welch_t", classical


def _row(trial: Trial, contrast: Row, analysis: str, answer: Answer) -> Row:
    found = answer.estimates
    level = 1 - trial.plan.alpha
    low, high = found.interval(level)
    copied = ("outcome", "time", "hours", "arm", "reference", "role", "unit")
    return {name: contrast[name] for name in copied} | {
        "analysis": analysis,
        "estimate": found.estimate[0],
        "std_error": found.std_error[0],
        "df": found.df[0],
        "statistic": found.statistic[0],
        "p_value": found.p_value[0],
        "ci_low": low[0],
        "ci_high": high[0],
        "ci_level": level,
        "n_participants": answer.n_participants,
        "left_out": " ".join(answer.left_out),
        "agreement": _agreement(trial, contrast, answer),
        "note": answer.note,
    }


def _agreement(trial: Trial, contrast: Row, answer: Answer) -> str:
    """Say whether the two answers lie on the same side of zero and of alpha."""
    estimate, p = float(str(contrast["estimate"])), float(str(contrast["p_value"]))
    other, other_p = answer.estimates.estimate[0], answer.estimates.p_value[0]
    alpha = trial.plan.alpha
    if not (estimate == estimate and p == p):
        return "the main analysis has no estimate"
    if estimate * other < 0:
        return "differs: the estimates have opposite signs"
    if (p <= alpha) != (other_p <= alpha):
        only = "the main analysis" if p <= alpha else "this analysis"
        return f"differs: only {only} has p of at most {alpha:g}"
    return "agrees"
