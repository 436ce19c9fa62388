"""The parts of the batched engine, each against a plain definition."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.mixed import batch
from analysis.mixed.batch.algebra import closure, half, split_space
from analysis.mixed.batch.check import table_errors
from analysis.mixed.batch.newton import Indices, Local, eliminate, search
from analysis.mixed.batch.start import isotonic
from analysis.mixed.batch.table import Basis
from analysis.mixed.batch.tails import two_sided_p
from analysis.mixed.criterion import evaluate, reduce
from tests.unit.test_batch import DESIGNS, combinations, responses

Array = NDArray[np.float64]


@pytest.mark.parametrize("df", [0.7, 3.0, 17.9, 18.0, 36.4, 104.0, 1e4, 9e6, 2e7, np.inf])
@pytest.mark.parametrize("t", [1e-6, 0.3, 1.0, 2.1, 4.0, 7.5, 12.0, 40.0])
def test_p_values_against_40_digits(df: float, t: float) -> None:
    found = float(two_sided_p(np.array([t]), np.array([df]))[0])
    with mpmath.workdps(40):
        nu = mpmath.mpf(min(df, 1e12))
        x = nu / (nu + mpmath.mpf(t) ** 2)
        exact = mpmath.betainc(nu / 2, mpmath.mpf("0.5"), 0, x, regularized=True)
    assert found == pytest.approx(float(exact), rel=2e-12 if df < 1e6 else 1e-9)


def test_p_values_against_scipy() -> None:
    rng = np.random.default_rng(0)
    t, df = 3 * rng.standard_normal((500, 21)), np.exp(rng.uniform(0, 8, (500, 21)))
    np.testing.assert_allclose(two_sided_p(t, df), 2 * stdtr(df, -np.abs(t)), rtol=1e-12)
    np.testing.assert_array_equal(two_sided_p(-t, df), two_sided_p(t, df))
    assert np.isnan(two_sided_p(np.array([np.nan]), np.array([30.0]))).all()


def test_split_keeps_what_does_not_commute() -> None:
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.standard_normal((9, 9)))[0]
    first, second = np.diag(np.repeat([1.0, 2.0, 3.0], 3)), np.diag(np.tile([1.0, 4.0, 2.0], 3))
    second[:2, :2] = [[1.0, 0.5], [0.5, 4.0]]
    first[1, 1] = 5.0
    matrices = [turn @ each @ turn.T for each in (first, second)]
    needed = turn[:, [4]]
    closed, commuting = split_space(matrices, needed)
    assert closed.shape == (9, 3) and commuting.shape == (9, 6)
    np.testing.assert_allclose(closed @ (closed.T @ needed), needed, atol=1e-12)
    for each in matrices:
        np.testing.assert_allclose(closed @ (closed.T @ each @ closed), each @ closed, atol=1e-12)
        inside = commuting.T @ each @ commuting
        np.testing.assert_allclose(inside, np.diag(np.diag(inside)), atol=1e-12)


def test_closure_and_half() -> None:
    shift = np.eye(4, k=1) + np.eye(4, k=-1)
    assert closure([shift], np.eye(4)[:, :1]).shape == (4, 4)
    assert closure([shift], np.zeros((4, 0))).shape == (4, 0)
    matrix = np.array([[2.0, 2.0], [2.0, 2.0]])
    root = half(matrix)
    assert root.shape == (2, 1)
    np.testing.assert_allclose(root @ root.T, matrix)


def test_isotonic_pools_neighbours() -> None:
    squares = np.array([[4.0, 4.0, 6.0], [6.0, 1.0, 2.0], [16.0, 9.0, 1.0]])
    expected = [[2.0, 5 / 4, 9 / 5], [3.0, 5 / 4, 9 / 5], [16.0, 9.0, 9 / 5]]
    np.testing.assert_allclose(isotonic(squares, np.array([2.0, 2.0, 1.0])), expected)


def test_eliminate() -> None:
    rng = np.random.default_rng(2)
    roots = rng.standard_normal((5, 3, 3))
    matrices, sides = roots @ roots.transpose(0, 2, 1), rng.standard_normal((5, 3, 2))
    factored = eliminate(matrices, sides)
    solved = np.linalg.solve(matrices, sides)
    np.testing.assert_allclose(factored.solution(), solved, rtol=1e-8)
    np.testing.assert_allclose(factored.forms(), (sides * solved).sum(axis=1), rtol=1e-8)
    assert factored.positive(matrices).all()
    assert not eliminate(-matrices, sides).positive(-matrices).any()


class Quartics:
    """sum (t - a)^2 + (t - a)^4 + t_1 t_2 / 2, whose minimum over t >= 0 is known for a < 0."""

    def evaluate(self, t: Array, responses: Centres) -> Local:
        gap = t - responses.a
        value = (gap**2 + gap**4).sum(axis=1) + t[:, 0] * t[:, 1] / 2
        gradient = 2 * gap + 4 * gap**3 + t[:, ::-1] / 2
        hessian = np.full((len(t), 2, 2), 0.5)
        hessian[:, [0, 1], [0, 1]] = 2 + 12 * gap**2
        return Local(value, gradient, hessian)


class Centres:
    def __init__(self, a: Array) -> None:
        self.a = a

    def take(self, index: Indices) -> Centres:
        return Centres(self.a[index])


def test_search_ends_at_the_boundary() -> None:
    centres = np.array([[-1.0, -2.0], [0.7, -3.0], [-0.5, 2.0], [1.0, 1.0]])
    ends = search(Quartics(), np.full((4, 2), 3.0), Centres(centres))
    assert np.isfinite(ends.value).all()
    np.testing.assert_array_equal(ends.t[0], [0.0, 0.0])
    np.testing.assert_allclose(ends.t[1], [0.7, 0.0], atol=1e-12)
    np.testing.assert_allclose(ends.t[2], [0.0, 2.0], atol=1e-12)
    gap = ends.t[3] - 1
    np.testing.assert_allclose(2 * gap + 4 * gap**3 + ends.t[3, ::-1] / 2, 0, atol=1e-12)


def test_basis_interpolates_polynomials_and_their_derivatives() -> None:
    basis = Basis(8)
    c = np.array([0.0, 0.2, 1.5, 6.0])
    x = np.exp(-c)
    found = basis.at(c) @ basis.points**5
    # x = exp(-c): d/dc x^5 = -5 x^5, d2/dc2 x^5 = 25 x^5
    np.testing.assert_allclose(found, np.outer(x**5, [1, -5, 25]), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", [each for each in DESIGNS if each != "residual only"])
def test_exact_functions_against_reml(name: str) -> None:
    design = DESIGNS[name]()
    plan = batch.plan(design, combinations(design))
    y = responses(design, 0.5, 1)
    g = np.linspace(0.4, 0.9, len(design.components))
    for point in (g, g * (np.arange(len(g)) > 0)):
        problem, *_ = reduce(design, y[:, 0])
        one = evaluate(problem, point)
        many = plan.engine.criterion.evaluate(point[None], plan.reduce(y))
        assert many.criterion[0] == pytest.approx(one.value, rel=1e-12)
        np.testing.assert_allclose(many.gradient[0], one.gradient, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(many.hessian[0], one.hessian, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", [n for n in DESIGNS if n.startswith(("crossover", "parallel"))])
def test_usual_designs_are_tabulated(name: str) -> None:
    """What makes the batch fast: no response of a usual design needs a matrix inverted."""
    design = DESIGNS[name]()
    engine = batch.plan(design, combinations(design)).engine
    assert engine.exact
    assert max(table_errors(engine.table, engine.criterion, engine.combinations)) < 1e-10


def test_complete_crossover_needs_no_single_coordinates() -> None:
    design = DESIGNS["crossover complete"]()
    reduction = batch.plan(design, combinations(design)).reduction
    assert len(reduction.dense.level) == 0
    np.testing.assert_array_equal(reduction.strata.sizes, [20, 11])
    np.testing.assert_allclose(reduction.strata.values, [[0, 6], [18, 6]], atol=1e-9)
