"""The mixed-model engine held to R (lme4, lmerTest, pbkrtest, emmeans), case by case.

The scripts and their raw output stand in tests/reference; its README says how tightly R was
converged. Tolerances: estimates and standard errors 1e-6 relative, degrees of freedom 1e-5
relative, F statistics 1e-6 relative, restricted criterion 1e-6 absolute.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.inference.estimates import Inference
from analysis.mixed import batch
from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid, type3_hypotheses
from analysis.mixed.reml import fit_reml
from tests.certification.trials import RandomTrial, draw_trial
from tests.unit.reference_data import load_case

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = sorted(path.name.removesuffix(".out.json") for path in REFERENCE.glob("[0-9]*.out.json"))


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], pd.DataFrame, Fit]:
    expected, frame = load_case(request.param)
    terms = [tuple(term) for term in expected["fixed_terms"]]
    components = {":".join(by): by for by in expected["random"]}
    design = build_design(frame, terms, components)
    return expected, frame, fit_reml(design, frame["response"].to_numpy(float))


def test_optimum(case: Any) -> None:
    expected, _, fit = case
    assert fit.certificate.holds
    assert fit.criterion == pytest.approx(expected["reml_criterion"], abs=1e-6)
    size = sum(expected["variances"].values())
    for name, value in expected["variances"].items():
        assert fit.variances[name] == pytest.approx(value, rel=1e-5, abs=1e-9 * size)
    assert set(fit.at_boundary) == set(expected["boundary"])


@pytest.mark.parametrize("method", ["kenward_roger", "satterthwaite"])
def test_marginal_means_and_contrasts(case: Any, method: str) -> None:
    expected, _, fit = case
    short = {"kenward_roger": "kr", "satterthwaite": "satt"}[method]
    inference = Inference(fit, method)
    by = [name for name in ("time", "arm") if name in fit.design.fixed.levels]
    cells, rows = reference_grid(fit.design.fixed, by)
    index = {tuple(cell): row for cell, row in zip(cells.to_numpy(), rows, strict=True)}

    def cell(time: str | None, arm: str) -> np.ndarray:
        return index[(time, arm)] if "time" in by else index[(arm,)]

    def check(found: Any, wanted: list[dict[str, Any]]) -> None:
        for name, values, tolerance in (
            ("estimate", found.estimate, 1e-6),
            (f"se_{short}", found.std_error, 1e-6),
            (f"df_{short}", found.df, 1e-5),
        ):
            known = np.array([each[name] for each in wanted], float)
            scale = found.std_error if name == "estimate" else 0.0
            np.testing.assert_array_less(
                np.abs(values - known), tolerance * np.maximum(np.abs(known), scale), name
            )

    means = expected["means"]
    check(inference.estimates(np.array([cell(m["time"], m["arm"]) for m in means])), means)
    pairs = expected["contrasts"]
    differences = [cell(c["time"], c["arm"]) - cell(c["time"], c["reference"]) for c in pairs]
    found = inference.estimates(np.array(differences))
    check(found, pairs)
    known = np.array([each[f"p_{short}"] for each in pairs], float)
    np.testing.assert_allclose(found.p_value, known, rtol=1e-5)


@pytest.mark.parametrize("method", ["kenward_roger", "satterthwaite"])
def test_type3_tests(case: Any, method: str) -> None:
    expected, frame, fit = case
    short = {"kenward_roger": "kr", "satterthwaite": "satt"}[method]
    hypotheses = type3_hypotheses(fit.design, frame)
    assert expected["terms"]
    for term in expected["terms"]:
        name = tuple(sorted(term["term"].split(":")))
        rows = next(rows for key, rows in hypotheses.items() if tuple(sorted(key)) == name)
        found = Inference(fit, method).f_test(rows)
        assert found is not None
        assert found["df_num"] == term["df_num"]
        assert found["statistic"] == pytest.approx(term[f"F_{short}"], rel=1e-6)
        assert found["df_den"] == pytest.approx(term[f"df_den_{short}"], rel=1e-5)
        assert found["p_value"] == pytest.approx(term[f"p_{short}"], rel=1e-4)


def test_no_error_left_where_the_criterion_falls_for_ever() -> None:
    """Random effects that can take up every residual: a residual variance of zero fits best.

    The textbook N x N criterion in 60 digits falls up to a ratio of variances of 1e12.
    """
    trial = draw_trial(1, 92477)
    values = [_criterion_in_digits(trial, 10.0**power) for power in range(1, 13)]
    assert all(after < before for before, after in pairwise(values))
    with pytest.raises(ModelError, match="no error left"):
        fit_reml(trial.design, trial.y)
    fits = batch.plan(trial.design, np.eye(trial.design.rank)).fit(trial.y[:, None])
    assert not fits.certified.any() and np.isnan(fits.estimate).all()


def _criterion_in_digits(trial: RandomTrial, ratio: float) -> mpmath.mpf:
    """-2 log restricted likelihood profiled over s2, but for its constant; V = I + ratio Z Z'."""
    with mpmath.workdps(60):
        x, y = mpmath.matrix(trial.design.x.tolist()), mpmath.matrix(trial.y.tolist())
        z = mpmath.matrix(trial.design.z.tolist())
        v = mpmath.eye(x.rows) + mpmath.mpf(ratio) * z * z.T
        xv = x.T * v**-1
        rest = y - x * ((xv * x) ** -1 * (xv * y))
        form = (rest.T * v**-1 * rest)[0]
        dets = mpmath.log(mpmath.det(v)) + mpmath.log(mpmath.det(xv * x))
        return dets + (x.rows - x.cols) * mpmath.log(form)
