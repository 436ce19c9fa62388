"""Tables of results: means, contrasts and the planned comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.report import cautions, wording
from analysis.report.names import Names
from analysis.report.numbers import (
    MISSING,
    count,
    degrees,
    interval,
    is_missing,
    level,
    number,
    p_value,
)
from analysis.report.verdicts import Planned, Row
from analysis.report.views import UNRELIABLE, Line, View, rows_of
from analysis.trial import Outcome


def _level(rows: list[dict[str, Any]]) -> str:
    found = sorted({level(row["ci_level"]) for row in rows if not is_missing(row["ci_level"])})
    return " or ".join(found) or MISSING


def means(outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names) -> View | None:
    """Return estimated means: times down, arms across."""
    rows = rows_of(tables["means"], outcome.name)
    if not rows:
        return None
    digits = names.digits[outcome.name]
    mark = "" if cautions.reliable(outcome.name, tables) else UNRELIABLE
    cells = {(row["time"], row["arm"]): _mean_cell(row, digits, mark) for row in rows}
    times = [time for time in names.trial.times if any(key[0] == time.name for key in cells)]
    arms = [arm for arm in names.trial.arms if any(key[1] == arm.name for key in cells)]
    return View(
        caption=f"Estimated marginal means, {outcome.analysis_unit} ({_level(rows)} CI), "
        "participants",
        head=("Time", *(arm.label for arm in arms)),
        lines=tuple(
            Line(
                (
                    names.time(time.name),
                    *(cells.get((time.name, arm.name), MISSING) for arm in arms),
                ),
                "" if time.role == "outcome" else "control",
            )
            for time in times
        ),
        note="Standard errors, degrees of freedom and observed means are in tables/means.csv. Grey: "
        "before treatment.",
    )


def _mean_cell(row: Mapping[str, Any], digits: int, mark: str) -> str:
    if is_missing(row["estimate"]):
        return f"{MISSING}, n = {count(row['n'])}"
    limits = interval(row["ci_low"], row["ci_high"], digits)
    return f"{number(row['estimate'], digits)}{mark} ({limits}), n = {count(row['n'])}"


def contrasts(outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names) -> list[View]:
    """Return the contrasts of an outcome in three tables: planned, negative controls, the rest."""
    rows = rows_of(tables["contrasts"], outcome.name)
    groups: dict[str, list[dict[str, Any]]] = {"planned": [], "light": [], "control": []}
    for row in rows:
        groups[_group(row, names)].append(row)
    captions = {
        "planned": "Planned comparisons",
        "light": "Estimation only: exploratory comparisons, not adjusted for their number",
        "control": "Negative controls: differences before treatment, where nothing is an effect",
    }
    return [
        _contrast_view(outcome, group, captions[kind], kind, tables, names)
        for kind, group in groups.items()
        if group
    ]


def _group(row: Mapping[str, Any], names: Names) -> str:
    if row["role"] == "negative_control":
        return "control"
    has_plan = names.trial.plan.primary is not None
    return "planned" if has_plan and row["role"] in ("primary", "secondary") else "light"


def _contrast_view(
    outcome: Outcome,
    rows: list[dict[str, Any]],
    caption: str,
    kind: str,
    tables: Mapping[str, pd.DataFrame],
    names: Names,
) -> View:
    adjusted = kind == "planned" and any(not is_missing(row["p_adjusted"]) for row in rows)
    p_head = (
        ("p", "p adjusted") if adjusted else ("p",) if kind == "planned" else ("p, unadjusted",)
    )
    head = ("Comparison", "Time", f"Difference, {outcome.analysis_unit}", f"{_level(rows)} CI")
    return View(
        caption=caption,
        head=(*head, "SE", "df", "t", *p_head, "n"),
        lines=tuple(_contrast_line(row, adjusted, tables, names) for row in rows),
        note=_notes(rows),
        kind=kind,
        text_columns=(0, 1),
    )


def _contrast_line(
    row: dict[str, Any], adjusted: bool, tables: Mapping[str, pd.DataFrame], names: Names
) -> Line:
    digits, alpha = names.digits[row["outcome"]], names.trial.plan.alpha
    few = cautions.too_few(names.trial, row, tables["descriptives"])
    mark = "" if cautions.row_reliable(row, tables) else UNRELIABLE
    if few:
        inference = [MISSING] * (5 + adjusted)
    else:
        inference = [
            interval(row["ci_low"], row["ci_high"], digits),
            number(row["std_error"], digits),
            degrees(row["df"]),
            number(row["statistic"], 2),
            p_value(row["p_value"], alpha),
        ]
        inference += [p_value(row["p_adjusted"], alpha)] if adjusted else []
    pair = f"{names.arm(row['arm'])} − {names.arm(row['reference'])}"
    estimate = number(row["estimate"], digits)
    cells = (pair, names.time(row["time"]), estimate + mark * (estimate != MISSING))
    kind = "primary" if row["role"] == "primary" else ""
    return Line((*cells, *inference, count(row["n_participants"])), kind)


def _notes(rows: list[dict[str, Any]]) -> str:
    return " ".join(dict.fromkeys(str(row["note"]) for row in rows if not is_missing(row["note"])))


def planned(results: list[Planned], names: Names) -> View:
    """Return all planned comparisons in order of testing, with their results."""
    return View(
        caption="All planned comparisons, in order of testing",
        head=(
            "Step",
            "Outcome and time",
            "Comparison",
            "Claim",
            "Difference (CI)",
            "p",
            "p adjusted",
            "n",
            "Result",
        ),
        lines=tuple(_planned_line(k, each, names) for k, each in enumerate(results, start=1)),
        kind="planned",
        text_columns=(0, 1, 2, 3, 8),
    )


def _planned_line(step: int, each: Planned, names: Names) -> Line:
    arm, reference = names.pair(each.comparison)
    primary = names.trial.plan.primary == each.comparison and step == 1
    start = (
        f"{step}, primary" if primary else str(step),
        names.measure(each.comparison),
        f"{arm} − {reference}",
        wording.claim_words(each),
    )
    row = each.row
    if row is None or is_missing(row["estimate"]):
        numbers: tuple[str, ...] = (MISSING,) * 4
    else:
        numbers = _planned_numbers(each, row, names.digits[row["outcome"]])
    return Line((*start, *numbers, wording.outcome_of_test(each, names)), "primary" * primary)


def _planned_numbers(each: Planned, row: Row, digits: int) -> tuple[str, ...]:
    mark = "" if row["status"] == "ok" else UNRELIABLE
    estimate = f"{number(row['estimate'], digits)}{mark} {row['unit']}"
    n = count(row["n_participants"])
    if each.few:
        return (estimate, MISSING, MISSING, n)
    limits = interval(row["ci_low"], row["ci_high"], digits)
    return (
        f"{estimate} ({limits})",
        p_value(row["p_value"], each.alpha),
        p_value(row["p_adjusted"], each.alpha),
        n,
    )
