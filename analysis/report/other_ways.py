"""Other ways to ask the planned questions, beside the model that was planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import (
    count,
    degrees,
    interval_of_difference,
    is_missing,
    level,
    number,
    p_value,
    p_words,
)
from analysis.report.verdicts import Planned, has_interval, in_order
from analysis.report.views import UNRELIABLE, Line, View, rows_of
from analysis.trial import Outcome

WAYS = {
    "joint": "planned model",
    "per_time": "this time alone",
    "paired_t": "paired t test",
    "welch_t": "Welch t test",
}
_SAME = ("time", "arm", "reference")


def table(outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names) -> View | None:
    """Return the planned comparisons of an outcome, each as several analyses answer it.

    Without a plan these are the comparisons with the control after treatment.
    """
    if "sensitivity" not in tables:
        return None
    answers = rows_of(tables["contrasts"], outcome.name)
    wanted = [row for row in answers if _has_other_ways(row) and _is_asked(row, names)]
    others = rows_of(tables["sensitivity"], outcome.name)
    groups = [(row, [each for each in others if _same(row, each)]) for row in wanted]
    lines = [line for row, ways in groups if ways for line in _lines(row, ways, names)]
    if not lines:
        return None
    return View(
        caption="The same questions asked in other ways",
        head=(
            "Comparison",
            "Analysis",
            f"Difference, {outcome.analysis_unit}",
            f"{level(wanted[0]['ci_level'])} CI",
            "df",
            "p (unadjusted)",
            "n",
            "Agreement",
        ),
        lines=tuple(lines),
        kind="contrasts ways",
        text_columns=(0, 1, 7),
        note="They show whether the answer hangs on the model; the planned model stays the answer. "
        "All comparisons are in tables/sensitivity.csv.",
    )


def _has_other_ways(row: Mapping[str, Any]) -> bool:
    return bool(row["analysis"] != "noninferiority")


def _is_asked(row: Mapping[str, Any], names: Names) -> bool:
    plan = names.trial.plan
    if plan.primary is None:
        after = names.trial.time(row["time"]).role == "outcome"
        return after and row["reference"] == names.trial.control.name
    return any(
        (each.outcome, each.time, each.arm, each.reference)
        == (row["outcome"], row["time"], row["arm"], row["reference"])
        for each in plan.comparisons
    )


def _same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(row[name] == other[name] for name in _SAME)


def _lines(row: Mapping[str, Any], ways: list[dict[str, Any]], names: Names) -> list[Line]:
    what = f"{names.arm(row['arm'])} − {names.arm(row['reference'])} at {names.time(row['time'])}"
    mark = "" if in_order(row) else UNRELIABLE
    return [_line(what, row, mark, names), *(_line(what, way, "", names) for way in ways)]


def _line(what: str, row: Mapping[str, Any], mark: str, names: Names) -> Line:
    digits = names.digits[row["outcome"]]
    return Line(
        (
            what,
            WAYS.get(row["analysis"], row["analysis"]),
            f"{number(row['estimate'], digits)}{mark}",
            interval_of_difference(row["ci_low"], row["ci_high"], digits),
            degrees(row["df"]),
            p_value(row["p_value"], names.trial.plan.alpha),
            count(row["n_participants"]),
            str(row.get("agreement", "")),
        ),
        "primary" if row["role"] == "primary" and "agreement" not in row else "",
    )


def remark(primary: Planned, tables: Mapping[str, pd.DataFrame], names: Names) -> str:
    """Return what other analyses of the primary comparison say; empty where there are none."""
    row = primary.row
    usable = row is not None and has_interval(row) and in_order(row) and not primary.few
    if row is None or not usable or not _has_other_ways(row) or "sensitivity" not in tables:
        return ""
    others = rows_of(tables["sensitivity"], str(row["outcome"]))
    ways = [each for each in others if _same(row, each) and has_interval(each)]
    if not ways:
        return ""
    text = "; ".join(_short(each, names) for each in ways)
    differing = any(str(each["agreement"]) != "agrees" for each in ways)
    ending = " The planned analysis stays the answer, but it is a less certain one." * differing
    return f"The same question asked in other ways: {text}.{ending}"


def _short(row: Mapping[str, Any], names: Names) -> str:
    digits = names.digits[row["outcome"]]
    limits = interval_of_difference(row["ci_low"], row["ci_high"], digits)
    way = WAYS.get(row["analysis"], row["analysis"])
    estimate = f"{number(row['estimate'], digits)} {row['unit']}"
    p = p_words(row["p_value"], names.trial.plan.alpha)
    agreement = "" if is_missing(row["agreement"]) else f", {row['agreement']}"
    return f"{way} {estimate} ({level(row['ci_level'])} CI {limits}; {p}){agreement}"
