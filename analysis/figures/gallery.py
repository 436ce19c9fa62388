"""Which figures a trial gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.figures.drawing import Drawing
from analysis.figures.forest import forest
from analysis.figures.means import marginal_means
from analysis.figures.residuals import residual_plots
from analysis.figures.trajectories import trajectories
from analysis.trial import Outcome, Trial


def draw(
    trial: Trial, observations: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> list[Drawing]:
    """Return all figures of a trial, outcome by outcome.

    Parameters
    ----------
    observations : DataFrame
        `columns.OBSERVATIONS`.
    tables : mapping
        Tables of the inference room by name: means, contrasts, descriptives, residuals, ... Without
        tables (a trial with errors) there are no figures; an outcome without estimates gets only
        its trajectories.
    """
    if not tables:
        return []
    return [
        drawing
        for outcome in trial.outcomes
        for drawing in _of_outcome(trial, outcome, observations, tables)
    ]


def _of_outcome(
    trial: Trial,
    outcome: Outcome,
    observations: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[Drawing]:
    describe = tables["descriptives"]
    if _has(observations, outcome, "value"):
        yield trajectories(trial, outcome, observations, describe)
    if _has(tables.get("means"), outcome, "estimate"):
        yield marginal_means(trial, outcome, tables["means"], describe)
    if _has(tables.get("contrasts"), outcome, "estimate"):
        yield forest(trial, outcome, tables["contrasts"], describe)
    if _has(tables.get("residuals"), outcome, "residual"):
        yield residual_plots(trial, outcome, tables["residuals"])


def _has(table: pd.DataFrame | None, outcome: Outcome, column: str) -> bool:
    """Tell whether a table has a number to draw for an outcome."""
    if table is None:
        return False
    return bool(table.loc[table["outcome"] == outcome.name, column].notna().any())
