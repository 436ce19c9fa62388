"""One trial's observations -> all of its result tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis import __version__, columns
from analysis.errors import ModelError
from analysis.inference.claims import adjust_apart, adjust_within_outcome, settle
from analysis.inference.contrasts import Row, contrast_rows
from analysis.inference.estimates import Inference
from analysis.inference.fitting import Fitted, fit_certified
from analysis.inference.models import PER_TIME, Specification, specify
from analysis.inference.second_opinion import second_opinion
from analysis.inference.separate import formula_apart, separate_rows
from analysis.inference.tables import (
    descriptives_table,
    mean_rows,
    residual_table,
    term_rows,
    variance_rows,
)
from analysis.trial import Outcome, Trial

NO_OPINION = "Second opinion: statsmodels MixedLM has one residual variance only."
ENGINE = f"analysis.mixed {__version__}"


@dataclass
class _Results:
    """Rows of every table, outcome after outcome."""

    means: list[Row] = field(default_factory=list)
    contrasts: list[Row] = field(default_factory=list)
    terms: list[Row] = field(default_factory=list)
    variances: list[Row] = field(default_factory=list)
    models: list[Row] = field(default_factory=list)
    residuals: list[pd.DataFrame] = field(default_factory=list)


def analyse(trial: Trial, observations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Fit every outcome and return the trial's tables by name.

    Parameters
    ----------
    trial : Trial
        The trial and its plan.
    observations : DataFrame
        As in `columns.OBSERVATIONS`.

    Returns
    -------
    dict of str to DataFrame
        means, contrasts, terms, variances, models, descriptives and residuals, as declared in
        `analysis.columns`. An outcome that cannot be analysed has rows in models (which
        says why) and descriptives only, and does not take the others with it.
    """
    results = _Results()
    for outcome in trial.outcomes:
        try:
            own = observations[observations["outcome"] == outcome.name]
            _one_outcome(trial, outcome, own, results)
        except ModelError as problem:
            results.models.append(_unfitted(trial, outcome, f"Not analysed: {problem}"))
    empty = columns.RESIDUALS.from_rows([])
    return {
        "means": columns.MEANS.from_rows(results.means),
        "contrasts": settle(trial, results.contrasts),
        "terms": columns.TERMS.from_rows(results.terms),
        "variances": columns.VARIANCES.from_rows(results.variances),
        "models": columns.MODELS.from_rows(results.models),
        "descriptives": descriptives_table(trial, observations),
        "residuals": pd.concat([*results.residuals], ignore_index=True)
        if results.residuals
        else empty,
    }


def _one_outcome(
    trial: Trial, outcome: Outcome, observations: pd.DataFrame, results: _Results
) -> None:
    spec = specify(trial, outcome, observations)
    if spec.residual == PER_TIME:
        _separately(trial, outcome, spec, "", results)
        return
    try:
        fitted = fit_certified(trial, spec)
    except ModelError as problem:
        _separately(trial, outcome, spec, str(problem), results)
        return
    inference = Inference(fitted.fit, trial.model.df)
    contrasts = contrast_rows(trial, outcome, spec, inference)
    results.contrasts += adjust_within_outcome(trial, contrasts)
    results.means += mean_rows(trial, outcome, spec, inference)
    results.terms += term_rows(trial, outcome, spec, inference)
    results.variances += variance_rows(trial, outcome, inference)
    results.residuals.append(residual_table(outcome, spec, inference))
    results.models.append(_model_row(outcome, spec, fitted, trial.model.df))


def _separately(
    trial: Trial, outcome: Outcome, spec: Specification, why: str, results: _Results
) -> None:
    """Enter the per-time analyses of an outcome; `why` its joint model could not be certified."""
    rows = separate_rows(trial, outcome, spec)
    if not any(np.isfinite(float(str(row["p_value"]))) for row in rows):
        raise ModelError(why or "No two arms have enough values at any time.")
    results.contrasts += adjust_apart(trial, rows)
    notes = list(spec.notes)
    if why:
        notes += [why, "Each contrast was therefore analysed from its two arms at its time alone."]
    if trial.plan.simultaneous:
        rule = trial.plan.multiplicity
        notes.append(f"Without a joint model, Holm's method takes the place of {rule}.")
    results.models.append(
        _unfitted(trial, outcome, " ".join(notes))
        | {
            "formula": formula_apart(trial, spec.baseline),
            "residual": PER_TIME,
            "baseline": spec.baseline,
            "period": spec.period,
            "df_method": "residual",
            "n_observations": len(spec.frame),
            "n_participants": spec.frame["participant"].nunique(),
            "converged": True,
            "simplified_from": spec.residual if why else "",
        }
    )


def _model_row(outcome: Outcome, spec: Specification, fitted: Fitted, df_method: str) -> Row:
    fit = fitted.fit
    opinion = second_opinion(spec, fit) if fitted.residual == "iid" else NO_OPINION
    notes = [*spec.notes, *fitted.steps, *_boundary_note(fit.at_boundary), opinion]
    return {
        "outcome": outcome.name,
        "formula": spec.formula,
        "residual": fitted.residual,
        "baseline": spec.baseline,
        "period": spec.period,
        "df_method": df_method,
        "n_observations": fit.design.n_rows,
        "n_participants": spec.frame["participant"].nunique(),
        "reml_criterion": fit.criterion,
        "converged": fit.certificate.holds,
        "singular": bool(fit.at_boundary),
        "simplified_from": spec.residual if fitted.steps else "",
        "engine": ENGINE,
        "note": " ".join(note for note in notes if note),
    }


def _boundary_note(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    return [f"Variance estimated as zero and kept in the model: {', '.join(names)}."]


def _unfitted(trial: Trial, outcome: Outcome, note: str) -> Row:
    return {
        "outcome": outcome.name,
        "formula": "",
        "residual": "",
        "baseline": "",
        "period": "",
        "df_method": trial.model.df,
        "n_observations": 0,
        "n_participants": 0,
        "reml_criterion": None,
        "converged": False,
        "singular": False,
        "simplified_from": "",
        "engine": ENGINE,
        "note": note,
    }
