"""Step figures: tables -> pictures, each with its data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.steps.trials import sound_trial
from analysis.steps.workers import side_by_side

if TYPE_CHECKING:
    import pandas as pd

    from analysis.trial import Outcome, Trial

    Tables = Mapping[str, pd.DataFrame]


def figures(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    fit: str | Path,
    figures: str | Path,
    answers: str | Path,
    threads: int = 1,
) -> None:
    """Draw a trial's figures and ask its questions in other ways; nothing if it was not analysed.

    Both wait longest for the same libraries, hence one step.

    Parameters
    ----------
    plan, schema, observations, fit : path
        The trial's trial.yaml, its schema, and what the earlier steps wrote.
    figures : path
        Folder for ``<name>.svg``, ``.png`` and ``.csv``, and figures.json with their texts.
    answers : path
        Folder for sensitivity.csv.
    threads : int
        How many processes may share the work.
    """
    folder, other = io.make_folder(figures), io.make_folder(answers)
    results = io.read_tables(fit)
    if not results:
        return
    # Slow, and in vain for a trial with errors; here, so that every process has it loaded.
    import analysis.figures  # noqa: F401

    trial, data = sound_trial(plan, schema), io.read_table(observations, OBSERVATIONS)
    pictures = [partial(_draw, trial, each, data, results, folder) for each in trial.outcomes]
    asked = partial(_ask, trial, data, results, other)
    *words, _ = side_by_side([*pictures, asked], threads)
    io.write_json(folder / "figures.json", [each for some in words for each in some])


def _draw(
    trial: Trial, outcome: Outcome, data: pd.DataFrame, results: Tables, folder: Path
) -> list[dict[str, str]]:
    """Write the figures of one outcome and return their texts."""
    from analysis.figures import draw

    drawings = draw(trial, outcome, data, results)
    for drawing in drawings:
        io.write_bytes(folder / f"{drawing.name}.svg", drawing.svg())
        io.write_bytes(folder / f"{drawing.name}.png", drawing.png())
        io.write_table(folder / f"{drawing.name}.csv", drawing.data)
    return [drawing.words() for drawing in drawings]


def _ask(trial: Trial, data: pd.DataFrame, results: Tables, folder: Path) -> None:
    from analysis.inference.sensitivity.table import sensitivity

    io.write_table(folder / "sensitivity.csv", sensitivity(trial, data, results["contrasts"]))
