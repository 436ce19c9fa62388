"""A trial that was read, through the later steps: tables, other questions, figures, report."""

from __future__ import annotations

from pathlib import Path

from analysis import io
from analysis.steps.issues import has_errors

FORBIDDEN = ("<script>", "Traceback (most recent")


def analyse(folder: Path, out: Path) -> None:
    """Analyse a trial and write its report, as the workflow does; nothing for one with errors.

    Raises
    ------
    AssertionError
        If a text of the user's reaches the page as code, or a trial with errors has results.
    """
    from analysis.steps.model import model
    from analysis.steps.report import report

    plan, schema = folder / "trial.yaml", io.SCHEMA
    issues, observations = out / "issues.csv", out / "observations.csv"
    fit, tables = out / "fit", out / "tables"
    answers, figures = io.make_folder(out / "answers"), io.make_folder(out / "figures")
    model(plan=plan, schema=schema, observations=observations, issues=issues, fit=fit)
    report(
        plan=plan, schema=schema, issues=issues, inputs=out / "inputs.json", fit=fit,
        answers=answers, figures=figures, tables=tables, page=out / "report.html",
        provenance=out / "provenance.json", summary=out / "summary.json",
    )  # fmt: skip
    page = (out / "report.html").read_text(encoding="utf-8")
    for each in FORBIDDEN:
        assert each not in page, each
    assert not (has_errors(issues) and list(tables.iterdir()))
