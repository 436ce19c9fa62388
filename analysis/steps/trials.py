"""What several steps ask about a trial: its plan, and whether it may be analysed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analysis import io
from analysis.errors import InputError
from analysis.intake.plan import PlanReading, read_plan

if TYPE_CHECKING:
    from analysis.trial import Trial


def trial_name(plan: str | Path) -> str:
    """Return the name of the trial that a trial.yaml belongs to: that of its folder."""
    return Path(plan).absolute().parent.name


def read_trial(plan: str | Path, schema: str | Path) -> PlanReading:
    """Read a trial.yaml."""
    return read_plan(io.read_bytes(plan), io.read_text(schema), trial_name(plan))


def sound_trial(plan: str | Path, schema: str | Path) -> Trial:
    """Read a trial.yaml in which the prepare step found no error.

    Raises
    ------
    InputError
        If there is an error in it now.
    """
    trial = read_trial(plan, schema).trial
    if trial is None:
        raise InputError(f"{plan}: was changed during the run. Run Snakemake again.")
    return trial
