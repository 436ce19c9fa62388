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
    tables: str | Path,
    fit: str | Path,
) -> None:
    """Analyse a trial, or leave both folders empty where the trial has an error.

    Parameters
    ----------
    plan, schema, observations, issues : path
        The trial's trial.yaml, its schema, and what the prepare step wrote.
    tables, fit : path
        Folders for the results and for what only the figures need: the residuals.
    """
    io.make_folder(tables)
    io.make_folder(fit)
    if has_errors(issues):
        return
    from analysis.inference.analyse import analyse  # slow, and in vain for a trial with errors

    data = io.read_table(observations, OBSERVATIONS)
    results = analyse(sound_trial(plan, schema), data)
    for name, table in results.items():
        io.write_table(Path(fit if name == "residuals" else tables, f"{name}.csv"), table)
