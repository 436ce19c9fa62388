"""Tables of what was compared: arms, times and outcomes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import (
    MISSING,
    count,
    plain,
)
from analysis.report.views import Line, View
from analysis.trial import Trial


def arms(trial: Trial) -> View:
    """Return the arms with what is known of the treatment."""
    lines = []
    for arm in trial.arms:
        dose = arm.dose
        lines.append(
            Line(
                (
                    arm.label,
                    "control" if arm.is_control else "treatment",
                    plain(dose.temperature_c if dose else None),
                    plain(dose.minutes if dose else None),
                    plain(dose.delay_h if dose else None),
                )
            )
        )
    head = ("Arm", "Role", "Temperature, °C", "Duration, min", "Delay after exercise, h")
    return View("Arms", head, tuple(lines), text_columns=(0, 1), note=_not_given(lines))


def _not_given(lines: list[Line]) -> str:
    missing = any(MISSING in line.cells for line in lines)
    return f"{MISSING}: not stated in the plan." if missing else ""


def times(trial: Trial, names: Names) -> View:
    """Return the times and what each can show."""
    roles = {
        "baseline": "baseline, before exercise",
        "before_treatment": "after exercise, before treatment: a negative control",
        "outcome": "after treatment: outcome",
    }
    lines = tuple(
        Line(
            (time.label, plain(time.hours), roles[time.role]), "control" * (time.role != "outcome")
        )
        for time in trial.times
    )
    return View("Times", ("Time", "Hours after exercise", "Role"), lines, text_columns=(0, 2))


def outcomes(trial: Trial, tables: Mapping[str, pd.DataFrame]) -> View:
    """Return the outcomes with unit, direction, margin and numbers analysed."""
    models = {row["outcome"]: row for row in tables["models"].to_dict("records")}
    replicates = {
        "mean": "mean of the trials of a visit",
        "best": "best trial of a visit",
        "median": "median of the trials of a visit",
        "error": "one value per visit",
    }
    lines = tuple(
        Line(
            (
                each.label,
                each.analysis_unit,
                each.better,
                MISSING
                if each.range is None
                else f"{plain(each.range[0])} to {plain(each.range[1])}",
                replicates[each.replicates],
                "not declared"
                if each.margin is None
                else f"{plain(each.margin.value)} {each.analysis_unit}: {each.margin.source}",
                count(models.get(each.name, {}).get("n_participants")),
                count(models.get(each.name, {}).get("n_observations")),
            )
        )
        for each in trial.outcomes
    )
    head = (
        "Outcome",
        "Unit",
        "Better",
        "Possible range",
        "Value",
        "Smallest difference that matters, and why",
        "Participants",
        "Values",
    )
    return View("Outcomes", head, lines, kind="prose", text_columns=(0, 1, 2, 3, 4, 5))
