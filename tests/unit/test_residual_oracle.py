"""Both engines held to a 40-digit evaluation of the textbook formulas, on 31 small designs.

tests/reference/residual/oracle.py says what was computed and how. Tolerance 1e-9 relative; the
engines are in fact at 1e-12 of estimates and 1e-11 of degrees of freedom.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.reml import fit_reml
from analysis.mixed.satterthwaite import satterthwaite_df
from tests.reference.residual.engine import engine_fit, typed
from tests.reference.residual.oracle_cases import CASES, Case

FOLDER = Path(__file__).parents[1] / "reference" / "residual"
RESULTS = json.loads((FOLDER / "oracle.json").read_text())
DATA = pd.read_csv(FOLDER / "oracle.csv", dtype={"period": str})
TOLERANCE = 1e-9

PAIRS = [(case, "residual") for case in CASES]
PAIRS += [(case, "components") for case in CASES if case.kind == "iid"]


def numbers(values: list[str]) -> np.ndarray:
    return np.array([float(value) for value in values])


def frame_of(case: Case) -> pd.DataFrame:
    return DATA[DATA["case"] == case.name].drop(columns="case").reset_index(drop=True)


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1]}")
def pair(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Fit]:
    case, engine = request.param
    frame = frame_of(case)
    if engine == "residual":
        return RESULTS[case.name], engine_fit(case, frame)
    data = typed(frame)
    design = build_design(data, case.terms, case.components)
    return RESULTS[case.name], fit_reml(design, data["response"].to_numpy(float))


def test_optimum(pair: tuple[dict[str, Any], Fit]) -> None:
    known, fit = pair
    assert fit.certificate.holds
    assert float(known["gradient"]) < 1e-40
    assert fit.moments.names == tuple(known["names"])
    assert list(fit.at_boundary) == known["boundary"]
    assert all(float(value) >= 0 for value in known["multipliers"])
    assert fit.criterion == pytest.approx(float(known["criterion"]), rel=1e-12)
    psi = numbers(known["psi"])
    scale = np.maximum(np.abs(psi), 1e-3 * np.abs(psi).max())
    assert np.abs((fit.moments.values - psi) / scale).max() < TOLERANCE


def test_estimates_and_standard_errors(pair: tuple[dict[str, Any], Fit]) -> None:
    known, fit = pair
    std_error = numbers(known["se"])
    assert np.abs((fit.beta - numbers(known["beta"])) / std_error).max() < TOLERANCE
    np.testing.assert_allclose(np.sqrt(np.diag(fit.moments.phi)), std_error, rtol=TOLERANCE)


def test_observed_information(pair: tuple[dict[str, Any], Fit]) -> None:
    known, fit = pair
    hessian = np.array([numbers(row) for row in known["observed"]])
    size = np.sqrt(np.abs(np.diag(hessian)))
    difference = (fit.moments.observed - hessian) / np.outer(size, size)
    assert np.abs(difference).max() < TOLERANCE


def test_satterthwaite(pair: tuple[dict[str, Any], Fit]) -> None:
    known, fit = pair
    found = satterthwaite_df(fit.moments, np.eye(len(fit.beta)))
    np.testing.assert_allclose(found, numbers(known["df_satterthwaite"]), rtol=TOLERANCE)


def test_kenward_roger(pair: tuple[dict[str, Any], Fit]) -> None:
    """With expected information, and off the boundary with observed information as SAS."""
    known, fit = pair
    versions = {"kr": fit.moments}
    if known["kr_observed"] is not None:
        versions["kr_observed"] = replace(fit.moments, expected=fit.moments.observed / 2)
    for name, moments in versions.items():
        for order, curved in (("variance", moments.curved), ("variance_first_order", None)):
            adjusted = KenwardRoger(replace(moments, curved=curved))
            variances = np.diag(adjusted.covariance)
            np.testing.assert_allclose(variances, numbers(known[name][order]), rtol=TOLERANCE)
        found = adjusted.df(np.eye(len(fit.beta)))
        np.testing.assert_allclose(found, numbers(known[name]["df"]), rtol=TOLERANCE)
