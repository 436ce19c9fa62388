"""Step report: issues, tables and figures -> one self-contained page."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import analysis
from analysis import io
from analysis.columns import ISSUES
from analysis.report.render import headline, render_report
from analysis.steps.trials import read_trial, trial_name

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
    trial = read_trial(plan, schema).trial
    name = trial_name(plan)
    found = io.read_table(issues, ISSUES)
    results = io.read_tables(tables)
    facts = _facts(io.read_json(inputs))
    pictures = _drawings(Path(figures))
    io.write_text(page, render_report(trial, name, found, results, pictures, facts))
    io.write_json(provenance, facts)
    counts = found["severity"].value_counts()
    line = {
        "trial": name,
        "title": trial.title if trial else name,
        "status": "problems" if "error" in counts else "ok",
        "headline": headline(trial, found, results),
        "n_errors": int(counts.get("error", 0)),
        "n_warnings": int(counts.get("warning", 0)),
    }
    io.write_json(summary, line)


def _drawings(folder: Path) -> list[dict[str, str]]:
    listed = folder / "figures.json"
    texts = io.read_json(listed) if listed.is_file() else []
    return [each | {"svg": io.read_text(folder / f"{each['name']}.svg")} for each in texts]


def _facts(inputs: dict[str, str]) -> dict[str, Any]:
    versions = {name: version(name) for name in PACKAGES}
    return {
        "inputs": inputs,
        "packages": versions | {"python": platform.python_version()},
        "code": {"version": analysis.__version__, "sha256": io.code_sha256()},
        "seed": None,
    }
