"""The referee and the classical tests, held to scipy and to hand-written algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.inference.analyse import analyse
from analysis.inference.sensitivity.table import sensitivity
from analysis.trial import ModelSettings, Trial
from tests.unit.trials import observations, trial


def asked(data: pd.DataFrame, this: Trial) -> pd.DataFrame:
    return sensitivity(this, data, analyse(this, data)["contrasts"])


def found(data: pd.DataFrame, analysis: str, this: object = None) -> pd.Series:
    table = asked(data, this or trial())  # type: ignore[arg-type]
    chosen = table[
        (table["analysis"] == analysis)
        & (table["time"] == "24h")
        & (table["arm"] == "fir")
        & (table["reference"] == "passive")
    ]
    return chosen.iloc[0]


def pairs(data: pd.DataFrame) -> pd.DataFrame:
    at = data[data["time"] == "24h"]
    return at.pivot(index="participant", columns="arm", values="value")


def test_paired_t_is_scipys() -> None:
    data = observations(9, effect={("fir", "24h"): -3})
    wide = pairs(data)
    expected = stats.ttest_rel(wide["fir"], wide["passive"])
    row = found(data, "paired_t")
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)
    assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
    assert row["estimate"] / row["std_error"] == pytest.approx(row["statistic"], rel=1e-10)
    low, high = expected.confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-9)


def test_welch_t_is_scipys() -> None:
    data = observations(15, parallel=True)
    at = data[data["time"] == "24h"]
    one, other = (at.loc[at["arm"] == arm, "value"] for arm in ("fir", "passive"))
    expected = stats.ttest_ind(one, other, equal_var=False)
    row = found(data, "welch_t", trial("parallel"))
    assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)
    assert row["df"] == pytest.approx(expected.df, rel=1e-10)


def test_referee_is_the_regression_of_differences_on_period_differences() -> None:
    """The fixed-participant model of two arms, written as a regression of paired differences."""
    data = observations(9, effect={("fir", "24h"): -3})
    wide = pairs(data)
    when = data[data["time"] == "24h"].pivot(index="participant", columns="arm", values="period")
    indicator = [
        (when["fir"] == level).astype(float) - (when["passive"] == level).astype(float)
        for level in ("2", "3")
    ]
    x = np.column_stack([np.ones(9), *indicator])
    y = (wide["fir"] - wide["passive"]).to_numpy()
    beta, residual, *_ = np.linalg.lstsq(x, y, rcond=None)
    se = np.sqrt(residual[0] / (9 - 3) * np.linalg.inv(x.T @ x)[0, 0])
    row = found(data, "per_time")
    assert row["estimate"] == pytest.approx(beta[0], rel=1e-10)
    assert row["std_error"] == pytest.approx(se, rel=1e-10)
    assert row["df"] == pytest.approx(6, rel=1e-10)


def test_participant_with_one_arm_only_adds_nothing_and_is_named() -> None:
    data = observations(12)
    gone = (data["participant"] == "P05") & (data["arm"] == "fir")
    without = data[~gone]
    row = found(without, "per_time")
    rest = found(data[data["participant"] != "P05"], "per_time")
    assert row["left_out"] == "P05"
    assert row["n_participants"] == 11
    assert row["estimate"] == pytest.approx(rest["estimate"], rel=1e-10)


def test_uninvolved_arm_and_times_change_nothing() -> None:
    data = observations(9)
    base = found(data, "per_time")
    noisy = (data["arm"] == "cryo") | (data["time"] == "1h")
    other = found(data.assign(value=data["value"].mask(noisy, data["value"] * 3)), "per_time")
    assert other["estimate"] == base["estimate"]
    assert other["p_value"] == base["p_value"]


def test_within_baseline_with_fixed_participants_is_analysis_of_covariance() -> None:
    data = observations(9)
    this = trial(model=ModelSettings(baseline="within", residual="iid"))
    row = found(data, "per_time", this)
    assert row["df"] == pytest.approx(5, rel=1e-10)
    assert "baseline_within" in row["note"]


def test_agreement_says_which_side_differs() -> None:
    table = asked(observations(9, effect={("fir", "24h"): -3}), trial())
    joint = analyse(trial(), observations(9, effect={("fir", "24h"): -3}))["contrasts"]
    merged = table.merge(joint, on=["outcome", "time", "arm", "reference"], suffixes=("", "_joint"))
    same_sign = merged["estimate"] * merged["estimate_joint"] >= 0
    same_side = (merged["p_value"] <= 0.05) == (merged["p_value_joint"] <= 0.05)
    assert ((merged["agreement"] == "agrees") == (same_sign & same_side)).all()
