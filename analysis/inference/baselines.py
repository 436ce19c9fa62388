"""Baseline handling: which kind, and how it enters the data.

Within-participant analysis of covariance is the default in a crossover: the conventional single
slope mixes within- and between-participant information and biases the comparison of arms
(Kenward and Roger 2010, Biostatistics 11:1-17).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.trial import Outcome, Trial

FLOOR_SHARE = 0.5
SPREAD_SHARE = 0.05


def choose(trial: Trial, outcome: Outcome, frame: pd.DataFrame) -> tuple[str, list[str]]:
    """Return the baseline handling and the sentences that explain it.

    ``auto`` is `within` in a crossover and `covariate` in a parallel trial, unless there is no
    baseline, or the baselines carry no information: more than half of them at the lower end of
    the scale, or a within-participant standard deviation (crossover) below 5 % of the spread of
    all values. Then it is `post_only`: such baselines would only blur the error of the times that
    matter, as covariate or as response.
    """
    asked = trial.model.baseline
    if asked != "auto":
        return asked, []
    values = own_baselines(trial, frame)
    if values["baseline"].notna().sum() == 0:
        return "none", ["Baseline: none, because no baseline was measured."]
    reason = _uninformative(trial, outcome, frame, values)
    if reason:
        return "post_only", [f"Baseline: not used (times after baseline only), because {reason}."]
    if trial.design == "parallel":
        return "covariate", ["Baseline: covariate, with a slope of its own at each time."]
    return "within", [
        "Baseline: within-participant analysis of covariance (the period's baseline as deviation "
        "from the participant's mean, and that mean)."
    ]


def own_baselines(trial: Trial, frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row per participant, arm, period and occasion with the mean of its baselines."""
    keys = unit_columns(trial)
    times = [time.name for time in trial.times_with_role("baseline")]
    found = frame[frame["time"].isin(times)].groupby(keys, observed=True)["value"].mean()
    units = frame[keys].drop_duplicates()
    return units.merge(found.rename("baseline").reset_index(), on=keys, how="left")


def unit_columns(trial: Trial) -> list[str]:
    """Columns that tell one course of treatment of one participant from another."""
    if trial.design == "parallel":
        return ["participant"]
    return ["participant", "period", "arm", "occasion"]


def _uninformative(
    trial: Trial, outcome: Outcome, frame: pd.DataFrame, values: pd.DataFrame
) -> str:
    known = values.dropna(subset="baseline")
    if outcome.range is not None:
        floor = float((known["baseline"] <= outcome.range[0]).mean())
        if floor > FLOOR_SHARE:
            return f"{floor:.0%} of the baselines are at the lower end of the scale"
    spread = float(frame["value"].max() - frame["value"].min())
    if trial.design == "crossover":
        sd = _within_sd(known)
        what = "the baselines of a participant hardly differ (within-participant SD"
    else:
        sd = float(known["baseline"].std())
        what = "the baselines hardly differ (SD"
    if not sd >= SPREAD_SHARE * spread:
        return f"{what} {sd:.3g}, spread of all values {spread:.3g} {outcome.analysis_unit})"
    return ""


def _within_sd(known: pd.DataFrame) -> float:
    grouped = known.groupby("participant", observed=True)["baseline"]
    df = len(known) - grouped.ngroups
    squares = float(((known["baseline"] - grouped.transform("mean")) ** 2).sum())
    return float(np.sqrt(squares / df)) if df > 0 else float("nan")


def enter(trial: Trial, frame: pd.DataFrame, baseline: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the data with `response` and the baseline covariates, and who had to be left out.

    With `none` every time is a response; otherwise the times after baseline are. Except with
    `post_only`, a course of treatment without a baseline cannot enter: it is named.
    """
    if baseline == "none":
        return frame.assign(response=frame["value"]), []
    times = [time.name for time in trial.times_with_role("baseline")]
    after = frame[~frame["time"].isin(times)]
    if baseline == "post_only":
        return after.assign(response=after["value"]), []
    keys = unit_columns(trial)
    after = after.merge(own_baselines(trial, frame), on=keys, how="left")
    lost = after[after["baseline"].isna() & after["value"].notna()]
    after = after[after["baseline"].notna()].copy()
    notes = _named(lost)
    if baseline == "change":
        return after.assign(response=after["value"] - after["baseline"]), notes
    if baseline == "within":
        used = after.dropna(subset="value")[[*keys, "baseline"]].drop_duplicates()
        means = used.groupby("participant", observed=True)["baseline"].mean()
        after["baseline_mean"] = after["participant"].map(means).astype(float)
        after["baseline_within"] = after["baseline"] - after["baseline_mean"]
    return after.assign(response=after["value"]), notes


def _named(lost: pd.DataFrame) -> list[str]:
    if lost.empty:
        return []
    courses = lost[["participant", "arm"]].astype(str).drop_duplicates()
    named = ", ".join(f"{row.participant} ({row.arm})" for row in courses.itertuples())
    return [f"Left out for want of a baseline ({len(lost)} values): {named}."]
