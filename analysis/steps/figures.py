"""Step figures: tables -> pictures, each with its data."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.steps.trials import sound_trial


def figures(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    fit: str | Path,
    figures: str | Path,
    answers: str | Path,
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
    """
    folder, other = io.make_folder(figures), io.make_folder(answers)
    results = io.read_tables(fit)
    if not results:
        return
    from analysis.figures import draw  # slow, and in vain for a trial with errors
    from analysis.inference.sensitivity.table import sensitivity

    trial, data = sound_trial(plan, schema), io.read_table(observations, OBSERVATIONS)
    drawings = draw(trial, data, results)
    for drawing in drawings:
        io.write_bytes(folder / f"{drawing.name}.svg", drawing.svg())
        io.write_bytes(folder / f"{drawing.name}.png", drawing.png())
        io.write_table(folder / f"{drawing.name}.csv", drawing.data)
    io.write_json(folder / "figures.json", [drawing.words() for drawing in drawings])
    asked = sensitivity(trial, data, results["contrasts"])
    io.write_table(other / "sensitivity.csv", asked)
