"""The tables of one outcome besides its contrasts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.columns import DESCRIPTIVES, RESIDUALS
from analysis.inference.contrasts import Row, marginal_cells
from analysis.inference.estimates import Inference
from analysis.inference.models import Specification, typed
from analysis.mixed.hypotheses import type3_hypotheses
from analysis.trial import Outcome, Trial


def mean_rows(
    trial: Trial, outcome: Outcome, spec: Specification, inference: Inference
) -> list[Row]:
    """Return the estimated marginal mean of each arm at each time beside the observed mean."""
    cells = marginal_cells(spec, inference)
    found = inference.estimates(np.array(list(cells.values())))
    low, high = found.interval(1 - trial.plan.alpha)
    observed = spec.frame.groupby(["time", "arm"], observed=False)["response"]
    seen = observed.agg(["count", "mean", "std"])
    return [
        {
            "outcome": outcome.name,
            "time": time,
            "hours": trial.time(time).hours,
            "arm": arm,
            "n": _participants(spec.frame, time, arm),
            "observed_mean": seen.loc[(time, arm), "mean"],
            "observed_sd": seen.loc[(time, arm), "std"],
            "estimate": found.estimate[index],
            "std_error": found.std_error[index],
            "df": found.df[index],
            "ci_low": low[index],
            "ci_high": high[index],
            "ci_level": 1 - trial.plan.alpha,
            "unit": outcome.analysis_unit,
        }
        for index, (time, arm) in enumerate(cells)
    ]


def _participants(frame: pd.DataFrame, time: str, arm: str) -> int:
    cell = frame[(frame["time"] == time) & (frame["arm"] == arm)]
    return int(cell["participant"].nunique())


def term_rows(
    trial: Trial, outcome: Outcome, spec: Specification, inference: Inference
) -> list[Row]:
    """Return the type III test of each term, and of the arms over the times after treatment.

    The last one leaves out times that no treatment can have affected; `arm` averages over all
    times in the model.
    """
    design = inference.fit.design
    tests = {":".join(term): rows for term, rows in type3_hypotheses(design, spec.frame).items()}
    tests |= _arm_after_treatment(trial, spec, inference)
    found = {name: inference.f_test(rows) for name, rows in tests.items()}
    return [
        {"outcome": outcome.name, "term": name, **test, "df_method": inference.method}
        for name, test in found.items()
        if test is not None
    ]


def _arm_after_treatment(
    trial: Trial, spec: Specification, inference: Inference
) -> dict[str, np.ndarray]:
    cells = marginal_cells(spec, inference)
    wanted = {time.name for time in trial.times_with_role("outcome")}
    times = [time for time in spec.frame["time"].cat.categories if time in wanted]
    if not 0 < len(times) < spec.frame["time"].nunique():
        return {}
    arms = list(spec.frame["arm"].cat.categories)
    means = {arm: sum(cells[time, arm] for time in times) / len(times) for arm in arms}
    rows = np.array([means[arm] - means[arms[0]] for arm in arms[1:]])
    return {"arm, times after treatment": rows}


def variance_rows(trial: Trial, outcome: Outcome, inference: Inference) -> list[Row]:
    """Return the covariance parameters; one at zero stays in the model and says so."""
    fit = inference.fit
    return [
        {
            "outcome": outcome.name,
            "component": name,
            "time": next((t for t in trial.time_names if name.endswith((f"[{t}]", f", {t}]"))), ""),
            "estimate": value,
            "sd": float("nan") if name == "ar1" else float(np.sqrt(value)),
            "note": "at the boundary of zero; kept in the model" if name in fit.at_boundary else "",
        }
        for name, value in fit.variances.items()
    ]


def descriptive_rows(trial: Trial, outcome: Outcome, observations: pd.DataFrame) -> list[Row]:
    """Return what was observed in each arm at each time, no model involved."""
    frame = typed(trial, observations)
    courses = frame[["participant", "period", "arm", "occasion"]].drop_duplicates()
    rows: list[Row] = []
    for time in trial.times:
        for arm in trial.arm_names:
            cell = frame[(frame["time"] == time.name) & (frame["arm"] == arm)].dropna(
                subset="value"
            )
            rows.append(
                {
                    "outcome": outcome.name,
                    "time": time.name,
                    "hours": time.hours,
                    "arm": arm,
                    "n": cell["participant"].nunique(),
                    "n_missing": int((courses["arm"] == arm).sum()) - len(cell),
                    **_summary(cell["value"]),
                    **_limits(outcome, cell["value"]),
                    "unit": outcome.analysis_unit,
                }
            )
    return rows


def _summary(values: pd.Series) -> Row:
    quartiles = values.quantile([0.25, 0.5, 0.75]) if len(values) else pd.Series(3 * [np.nan])
    return {
        "mean": values.mean(),
        "sd": values.std(),
        "median": quartiles.iloc[1],
        "q1": quartiles.iloc[0],
        "q3": quartiles.iloc[2],
        "min": values.min(),
        "max": values.max(),
    }


def _limits(outcome: Outcome, values: pd.Series) -> Row:
    """Count values at the ends of the declared range, which is in the unit of the raw values."""
    if outcome.range is None or outcome.convert_to not in (None, outcome.unit):
        return {"n_floor": pd.NA, "n_ceiling": pd.NA}
    low, high = outcome.range
    return {"n_floor": int((values <= low).sum()), "n_ceiling": int((values >= high).sum())}


def residual_table(outcome: Outcome, spec: Specification, inference: Inference) -> pd.DataFrame:
    """Return fitted values and residuals, participant effects included in the fitted values."""
    fit = inference.fit
    sd = _residual_sd(spec, fit.variances)
    frame = spec.frame[["participant", "period", "arm", "time"]].astype(str)
    return RESIDUALS.conform(
        frame.assign(
            outcome=outcome.name,
            fitted=fit.fitted,
            residual=fit.residuals,
            standardised=np.divide(fit.residuals, sd, where=sd > 0, out=np.full(len(sd), np.nan)),
        )
    )


def _residual_sd(spec: Specification, variances: Mapping[str, float]) -> np.ndarray:
    """Residual standard deviation of every row, by the residual structure."""
    pairs = zip(spec.frame["arm"].astype(str), spec.frame["time"].astype(str), strict=True)
    names = [
        next(
            name
            for name in (f"residual[{arm}, {time}]", f"residual[{time}]", "residual")
            if name in variances
        )
        for arm, time in pairs
    ]
    return np.sqrt([variances[name] for name in names])


def descriptives_table(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    """Return descriptives.csv."""
    rows: list[Row] = []
    for outcome in trial.outcomes:
        rows += descriptive_rows(
            trial, outcome, observations[observations["outcome"] == outcome.name]
        )
    return DESCRIPTIVES.from_rows(rows)
