"""The report of a trial. No clock times, so reruns are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.report import (
    cautions,
    details,
    methods,
    other_ways,
    plan,
    problems,
    provenance,
    results,
    setting,
    verdicts,
    wording,
)
from analysis.report.names import Names
from analysis.report.page import page
from analysis.report.pictures import pictures_of
from analysis.report.verdicts import Planned
from analysis.rounding import decimals

if TYPE_CHECKING:
    import pandas as pd

    from analysis.errors import Issue
    from analysis.trial import Outcome, Trial

Tables = Mapping[str, "pd.DataFrame"]
EXPLORATORY = "exploratory: no analysis plan was declared"


def render_report(
    trial: Trial | None,
    name: str,
    issues: Sequence[Issue],
    tables: Tables,
    drawings: Sequence[Mapping[str, str]],
    facts: Mapping[str, Any],
) -> str:
    """Return the report of a trial as one self-contained HTML page.

    Parameters
    ----------
    trial : Trial or None
        None where trial.yaml could not be read.
    name : str
        Name of the trial's folder.
    issues : sequence of Issue
        With an error among them the page shows the problems and no results.
    tables : mapping
        Tables of the inference room by name; empty where the trial was not analysed.
    drawings : sequence of mappings
        Figures as ``name, svg, title, alt, caption``.
    facts : mapping
        Contents of provenance.json.
    """
    shared = {
        "title": trial.title if trial else name,
        "name": name,
        "trial": trial,
        "issues": problems.view(issues),
        "issue_words": problems.summary(issues),
        "provenance": provenance.views(facts),
    }
    if trial is None or problems.n_of(issues, "error") or not tables:
        return page("problems.html.j2", **shared, headline=headline(trial, issues, tables))
    return page("report.html.j2", **shared, **_results(trial, tables, drawings))


def headline(trial: Trial | None, issues: Sequence[Issue], tables: Tables) -> str:
    """Return one sentence on a trial: what keeps it from being analysed, or its answer."""
    errors = problems.n_of(issues, "error")
    if trial is None or errors or not tables:
        found = problems.counted(errors, "error") if errors else "no results"
        return f"Not analysed: {found} in the data or the plan."
    answers = plan.planned_comparisons(trial, tables)
    if not answers:
        return f"{EXPLORATORY.capitalize()}."
    return wording.conclusion(answers[0], _names(trial, tables))


def _names(trial: Trial, tables: Tables) -> Names:
    describe = tables["descriptives"]
    return Names(trial, {each.name: decimals(describe, each.name) for each in trial.outcomes})


def _results(trial: Trial, tables: Tables, drawings: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    names = _names(trial, tables)
    planned = plan.planned_comparisons(trial, tables)
    people = tables["models"]["n_participants"].max()
    return {
        "design": methods.design_words(trial),
        "description": [" ".join(each.split()) for each in trial.description.split("\n\n")],
        "n_participants": 0 if people != people else int(people),
        "order_banner": methods.order_banner(trial),
        "exploratory": "" if planned else EXPLORATORY,
        "answer": _answer(planned[0], names, tables) if planned else None,
        "planned": results.planned(planned, names) if planned else None,
        "rule": plan.rule_words(trial),
        "unblinded": wording.UNBLINDED,
        "settings": [
            setting.arms(trial),
            setting.times(trial, names),
            setting.outcomes(trial, tables),
        ],
        "outcomes": [_outcome(trial, each, tables, drawings, names) for each in trial.outcomes],
        "level_words": _levels(tables),
    }


def _answer(primary: Planned, names: Names, tables: Tables) -> dict[str, Any]:
    return {
        "verdict": verdicts.verdict(primary),
        "question": wording.question(primary, names),
        "conclusion": wording.conclusion(primary, names),
        "evidence": wording.evidence(primary, names),
        "margin": wording.margin_remark(primary, names),
        "other_ways": other_ways.remark(primary, tables, names),
        "margin_source": plan.margin_source(names.trial, primary.comparison),
        "controls": plan.negative_controls(names, primary.comparison, tables),
    }


def _outcome(
    trial: Trial,
    outcome: Outcome,
    tables: Tables,
    drawings: Sequence[Mapping[str, str]],
    names: Names,
) -> dict[str, Any]:
    model = results.model_row(outcome, tables)
    own = tables["variances"][tables["variances"]["outcome"] == outcome.name]
    described_only = cautions.described_only(trial, outcome, tables)
    return {
        "name": outcome.name,
        "label": outcome.label,
        "cautions": cautions.of_outcome(trial, outcome, tables, names),
        "pictures": _pictures(outcome, drawings, described_only),
        "means": None if described_only else results.means(outcome, tables, names),
        "contrasts": results.contrasts(outcome, tables, names),
        "other_ways": None if described_only else other_ways.table(outcome, tables, names),
        "terms": None if described_only else details.terms(outcome, tables),
        "variances": None if described_only else details.variances(outcome, tables, names),
        "unreliable": not cautions.reliable(outcome.name, tables),
        "boundary": methods.boundary_remark(own, model) if model else "",
        "model": methods.model_words(trial, model) if model else [],
        "descriptives": details.descriptives(outcome, tables, names),
    }


def _pictures(
    outcome: Outcome, drawings: Sequence[Mapping[str, str]], described_only: bool
) -> dict[str, Any]:
    found = pictures_of(outcome.name, drawings)
    # With too few participants the figures with intervals would claim what the text does not.
    shown = [each for each in found if not described_only or each.kind == "trajectories"]
    return {
        "results": [each for each in shown if each.kind != "residuals"],
        "residuals": [each for each in shown if each.kind == "residuals"],
    }


def _levels(tables: Tables) -> str:
    found = sorted({float(each) for each in tables["contrasts"]["ci_level"].dropna()})
    return " or ".join(f"{round(100 * each, 4):g}" for each in found) or "95"
