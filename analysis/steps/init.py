"""Command init: the raw files of a folder -> a draft of its trial.yaml."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.draft.build import drafted
from analysis.draft.summary import summary
from analysis.draft.text import trial_yaml
from analysis.errors import InputError
from analysis.intake.codes import PLAN_FILE


def init(folder: str | Path) -> list[str]:
    """Write the draft of a trial's trial.yaml and return what was understood, line by line.

    Parameters
    ----------
    folder : path
        The trial's folder with its raw files.

    Raises
    ------
    InputError
        If there is no such folder, a trial.yaml already, or nothing to make a draft of.
    """
    place = Path(folder)
    if (place / PLAN_FILE).is_file():
        raise InputError(
            f"{place / PLAN_FILE}: is there already, and nothing is overwritten. "
            "Rename it first to make a new draft."
        )
    files = io.read_folder(place)
    if not files:
        raise InputError(f"{place}: no files here. Name the folder that holds a trial's raw files.")
    draft = drafted(place.absolute().name, files)
    text, questions = trial_yaml(draft)
    io.write_text(place / PLAN_FILE, text)
    return [*summary(draft, questions), f"Written: {place / PLAN_FILE}"]
