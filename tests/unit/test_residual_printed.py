"""Residual structures held to numbers printed by SAS PROC MIXED.

SAS values: openpharma/mmrm, tests/testthat/test-kenwardroger.R and the listings design/SAS/*.txt
(`fev_data`, Apache-2.0). SAS uses the observed information in Kenward-Roger, so that its degrees
of freedom equal Satterthwaite's for one-row tests; ours uses the expected one, as pbkrtest.

SAS stops as soon as a Newton step would gain less than 1e-8 of the criterion, which leaves its
parameters up to 2e-3 and its printed degrees of freedom up to 4e-4 from the optimum. For the
unstructured matrix its path (MIVQUE0, then full Newton steps) can be followed: there all printed
digits of the iteration history and of Kenward-Roger are met at SAS's own last step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, pi
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit, Moments
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.residual import ResidualModel
from analysis.mixed.residual.moments import residual_moments
from analysis.mixed.residual.problem import Problem
from analysis.mixed.satterthwaite import satterthwaite_df
from analysis.mixed.structures import Structure, make_structure
from tests.reference.cases import shared

VISITS = ["VIS1", "VIS2", "VIS3", "VIS4"]
ARM = np.array([[0.0, 1.0]])
FULL = [("RACE",), ("SEX",), ("arm",), ("time",), ("arm", "time")]
OUTPUT = Path(__file__).parents[1] / "reference" / "residual" / "shared.out.json"


@pytest.fixture(scope="module")
def fev() -> pd.DataFrame:
    try:
        path = shared("reference_sets/mmrm_fev_data.csv")
    except FileNotFoundError as problem:
        pytest.skip(str(problem))
    named = {"USUBJID": "participant", "AVISIT": "time", "ARMCD": "arm", "FEV1": "response"}
    frame = pd.read_csv(path).rename(columns=named).dropna(subset=["response"])
    frame = frame.reset_index(drop=True)
    levels = {
        "arm": ["PBO", "TRT"],
        "time": VISITS,
        "SEX": ["Male", "Female"],
        "RACE": ["Asian", "Black or African American", "White"],
    }
    for name, order in levels.items():
        frame[name] = pd.Categorical(frame[name], order)
    return frame


def structure_of(name: str, frame: pd.DataFrame) -> Structure:
    kinds = {"CS": "iid", "AR1": "ar1", "ARH1": "by_time_ar1", "CSH": "by_time_ar1"}
    kind = kinds.get(name, "unstructured")
    structure = make_structure(kind, frame, VISITS, ["participant"])
    return replace(structure, correlation="exchangeable") if name == "CSH" else structure


def model(name: str, frame: pd.DataFrame, terms: list[tuple[str, ...]]) -> ResidualModel:
    components = {"participant": ["participant"]} if name == "CS" else {}
    return ResidualModel(build_design(frame, terms, components), structure_of(name, frame))


def fit(name: str, frame: pd.DataFrame, terms: list[tuple[str, ...]]) -> Fit:
    response = frame["response"].to_numpy(float)
    return model(name, frame, terms).fit(response, second_order=True)


def as_sas(moments: Moments, first_order: bool = False) -> KenwardRoger:
    curved = None if first_order else moments.curved
    return KenwardRoger(replace(moments, expected=moments.observed / 2, curved=curved))


# Listings sas_{ar1,ar1h,cs,csh}_reml.txt and sas_log_simple_reml.txt, FEV1 = (intercept): last line
# of the iteration history, covariance parameters, and how far SAS stopped above the optimum.
INTERCEPT_ONLY = {
    "AR1": (3875.49945459, {"residual": 88.9866, "ar1": 0.4272}, 1e-7),
    "ARH1": (
        3739.96835012,
        {
            "residual[VIS1]": 92.3009,
            "residual[VIS2]": 38.5178,
            "residual[VIS3]": 35.2148,
            "residual[VIS4]": 176.37,
            "ar1": 0.4130,
        },
        2e-6,
    ),
    "CS": (3917.98183508, {"participant": 5.8943, "residual": 81.0025}, 5e-6),
    "CSH": (
        3784.85341599,
        {
            "residual[VIS1]": 104.61,
            "residual[VIS2]": 38.6137,
            "residual[VIS3]": 31.3143,
            "residual[VIS4]": 178.91,
            "exchangeable": 0.1582,
        },
        1e-7,
    ),
    "UN": (
        3700.94648570,
        {
            "residual[VIS1]": 113.63,
            "residual[VIS1, VIS2]": 49.8999,
            "residual[VIS1, VIS4]": -40.4566,
            "residual[VIS2]": 44.0193,
            "residual[VIS4]": 158.17,
        },
        1e-5,
    ),
}


@pytest.mark.parametrize("name", INTERCEPT_ONLY)
def test_criterion_and_parameters(name: str, fev: pd.DataFrame) -> None:
    criterion, parameters, slack = INTERCEPT_ONLY[name]
    found = fit(name, fev, [])
    assert found.certificate.holds
    assert criterion - slack <= found.criterion <= criterion + 5e-9
    for parameter, value in parameters.items():
        assert found.variances[parameter] == pytest.approx(value, rel=2e-3)


def test_intercept_of_the_unstructured_model(fev: pd.DataFrame) -> None:
    """SAS: 42.8338, standard error 0.3509 (sas_log_simple_reml.txt)."""
    found = fit("UN", fev, [])
    assert found.beta[0] == pytest.approx(42.8338, abs=1e-3)
    assert np.sqrt(found.moments.phi[0, 0]) == pytest.approx(0.3509, abs=5e-5)


# test-kenwardroger.R, FEV1 ~ ARMCD: standard error, the same with FIRSTORDER, df; tolerance.
KENWARD_ROGER = {
    "AR1": (0.95865439662225, 0.96058142305176, 188.46934887972, 2e-6),
    "ARH1": (0.7590316099633, 0.75924807546934, 188.225339095373, 1e-4),
    "CS": (0.7964696053595, 0.7964696053595, 177.038485931223, 1e-6),
    "CSH": (0.67414806011886, 0.67403858183242, 190.737701349941, 4e-4),
    "UN": (0.66124382270307, 0.66124382270307, 160.733266403768, 3e-4),
}


@pytest.mark.parametrize("name", KENWARD_ROGER)
def test_kenward_roger(name: str, fev: pd.DataFrame) -> None:
    full, first_order, df, tolerance = KENWARD_ROGER[name]
    moments = fit(name, fev, [("arm",)]).moments
    assert as_sas(moments).std_errors(ARM)[0] == pytest.approx(full, rel=tolerance)
    assert as_sas(moments, True).std_errors(ARM)[0] == pytest.approx(first_order, rel=tolerance)
    assert as_sas(moments).df(ARM)[0] == pytest.approx(df, rel=tolerance)
    assert as_sas(moments).df(ARM)[0] == pytest.approx(satterthwaite_df(moments, ARM)[0], rel=1e-10)


@dataclass(frozen=True)
class Step:
    """Where SAS was after one of its steps."""

    criterion: float
    beta: np.ndarray
    moments: Moments


def newton_of_sas(frame: pd.DataFrame, terms: list[tuple[str, ...]], steps: int) -> list[Step]:
    """Return where full Newton steps from MIVQUE0 lead, in elements of the matrix.

    MIVQUE0 solves sum_l tr(M G_k M G_l) psi_l = y'M G_k M y, M = I - X(X'X)^-1X'.
    """
    started = model("UN", frame, terms)
    response = frame["response"].to_numpy(float)
    q, r = started.basis
    layout = started.layout
    problem = Problem(layout, layout.pad(np.column_stack([q, response])))
    constant = 2 * np.log(np.abs(np.diag(r))).sum() + (len(q) - q.shape[1]) * log(2 * pi)
    at = problem.at(np.eye(4)[np.triu_indices(4)])
    squares = layout.collect(at.problem.everyone.squares(at.w))
    psi = np.linalg.solve(at.traces, squares @ at.covariances.first)
    path = []
    for _ in range(steps):
        at = problem.at(psi)
        psi = psi - np.linalg.solve(at.hessian, at.gradient)
        at = problem.at(psi)
        beta = np.linalg.solve(r, np.linalg.solve(at.r, at.along))
        path.append(Step(at.value + constant, beta, residual_moments(at, r, 1.0, False)))
    return path


# Iteration histories of sas_log_simple_reml.txt, sas_coef_ci_reml_un.txt and sas_log_reml.txt.
HISTORIES = [
    ([], [3701.61947868, 3700.95818815, 3700.94648570]),
    ([("arm",), ("SEX",)], [3667.65933397, 3666.98040811, 3666.96698281]),
    (FULL, [3386.46126144, 3386.44987722]),
]


@pytest.mark.parametrize(("terms", "history"), HISTORIES)
def test_iteration_history(
    terms: list[tuple[str, ...]], history: list[float], fev: pd.DataFrame
) -> None:
    found = [step.criterion for step in newton_of_sas(fev, terms, len(history))]
    np.testing.assert_allclose(found, history, rtol=0, atol=1e-8)


def test_kenward_roger_where_sas_stopped(fev: pd.DataFrame) -> None:
    moments = newton_of_sas(fev, [("arm",)], 3)[-1].moments
    std_error, _, df, _ = KENWARD_ROGER["UN"]
    assert as_sas(moments).std_errors(ARM)[0] == pytest.approx(std_error, rel=1e-9)
    assert as_sas(moments).df(ARM)[0] == pytest.approx(df, rel=1e-9)


# sas_log_reml.txt, FEV1 = RACE SEX ARMCD AVISIT ARMCD*AVISIT, unstructured, Satterthwaite.
COEFFICIENTS = {
    (): (30.7774, 0.8865, 219),
    ("TRT",): (3.7745, 1.0741, 146),
    ("VIS2",): (4.8396, 0.8016, 144),
    ("VIS3",): (10.3422, 0.8227, 156),
    ("VIS4",): (15.0537, 1.3129, 138),
    ("TRT", "VIS2"): (-0.04231, 1.1292, 139),
    ("TRT", "VIS3"): (-0.6939, 1.1876, 158),
    ("TRT", "VIS4"): (0.6240, 1.8510, 130),
    ("Black or African American",): (1.5305, 0.6244, 169),
    ("White",): (5.6436, 0.6656, 157),
    ("Female",): (0.3262, 0.5319, 166),
}


def test_coefficients_of_the_full_model(fev: pd.DataFrame) -> None:
    """All printed digits where SAS stopped; the optimum is a little further."""
    stopped = newton_of_sas(fev, FULL, 2)[-1]
    names = [(), ("Black or African American",), ("White",), ("Female",), ("TRT",)]
    names += [(visit,) for visit in VISITS[1:]] + [("TRT", visit) for visit in VISITS[1:]]
    known = np.array([COEFFICIENTS[name] for name in names])
    assert np.abs(stopped.beta - known[:, 0]).max() < 5.1e-5
    assert np.abs(np.sqrt(np.diag(stopped.moments.phi)) - known[:, 1]).max() < 5.1e-5
    df = satterthwaite_df(stopped.moments, np.eye(len(names)))
    assert np.abs(df - known[:, 2]).max() < 0.51
    found = fit("UN", fev, FULL)
    assert 3386.44987722 - 1e-5 <= found.criterion <= 3386.44987722
    assert np.abs(found.beta - known[:, 0]).max() < 3e-4


def test_differences_of_means(fev: pd.DataFrame) -> None:
    """SAS LS-means: VIS4 4.3985 (1.6805, df 133, t 2.62), VIS1 3.7745 (1.0741, df 146)."""
    stopped = newton_of_sas(fev, FULL, 2)[-1]
    rows = np.zeros((2, len(stopped.beta)))
    rows[:, 4] = 1
    rows[0, -1] = 1
    estimate = rows @ stopped.beta
    std_error = np.sqrt(np.einsum("mi,ij,mj->m", rows, stopped.moments.phi, rows))
    np.testing.assert_allclose(estimate, [4.3985, 3.7745], atol=5.1e-5)
    np.testing.assert_allclose(std_error, [1.6805, 1.0741], atol=5.1e-5)
    np.testing.assert_allclose(satterthwaite_df(stopped.moments, rows), [133, 146], atol=0.51)
