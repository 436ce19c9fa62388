"""Derivatives of V in their sparse forms, held to full N x N matrices; the second look."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analysis.mixed.residual import ResidualModel
from analysis.mixed.residual.again import FurtherLooks
from analysis.mixed.residual.factors import inverses, orthonormalised
from analysis.mixed.residual.local import Local
from analysis.mixed.residual.point import Point
from analysis.mixed.residual.problem import Problem
from analysis.mixed.residual.start import starting_points
from analysis.mixed.structures import make_structure
from tests.certification.residual import examine
from tests.certification.trials import draw_residual

KINDS = ("iid", "ar1", "by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1", "unstructured")
TRIALS = (4, 14)  # of seed 5: crossovers with and without missing values


def model_of(number: int, kind: str) -> tuple[ResidualModel, np.ndarray]:
    trial = draw_residual(5, number, "by_arm_time_ar1")
    visits = sorted(set(trial.frame["time"]))
    return ResidualModel(trial.design, make_structure(kind, trial.frame, visits)), trial.y


def full(model: ResidualModel, by_class: np.ndarray) -> np.ndarray:
    """An N x N matrix of values by class of pairs."""
    layout = model.layout
    blocks = layout.spread(by_class, 0.0)[layout.pattern]
    matrix = np.zeros((layout.n_rows + 1, layout.n_rows + 1))
    for rows, block in zip(layout.rows, blocks, strict=True):
        matrix[np.ix_(rows, rows)] = block
    return matrix[:-1, :-1]


@pytest.mark.parametrize("number", TRIALS)
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_are_those_of_full_matrices(number: int, kind: str) -> None:
    """f_k = tr(P G_k) - w'G_k w, tr(P G_k P G_l) and w'G_k P G_l w from dense P, w and G_k."""
    model, y = model_of(number, kind)
    rest = model._standardise(y).rest
    start = next(starting_points(model.law, np.linspace(0.5, 1.5, model.structure.n_groups)))
    at: Point = model.rotated.problem.over(start, model.rotated.response(rest))
    covariances = model.law.covariances(start)
    v = full(model, covariances.value)
    slopes = [full(model, each) for each in covariances.first.T]
    x, inverse = model.basis[0], np.linalg.inv(v)
    p = inverse - inverse @ x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse)
    w = p @ rest
    gradient = [np.trace(p @ g) - w @ g @ w for g in slopes]
    moved = np.array([p @ g for g in slopes])
    traces = np.einsum("kab,lba->kl", moved, moved, optimize=True)
    sides = np.array([g @ w for g in slopes])
    average = sides @ p @ sides.T
    scale = np.abs(traces).max()
    np.testing.assert_allclose(at.gradient, gradient, atol=1e-11 * scale)
    np.testing.assert_allclose(at.traces, traces, atol=1e-11 * scale)
    np.testing.assert_allclose(at.average, average, atol=1e-11 * scale)


@pytest.mark.parametrize("kind", ["by_time_ar1", "unstructured"])
def test_faster_factors_give_the_same_criterion(kind: str) -> None:
    model, y = model_of(8, kind)
    response = model.rotated.response(model._standardise(y).rest)
    sizes = np.ones(model.structure.n_groups)
    starts = np.array(list(starting_points(model.law, sizes)))
    responses = np.repeat(response[None], len(starts), axis=0)
    problem: Problem = model.rotated.problem
    fast = problem.over(starts, responses, exact=False)
    for name in ("value", "gradient", "hessian"):
        exact = getattr(problem.over(starts, responses), name)
        np.testing.assert_allclose(getattr(fast, name), exact, rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("size", [1, 7, 10, 12, 16, 21])
def test_substitution_inverts(size: int) -> None:
    rng = np.random.default_rng(1)
    lower = np.tril(rng.normal(size=(3, 20, size, size))) + 4 * np.eye(size)
    found = inverses(lower)
    np.testing.assert_allclose(
        found @ lower, np.broadcast_to(np.eye(size), lower.shape), atol=1e-12
    )
    assert (np.triu(found, 1) == 0).all()


def test_columns_are_made_orthonormal() -> None:
    rng = np.random.default_rng(2)
    q, r = orthonormalised(rng.normal(size=(2, 30, 4)))
    np.testing.assert_allclose(
        q.swapaxes(1, 2) @ q, np.broadcast_to(np.eye(4), (2, 4, 4)), atol=1e-13
    )
    assert (np.tril(r, -1) == 0).all()


@pytest.mark.parametrize(
    ("seed", "number", "excess"),
    [
        (71, 97, 3.27),
        (72, 41, 3.33),
        (6, 609, 0.512),  # no component
        (1, 1664, 18.91),  # no ordinary start leads to an ordinary minimum
    ],
)
def test_further_looks_find_what_ordinary_starts_miss(
    seed: int, number: int, excess: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches from 24 random starts found minima lower by this much (certification)."""
    found = examine(seed, number)
    assert found.cause == "certified"
    assert found.interior
    assert found.excess < 1e-6
    monkeypatch.setattr(FurtherLooks, "worthwhile", property(lambda _: False))
    assert examine(seed, number).excess == pytest.approx(excess, abs=0.01)


@pytest.mark.parametrize("number", [1342, 6769])  # a saddle; a wall to go along
def test_search_ends_at_a_minimum(number: int) -> None:
    assert examine(8, number).cause == "certified"


@pytest.mark.parametrize("seed", range(20))
def test_steps_lead_where_the_model_is_lowest_within_bounds(seed: int) -> None:
    """Against every set of bounds that may be met; models whose parameters depend on one another.

    Where bounds are met together, but one of them only because the other is not yet, it has to be
    left again: else the step may not even go down.
    """
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(6, 6, 7)) * [1, 1, 1, 1, 1, 0.1, 0.1]
    hessian = root @ root.swapaxes(1, 2) + 0.01 * np.eye(6)
    gradient, lowest = rng.normal(size=(6, 6)), -(10.0 ** rng.uniform(-9, 0, (6, 6)))
    lowest[:, 4:] = -np.inf
    local = Local(gradient, hessian, lowest, definite=True)
    steps, decrements = local.newton_step()
    one_by_one = local._bound_by_bound(hessian, np.ones((6, 6), bool))
    np.testing.assert_allclose(one_by_one, steps, rtol=1e-6, atol=1e-9)
    for step, decrement, g, h, low in zip(
        steps, decrements, gradient, hessian, lowest, strict=True
    ):
        expected = lowest_within(g, h, low)
        np.testing.assert_allclose(step, expected, rtol=1e-6, atol=1e-9)
        assert decrement == pytest.approx(-g @ expected)
        assert decrement > 0


def lowest_within(gradient: np.ndarray, hessian: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """The step to the lowest point, of all sets of parameters at their bounds."""
    best, at = np.inf, np.zeros(len(gradient))
    for met in product([False, True], repeat=4):
        inner = ~np.array([*met, False, False])
        step = np.where(inner, 0.0, lowest)
        rest = gradient[inner] + hessian[np.ix_(inner, ~inner)] @ step[~inner]
        step[inner] = -np.linalg.solve(hessian[np.ix_(inner, inner)], rest)
        value = gradient @ step + step @ hessian @ step / 2
        if (step >= lowest - 1e-12).all() and value < best:
            best, at = value, step
    return at


def test_off_a_saddle_goes_down_whichever_way_the_gradient_says() -> None:
    saddle = np.diag([1.0, -0.5])[None]
    for slope in (1e-9, -1e-9):
        local = Local(np.array([[0.0, slope]]), saddle, np.full((1, 2), -np.inf))
        step, fall = local.off_saddle(0, np.zeros(2), 0.0)
        np.testing.assert_allclose(step, [0.0, -np.copysign(0.3, slope)])
        assert fall == pytest.approx(0.5 * 0.3**2)  # twice what the quadratic falls
    bowl = Local(np.array([[0.0, 1e-9]]), -saddle * [[-1], [1]], np.full((1, 2), -np.inf))
    step, fall = bowl.off_saddle(0, np.zeros(2), 1e-18)
    assert (step == 0).all()
    assert fall == 1e-18


def test_step_goes_down_where_rounding_left_no_curvature() -> None:
    average = np.array([[[0.0, 2.0], [2.0, 1.0]]])  # its own step, (-0.5, 0.5), would go up
    local = Local(np.array([[-1.0, 0.5]]), average, np.full((1, 2), -np.inf), definite=True)
    step, decrement = local.newton_step()
    np.testing.assert_array_equal(step, [[1.0, -0.5]])
    assert decrement == [1.25]


def test_further_looks_are_for_correlated_errors_of_several_variances() -> None:
    assert model_of(3, "by_time_ar1")[0].further_looks.worthwhile
    assert not model_of(3, "by_time")[0].further_looks.worthwhile
    assert not model_of(3, "ar1")[0].further_looks.worthwhile
