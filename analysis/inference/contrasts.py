"""Every arm against every other at each time: the rows of contrasts.csv."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.estimates import Estimates, Inference
from analysis.inference.models import Specification
from analysis.mixed.design import Array
from analysis.mixed.hypotheses import reference_grid
from analysis.trial import Comparison, Outcome, Time, Trial

Row = dict[str, object]
FEW_CROSSOVER = 6
FEW_PER_ARM = 4


@dataclass(frozen=True)
class Contrasts:
    """Contrast rows of one outcome, with what simultaneous adjustment needs."""

    rows: list[Row]
    combinations: Array
    inference: Inference


def pairs(trial: Trial, arms: list[str]) -> list[tuple[str, str]]:
    """Return (arm, reference): each arm against the control, then the other pairs.

    Among the other pairs the later arm of trial.yaml comes first, unless the plan asks for the
    pair the other way round.
    """
    control = trial.control.name
    others = [arm for arm in arms if arm != control]
    first = [(arm, control) for arm in others] if control in arms else []
    planned = {(each.arm, each.reference) for each in trial.plan.comparisons}
    rest = [
        (early, late) if (early, late) in planned else (late, early)
        for index, early in enumerate(others)
        for late in others[index + 1 :]
    ]
    return first + rest


def marginal_cells(spec: Specification, inference: Inference) -> dict[tuple[str, str], Array]:
    """Return the combination of coefficients that is each (time, arm) marginal mean."""
    over_time = "time" in inference.fit.design.fixed.levels
    cells, rows = reference_grid(
        inference.fit.design.fixed, ["time", "arm"] if over_time else ["arm"]
    )
    times = cells["time"] if over_time else [str(spec.frame["time"].iloc[0])] * len(cells)
    return dict(zip(zip(times, cells["arm"], strict=True), rows, strict=True))


def contrast_rows(
    trial: Trial, outcome: Outcome, spec: Specification, inference: Inference
) -> Contrasts:
    """Return the contrasts of one outcome, before any adjustment.

    Each row is the difference of two marginal means, arm - reference, in the outcome's unit.
    """
    cells = marginal_cells(spec, inference)
    asked = [comparison for comparison, _ in wanted(trial, outcome, spec)]
    combinations = np.array([cells[c.time, c.arm] - cells[c.time, c.reference] for c in asked])
    rows = rows_from(trial, outcome, spec, inference.estimates(combinations))
    for row in rows:
        row |= {"df_method": inference.method, "status": row["status"] or inference.fit.status}
    return Contrasts(rows, combinations, inference)


def rows_from(trial: Trial, outcome: Outcome, spec: Specification, found: Estimates) -> list[Row]:
    """Return one row per comparison of `wanted`, from its estimate.

    `status` is empty where nothing speaks against the row; the caller says how it was made.
    """
    low, high = found.interval(1 - trial.plan.alpha)
    few = too_few(trial, spec.frame)
    rows = []
    for index, (comparison, role) in enumerate(wanted(trial, outcome, spec)):
        row = _row(trial, outcome, spec, comparison, role, _at(found, index))
        missing = "" if np.isfinite(found.estimate[index]) else "not estimable"
        rows.append(row | {"ci_low": low[index], "ci_high": high[index], "status": few or missing})
    return rows


def wanted(trial: Trial, outcome: Outcome, spec: Specification) -> Iterator[tuple[Comparison, str]]:
    """Every pair at every time with its role; planned comparisons of another form come last."""
    arms = list(spec.frame["arm"].cat.categories)
    times = list(spec.frame["time"].cat.categories)
    standard = [Comparison(outcome.name, a, r, t) for t in times for a, r in pairs(trial, arms)]
    plan = {each: role for each, role in planned(trial) if each.outcome == outcome.name}
    for comparison in standard:
        role = _default_role(trial.time(comparison.time))
        yield comparison, plan.get(comparison, role)
    for comparison, role in plan.items():
        there = comparison.time in times and {comparison.arm, comparison.reference} <= set(arms)
        if there and comparison not in standard:
            yield comparison, role


def planned(trial: Trial) -> list[tuple[Comparison, str]]:
    """Return the planned comparisons in order of testing, with their roles."""
    first = [] if trial.plan.primary is None else [(trial.plan.primary, "primary")]
    return first + [(each, "secondary") for each in trial.plan.secondary]


def _default_role(time: Time) -> str:
    return "exploratory" if time.role == "outcome" else "negative_control"


def _at(found: Estimates, index: int) -> tuple[float, float, float]:
    return found.estimate[index], found.std_error[index], found.df[index]


def _row(
    trial: Trial,
    outcome: Outcome,
    spec: Specification,
    comparison: Comparison,
    role: str,
    found: tuple[float, float, float],
) -> Row:
    estimate, std_error, df = found
    present = spec.frame[
        (spec.frame["time"] == comparison.time)
        & spec.frame["arm"].isin([comparison.arm, comparison.reference])
    ]
    shift, note = _hypothesis(outcome, comparison)
    statistic = (estimate - shift) / std_error
    test = Estimates(np.array([estimate - shift]), np.array([std_error]), np.array([df]))
    p_value = float(test.p_value[0])
    if comparison.claim == "noninferiority":
        p_value = _toward(outcome, statistic, p_value)
    return {
        "outcome": outcome.name,
        "time": comparison.time,
        "hours": trial.time(comparison.time).hours,
        "arm": comparison.arm,
        "reference": comparison.reference,
        "role": role,
        "estimate": estimate,
        "std_error": std_error,
        "df": df,
        "statistic": statistic,
        "p_value": p_value,
        "p_adjusted": np.nan,
        "adjustment": "none",
        "family": "",
        "family_size": pd.NA,
        "ci_level": 1 - trial.plan.alpha,
        "n_participants": present["participant"].nunique(),
        "unit": outcome.analysis_unit,
        "better": outcome.better,
        "verdict": "",
        "analysis": "noninferiority" if comparison.claim == "noninferiority" else "joint",
        "note": " ".join(part for part in (note, _borrowed(trial, spec, df)) if part),
    }


def _hypothesis(outcome: Outcome, comparison: Comparison) -> tuple[float, str]:
    """Return the difference under the null hypothesis, and its sentence."""
    if comparison.claim == "superiority" or outcome.margin is None:
        return 0.0, ""
    shift = outcome.margin.value * (1 if outcome.better == "lower" else -1)
    return shift, (
        f"Tests that the arm is worse by the margin of {outcome.margin.value:g} "
        f"{outcome.analysis_unit} or more; p is twice the one-sided value."
    )


def _toward(outcome: Outcome, statistic: float, two_sided: float) -> float:
    """Twice the one-sided p-value for the direction that is better than the margin."""
    good = statistic < 0 if outcome.better == "lower" else statistic > 0
    return two_sided if good else min(1.0, 2 - two_sided)


def per_time_error_df(trial: Trial, frame: pd.DataFrame) -> float:
    """Error degrees of freedom of an analysis of one time alone, complete data assumed."""
    n, arms = frame["participant"].nunique(), frame["arm"].nunique()
    if trial.design == "parallel":
        return n - arms
    periods = frame["period"].nunique()
    return (n - 1) * (arms - 1) - (periods - 1)


def _borrowed(trial: Trial, spec: Specification, df: float) -> str:
    alone = per_time_error_df(trial, spec.frame)
    if not df > 2 * alone:
        return ""
    return f"Precision is borrowed from other times: alone, this time would have df {alone:g}."


def too_few(trial: Trial, frame: pd.DataFrame) -> str:
    """Return why these data allow description only, empty where they allow inference."""
    if trial.design == "parallel":
        smallest = frame.groupby("arm", observed=True)["participant"].nunique().min()
        if smallest < FEW_PER_ARM:
            return f"description only: an arm has fewer than {FEW_PER_ARM} participants"
    elif frame["participant"].nunique() < FEW_CROSSOVER:
        return f"description only: fewer than {FEW_CROSSOVER} participants"
    return ""
