"""The compiled kernel gives what numpy gives, which other tests hold to full N x N matrices."""

from __future__ import annotations

import ctypes
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.mixed.residual import ResidualModel, problem
from analysis.mixed.residual import compiled as module
from analysis.mixed.residual.compiled import AVERAGE, HESSIAN, Kernel, library
from analysis.mixed.residual.start import group_sizes, starting_points
from analysis.mixed.structures import make_structure
from tests.certification.trials import draw_residual
from tests.unit.test_residual_many import model_of as complete_model
from tests.unit.test_residual_many import responses

Array = np.ndarray

COMPILER = (sysconfig.get_config_var("CC") or "cc").split()[0]
compiled = pytest.mark.skipif(library() is None, reason="the kernel has not been compiled")

KINDS = ("iid", "ar1", "by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1")
TRIALS = (0, 3, 4, 11, 14, 22)  # of seed 5: crossovers and parallel trials, complete and not


def random_model(number: int, kind: str) -> tuple[ResidualModel, Array]:
    trial = draw_residual(5, number, "by_arm_time_ar1")
    visits = sorted(set(trial.frame["time"]))
    return ResidualModel(trial.design, make_structure(kind, trial.frame, visits)), trial.y


def points_of(model: ResidualModel, rest: Array) -> Array:
    """Ordinary points, and some with components or a deviation at zero."""
    sizes = group_sizes(model.structure, rest)
    points = np.array(list(starting_points(model.law, sizes)))
    points[1, model.law.has_role("component")] = 0.0
    points[2, model.law.has_role("deviation")] *= np.linspace(1e-3, 2.0, len(sizes))[
        : model.law.has_role("deviation").sum()
    ]
    return points


def evaluated(kernel: Kernel, phi: Array, y: Array, order: int, ceiling: float = np.inf):
    n = len(phi)
    many = np.stack([np.full_like(y, np.nan), y])  # the second response is meant
    return kernel.at(phi, many, np.ones(n, int), np.full(n, order), np.full(n, ceiling))


def test_the_kernel_is_there_where_there_is_a_compiler() -> None:
    try:
        check = [COMPILER, "-x", "c", "-include", "math.h", "-fsyntax-only", "/dev/null"]
        subprocess.run(check, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"no C compiler that works ({COMPILER}): numpy does all the work")
    assert library() is not None, "run `make env` again; it should have compiled kernel/"
    sources = sorted((Path(module.__file__).parent / "kernel").glob("*.c"))
    checked = subprocess.run([COMPILER, "-fsyntax-only", *sources], capture_output=True)
    assert checked.returncode == 0, checked.stderr.decode()


def test_a_kernel_of_another_interface_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    library.cache_clear()
    monkeypatch.setattr(module, "VERSION", module.VERSION + 1)
    try:
        assert library() is None
    finally:
        library.cache_clear()


@compiled
@pytest.mark.parametrize("number", TRIALS)
@pytest.mark.parametrize("kind", KINDS)
def test_criterion_and_derivatives_are_those_of_numpy(number: int, kind: str) -> None:
    model, y = random_model(number, kind)
    assert_alike(model, y)


@compiled
@pytest.mark.parametrize("kind", KINDS)
def test_so_they_are_where_participants_share_patterns(kind: str) -> None:
    """A complete crossover has one pattern, and X after rotation for a few participants only."""
    model = complete_model(kind)
    assert len(model.layout.counts) == 1
    assert model.rotated.problem.with_x.who is not None
    assert_alike(model, responses(model, 1, seed=8)[0])


@compiled
@pytest.mark.parametrize("kind", KINDS)
def test_so_they_are_without_random_intercepts(kind: str) -> None:
    """As in the models of SAS's REPEATED statement."""
    model, y = random_model(3, kind)
    alone = ResidualModel(replace(model.design, components=()), model.structure)
    assert alone.law.names == model.law.names[len(model.design.components) :]
    assert_alike(alone, y)


def assert_alike(model: ResidualModel, response: Array) -> None:
    rest = model._standardise(response).rest
    own, y = model.rotated.problem, model.rotated.response(rest)
    phi = points_of(model, rest)
    by_numpy = own.over(phi, np.repeat(y[None], len(phi), axis=0))
    assert own.kernel is not None
    for order, name in ((AVERAGE, "average"), (HESSIAN, "hessian")):
        found = evaluated(own.kernel, phi, y, order)
        np.testing.assert_allclose(found.value, by_numpy.value, rtol=1e-10)
        assert_close(found.gradient, by_numpy.gradient)
        assert_close(getattr(found, name), getattr(by_numpy, name))
    # What was not asked for at first is computed when it is needed.
    assert_close(evaluated(own.kernel, phi, y, AVERAGE).hessian, by_numpy.hessian)


def assert_close(found: Array, expected: Array) -> None:
    """To rounding error of the largest number of each point."""
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10 * np.abs(other).max())


@compiled
@pytest.mark.parametrize("kind", ["by_time", "by_arm_time_ar1"])
def test_so_they_are_on_any_processor(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most processors get another version of the code."""
    kernel = library()
    assert kernel is not None
    for name in ("evaluate_plain", "evaluate"):
        evaluate = getattr(kernel, name)
        evaluate.argtypes = [ctypes.c_void_p] * 2
        monkeypatch.setattr(module, "_evaluate", lambda own=evaluate: own)
        assert_alike(*random_model(4, kind))


@compiled
@pytest.mark.parametrize("points", range(1, 10))
def test_points_are_evaluated_one_by_one_as_in_any_number(points: int) -> None:
    """They are evaluated four at a time, those with the Hessian by themselves."""
    model, y = random_model(3, "by_arm_time_ar1")
    own, rest = model.rotated.problem, model._standardise(y).rest
    assert own.kernel is not None
    phi = np.resize(points_of(model, rest), (points, len(model.law.names)))
    phi[:, -1] = np.linspace(-0.3, 0.8, points)
    many = np.stack([model.rotated.response(sign * rest + 0.1) for sign in (1, -1)])
    of, order = np.arange(points) % 2, np.where(np.arange(points) % 3, AVERAGE, HESSIAN)
    together = own.kernel.at(phi, many, of, order, np.full(points, np.inf))
    for i in range(points):
        one = np.array([i])
        alone = own.kernel.at(phi[one], many, of[one], order[one], np.array([np.inf]))
        assert together.value[i] == alone.value[0]
        np.testing.assert_array_equal(together.gradient[i], alone.gradient[0])
        np.testing.assert_array_equal(together.second[i], alone.second[0])


@compiled
def test_no_derivatives_above_the_ceiling_and_no_criterion_without_a_variance() -> None:
    model = complete_model("by_time_ar1")
    rest = model._standardise(responses(model, 1, seed=9)[0]).rest
    own, y = model.rotated.problem, model.rotated.response(rest)
    phi = points_of(model, rest)
    phi[3, model.law.has_role("deviation")] = 0.0  # V is singular
    assert own.kernel is not None
    found = evaluated(own.kernel, phi, y, HESSIAN)
    assert np.isfinite(found.value).tolist() == [True, True, True, False]
    middle = np.sort(found.value)[1]
    below = evaluated(own.kernel, phi, y, HESSIAN, ceiling=middle)
    np.testing.assert_array_equal(below.value, found.value)
    np.testing.assert_array_equal(below.gradient.any(axis=1), found.value <= middle)


@compiled
@pytest.mark.parametrize("kind", ["by_time", "by_arm_time_ar1"])
def test_fits_are_those_without_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = complete_model(kind, missing=9)
    y = responses(model, 4, seed=11)
    with_it = model.fit_many(y, zero_variances="keep")
    monkeypatch.setattr(problem, "kernel_for", lambda *_: None)
    without = ResidualModel(model.design, model.structure)
    assert without.rotated.problem.kernel is None
    for one, other in zip(with_it, without.fit_many(y, zero_variances="keep"), strict=True):
        assert one.certificate.holds and other.certificate.holds
        assert one.criterion == pytest.approx(other.criterion, abs=1e-10)
        np.testing.assert_allclose(one.moments.values, other.moments.values, atol=1e-8)


@compiled
def test_unstructured_matrices_are_left_to_numpy() -> None:
    model, _ = random_model(4, "unstructured")
    assert model.rotated.problem.kernel is None
