"""The referee: only the two arms of the contrast, at its time alone.

Crossover: y ~ participant + period + arm with fixed participants, on the values of the two arms
at that time. The error then comes from the paired differences of these two arms only, so that the
test is exact when these differences are normal, whatever the spread at other times or in other
arms (Senn 2002, Cross-over Trials in Clinical Research, 2nd ed.). Parallel: analysis of
covariance of the two arms at that time.
"""

from __future__ import annotations

import pandas as pd

from analysis.errors import ModelError
from analysis.inference.estimates import Inference
from analysis.inference.models import has_period
from analysis.inference.sensitivity.answer import Answer, answer_from
from analysis.mixed.design import Term, build_design
from analysis.mixed.hypotheses import reference_grid
from analysis.mixed.reml import fit_reml
from analysis.trial import Trial

UNUSED = ("participant", "period", "arm", "time", "occasion")


def per_time(
    trial: Trial, frame: pd.DataFrame, baseline: str, arm: str, reference: str
) -> Answer | None:
    """Return the contrast from the two arms at one time, None where there is no error to use.

    Parameters
    ----------
    frame : DataFrame
        Rows of one time, from `models.Specification.frame`.
    baseline : str
        Baseline handling of the joint model; the same is used here.
    """
    both = frame[frame["arm"].isin([reference, arm])]
    informative = both if trial.design == "parallel" else _with_both_arms(both)
    levels = [reference, arm]
    data = informative.assign(arm=pd.Categorical(informative["arm"].astype(str), levels))
    for name in UNUSED:
        data[name] = data[name].cat.remove_unused_categories()
    terms = _terms(trial, data, baseline)
    try:
        inference = Inference(
            fit_reml(build_design(data, terms, {}), data["response"].to_numpy(float)),
            "satterthwaite",
        )
    except (ModelError, ValueError):
        return None
    cells, rows = reference_grid(inference.fit.design.fixed, ["arm"])
    found = inference.estimates((rows[1] - rows[0])[None, :])
    words = "value ~ " + " + ".join(":".join(term) for term in terms)
    return answer_from(found, both, informative, words) if cells["arm"].iloc[1] == arm else None


def _with_both_arms(both: pd.DataFrame) -> pd.DataFrame:
    arms = both.groupby("participant", observed=True)["arm"].nunique()
    return both[both["participant"].isin(arms.index[arms == 2])]


def _terms(trial: Trial, data: pd.DataFrame, baseline: str) -> list[Term]:
    terms: list[Term] = [("arm",)]
    if trial.design == "crossover":
        terms = [("participant",), *([("period",)] if _periods(data) else []), ("arm",)]
    if baseline == "within":
        return [*terms, ("baseline_within",)]
    return [*terms, ("baseline",)] if baseline == "covariate" else terms


def _periods(data: pd.DataFrame) -> bool:
    return has_period(data) and data["period"].nunique() > 1
