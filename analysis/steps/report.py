"""Step report: issues, tables and figures -> one self-contained page."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis import io
from analysis.report.render import render_report
from analysis.steps.issues import read_issues
from analysis.steps.trials import read_trial, trial_name

if TYPE_CHECKING:
    import pandas as pd

    from analysis.errors import Issue
    from analysis.trial import Trial

PACKAGES = (
    "matplotlib",
    "numpy",
    "pandas",
    "pingouin",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
)


def report(
    *,
    plan: str | Path,
    schema: str | Path,
    issues: str | Path,
    inputs: str | Path,
    tables: str | Path,
    figures: str | Path,
    page: str | Path,
    provenance: str | Path,
    summary: str | Path,
) -> None:
    """Write a trial's report, what it was made from, and its line in the index.

    Parameters
    ----------
    plan, schema, issues, inputs, tables, figures : path
        The trial's trial.yaml, its schema, and what the earlier steps wrote.
    page, provenance, summary : path
        What is written.
    """
    reading = read_trial(plan, schema)
    name = trial_name(plan)
    found = read_issues(issues)
    origin = _provenance(io.read_json(inputs))
    results = io.read_tables(tables)
    pictures = _drawings(Path(figures))
    io.write_text(page, render_report(reading.trial, name, found, results, pictures, origin))
    io.write_json(provenance, origin)
    io.write_json(summary, _summary(reading.trial, name, found, results))


def _drawings(folder: Path) -> list[dict[str, str]]:
    listed = folder / "figures.json"
    texts = io.read_json(listed) if listed.is_file() else []
    return [each | {"svg": io.read_text(folder / f"{each['name']}.svg")} for each in texts]


def _provenance(inputs: dict[str, str]) -> dict[str, Any]:
    versions = {name: version(name) for name in PACKAGES}
    return {
        "inputs": inputs,
        "packages": versions | {"python": platform.python_version()},
        "code": {"version": analysis.__version__, "sha256": io.code_sha256()},
        "seed": None,
    }


def _summary(
    trial: Trial | None, name: str, issues: list[Issue], tables: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    counts = Counter(issue.severity for issue in issues)
    return {
        "trial": name,
        "title": trial.title if trial else "",
        "status": "problems" if counts["error"] else "ok",
        "headline": "",
        "n_errors": counts["error"],
        "n_warnings": counts["warning"],
    }
