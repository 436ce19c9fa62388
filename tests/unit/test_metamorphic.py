"""What must not change, or must change exactly so, when the data are rewritten.

Relations M1 to M8: order of rows, labels, units, swapped arms, mirrored scales, constants added
per participant, period or time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.inference.analyse import analyse
from analysis.trial import Arm, Comparison, ModelSettings, Plan
from tests.unit.trials import observations, outcome, trial

KEYS = ["outcome", "time", "arm", "reference"]
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"]
DATA = observations(participants=10, missing=9, effect={("fir", "24h"): -6.0})


def contrasts(data: pd.DataFrame, this: object = None) -> pd.DataFrame:
    found = analyse(this or trial(), data)["contrasts"]  # type: ignore[arg-type]
    return found[found["analysis"] == "joint"].set_index(KEYS).sort_index()


def same(found: pd.DataFrame, expected: pd.DataFrame, rtol: float = 1e-9) -> None:
    for name in NUMBERS:
        wanted = expected[name]
        scale = np.maximum(np.abs(wanted), expected["std_error"] if name != "p_value" else 0)
        assert (np.abs(found[name] - wanted) <= rtol * scale + 1e-12).all(), name


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return contrasts(DATA)


def test_m1_order_of_rows(base: pd.DataFrame) -> None:
    same(contrasts(DATA.sample(frac=1, random_state=3)), base)


def test_m2_labels_of_participants_and_arms(base: pd.DataFrame) -> None:
    names = {"passive": "zzz", "fir": "mmm", "cryo": "aaa"}
    people = {each: f"Z{97 - i}" for i, each in enumerate(sorted(set(DATA["participant"])))}
    renamed = DATA.assign(arm=DATA["arm"].map(names), participant=DATA["participant"].map(people))
    this = trial(
        arms=tuple(Arm(names[arm], arm, arm == "passive") for arm in names),
        plan=Plan(Comparison("soreness", "mmm", "zzz", "24h")),
    )
    found = contrasts(renamed, this).rename(index={new: old for old, new in names.items()})
    same(found.sort_index(), base)


@pytest.mark.parametrize("baseline", ["none", "within", "change"])
def test_m3_unit_and_origin(baseline: str) -> None:
    this = trial(model=ModelSettings(baseline=baseline, residual="iid"))
    base = contrasts(DATA, this)
    found = contrasts(DATA.assign(value=DATA["value"] / 100 + 7), this)
    scaled = base.assign(
        **{n: base[n] / 100 for n in ("estimate", "std_error", "ci_low", "ci_high")}
    )
    same(found, scaled, rtol=1e-8)


def test_m4_swapped_arms_change_the_sign(base: pd.DataFrame) -> None:
    swap = {"fir": "passive", "passive": "fir", "cryo": "cryo"}
    found = contrasts(DATA.assign(arm=DATA["arm"].map(swap)))
    for time in ("1h", "24h"):
        one = found.loc["soreness", time, "fir", "passive"]
        other = base.loc["soreness", time, "fir", "passive"]
        assert one["estimate"] == pytest.approx(-other["estimate"], rel=1e-9)
        assert one["ci_low"] == pytest.approx(-other["ci_high"], rel=1e-9)
        assert one["p_value"] == pytest.approx(other["p_value"], rel=1e-8)


def test_m5_mirrored_scale_turns_the_verdict() -> None:
    effect = {("fir", "24h"): -20.0}
    data = observations(participants=12, effect=effect)
    low = contrasts(data).loc["soreness", "24h", "fir", "passive"]
    assert low["verdict"] == "superior"
    mirrored = contrasts(data.assign(value=100 - data["value"]))
    assert mirrored.loc["soreness", "24h", "fir", "passive"]["verdict"] == "inferior"
    higher = trial(outcomes=(outcome(better="higher"),))
    mirrored = contrasts(data.assign(value=100 - data["value"]), higher)
    assert mirrored.loc["soreness", "24h", "fir", "passive"]["verdict"] == "superior"


@pytest.mark.parametrize("baseline", ["none", "within", "change"])
def test_m6_constant_per_participant(baseline: str) -> None:
    """With complete data nothing between participants enters a contrast."""
    this = trial(model=ModelSettings(baseline=baseline, residual="iid"))
    data = observations(participants=9)
    shift = data["participant"].str[1:].astype(int) ** 2
    found, expected = (
        contrasts(data.assign(value=data["value"] + shift), this),
        contrasts(data, this),
    )
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("column", ["period", "time"])
def test_m7_m8_constant_per_period_or_time(base: pd.DataFrame, column: str) -> None:
    shift = DATA[column].map({level: 5.0 * i for i, level in enumerate(DATA[column].unique())})
    same(contrasts(DATA.assign(value=DATA["value"] + shift)), base, rtol=1e-8)


def test_other_outcome_changes_nothing(base: pd.DataFrame) -> None:
    jump = observations(participants=6, seed=9, name="jump")
    this = trial(outcomes=(outcome(), outcome("jump", better="higher")))
    both = contrasts(pd.concat([DATA, jump], ignore_index=True), this)
    same(both.loc[["soreness"]], base)


def test_duplicated_participants_keep_the_estimates() -> None:
    data = observations(participants=9)
    again = data.assign(participant=data["participant"] + "b")
    one, two = contrasts(data), contrasts(pd.concat([data, again], ignore_index=True))
    np.testing.assert_allclose(two["estimate"], one["estimate"], rtol=1e-9)
    assert (two["df"] > one["df"]).all()


def test_parallel_ignores_the_order_of_rows_too() -> None:
    data = observations(participants=21, parallel=True, missing=5)
    this = replace(trial("parallel"), model=ModelSettings(baseline="covariate", residual="iid"))
    same(contrasts(data.sample(frac=1, random_state=1), this), contrasts(data, this))


@pytest.mark.parametrize("residual", ["iid", "by_time"])
def test_baselines_that_are_all_equal_have_no_test(residual: str) -> None:
    """A covariate with one value everywhere says nothing: the other numbers do not know of it."""
    flat = DATA.assign(value=DATA["value"].mask(DATA["time"] == "pre", 5.0))
    after = DATA[DATA["time"] != "pre"]
    models = {
        baseline: ModelSettings(baseline=baseline, residual=residual)
        for baseline in ("within", "none")
    }
    found = analyse(trial(model=models["within"]), flat)
    terms = set(found["terms"]["term"])
    assert found["models"]["period"].tolist() == ["by_time"]
    assert not terms & {"baseline_within", "baseline_mean"} and {"arm", "arm:time"} <= terms
    keep = found["contrasts"][found["contrasts"]["analysis"] == "joint"]
    same(keep.set_index(KEYS).sort_index(), contrasts(after, trial(model=models["none"])))
