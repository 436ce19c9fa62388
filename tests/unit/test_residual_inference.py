"""The default residual structure through the whole of inference: relations, ladder, tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.inference import fitting
from analysis.inference.analyse import analyse
from analysis.inference.models import specify
from analysis.inference.sensitivity.table import sensitivity
from analysis.trial import ModelSettings, Trial
from tests.unit.trials import observations, trial

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
    referee = sensitivity(this(), data, table)
    same = referee[(referee["analysis"] == "per_time") & (referee["role"] == "primary")].iloc[0]
    for name in ("estimate", "std_error", "df", "p_value"):
        assert primary[name] == pytest.approx(same[name], rel=1e-12)


def test_parallel_with_baseline_covariate() -> None:
    data = observations(24, parallel=True, missing=4)
    settings = ModelSettings(baseline="covariate", residual="unstructured")
    model = analyse(trial("parallel", model=settings), data)["models"].iloc[0]
    assert model["residual"] == "unstructured"
    assert bool(model["converged"])
