"""Many points, starts and responses at once give what each gives alone."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.errors import ModelError
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.residual import ResidualModel
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import End
from analysis.mixed.residual.newton import search
from analysis.mixed.residual.start import group_sizes, shifts, starting_points
from analysis.mixed.structures import make_structure
from tests.unit.test_residual_properties import (
    KINDS,
    TIMES,
    crossover,
    design_of,
    differences,
    problem_of,
    somewhere,
    values,
)


def model_of(kind: str, missing: int = 0, n: int = 12) -> ResidualModel:
    frame = crossover(1, missing=missing, n=n)
    return ResidualModel(design_of(frame), make_structure(kind, frame, TIMES))


def responses(model: ResidualModel, count: int, seed: int) -> np.ndarray:
    """Noise with a participant's part and unequal spread of the visits."""
    rng = np.random.default_rng(seed)
    spread = np.array([0.8, 1.5, 1.4, 0.6])[model.structure.time]
    own = rng.normal(size=(count, 12))[:, model.structure.participant]
    return own + spread * rng.normal(size=(count, len(spread)))


@pytest.mark.parametrize("missing", [0, 9])
@pytest.mark.parametrize("kind", ["by_time", "by_arm_time_ar1"])
def test_fits_are_those_of_single_responses(kind: str, missing: int) -> None:
    model = model_of(kind, missing)
    y = responses(model, 6, seed=2)
    for found, response in zip(model.fit_many(y, zero_variances="keep"), y, strict=True):
        alone = model.fit(response, zero_variances="keep")
        assert found.certificate.holds
        assert found.at_boundary == alone.at_boundary
        assert found.criterion == pytest.approx(alone.criterion, rel=1e-12)
        np.testing.assert_allclose(found.fitted, alone.fitted, atol=1e-9)
        rows = differences(alone)
        one, other = [KenwardRoger(fit.moments) for fit in (alone, found)]
        np.testing.assert_allclose(other.std_errors(rows), one.std_errors(rows), rtol=1e-9)
        np.testing.assert_allclose(other.df(rows), one.df(rows), rtol=1e-9)


def test_a_response_that_cannot_be_fitted_leaves_the_others_alone() -> None:
    model = model_of("by_arm_time_ar1")
    y = responses(model, 3, seed=3)
    y[1, model.structure.group == 2] = 4.0
    first, second, third = model.fit_many(y)
    assert isinstance(second, ModelError)
    assert model.structure.group_names[2] in str(second)
    for found, response in ((first, y[0]), (third, y[2])):
        assert found.criterion == pytest.approx(model.fit(response).criterion, rel=1e-12)


@pytest.mark.parametrize("kind", [*KINDS, "unstructured"])
def test_points_of_a_batch_are_single_points(kind: str) -> None:
    model, problem = problem_of(crossover(4, missing=9), kind)
    rng = np.random.default_rng(5)
    phi = np.array([somewhere(model, rng) for _ in range(3)])
    batch = problem.over(phi)
    for i in range(3):
        alone, taken = problem.at(phi[i]), batch.take(np.array([i]))
        assert batch.value[i] == pytest.approx(float(alone.value), rel=1e-13)
        for name in ("gradient", "average", "traces", "hessian"):
            known = getattr(alone, name)
            size = 1e-11 * np.abs(known).max()
            np.testing.assert_allclose(getattr(batch, name)[i], known, atol=size)
            np.testing.assert_allclose(getattr(taken, name)[0], known, atol=size)


def test_a_singular_point_does_not_spoil_its_batch() -> None:
    model, problem = problem_of(crossover(4), "by_arm_time_ar1")
    phi = np.array([somewhere(model, np.random.default_rng(6)) for _ in range(3)])
    phi[1, :-1] = 0.0
    value = problem.over(phi).value
    assert np.isinf(value[1])
    assert problem.at(phi[1]) is None
    assert value[2] == pytest.approx(float(problem.at(phi[2]).value), rel=1e-13)


@pytest.mark.parametrize("missing", [0, 9])
def test_rotation_of_participants_changes_nothing(missing: int) -> None:
    frame = crossover(7, missing=missing)
    model, problem = problem_of(frame, "by_arm_time_ar1")
    response = values(frame) / values(frame).std()
    turned = model.rotated.response(response)
    if missing == 0:
        # Six sequences of three periods: the mean, and four contrasts of sequences.
        assert len(model.rotated.problem.with_x.pattern) == 5
    phi = somewhere(model, np.random.default_rng(8))
    one, other = problem.at(phi), model.rotated.problem.over(phi, turned)
    assert float(other.value) == pytest.approx(float(one.value), rel=1e-12)
    for name in ("gradient", "average", "traces", "hessian"):
        known = getattr(one, name)
        np.testing.assert_allclose(getattr(other, name), known, atol=1e-10 * np.abs(known).max())
    by_row = model.rotated.by_row(other.w[..., 0])
    np.testing.assert_allclose(by_row, model.layout.unpad(one.w[..., 0]), atol=1e-10)


def test_starts_not_followed_lead_where_others_lead() -> None:
    """Each start alone ends at one of the ends of the search that follows only some of them."""
    model = model_of("by_arm_time_ar1", missing=8)
    dropped = 0
    for response in responses(model, 8, seed=9):
        rest = model._standardise(response).rest
        sizes = group_sizes(model.structure, rest)
        chart = Chart(model.law, shifts(model.law, sizes))
        starts = np.array(list(starting_points(model.law, sizes)))
        y = model.rotated.response(rest)[None]
        (found,) = search(model.rotated.problem, chart, starts[None], y)
        ends = found.ends
        kept = [end.value for end in ends if end is not None]
        dropped += ends.count(None)
        for start in starts:
            (lone,) = search(model.rotated.problem, chart, start[None, None], y)
            (alone,) = lone.ends
            assert isinstance(alone, End)
            assert np.abs(np.array(kept) - alone.value).min() < 1e-5
    assert dropped >= 8
