"""A made-up crossover trial with every table, for the tests of figures and report.

The numbers hang together (contrasts are paired differences of the made-up values), but no model
stands behind them: only the layout of the tables and their coherence matter here.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from analysis import columns
from analysis.trial import Comparison, Trial

RAW: dict[str, Any] = {
    "title": "Far-infrared and whole-body cryotherapy after a simulated trail run",
    "design": "crossover",
    "randomised": True,
    "description": "Numbers made up for the tests.",
    "columns": {
        "participant": "athlete",
        "arm": "condition",
        "time": "timepoint",
        "period": "week",
    },
    "arms": {
        "passive": {"label": "Passive rest", "role": "control"},
        "fir": {"label": "Far-infrared", "dose": {"temperature_c": 45, "minutes": 20}},
        "cryo": {
            "label": "Whole-body cryotherapy",
            "dose": {"temperature_c": -110, "minutes": 3, "delay_h": 0},
        },
    },
    "times": {
        "pre": {"hours": -1, "role": "baseline"},
        "post": {"hours": 0, "role": "before_treatment"},
        "1h": {"hours": 1},
        "24h": {"hours": 24},
        "48h": {"hours": 48},
        "72h": {"hours": 72},
    },
    "outcomes": {
        "soreness": {
            "label": "Muscle soreness",
            "file": "soreness.csv",
            "value": "vas",
            "unit": "mm",
            "range": [0, 100],
            "better": "lower",
            "margin": {"value": 10, "source": "a convention for pain scales"},
        },
        "jump": {
            "label": "Countermovement jump height",
            "file": "jump.csv",
            "value": "height",
            "unit": "cm",
            "range": [3, 110],
            "better": "higher",
            "replicates": "mean",
        },
    },
    "plan": {
        "primary": {"outcome": "soreness", "arm": "fir", "reference": "passive", "time": "24h"},
        "secondary": [
            {"outcome": "jump", "arm": "fir", "reference": "passive", "time": "24h"},
            {
                "outcome": "soreness",
                "arm": "fir",
                "reference": "cryo",
                "time": "1h",
                "claim": "noninferiority",
            },
        ],
        "multiplicity": "fixed_sequence",
        "alpha": 0.05,
    },
}

COURSE = {"soreness": [1, 24, 30, 46, 38, 15], "jump": [38.5, 34.8, 34.5, 35.4, 36.2, 38.0]}
EFFECT = {"soreness": {"fir": -12.0, "cryo": -5.0}, "jump": {"fir": 0.9, "cryo": 0.4}}
NOISE = {"soreness": [1, 8, 9, 14, 13, 9], "jump": [1.0, 1.4, 1.4, 1.6, 1.5, 1.2]}


def make_trial(**changes: Any) -> Trial:
    """Return the made-up trial, with top-level keys of its trial.yaml replaced."""
    return Trial.from_mapping("fake", {**RAW, **changes})


def make_observations(trial: Trial, n: int = 12, seed: int = 3) -> pd.DataFrame:
    """Return observations of `n` participants, three of them with a missing visit."""
    rng = np.random.default_rng(seed)
    rows = []
    for outcome in trial.outcomes:
        own = rng.normal(0, NOISE[outcome.name][3] * 0.6, n)
        for who in range(n):
            for turn, arm in enumerate(np.roll(trial.arm_names, who)):
                for k, time in enumerate(trial.times):
                    effect = EFFECT[outcome.name].get(str(arm), 0.0) if k > 1 else 0.0
                    value = COURSE[outcome.name][k] + effect + own[who] * (k > 0)
                    value += rng.normal(0, NOISE[outcome.name][k])
                    low, high = outcome.range or (-np.inf, np.inf)
                    value = (
                        float(np.clip(np.round(value, int(outcome.name == "jump")), low, high))
                        + 0.0
                    )
                    gone = (who, k) in {(2, 4), (5, 5), (7, 3)} and turn == 1
                    rows.append(
                        {
                            "trial": trial.name,
                            "outcome": outcome.name,
                            "participant": f"A{who + 1:02d}",
                            "sequence": "",
                            "period": str(turn + 1),
                            "arm": str(arm),
                            "time": time.name,
                            "hours": time.hours,
                            "value": np.nan if gone else value,
                            "unit": outcome.unit,
                            "n_replicates": 0 if gone else 1,
                            "source_file": outcome.file,
                            "source_rows": "2",
                        }
                    )
    return columns.OBSERVATIONS.from_rows(rows)


def _interval(estimate: float, se: float, df: float) -> dict[str, float]:
    half = float(student.ppf(0.975, df)) * se
    return {"ci_low": estimate - half, "ci_high": estimate + half, "ci_level": 0.95}


def _cell(observations: pd.DataFrame, outcome: str, time: str, arm: str) -> pd.Series:
    chosen = observations.query("outcome == @outcome and time == @time and arm == @arm")
    return chosen.set_index("participant")["value"]


def make_means(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for outcome in trial.outcomes:
        for time in trial.times:
            for arm in trial.arm_names:
                value = _cell(observations, outcome.name, time.name, arm).dropna()
                se = float(value.std() / np.sqrt(len(value)))
                rows.append(
                    {
                        "outcome": outcome.name,
                        "time": time.name,
                        "hours": time.hours,
                        "arm": arm,
                        "n": len(value),
                        "observed_mean": value.mean(),
                        "observed_sd": value.std(),
                        "estimate": value.mean(),
                        "std_error": se,
                        "df": len(value) - 1.0,
                        **_interval(float(value.mean()), se, len(value) - 1),
                        "unit": outcome.unit,
                    }
                )
    return columns.MEANS.from_rows(rows)


def make_descriptives(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for outcome in trial.outcomes:
        low, high = outcome.range or (np.nan, np.nan)
        for time in trial.times:
            for arm in trial.arm_names:
                every = _cell(observations, outcome.name, time.name, arm)
                value = every.dropna()
                rows.append(
                    {
                        "outcome": outcome.name,
                        "time": time.name,
                        "hours": time.hours,
                        "arm": arm,
                        "n": len(value),
                        "n_missing": len(every) - len(value),
                        "mean": value.mean(),
                        "sd": value.std(),
                        "median": value.median(),
                        "q1": value.quantile(0.25),
                        "q3": value.quantile(0.75),
                        "min": value.min(),
                        "max": value.max(),
                        "n_floor": int((value == low).sum()),
                        "n_ceiling": int((value == high).sum()),
                        "unit": outcome.unit,
                    }
                )
    return columns.DESCRIPTIVES.from_rows(rows)


def make_row(**changes: Any) -> dict[str, Any]:
    """Return one contrasts row: the planned one of the fake trial, with columns replaced."""
    row: dict[str, Any] = {
        "outcome": "soreness",
        "time": "24h",
        "hours": 24.0,
        "arm": "fir",
        "reference": "passive",
        "role": "primary",
        "estimate": -8.2,
        "std_error": 2.9,
        "df": 18.3,
        "df_method": "kenward_roger",
        "statistic": -2.83,
        "p_value": 0.011,
        "p_adjusted": np.nan,
        "adjustment": "none",
        "family": "",
        "family_size": pd.NA,
        "ci_low": -14.3,
        "ci_high": -2.1,
        "ci_level": 0.95,
        "n_participants": 12,
        "unit": "mm",
        "better": "lower",
        "verdict": "superior",
        "analysis": "joint",
        "status": "ok",
        "note": "",
    }
    return {**row, **changes}


def _contrast(
    trial: Trial, observations: pd.DataFrame, outcome: str, time: str, arm: str, reference: str
) -> dict[str, Any]:
    difference = (
        _cell(observations, outcome, time, arm) - _cell(observations, outcome, time, reference)
    ).dropna()
    n = len(difference)
    estimate, se = float(difference.mean()), float(difference.std() / np.sqrt(n))
    statistic = estimate / se if se else np.nan
    known = trial.outcome(outcome)
    return make_row(
        outcome=outcome,
        time=time,
        hours=trial.time(time).hours,
        arm=arm,
        reference=reference,
        role="exploratory" if trial.time(time).role == "outcome" else "negative_control",
        estimate=estimate,
        std_error=se,
        df=n - 1.0,
        statistic=statistic,
        p_value=2 * float(student.sf(abs(statistic), n - 1)) if se else np.nan,
        **_interval(estimate, se, n - 1),
        n_participants=n,
        unit=known.unit,
        better=known.better,
        verdict="",
    )


def _planned(trial: Trial, row: dict[str, Any], plan: Comparison, rank: int) -> dict[str, Any]:
    good = row["estimate"] < 0 if row["better"] == "lower" else row["estimate"] > 0
    verdict = ("superior" if good else "inferior") if row["p_value"] <= 0.05 else ""
    if plan.claim == "noninferiority":
        worst = row["ci_high"] if row["better"] == "lower" else -row["ci_low"]
        margin = trial.outcome(plan.outcome).margin
        verdict = "noninferior" if margin and worst < margin.value else ""
    return {
        **row,
        "role": "primary" if rank == 0 else "secondary",
        "verdict": verdict or "inconclusive",
        "adjustment": trial.plan.multiplicity,
        "family": "planned comparisons in order",
        "family_size": len(trial.plan.comparisons),
        "analysis": "noninferiority" if plan.claim == "noninferiority" else "joint",
    }


def make_contrasts(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    control = trial.control.name
    others = [name for name in trial.arm_names if name != control]
    pairs = [(arm, control) for arm in others]
    pairs += [(a, b) for i, a in enumerate(others) for b in others[i + 1 :]]
    found = {
        (outcome.name, time.name, *pair): _contrast(
            trial, observations, outcome.name, time.name, *pair
        )
        for outcome in trial.outcomes
        for time in trial.times
        for pair in pairs
    }
    extra = []
    for rank, plan in enumerate(trial.plan.comparisons):
        key = (plan.outcome, plan.time, plan.arm, plan.reference)
        row = _planned(trial, found[key], plan, rank)
        if plan.claim == "noninferiority":
            extra.append(row)
        else:
            found[key] = row
    return columns.CONTRASTS.from_rows([*found.values(), *extra])


def make_models(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    return columns.MODELS.from_rows(
        [
            {
                "outcome": outcome.name,
                "formula": "value ~ arm*time + period + (1 | participant) "
                "+ (1 | participant:period)",
                "residual": "by_time_ar1",
                "baseline": "none",
                "period": "main",
                "df_method": "kenward_roger",
                "n_observations": int(
                    observations.query("outcome == @outcome.name")["value"].count()
                ),
                "n_participants": observations["participant"].nunique(),
                "reml_criterion": 1734.25,
                "converged": True,
                "singular": False,
                "simplified_from": "",
                "engine": "own",
                "note": "baseline auto: none, because most baselines sit at the floor.",
            }
            for outcome in trial.outcomes
        ]
    )


def make_terms(trial: Trial) -> pd.DataFrame:
    return columns.TERMS.from_rows(
        [
            {
                "outcome": outcome.name,
                "term": term,
                "df_num": df,
                "df_den": 20.4,
                "statistic": f,
                "p_value": p,
                "df_method": "kenward_roger",
            }
            for outcome in trial.outcomes
            for term, df, f, p in [
                ("arm", 2.0, 4.1, 0.032),
                ("time", 5.0, 61.2, 3e-9),
                ("arm:time", 10.0, 1.4, 0.21),
                ("period", 2.0, 0.8, 0.46),
            ]
        ]
    )


def make_variances(trial: Trial) -> pd.DataFrame:
    parts = [("participant", "", 70.6), ("participant:period", "", 0.0)]
    parts += [("residual", time.name, 30.0 + 10 * k) for k, time in enumerate(trial.times)]
    rows = [
        {
            "outcome": outcome.name,
            "component": component,
            "time": time,
            "estimate": value,
            "sd": value**0.5,
            "note": "" if value else "at the boundary",
        }
        for outcome in trial.outcomes
        for component, time, value in parts
    ]
    rows += [
        {
            "outcome": outcome.name,
            "component": "residual correlation (AR1)",
            "time": "",
            "estimate": 0.42,
            "sd": np.nan,
            "note": "",
        }
        for outcome in trial.outcomes
    ]
    return columns.VARIANCES.from_rows(rows)


def make_residuals(observations: pd.DataFrame) -> pd.DataFrame:
    known = observations.dropna(subset=["value"])
    fitted = known.groupby(["outcome", "arm", "time"])["value"].transform("mean")
    spread = known.groupby("outcome")["value"].transform("std") / 2
    return columns.RESIDUALS.conform(
        known[["outcome", "participant", "period", "arm", "time"]].assign(
            fitted=fitted,
            residual=known["value"] - fitted,
            standardised=(known["value"] - fitted) / spread,
        )
    )


def make_tables(trial: Trial, observations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every table of the inference room for the made-up observations."""
    return {
        "means": make_means(trial, observations),
        "contrasts": make_contrasts(trial, observations),
        "terms": make_terms(trial),
        "variances": make_variances(trial),
        "models": make_models(trial, observations),
        "descriptives": make_descriptives(trial, observations),
        "residuals": make_residuals(observations),
    }
