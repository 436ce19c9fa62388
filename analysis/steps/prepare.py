"""Step prepare: a trial's folder -> observations and issues."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import io
from analysis.columns import ISSUES, OBSERVATIONS
from analysis.errors import Issue
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Survey:
    """What a trial's folder holds."""

    observations: pd.DataFrame
    issues: tuple[Issue, ...]


def survey(name: str, files: Mapping[str, bytes], schema: str) -> Survey:
    """Read a trial's files and find every problem in its plan and data, in one pass.

    Parameters
    ----------
    name : str
        Name of the trial.
    files : mapping
        Contents of every file of its folder, trial.yaml included, by relative path.
    schema : str
        Text of the schema of trial.yaml.

    Returns
    -------
    Survey
        Without observations where there is an error.
    """
    reading = read_plan(files["trial.yaml"].decode("utf-8-sig"), schema, name)
    if reading.trial is None:
        return Survey(OBSERVATIONS.from_rows([]), reading.issues)
    taken = take_in(reading.trial, files)
    issues = (*reading.issues, *taken.issues)
    sound = all(issue.severity != "error" for issue in issues)
    return Survey(taken.observations if sound else OBSERVATIONS.from_rows([]), issues)


def prepare(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    issues: str | Path,
    inputs: str | Path,
) -> None:
    """Write a trial's observations, its issues and the SHA-256 of each file that was read.

    Parameters
    ----------
    plan, schema : path
        The trial's trial.yaml, beside which its raw files lie, and the schema.
    observations, issues, inputs : path
        What is written.
    """
    folder = Path(plan).resolve().parent
    files = io.read_folder(folder)
    found = survey(folder.name, files, io.read_text(schema))
    io.write_table(observations, OBSERVATIONS.conform(found.observations))
    io.write_table(issues, ISSUES.from_rows([dataclasses.asdict(each) for each in found.issues]))
    # The sums of what was read, not of what lies there when the report is written.
    io.write_json(
        inputs, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )
