"""Which trials there are, and what looks like a trial but is none."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.errors import InputError


def discover(raw: str | Path) -> tuple[list[str], list[str]]:
    """Return the names of the trials below a folder, and hints about its other folders.

    Parameters
    ----------
    raw : path
        The folder that holds one folder per trial.

    Raises
    ------
    InputError
        If there is no trial, or a name in a trial's folder has a brace, which Snakemake would
        take for a placeholder.
    """
    folders = io.folders_in(raw)
    trials = [folder for folder in folders if (folder / "trial.yaml").is_file()]
    if not trials:
        raise InputError(
            f"{raw}: no trials here. A trial is a folder with a trial.yaml and its raw files: "
            f"{raw}/<trial>/trial.yaml."
        )
    for path in (file for folder in trials for file in io.files_below(folder)):
        if set(str(path)) & set("{}"):
            raise InputError(f"{path}: has a brace in its name. Rename it, without {{ and }}.")
    others = [folder for folder in folders if folder not in trials]
    return [folder.name for folder in trials], [_hint(folder) for folder in others]


def _hint(folder: Path) -> str:
    return (
        f"{folder}: not analysed, because it has no trial.yaml. "
        f"To make it a trial, let `python -m analysis init {folder}` draft one."
    )
