"""Tables behind the results: model terms, variation and what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import (
    MISSING,
    count,
    degrees,
    is_missing,
    number,
    p_value,
    plain,
    significant,
)
from analysis.report.views import Line, View, rows_of
from analysis.trial import Outcome


def terms(outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> View | None:
    """Return the tests of the model's terms."""
    rows = rows_of(tables["terms"], outcome.name)
    if not rows:
        return None
    return View(
        caption="Model terms, each tested with all others in the model (type III)",
        head=("Term", "df", "Denominator df", "F", "p"),
        lines=tuple(
            Line(
                (
                    row["term"],
                    degrees(row["df_num"]),
                    degrees(row["df_den"]),
                    number(row["statistic"], 2),
                    p_value(row["p_value"]),
                )
            )
            for row in rows
        ),
        note="These tests range over all times in the model and answer no planned question.",
    )


def variances(outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names) -> View | None:
    """Return variance and correlation parameters."""
    rows = rows_of(tables["variances"], outcome.name)
    if not rows:
        return None
    digits = names.digits[outcome.name]
    return View(
        caption=f"Variation: standard deviations in {outcome.analysis_unit}, and correlations",
        head=("Component", "Time", "Standard deviation", "Variance or correlation", "Remark"),
        lines=tuple(
            Line(
                (
                    row["component"],
                    MISSING if is_missing(row["time"]) else names.time(row["time"]),
                    number(row["sd"], digits + 1),
                    significant(row["estimate"]),
                    "" if is_missing(row["note"]) else row["note"],
                )
            )
            for row in rows
        ),
        text_columns=(0, 1, 4),
    )


def descriptives(outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names) -> View | None:
    """Return what was observed: times down, one line per arm."""
    rows = rows_of(tables["descriptives"], outcome.name)
    if not rows:
        return None
    scale = outcome.range is not None
    ends = ("At lower end", "At upper end") if scale else ()
    return View(
        caption=f"Observed values, {outcome.analysis_unit}",
        head=("Time", "Arm", "n", "Missing", "Mean (SD)", "Median (quartiles)", "Range", *ends),
        lines=tuple(_descriptive_line(row, scale, names) for row in rows),
        note=missing_words(rows),
        kind="unbroken",
        text_columns=(0, 1),
    )


def _descriptive_line(row: Mapping[str, Any], scale: bool, names: Names) -> Line:
    digits = names.digits[row["outcome"]]

    def shown(name: str) -> str:
        return number(row[name], digits)

    empty = is_missing(row["mean"])
    ends = (count(row["n_floor"]), count(row["n_ceiling"])) if scale else ()
    cells = (
        names.time(row["time"]),
        names.arm(row["arm"]),
        count(row["n"]),
        count(row["n_missing"]),
        MISSING if empty else f"{shown('mean')} ({shown('sd')})",
        MISSING if empty else f"{shown('median')} ({shown('q1')} to {shown('q3')})",
        MISSING
        if empty
        else f"{plain(round(row['min'], digits))} to {plain(round(row['max'], digits))}",
        *ends,
    )
    return Line(cells, "" if names.trial.time(row["time"]).role == "outcome" else "control")


def missing_words(rows: list[dict[str, Any]]) -> str:
    """Return how many of the scheduled values are missing."""
    missing = sum(int(row["n_missing"]) for row in rows if not is_missing(row["n_missing"]))
    total = missing + sum(int(row["n"]) for row in rows if not is_missing(row["n"]))
    if not missing:
        return f"None of {total} scheduled values is missing."
    return (
        f"{missing} of {total} scheduled values are missing. The model uses every value there is "
        "and assumes that what is missing can be told from what was observed (missing at random)."
    )
