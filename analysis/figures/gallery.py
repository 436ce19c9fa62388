"""Which figures a trial gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.figures import style
from analysis.figures.drawing import Drawing
from analysis.figures.forest import forest
from analysis.figures.means import marginal_means
from analysis.figures.residuals import residual_plots
from analysis.figures.trajectories import trajectories
from analysis.trial import Outcome, Trial

DESCRIPTION = "description only"  # how the status of contrasts of too few participants begins


def draw(
    trial: Trial,
    outcome: Outcome,
    observations: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> list[Drawing]:
    """Return all figures of an outcome.

    Parameters
    ----------
    observations : DataFrame
        `columns.OBSERVATIONS`.
    tables : mapping
        Tables of the inference room by name: means, contrasts, descriptives, residuals, ... Without
        tables (a trial with errors) there are no figures; an outcome without estimates gets only
        its trajectories.
    """
    return list(_of_outcome(trial, outcome, observations, tables)) if tables else []


def _of_outcome(
    trial: Trial,
    outcome: Outcome,
    observations: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[Drawing]:
    if _has(observations, outcome, "value"):
        yield trajectories(trial, outcome, observations, tables["descriptives"])
    contrasts = _contrasts(tables, outcome)
    if not contrasts["status"].str.startswith(DESCRIPTION).any():
        yield from _of_model(trial, outcome, tables, contrasts)


def _of_model(
    trial: Trial,
    outcome: Outcome,
    tables: Mapping[str, pd.DataFrame],
    contrasts: pd.DataFrame,
) -> Iterator[Drawing]:
    """Draw what rests on the model, which too few participants do not bear."""
    describe = tables["descriptives"]
    if _has(tables["means"], outcome, "estimate"):
        yield marginal_means(trial, outcome, tables["means"], describe, tables["models"])
    if _has(contrasts, outcome, "estimate"):
        yield forest(trial, outcome, contrasts, describe)
    if "residuals" in tables and _has(tables["residuals"], outcome, "residual"):
        yield residual_plots(trial, outcome, tables["residuals"])


def _contrasts(tables: Mapping[str, pd.DataFrame], outcome: Outcome) -> pd.DataFrame:
    """Return the contrasts of an outcome; of a model that is not certified none is ``ok``."""
    own = tables["contrasts"][tables["contrasts"]["outcome"] == outcome.name]
    if style.certified(tables["models"], outcome):
        return own
    return own.assign(status=own["status"].replace("ok", "uncertified"))


def _has(table: pd.DataFrame, outcome: Outcome, column: str) -> bool:
    """Tell whether a table has a number to draw for an outcome."""
    return bool(table.loc[table["outcome"] == outcome.name, column].notna().any())
