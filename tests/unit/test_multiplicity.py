"""Adjusted p-values held to mvtnorm, to one-dimensional quadrature and to p.adjust.

The reference numbers and the scripts that made them: tests/reference/{multiplicity,
correlated_tests}.{R,out.json}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.inference.multiplicity import (
    correlated_tests,
    fixed_sequence,
    holm,
    multivariate_t,
)

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE: dict[str, Any] = json.loads((FOLDER / "multiplicity.out.json").read_text())
CORRELATED: dict[str, Any] = json.loads((FOLDER / "correlated_tests.out.json").read_text())


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


@pytest.mark.parametrize("example", CORRELATED["equal"], ids=str)
def test_correlated_tests_against_quadrature(example: dict[str, Any]) -> None:
    m = int(example["m"])
    correlation = np.full((m, m), example["rho"]) + (1 - example["rho"]) * np.eye(m)
    found = correlated_tests(np.full(m, example["p"]), correlation)
    # The lattice rule is off by 1.3e-5 at worst here (eight tests, correlation 0.7).
    np.testing.assert_allclose(found, example["adjusted"], atol=2e-5)


def test_correlated_tests_converge_to_the_quadrature() -> None:
    example = next(e for e in CORRELATED["equal"] if e["rho"] == 0.7 and e["p"] == 0.01)
    p = np.full(8, 0.01)
    found = correlated_tests(p, np.full((8, 8), 0.7) + 0.3 * np.eye(8), points=1_000_000)
    np.testing.assert_allclose(found, example["adjusted"], atol=1e-6)


def test_correlated_tests_each_with_its_own_p_against_mvtnorm() -> None:
    example = CORRELATED["unequal"]
    found = correlated_tests(np.array(example["p"]), np.reshape(example["corr"], (4, 4)))
    np.testing.assert_allclose(found, example["adjusted"], atol=1e-5)


def test_tests_without_correlation_are_sidaks() -> None:
    p = np.array([0.3, 0.01, 1e-6])
    np.testing.assert_allclose(correlated_tests(p, np.eye(3)), 1 - (1 - p) ** 3, atol=1e-6)


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
