"""Tables of results: means, contrasts and the planned comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count as count_from
from string import ascii_lowercase
from typing import Any

import pandas as pd

from analysis.report import cautions, wording
from analysis.report.names import Names
from analysis.report.numbers import (
    MISSING,
    count,
    degrees,
    interval,
    interval_of_difference,
    is_missing,
    level,
    number,
    p_value,
)
from analysis.report.verdicts import Planned, Row, claim, in_order
from analysis.report.views import UNRELIABLE, Line, View, rows_of
from analysis.trial import Outcome


def model_row(outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any] | None:
    """Return the row of the models table of an outcome."""
    rows = rows_of(tables["models"], outcome.name)
    return rows[0] if rows else None


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
        caption=f"{_means_of(outcome, tables)}, {outcome.analysis_unit} ({_level(rows)} CI), "
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
        kind="unbroken",
        note="Standard errors, degrees of freedom and observed means are in tables/means.csv. "
        "Grey: before treatment.",
    )


def _means_of(outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> str:
    model = model_row(outcome, tables)
    change = model is not None and model["baseline"] == "change"
    return "Estimated mean changes from baseline" if change else "Estimated marginal means"


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
    marks = _marks(rows)
    adjusted = kind == "planned" and any(not is_missing(row["p_adjusted"]) for row in rows)
    p_head = (
        ("p", "p adjusted") if adjusted else ("p",) if kind == "planned" else ("p (unadjusted)",)
    )
    head = ("Comparison", "Time", f"Difference, {outcome.analysis_unit}", f"{_level(rows)} CI")
    return View(
        caption=caption,
        head=(*head, "SE", "df", "t", *p_head, "n"),
        lines=tuple(_contrast_line(row, adjusted, marks, tables, names) for row in rows),
        note=" ".join(f"({mark}) {note}" if mark else note for note, mark in marks.items()),
        kind=f"contrasts unbroken {kind}",
        text_columns=(0, 1),
    )


def _contrast_line(
    row: dict[str, Any],
    adjusted: bool,
    marks: Mapping[str, str],
    tables: Mapping[str, pd.DataFrame],
    names: Names,
) -> Line:
    digits, alpha = names.digits[row["outcome"]], names.trial.plan.alpha
    few = cautions.too_few(names.trial, row, tables["descriptives"])
    mark = "" if cautions.row_reliable(row, tables) else UNRELIABLE
    if few:
        inference = [MISSING] * (5 + adjusted)
    else:
        inference = [
            interval_of_difference(row["ci_low"], row["ci_high"], digits),
            number(row["std_error"], digits),
            degrees(row["df"]),
            number(row["statistic"], 2),
            p_value(row["p_value"], alpha),
        ]
        inference += [p_value(row["p_adjusted"], alpha)] if adjusted else []
    estimate = number(row["estimate"], digits)
    letter = marks.get(str(row["note"]), "")
    pair = f"{_pair(row, names)} ({letter})" if letter else _pair(row, names)
    cells = (pair, names.time(row["time"]), estimate + mark * (estimate != MISSING))
    kind = "primary" if row["role"] == "primary" else ""
    return Line((*cells, *inference, count(row["n_participants"])), kind)


def _marks(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return the letter of every remark; a remark on all rows needs none."""
    notes = [str(row["note"]) for row in rows if not is_missing(row["note"])]
    distinct = list(dict.fromkeys(notes))
    if len(distinct) == 1 and len(notes) == len(rows):
        return {distinct[0]: ""}
    letters = ascii_lowercase if len(distinct) <= len(ascii_lowercase) else map(str, count_from(1))
    return dict(zip(distinct, letters, strict=False))


def _pair(row: Mapping[str, Any], names: Names) -> str:
    pair = f"{names.arm(row['arm'])} − {names.arm(row['reference'])}"
    return f"{pair} (non-inferiority)" if claim(row) == "noninferiority" else pair


def planned(results: list[Planned], names: Names) -> View:
    """Return all planned comparisons in order of testing, with their results."""
    rows = [dict(each.row) for each in results if each.row is not None]
    adjusted = any(not is_missing(row["p_adjusted"]) for row in rows)
    p_head = ("p", "p adjusted") if adjusted else ("p",)
    return View(
        caption="Planned comparisons in order of testing",
        head=("Step", "Comparison", f"Difference ({_level(rows)} CI)", *p_head, "n", "Result"),
        lines=tuple(
            _planned_line(k, each, adjusted, names) for k, each in enumerate(results, start=1)
        ),
        kind="planned",
        text_columns=(0, 1, 5 + adjusted),
    )


def _planned_line(step: int, each: Planned, adjusted: bool, names: Names) -> Line:
    arm, reference = names.pair(each.comparison)
    asked = wording.claim_words(each)
    what = f"{names.measure(each.comparison)}: {arm} − {reference}"
    cells = [
        "1 (primary)" if step == 1 else f"{step}",
        what if asked == "difference" else f"{what} ({asked})",
    ]
    row = each.row
    if row is None or is_missing(row["estimate"]):
        cells += [MISSING] * (3 + adjusted)
    else:
        cells += _planned_numbers(each, row, adjusted, names.digits[row["outcome"]])
    return Line((*cells, wording.outcome_of_test(each, names)), "primary" if step == 1 else "")


def _planned_numbers(each: Planned, row: Row, adjusted: bool, digits: int) -> list[str]:
    mark = "" if in_order(row) else UNRELIABLE
    estimate = f"{number(row['estimate'], digits)}{mark} {row['unit']}"
    p = [p_value(row[name], each.alpha) for name in ("p_value", "p_adjusted")[: 1 + adjusted]]
    if each.few:
        p = [MISSING] * len(p)
    else:
        limits = interval_of_difference(row["ci_low"], row["ci_high"], digits)
        estimate = f"{estimate} ({limits})"
    return [estimate, *p, count(row["n_participants"])]
