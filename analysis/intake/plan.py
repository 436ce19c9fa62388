"""trial.yaml -> a trial, or everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from analysis.errors import Issue
from analysis.intake.blind import blinded, note
from analysis.intake.codes import capped, has_errors
from analysis.intake.plan_files import CHECKS_OF_FILES
from analysis.intake.plan_model import CHECKS_OF_MODEL
from analysis.intake.plan_names import CHECKS_OF_NAMES
from analysis.intake.schema import Schema
from analysis.intake.typed import type_tree
from analysis.intake.yaml_text import UnreadableError, parse
from analysis.trial import Trial


@dataclass(frozen=True)
class PlanReading:
    """What trial.yaml says: the trial, or None where an issue is an error; and the issues."""

    trial: Trial | None
    issues: tuple[Issue, ...]


def read_plan(text: str | bytes, schema: str, name: str) -> PlanReading:
    """Read trial.yaml and check it against the schema and against itself.

    Parameters
    ----------
    text : str or bytes
        Contents of trial.yaml; bytes that are not UTF-8 become an issue.
    schema : str
        Text of ``workflow/schemas/trial.schema.yaml``.
    name : str
        Name of the trial's folder.

    Returns
    -------
    PlanReading
        Issues are in the order of the lines they are about. The trial of a blinded run has
        letters in place of its arms.
    """
    try:
        typed = type_tree(parse(text), _schema(schema))
    except UnreadableError as problem:
        return PlanReading(None, (problem.issue,))
    found = [*typed.issues, *typed.open]
    for check in (*CHECKS_OF_NAMES, *CHECKS_OF_FILES, *CHECKS_OF_MODEL):
        found += check(typed)
    issues = tuple(capped(sorted(found, key=lambda each: each.row or 0)))
    if has_errors(issues):
        return PlanReading(None, issues)
    trial = Trial.from_mapping(name, _given(typed.raw))
    if trial.blinded:
        trial = blinded(trial)
        issues = (*issues, note(trial, typed.line(("blinded",))))
    return PlanReading(trial, issues)


@lru_cache(maxsize=4)
def _schema(text: str) -> Schema:
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def _given(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Return the entries without those set to null, which mean the default.

    Two nulls say something and stay: an arm without further entries, and a column that does not
    exist.
    """
    if isinstance(value, list):
        return [_given(each, path) for each in value]
    if not isinstance(value, dict):
        return {} if value is None and path[:1] == ("arms",) else value
    keep = path == ("arms",) or (path and path[-1] == "columns" and len(path) in (1, 3))
    return {
        key: _given(inner, (*path, key))
        for key, inner in value.items()
        if inner is not None or keep
    }
