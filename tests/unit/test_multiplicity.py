"""Adjusted p-values held to mvtnorm, to one-dimensional quadrature and to p.adjust.

The reference numbers and the script that made them: tests/reference/multiplicity.{R,out.json}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.inference.multiplicity import fixed_sequence, holm, multivariate_t

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "multiplicity.out.json").read_text()
)


def one(t: float, df: float, correlation: Any) -> float:
    """Adjusted p-value of the first row, the others having the same statistic."""
    corr = np.array(correlation, float)
    statistic = np.full(len(corr), float(t))
    return float(multivariate_t(statistic, np.full(len(corr), float(df)), corr)[0])


@pytest.mark.parametrize("family", REFERENCE["mvt"], ids=lambda family: family["name"])
def test_multivariate_t(family: dict[str, Any]) -> None:
    for value in family["values"]:
        known = value.get("p_quadrature") or value["p_mvtnorm"]
        assert one(value["t"], family["df"], family["corr"]) == pytest.approx(known, abs=1e-5)


def test_fractional_degrees_of_freedom() -> None:
    for value in REFERENCE["fractional_df"]:
        found = one(value["t"], value["df"], [[1, 0.5], [0.5, 1]])
        assert found == pytest.approx(value["p_quadrature_k2_r0.5"], abs=1e-5)


@pytest.mark.parametrize("example", REFERENCE["holm"])
def test_holm(example: dict[str, Any]) -> None:
    found = holm(np.array(example["p"], float))
    np.testing.assert_allclose(found, example["holm"], atol=1e-12)


def test_same_bytes_every_time() -> None:
    correlation = 0.5 ** np.abs(np.subtract.outer(range(6), range(6)))
    arguments = np.linspace(1, 3, 6), np.full(6, 20.0), correlation
    assert (multivariate_t(*arguments) == multivariate_t(*arguments)).all()


def test_fixed_sequence_is_the_running_maximum() -> None:
    found = fixed_sequence(np.array([0.01, 0.2, 0.03, 0.5]))
    assert found.tolist() == [0.01, 0.2, 0.2, 0.5]
