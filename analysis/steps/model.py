"""Step model: observations -> tables."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.steps.issues import has_errors
from analysis.steps.trials import sound_trial


def model(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    issues: str | Path,
    fit: str | Path,
) -> None:
    """Analyse a trial, or leave the folder empty where the trial has an error.

    Parameters
    ----------
    plan, schema, observations, issues : path
        The trial's trial.yaml, its schema, and what the prepare step wrote.
    fit : path
        Folder for the result tables, and the residuals that only the figures need.
    """
    folder = io.make_folder(fit)
    if has_errors(issues):
        return
    from analysis.inference.analyse import analyse  # slow, and in vain for a trial with errors

    data = io.read_table(observations, OBSERVATIONS)
    results = analyse(sound_trial(plan, schema), data)
    for name, table in results.items():
        io.write_table(folder / f"{name}.csv", table)
