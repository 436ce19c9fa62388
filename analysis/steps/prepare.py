"""Step prepare: a trial's folder -> observations and issues."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import io
from analysis.columns import ISSUES, OBSERVATIONS, REPAIRS
from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, has_errors, issue, quoted
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in
from analysis.intake.tabulate import Repair
from analysis.steps.trials import trial_name

if TYPE_CHECKING:
    import pandas as pd


NAME = re.compile("[a-z0-9][a-z0-9_-]*")


@dataclasses.dataclass(frozen=True)
class Survey:
    """What a trial's folder holds."""

    observations: pd.DataFrame
    issues: tuple[Issue, ...]
    repairs: tuple[Repair, ...] = ()


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
    reading = read_plan(files["trial.yaml"], schema, name)
    issues = (*_name_issues(name), *reading.issues)
    if reading.trial is None:
        return Survey(OBSERVATIONS.from_rows([]), issues)
    taken = take_in(reading.trial, files)
    issues = (*issues, *taken.issues)
    observations = OBSERVATIONS.from_rows([]) if has_errors(issues) else taken.observations
    return Survey(observations, issues, taken.repairs)


def _name_issues(name: str) -> list[Issue]:
    if NAME.fullmatch(name):
        return []
    found = f"The trial's folder is called {quoted(name)}. Its name is expected to have only a-z, "
    expected = "0-9, - and _, and to start with a letter or digit."
    return [issue("C05", PLAN_FILE, found + expected, "Rename the folder.", value=name)]


def prepare(
    *,
    plan: str | Path,
    schema: str | Path,
    observations: str | Path,
    issues: str | Path,
    repairs: str | Path,
    inputs: str | Path,
) -> None:
    """Write a trial's observations, issues and repairs, and the SHA-256 of each file it has.

    Parameters
    ----------
    plan, schema : path
        The trial's trial.yaml, beside which its raw files lie, and the schema.
    observations, issues, repairs, inputs : path
        What is written.
    """
    files = io.read_folder(Path(plan).parent)
    found = survey(trial_name(plan), files, io.read_text(schema))
    io.write_table(observations, OBSERVATIONS.conform(found.observations))
    io.write_table(issues, ISSUES.from_rows([dataclasses.asdict(each) for each in found.issues]))
    io.write_table(repairs, REPAIRS.from_rows([dataclasses.asdict(each) for each in found.repairs]))
    # The sums of what was read, not of what lies there when the report is written.
    io.write_json(
        inputs, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    )
