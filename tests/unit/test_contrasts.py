"""Rows, roles, families and verdicts of contrasts.csv, and the tables beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.inference.analyse import analyse
from analysis.inference.models import specify
from analysis.trial import Comparison, ModelSettings, Plan
from tests.unit.trials import PRIMARY, observations, outcome, trial

JUMP = Comparison("jump", "fir", "passive", "24h")
EARLY = Comparison("soreness", "fir", "cryo", "1h")


def analysed(plan: Plan, **effect: float) -> pd.DataFrame:
    effects = {("fir", "24h"): effect.get("fir", 0.0), ("cryo", "1h"): effect.get("cryo", 0.0)}
    data = [
        observations(12, seed=5, effect=effects),
        observations(12, seed=6, name="jump", effect={("fir", "24h"): effect.get("jump", 0.0)}),
    ]
    this = trial(outcomes=(outcome(), outcome("jump", better="higher")), plan=plan)
    return analyse(this, pd.concat(data, ignore_index=True))["contrasts"]


def row(table: pd.DataFrame, comparison: Comparison) -> pd.Series:
    kind = "noninferiority" if comparison.claim == "noninferiority" else "joint"
    keys = (comparison.outcome, comparison.arm, comparison.reference, comparison.time, kind)
    same = table[["outcome", "arm", "reference", "time", "analysis"]] == list(keys)
    (found,) = np.flatnonzero(same.all(axis=1))
    return table.iloc[found]


def test_every_pair_at_every_time_control_first() -> None:
    table = analysed(Plan(PRIMARY))
    at_24h = table[(table["outcome"] == "soreness") & (table["time"] == "24h")]
    pairs = list(zip(at_24h["arm"], at_24h["reference"], strict=True))
    assert pairs == [("fir", "passive"), ("cryo", "passive"), ("cryo", "fir")]
    assert len(table) == 2 * 4 * 3


def test_plan_gives_the_direction_of_a_pair_and_the_roles() -> None:
    table = analysed(Plan(PRIMARY, (JUMP, EARLY), "none"))
    assert row(table, EARLY)["role"] == "secondary"
    assert row(table, PRIMARY)["role"] == "primary"
    before = table[table["time"].isin(["pre", "0h"])]
    assert set(before["role"]) == {"negative_control"}
    assert set(before["verdict"]) == {""}
    others = table[~table["time"].isin(["pre", "0h"]) & (table["role"] == "exploratory")]
    assert len(others) == 2 * 2 * 3 - 3
    assert set(others["verdict"]) == {""}


def test_control_as_arm_adds_a_row_and_keeps_the_standard_one() -> None:
    reverse = Comparison("soreness", "passive", "fir", "24h")
    table = analysed(Plan(reverse))
    assert row(table, reverse)["role"] == "primary"
    assert row(table, PRIMARY)["role"] == "exploratory"
    assert row(table, reverse)["estimate"] == -row(table, PRIMARY)["estimate"]


def test_without_a_plan_everything_is_exploratory() -> None:
    table = analysed(Plan())
    assert set(table["role"]) == {"negative_control", "exploratory"}
    assert set(table["verdict"]) == {""}


def test_fixed_sequence_stops_at_the_first_failure() -> None:
    table = analysed(Plan(PRIMARY, (JUMP, EARLY), "fixed_sequence"), fir=-20.0, cryo=-25.0)
    primary, second, third = (row(table, each) for each in (PRIMARY, JUMP, EARLY))
    assert primary["verdict"] == "superior"
    assert second["p_value"] > 0.05
    assert third["p_value"] < 0.001
    assert third["p_adjusted"] == second["p_adjusted"] == second["p_value"]
    assert [second["verdict"], third["verdict"]] == ["inconclusive", "inconclusive"]
    assert set(table[table["role"] == "exploratory"]["adjustment"]) == {"none"}
    assert primary["family_size"] == 3


def test_holm_by_hand() -> None:
    table = analysed(Plan(PRIMARY, (JUMP, EARLY), "holm"), fir=-6.0, jump=5.0)
    raw = np.array([row(table, each)["p_value"] for each in (PRIMARY, JUMP, EARLY)])
    adjusted = np.array([row(table, each)["p_adjusted"] for each in (PRIMARY, JUMP, EARLY)])
    order = np.argsort(raw)
    by_hand = np.minimum(1, np.maximum.accumulate(raw[order] * [3, 2, 1]))
    np.testing.assert_allclose(adjusted[order], by_hand, rtol=1e-12)


@pytest.mark.parametrize("kind, size", [("dunnett", 2), ("mvt", 4)])
def test_simultaneous_families(kind: str, size: int) -> None:
    table = analysed(Plan(PRIMARY, (), kind), fir=-6.0)  # type: ignore[arg-type]
    counted = table[table["adjustment"] == kind]
    assert set(counted["reference"]) == {"passive"}
    assert set(counted["time"]) == {"1h", "24h"}
    assert set(counted["family_size"]) == {size}
    bonferroni = np.minimum(1, counted["p_value"] * size)
    assert (counted["p_adjusted"] >= counted["p_value"] - 1e-6).all()
    assert (counted["p_adjusted"] <= bonferroni + 1e-5).all()


@pytest.mark.parametrize("residual", ["iid", "by_time"])
def test_mvt_has_the_smallest_df_where_each_time_has_its_variance(residual: str) -> None:
    """In a complete Latin square the correlations are closed forms of the variances.

    Estimates of one arm at two times have the covariance of participant:period, those of two arms
    at one time share the control. Kenward-Roger moves the correlations of the model with a variance
    a time a little, hence 1e-3; with the row's own df p would be 3e-3 smaller.
    """
    settings = ModelSettings(baseline="none", residual=residual)
    this = trial(plan=Plan(PRIMARY, (), "mvt"), model=settings)
    tables = analyse(this, observations(6, seed=7, effect={("fir", "24h"): -6.0}))
    parts = tables["variances"].set_index("component")["estimate"]
    course = parts["participant:period"]
    names = ["residual"] * 2 if residual == "iid" else ["residual[1h]", "residual[24h]"]
    own = parts[names].to_list()
    between = course / np.sqrt((course + own[0]) * (course + own[1]))
    correlation = np.kron([[1, between], [between, 1]], [[1, 0.5], [0.5, 1]])
    found = row(tables["contrasts"], PRIMARY)
    size, draws = len(correlation), np.random.default_rng(1)
    family = tables["contrasts"].query("adjustment == 'mvt'")
    df = found["df"] if residual == "iid" else family["df"].min()
    edge = np.full(size, abs(found["statistic"]))
    law = stats.multivariate_t(shape=correlation, df=df, seed=draws)
    inside = law.cdf(edge, lower_limit=-edge, maxpts=200_000)
    assert 0.01 < found["p_value"] < found["p_adjusted"] < 0.2
    tolerance = 1e-5 if residual == "iid" else 1e-3
    assert found["p_adjusted"] == pytest.approx(1 - inside, abs=tolerance)


def test_noninferiority_is_a_row_of_its_own() -> None:
    claim = Comparison("soreness", "fir", "cryo", "24h", "noninferiority")
    table = analysed(Plan(PRIMARY, (claim,), "none"))
    found = row(table, claim)
    assert found["verdict"] == "noninferior"
    assert found["ci_high"] < 10  # the margin: the whole interval lies below it
    worse = analysed(Plan(PRIMARY, (claim,), "none"), fir=9.0)
    found = row(worse, claim)
    assert found["ci_high"] > 10
    assert found["verdict"] == "inconclusive"


def test_noninferiority_verdict_is_the_interval_against_the_margin() -> None:
    claim = Comparison("soreness", "fir", "cryo", "24h", "noninferiority")
    for shift in np.linspace(0, 12, 13):
        found = row(analysed(Plan(PRIMARY, (claim,), "none"), fir=float(shift)), claim)
        assert (found["verdict"] == "noninferior") == (found["ci_high"] < 10)


def test_planned_comparison_that_cannot_be_estimated_is_inconclusive() -> None:
    data = observations(12)
    data = data[~((data["arm"] == "fir") & (data["time"] == "24h"))]
    found = row(analyse(trial(), data)["contrasts"], PRIMARY)
    assert found["verdict"] == "inconclusive"
    assert found["status"] == "not estimable"
    assert np.isnan(found["estimate"])


def test_outcome_without_data_does_not_take_the_others_with_it() -> None:
    this = trial(outcomes=(outcome(), outcome("jump")), plan=Plan(PRIMARY, (JUMP,), "holm"))
    tables = analyse(this, observations(12))
    models = tables["models"].set_index("outcome")
    assert bool(models.loc["soreness", "converged"])
    assert not models.loc["jump", "converged"]
    assert "fewer than two arms" in models.loc["jump", "note"]
    assert row(tables["contrasts"], JUMP)["verdict"] == "inconclusive"


@pytest.mark.parametrize("design, participants", [("crossover", 5), ("parallel", 9)])
def test_few_participants_are_only_described(design: str, participants: int) -> None:
    data = observations(participants, parallel=design == "parallel", effect={("fir", "24h"): -40})
    table = analyse(trial(design), data)["contrasts"]
    assert table["status"].str.startswith("description only").all()
    assert row(table, PRIMARY)["verdict"] == "inconclusive"


def test_means_are_observed_means_when_complete_and_balanced() -> None:
    means = analyse(trial(), observations(12))["means"]
    np.testing.assert_allclose(means["estimate"], means["observed_mean"], rtol=1e-10)
    assert set(means["n"]) == {12}


@pytest.mark.parametrize(
    "design, settings, formula",
    [
        (
            "crossover",
            ModelSettings(baseline="none", period="main"),
            "value ~ arm*time + period + (1 | participant) + (1 | participant:period)",
        ),
        (
            "crossover",
            ModelSettings(baseline="within", period="by_time"),
            "value ~ arm*time + baseline_within + baseline_mean + period*time"
            " + (1 | participant) + (1 | participant:period)",
        ),
        (
            "crossover",
            ModelSettings(baseline="change", period="none"),
            "value - baseline ~ arm*time + (1 | participant) + (1 | participant:period)",
        ),
        (
            "parallel",
            ModelSettings(baseline="covariate"),
            "value ~ arm*time + baseline*time + (1 | participant)",
        ),
        ("parallel", ModelSettings(baseline="none"), "value ~ arm*time + (1 | participant)"),
    ],
)
def test_formula(design: str, settings: ModelSettings, formula: str) -> None:
    data = observations(12, parallel=design == "parallel")
    this = trial(design, model=settings)
    assert specify(this, this.outcomes[0], data).formula == formula


def test_auto_baseline_is_none_at_the_floor_and_within_otherwise() -> None:
    data = observations(12)
    this = trial(model=ModelSettings())
    assert specify(this, this.outcomes[0], data).baseline == "within"
    floored = data.assign(value=data["value"].where(data["time"] != "pre", 0.0))
    spec = specify(this, this.outcomes[0], floored)
    assert spec.baseline == "post_only"
    assert set(spec.frame["time"]) == {"0h", "1h", "24h"}
    assert "100% of the baselines are at the lower end" in " ".join(spec.notes)


def test_course_without_baseline_is_left_out_by_name() -> None:
    data = observations(12)
    gone = (data["participant"] == "P03") & (data["arm"] == "fir") & (data["time"] == "pre")
    this = trial(model=ModelSettings(baseline="within"))
    spec = specify(this, this.outcomes[0], data[~gone])
    assert "P03 (fir)" in " ".join(spec.notes)
    assert len(spec.frame) == 12 * 3 * 3 - 3


def test_replicate_design_has_both_terms() -> None:
    first, second = observations(8, seed=1), observations(8, seed=2)
    again = second.assign(period=(second["period"].astype(int) + 3).astype(str))
    data = pd.concat([first, again], ignore_index=True)
    spec = specify(trial(), trial().outcomes[0], data)
    assert list(spec.components) == ["participant", "participant:arm", "participant:period"]


def test_second_opinion_agrees_away_from_the_boundary() -> None:
    note = analyse(trial(), observations(12, seed=3))["models"]["note"][0]
    assert "statsmodels MixedLM agrees" in note


def test_variance_at_the_boundary_stays_and_is_named() -> None:
    data = observations(9, seed=4)
    rng = np.random.default_rng(8)
    noise = data.assign(value=rng.normal(40, 5, len(data)))
    tables = analyse(trial(), noise)
    zero = tables["variances"][tables["variances"]["estimate"] == 0.0]
    assert len(zero) >= 1
    assert zero["note"].str.contains("boundary").all()
    assert bool(tables["models"]["singular"][0])
    assert set(tables["variances"]["component"]) == {
        "participant",
        "participant:period",
        "residual",
    }
