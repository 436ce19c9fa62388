"""Where the search for lower minima starts, and what its ends close to a limit are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.mixed.design import Array
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import End
from analysis.mixed.residual.limits import Limits, Run
from analysis.mixed.residual.near import NearPoints
from analysis.mixed.residual.polish import made_sure
from analysis.mixed.residual.start import group_sizes, shifts
from tests.certification.residual import examine
from tests.unit.test_residual_many import model_of, responses


@pytest.mark.parametrize("kind", ["by_time_ar1", "by_arm_time_ar1"])
def test_rough_criterion_is_the_one_of_a_unit_by_full_matrices(kind: str) -> None:
    """log|V| + tr(V^-1 S) with V and the mean products of all units' values, one matrix at a time.

    A participant of a complete crossover has three units of four visits; their order by arm is
    that of the rows of the layout.
    """
    model = model_of(kind)
    rest = model._standardise(responses(model, 1, seed=4)[0]).rest
    sizes = group_sizes(model.structure, rest)
    near = NearPoints(model.law, model.structure)
    products = near._mean_products(sizes, rest)
    points = near._points(sizes, products)
    found = near._roughly(points, products)
    layout = model.layout
    first = rest[layout.rows].reshape(12, 3, 4)
    for phi, value in zip(points, found, strict=True):
        v = layout.spread(model.law.values(phi))[0].reshape(3, 4, 3, 4)
        total = 0.0
        for unit in range(3):
            block = v[unit, :, unit]
            own = first[:, unit] if kind == "by_arm_time_ar1" else first.reshape(-1, 4)
            s = own.T @ own / len(own)
            total += np.linalg.slogdet(block)[1] + np.trace(np.linalg.solve(block, s))
        assert value == pytest.approx(total if kind == "by_arm_time_ar1" else total / 3, rel=1e-12)
    # Three ordinary points and three for each group: the best of each of these kinds come first.
    n = len(sizes)
    best = [found[:3].argmin(), *(3 + g + n * found[3 + g :: n].argmin() for g in range(n))]
    by_kind = sorted(best, key=lambda i: found[i])
    others = sorted(set(range(len(points))) - set(best), key=lambda i: found[i])
    lowest = near.promising(sizes, rest, n + 4)
    np.testing.assert_array_equal(lowest, points[[*by_kind, *others[:3]]])


def test_an_end_close_to_a_limit_is_led_to_the_minimum() -> None:
    """A limit is laid between the minimum and a point a little above it."""
    model = model_of("by_time")
    fit = model.fit(responses(model, 1, seed=6)[0])
    rest = model._standardise(fit.fitted + fit.residuals).rest
    sizes = group_sizes(model.structure, rest)
    problem, y = model.rotated.problem, model.rotated.response(rest)
    chart = Chart(model.law, shifts(model.law, sizes))
    variance = model.law.has_role("variance")
    optimum = fit.moments.values / model._standardise(fit.fitted + fit.residuals).scale ** 2
    off = np.where(variance, 1.1 * optimum, optimum)
    run = Run(off, End(off, 0.0))
    limits = Limits(model.law, np.where(np.arange(4) == 2, 1.05e4 * optimum[variance], sizes))
    assert not limits.negligible(off).any()
    (sure,) = made_sure(problem, chart, limits, y, [run])
    np.testing.assert_allclose(sure.end.phi, optimum, rtol=1e-8)
    assert limits.negligible(sure.end.phi).tolist() == [False, False, False, False, True, False]
    assert made_sure(problem, chart, replace(limits, sizes=sizes), y, [run])[0] is run


def test_rough_criterion_tells_which_points_to_follow() -> None:
    """The points that lead to this minimum are not those at which the criterion is lowest."""
    found = examine(2, 177)
    assert found.cause == "certified"
    assert found.excess < 1e-6


@pytest.mark.parametrize(
    "number",
    [
        286,  # Newton's full step would take a component at zero below it
        6363,  # a start has not arrived after as many steps as are allowed
        7067,  # a valley whose floor is all but level, but no minimum
    ],
)
def test_certified_where_the_last_steps_are_not_plain(number: int) -> None:
    """Were not certified once: a decrement of 1e-6 had been taken for an arrival."""
    found = examine(19, number)
    assert found.cause == "certified"
    assert found.excess < 1e-6


def test_starts_agree_on_one_ordinary_minimum() -> None:
    model = model_of("by_time_ar1")
    limits = Limits(model.law, np.ones(4))
    ordinary = np.array([0.2, 0.1, 1.0, 1.0, 1.0, 1.0, 0.3])
    spike = np.where(np.arange(7) == 3, 0.0, ordinary)

    def runs(*ends: tuple[Array, float]) -> list[Run]:
        return [Run(phi, End(phi, value)) for phi, value in ends]

    assert limits.agree(runs((ordinary, 2.0)))
    assert limits.agree(runs((ordinary, 2.0), (ordinary, 2.0 + 1e-6)))
    assert not limits.agree(runs((ordinary, 2.0), (ordinary, 2.5)))
    assert not limits.agree(runs((ordinary, 2.0), (spike, 2.0)))
    assert not limits.agree(runs((spike, 2.0)))
    assert not limits.agree([])
