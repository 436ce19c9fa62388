"""Step report: issues, tables and figures -> one self-contained page."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis import io
from analysis.inference.multiplicity import SEED
from analysis.report.render import headline, render_report
from analysis.steps.issues import read_issues
from analysis.steps.trials import read_trial, trial_name

if TYPE_CHECKING:
    from analysis.trial import Trial

VERIFIED = io.ROOT / "data" / "processed" / "verified.json"  # written by analysis.verify
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
    fit: str | Path,
    answers: str | Path,
    figures: str | Path,
    tables: str | Path,
    page: str | Path,
    provenance: str | Path,
    summary: str | Path,
) -> None:
    """Publish a trial's tables; write its report, its provenance and its line in the index.

    Parameters
    ----------
    plan, schema, issues, inputs, fit, answers, figures : path
        The trial's trial.yaml, its schema, and what the earlier steps wrote.
    tables, page, provenance, summary : path
        What is written; `tables` is a folder, empty where the trial was not analysed.
    """
    trial = read_trial(plan, schema).trial
    name = trial_name(plan)
    found = read_issues(issues)
    results = io.read_tables(fit) | io.read_tables(answers)
    results.pop("residuals", None)
    folder = io.make_folder(tables)
    for stem, table in results.items():
        io.write_table(folder / f"{stem}.csv", table)
    facts = _facts(io.read_json(inputs), seed(trial))
    pictures = _drawings(Path(figures))
    io.write_text(page, render_report(trial, name, found, results, pictures, facts))
    io.write_json(provenance, facts)
    counts = Counter(issue.severity for issue in found)
    line = {
        "trial": name,
        "title": trial.title if trial else name,
        "status": "problems" if counts["error"] else "ok",
        "headline": headline(trial, found, results),
        "n_errors": counts["error"],
        "n_warnings": counts["warning"],
    }
    io.write_json(summary, line)


def _drawings(folder: Path) -> list[dict[str, str]]:
    listed = folder / "figures.json"
    texts = io.read_json(listed) if listed.is_file() else []
    return [each | {"svg": io.read_text(folder / f"{each['name']}.svg")} for each in texts]


def seed(trial: Trial | None) -> int | None:
    """Return the seed behind a trial's numbers; None where nothing was drawn at random."""
    return SEED if trial is not None and trial.plan.simultaneous else None


def _facts(inputs: dict[str, str], seed: int | None) -> dict[str, Any]:
    versions = {name: version(name) for name in PACKAGES}
    code = io.code_sha256()
    return {
        "inputs": inputs,
        "packages": versions | {"python": platform.python_version()},
        "code": {"version": analysis.__version__, "sha256": code},
        "seed": seed,
        "numbers": _verified(code, versions),
    }


def _verified(code: str, versions: dict[str, str]) -> str:
    """Return what `python -m analysis verify` found, if it was this code with these packages."""
    known = io.read_json(VERIFIED) if VERIFIED.is_file() else {}
    holds = known.get("passed") and known["sha256"] == code
    if holds and known["packages"].items() <= versions.items():
        return str(known["sentence"])
    return "Not verified with this code and these packages: run `python -m analysis verify`."
