"""Step sensitivity: the same questions asked in other ways."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.steps.trials import sound_trial


def sensitivity(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    fit: str | Path,
    answers: str | Path,
) -> None:
    """Write the other answers, or leave the folder empty where the trial was not analysed.

    Parameters
    ----------
    plan, schema, observations, fit : path
        The trial's trial.yaml, its schema, and what the earlier steps wrote.
    answers : path
        Folder for sensitivity.csv.
    """
    folder = io.make_folder(answers)
    results = io.read_tables(fit)
    if not results:
        return
    from analysis.inference.sensitivity.table import sensitivity as ask

    data = io.read_table(observations, OBSERVATIONS)
    table = ask(sound_trial(plan, schema), data, results["contrasts"])
    io.write_table(folder / "sensitivity.csv", table)
