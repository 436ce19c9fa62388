"""The default residual structure through the whole of inference: relations, ladder, tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import ModelError
from analysis.inference import fitting
from analysis.inference.analyse import analyse
from analysis.inference.models import specify
from analysis.inference.sensitivity.table import sensitivity
from analysis.report.methods import model_words
from analysis.trial import ModelSettings, Plan, Trial
from tests.unit.trials import PRIMARY, observations, trial

KEYS = ["time", "arm", "reference"]
NUMBERS = ["estimate", "std_error", "df", "p_value"]
STRUCTURES = ["by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1"]


def this(residual: str = "auto", design: str = "crossover") -> Trial:
    return trial(design, model=ModelSettings(baseline="post_only", residual=residual))


def contrasts(data: pd.DataFrame, residual: str = "auto") -> pd.DataFrame:
    return analyse(this(residual), data)["contrasts"].set_index(KEYS).sort_index()


@pytest.mark.parametrize("residual", STRUCTURES)
def test_order_unit_and_origin(residual: str) -> None:
    data = observations(12, missing=6, effect={("fir", "24h"): -6.0})
    base = contrasts(data, residual)
    shuffled = contrasts(data.sample(frac=1, random_state=4), residual)
    scaled = contrasts(data.assign(value=data["value"] / 100 + 7), residual)
    for name in NUMBERS:
        factor = 100 if name in ("estimate", "std_error") else 1
        np.testing.assert_allclose(shuffled[name], base[name], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(scaled[name] * factor, base[name], rtol=1e-6, atol=1e-7)


def test_default_has_a_variance_for_each_arm_at_each_time() -> None:
    tables = analyse(this(), observations(12))
    assert tables["models"]["residual"][0] == "by_arm_time_ar1"
    names = set(tables["variances"]["component"])
    assert {"participant", "participant:period", "ar1", "residual[fir, 24h]"} <= names
    at = tables["variances"].set_index("component")["time"]
    assert at["residual[fir, 24h]"] == "24h"
    assert at["participant"] == ""


def test_one_time_needs_no_correlation() -> None:
    data = observations(12)
    data = data[data["time"] == "24h"]
    assert specify(this(), this().outcomes[0], data).residual == "by_arm_time"


def test_ladder_goes_down_on_failure_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fitting._fit

    def fails(trial: Trial, spec: object, residual: str) -> object:
        if residual.endswith("ar1"):
            raise ModelError("made to fail")
        return real(trial, spec, residual)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "_fit", fails)
    model = analyse(this(), observations(12))["models"].iloc[0]
    assert model["residual"] == "by_time"
    assert model["simplified_from"] == "by_arm_time_ar1"
    assert "by_time_ar1 could not be fitted: made to fail" in model["note"]


def test_below_the_last_rung_stand_per_time_analyses(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> object:
        raise ModelError("made to fail")

    monkeypatch.setattr(fitting, "_fit", fails)
    data = observations(12, effect={("fir", "24h"): -30.0})
    tables = analyse(this(), data)
    table, model = tables["contrasts"], tables["models"].iloc[0]
    assert set(table["analysis"]) == {"per_time"}
    assert model["residual"] == "per_time"
    primary = table[table["role"] == "primary"].iloc[0]
    assert primary["verdict"] == "superior"
    monkeypatch.undo()
    joint = sensitivity(this(), data, analyse(this(), data)["contrasts"])
    same = joint[(joint["analysis"] == "per_time") & (joint["role"] == "primary")].iloc[0]
    for name in ("estimate", "std_error", "df", "p_value"):
        assert primary[name] == pytest.approx(same[name], rel=1e-12)
    others = set(sensitivity(this(), data, table)["analysis"])
    assert others == {"paired_t"}  # the referee is no second opinion on itself


@pytest.mark.parametrize(("each", "residual"), [(4, "per_time"), (5, "by_arm_time_ar1")])
def test_small_parallel_groups_are_compared_at_each_time_alone(each: int, residual: str) -> None:
    model = analyse(this(design="parallel"), observations(3 * each, parallel=True))["models"]
    assert model["residual"].tolist() == [residual]
    assert ("the smallest arm has 4 participants" in model["note"][0]) == (each == 4)
    assert pd.isna(model["simplified_from"][0]) or not model["simplified_from"][0]


def test_comparisons_of_parallel_groups_at_one_time_are_students() -> None:
    data = observations(12, parallel=True)
    table = analyse(this(design="parallel"), data)["contrasts"]
    for row in table.to_dict("records"):
        at = data[data["time"] == row["time"]]
        values = [at.loc[at["arm"] == row[name], "value"] for name in ("arm", "reference")]
        expected = stats.ttest_ind(*values)
        assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
        assert row["df"] == pytest.approx(6, rel=1e-9)
        assert (row["analysis"], row["status"]) == ("per_time", "ok")


@pytest.mark.parametrize(("rule", "size"), [("dunnett", 2), ("mvt", 4)])
def test_families_without_a_joint_model_are_adjusted_by_holm(
    rule: Literal["dunnett", "mvt"], size: int
) -> None:
    plan = Plan(PRIMARY, multiplicity=rule)
    asked = replace(this("per_time", "parallel"), plan=plan)
    tables = analyse(asked, observations(24, parallel=True))
    assert f"Holm's method takes the place of {rule}" in tables["models"]["note"][0]
    table = tables["contrasts"]
    after = table["time"].isin(["1h", "24h"]) & (table["reference"] == "passive")
    assert set(table.loc[after, "adjustment"]) == {"holm"}
    assert set(table.loc[~after, "adjustment"]) == {"none"}
    for _, family in table[after].groupby("family"):
        assert len(family) == size == family["family_size"].iloc[0]
        expected = holms(family["p_value"].to_numpy())
        np.testing.assert_allclose(family["p_adjusted"], expected, rtol=1e-12)


def test_who_has_one_of_two_arms_only_is_named_in_a_comparison_at_one_time() -> None:
    data = observations(12)
    data = data[~((data["participant"] == "P05") & (data["arm"] == "fir"))]
    table = analyse(this("per_time"), data)["contrasts"]
    table = table[table["reference"] == "passive"]
    without, whole = table[table["arm"] == "fir"], table[table["arm"] == "cryo"]
    assert set(without["n_participants"]) == {11}
    assert set(without["note"]) == {"Without a value in both arms, so left out: P05."}
    assert set(whole["n_participants"]) == {12}
    assert not whole["note"].fillna("").any()


@pytest.mark.parametrize(
    ("design", "baseline", "formula"),
    [
        ("parallel", "covariate", "value ~ arm + baseline"),
        ("parallel", "change", "value - baseline ~ arm"),
        ("crossover", "within", "value ~ participant + period + arm + baseline_within"),
    ],
)
def test_the_formula_of_comparisons_at_one_time(
    design: str, baseline: Literal["covariate", "change", "within"], formula: str
) -> None:
    settings = ModelSettings(baseline=baseline, residual="per_time")
    data = observations(15, parallel=design == "parallel")
    model = analyse(trial(design, model=settings), data)["models"].iloc[0]
    assert model["formula"] == f"{formula}, for two arms at one time"
    row = {str(name): value for name, value in model.items()}
    words = dict(model_words(trial(design, model=settings), row))
    assert words["Model"].startswith("least squares")
    assert words["As a formula"] == model["formula"]
    assert words["Degrees of freedom"].startswith("values less coefficients")


def holms(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values by their definition (Holm 1979, Scand J Stat 6:65-70)."""
    order = np.argsort(p)
    steps = np.maximum.accumulate(np.sort(p) * np.arange(len(p), 0, -1))
    return np.minimum(1, steps)[np.argsort(order)]


def test_parallel_with_baseline_covariate() -> None:
    data = observations(24, parallel=True, missing=4)
    settings = ModelSettings(baseline="covariate", residual="unstructured")
    model = analyse(trial("parallel", model=settings), data)["models"].iloc[0]
    assert model["residual"] == "unstructured"
    assert bool(model["converged"])
