"""The batched fits held to the single fit of `analysis.mixed.reml`, response by response."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.inference.estimates import Inference
from analysis.mixed import batch
from analysis.mixed.batch import plans
from analysis.mixed.batch.fit import Engine
from analysis.mixed.batch.solutions import Solutions
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.design import Design, build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid
from analysis.mixed.reml import fit_reml
from tests.unit.reference_data import load_case

Array = NDArray[np.float64]
RELATIVE = 1e-8
REFERENCE = Path(__file__).parents[1] / "reference"
CASES = sorted(path.name.removesuffix(".out.json") for path in REFERENCE.glob("[0-9]*.out.json"))

BY_TIME = [("arm",), ("time",), ("arm", "time")]
PARTICIPANT = {"participant": ("participant",)}
PERIOD = PARTICIPANT | {"participant:period": ("participant", "period")}
REPLICATE = PERIOD | {"participant:arm": ("participant", "arm")}
BY_VISIT = PERIOD | {"participant:time": ("participant", "time")}


def trial(
    people: int, arms: int, periods: int, times: int, missing: float = 0.0, seed: int = 0
) -> pd.DataFrame:
    rows = [
        (f"P{i:02d}", str(p), "ABC"[(p + i + i // arms) % arms], f"t{t}")
        for i, p, t in product(range(people), range(periods), range(times))
    ]
    frame = pd.DataFrame(rows, columns=["participant", "period", "arm", "time"])
    rng = np.random.default_rng(seed)
    frame = frame.drop(rng.choice(len(frame), round(missing * len(frame)), replace=False))
    frame["covariate"] = rng.standard_normal(len(frame)).round(2)
    for name in ("participant", "period", "arm", "time"):
        frame[name] = pd.Categorical(frame[name], sorted(frame[name].unique()), ordered=True)
    return frame.reset_index(drop=True)


def crossover(people: int, missing: float, seed: int = 0) -> Design:
    return build_design(trial(people, 3, 3, 6, missing, seed), [*BY_TIME, ("period",)], PERIOD)


def with_baseline(missing: float) -> Design:
    terms = [*BY_TIME, ("period",), ("covariate",)]
    return build_design(trial(9, 3, 3, 4, missing), terms, PERIOD)


def parallel(people: int, missing: float) -> Design:
    return build_design(trial(people, 2, 1, 5, missing), BY_TIME, PARTICIPANT)


def replicate(missing: float) -> Design:
    return build_design(trial(10, 2, 4, 4, missing), [*BY_TIME, ("period",)], REPLICATE)


DESIGNS: dict[str, Callable[[], Design]] = {
    "crossover complete": lambda: crossover(12, 0.0),
    "crossover missing": lambda: crossover(12, 0.09),
    "crossover many missing": lambda: crossover(6, 0.25),
    "crossover large": lambda: crossover(30, 0.09),
    "crossover with covariate": lambda: with_baseline(0.1),
    "parallel complete": lambda: parallel(16, 0.0),
    "parallel missing": lambda: parallel(21, 0.2),
    "replicate complete": lambda: replicate(0.0),
    "replicate missing": lambda: replicate(0.1),
    "participant by time": lambda: build_design(trial(10, 3, 3, 4, 0.1), BY_TIME, BY_VISIT),
    "residual only": lambda: build_design(trial(10, 2, 1, 2), BY_TIME, {}),
}
# Variances of the components over that of the residual: interior, near and at the boundary, large.
RATIOS = {"interior": 0.6, "small": 0.03, "none": 0.0, "large": 30.0}


def combinations(design: Design) -> Array:
    """All cell means, and all differences from the first."""
    by = [name for name in ("time", "arm") if name in design.fixed.levels]
    _, rows = reference_grid(design.fixed, by)
    return np.vstack([rows, rows[1:] - rows[0]])


def responses(design: Design, ratio: float, n: int, seed: int = 7) -> Array:
    rng = np.random.default_rng(seed)
    random = design.z @ rng.standard_normal((design.z.shape[1], n)) * np.sqrt(ratio)
    return np.asarray(50 + random + rng.standard_normal((design.n_rows, n)))


def fit_residual_only(design: Design, rows: Array, y: Array) -> tuple[Array, Array]:
    """Estimates and standard errors of ordinary least squares."""
    x = design.x
    beta, left, *_ = np.linalg.lstsq(x, y, rcond=None)
    inverse = np.linalg.inv(x.T @ x)
    s2 = left[0] / (design.n_rows - design.rank)
    short = rows[:, design.kept]
    return short @ beta, np.sqrt(s2 * np.einsum("mi,ij,mj->m", short, inverse, short))


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("name", [each for each in DESIGNS if each != "residual only"])
def test_batch_is_the_single_fit(name: str, ratio: str) -> None:
    design = DESIGNS[name]()
    rows = combinations(design)
    y = responses(design, RATIOS[ratio], 16)
    plan = batch.plan(design, rows)
    plain, full = plan.fit(y), plan.fit(y, kenward_roger=True)
    assert plain.certified.all() and full.certified.all()
    assert full.kenward_roger is not None and plain.kenward_roger is None
    seen = set()
    for index, response in enumerate(y.T):
        single = fit_reml(design, response)
        seen.add(bool(single.at_boundary))
        for fits in (plain, full):
            _same_model(fits, index, single)
            _same_tests(fits.satterthwaite, index, Inference(single, "satterthwaite"), rows)
        _same_tests(full.kenward_roger, index, Inference(single, "kenward_roger"), rows)
    if ratio == "none":
        assert True in seen, "no response at the boundary was tested"


@pytest.mark.parametrize("case", CASES)
def test_batch_is_the_single_fit_on_real_trials(case: str) -> None:
    """The data that R was run on, and the same with noise of their own size added."""
    expected, frame = load_case(case)
    components = {":".join(by): by for by in expected["random"]}
    design = build_design(frame, [tuple(each) for each in expected["fixed_terms"]], components)
    rows = combinations(design)
    y = frame["response"].to_numpy(float)
    noise = np.random.default_rng(5).standard_normal((len(y), 3)) * y.std()
    many = np.column_stack([y, y[:, None] + noise])
    fits = batch.plan(design, rows).fit(many, kenward_roger=True)
    for index, response in enumerate(many.T):
        single = fit_reml(design, response)
        _same_model(fits, index, single)
        _same_tests(fits.satterthwaite, index, Inference(single, "satterthwaite"), rows)
        _same_tests(fits.kenward_roger, index, Inference(single, "kenward_roger"), rows)


def _same_model(fits: batch.BatchFits, index: int, single: Fit) -> None:
    s2 = single.variances["residual"]
    expected = np.array([single.variances[name] for name in fits.names])
    np.testing.assert_allclose(fits.variances[index], expected, rtol=RELATIVE, atol=RELATIVE * s2)
    assert fits.criterion[index] == pytest.approx(single.criterion, abs=1e-9)
    at_zero = {n for n, v in zip(fits.names, fits.variances[index], strict=True) if v == 0}
    assert at_zero == set(single.at_boundary)


def _same_tests(found: batch.BatchTests, index: int, inference: Inference, rows: Array) -> None:
    expected = inference.estimates(rows)
    gap = np.abs(found.estimate[index] - expected.estimate)
    scale = np.maximum(np.abs(expected.estimate), expected.std_error)
    assert (gap <= RELATIVE * scale).all()
    np.testing.assert_allclose(found.std_error[index], expected.std_error, rtol=RELATIVE)
    np.testing.assert_allclose(found.df[index], expected.df, rtol=RELATIVE)
    # Far out, an error of 1e-8 in t is an error of t^2 1e-8 in p.
    size = RELATIVE * (1 + expected.statistic**2)
    assert (np.abs(found.p_value[index] - expected.p_value) <= size * expected.p_value).all()


def test_residual_only_is_least_squares() -> None:
    design = DESIGNS["residual only"]()
    rows = combinations(design)
    y = responses(design, 0.0, 5)
    fits = batch.plan(design, rows).fit(y, kenward_roger=True)
    assert fits.names == ("residual",)
    for index, response in enumerate(y.T):
        estimate, std_error = fit_residual_only(design, rows, response)
        np.testing.assert_allclose(fits.estimate[index], estimate, rtol=1e-12)
        np.testing.assert_allclose(fits.std_error[index], std_error, rtol=1e-12)
    assert (fits.df == design.n_rows - design.rank).all()
    assert fits.kenward_roger is not None
    np.testing.assert_array_equal(fits.kenward_roger.std_error, fits.std_error)


@pytest.mark.parametrize("name", ["crossover missing", "replicate missing"])
def test_scale_and_origin_do_not_matter(name: str) -> None:
    design = DESIGNS[name]()
    rows = combinations(design)
    differences = rows[len(rows) // 2 + 1 :]
    plan = batch.plan(design, differences)
    y = responses(design, 0.5, 40)
    plain, other = plan.fit(y), plan.fit(1000 * y + 1e6)
    np.testing.assert_allclose(other.df, plain.df, rtol=1e-7)
    np.testing.assert_allclose(other.std_error, 1000 * plain.std_error, rtol=1e-7)
    np.testing.assert_allclose(other.p_value, plain.p_value, rtol=1e-6)


def test_results_do_not_depend_on_company_or_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    design = DESIGNS["crossover missing"]()
    plan = batch.plan(design, combinations(design))
    y = responses(design, 0.3, 300)
    whole = plan.fit(y)
    again = plan.fit(y)
    np.testing.assert_array_equal(whole.df, again.df)
    monkeypatch.setattr(plans, "CHUNK", 64)
    chunked, threaded = plan.fit(y), plan.fit(y, threads=2)
    np.testing.assert_array_equal(chunked.df, threaded.df)
    np.testing.assert_allclose(chunked.df, whole.df, rtol=1e-9)
    np.testing.assert_allclose(chunked.variances, whole.variances, rtol=1e-9, atol=1e-12)


def test_uncertified_fits_are_repeated_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    design = DESIGNS["crossover missing"]()
    plan = batch.plan(design, combinations(design))
    y = responses(design, 0.3, 3)
    sound = plan.fit(y, kenward_roger=True)
    solve = type(plan.engine).fit

    def spoilt(self: Engine, statistics: Statistics, kenward_roger: bool) -> Solutions:
        found = solve(self, statistics, kenward_roger)
        found.certified[1], found.df[1] = False, np.nan
        return found

    monkeypatch.setattr(type(plan.engine), "fit", spoilt)
    repeated = plan.fit(y, kenward_roger=True)
    assert repeated.certified.all()
    for name in ("estimate", "std_error", "df"):
        for tests in ("satterthwaite", "kenward_roger"):
            one, two = getattr(sound, tests), getattr(repeated, tests)
            np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-8)


def test_what_cannot_be_analysed_is_missing_and_alone() -> None:
    design = DESIGNS["crossover missing"]()
    plan = batch.plan(design, combinations(design))
    y = responses(design, 0.3, 4)
    alone = plan.fit(y[:, [0, 3]])
    y[:, 1] = 3.0
    y[5, 2] = np.nan
    fits = plan.fit(y)
    np.testing.assert_array_equal(fits.certified, [True, False, False, True])
    assert np.isnan(fits.estimate[1:3]).all() and np.isnan(fits.p_value[1:3]).all()
    np.testing.assert_allclose(fits.df[[0, 3]], alone.df, rtol=1e-9)


def test_combinations_that_are_not_estimable_are_missing() -> None:
    frame = trial(10, 2, 2, 3)
    frame = frame[(frame["arm"] != "B") | (frame["time"] != "t2")].reset_index(drop=True)
    design = build_design(frame, [*BY_TIME, ("period",)], PERIOD)
    rows = combinations(design)
    fits = batch.plan(design, rows).fit(responses(design, 0.3, 2))
    known = design.estimable(rows)
    assert not known.all() and known.any()
    np.testing.assert_array_equal(np.isfinite(fits.estimate[0]), known)


def test_as_many_coefficients_as_values() -> None:
    frame = trial(1, 1, 1, 4)
    design = build_design(frame, [("time",)], {})
    with pytest.raises(ModelError, match="as many coefficients"):
        batch.plan(design, np.eye(design.rank))


def test_statistics_are_sufficient() -> None:
    design = DESIGNS["crossover missing"]()
    plan = batch.plan(design, combinations(design))
    statistics = plan.reduce(responses(design, 0.4, 6))
    again = plan.reduce(plan.reduction.axes.compose(statistics))
    for name in ("ols", "eta", "squares", "rest"):
        np.testing.assert_allclose(getattr(again, name), getattr(statistics, name), rtol=1e-9)
    np.testing.assert_allclose(plan.fit(statistics).df, plan.fit(again).df, rtol=1e-8)


@pytest.mark.parametrize("name", ["crossover complete", "crossover missing", "replicate missing"])
def test_draws_follow_the_model(name: str) -> None:
    """Means and covariances of drawn statistics against those of drawn responses."""
    design = DESIGNS[name]()
    plan = batch.plan(design, combinations(design)[:4])
    variances = np.array([*(0.8, 0.3, 0.5)[: len(design.components)], 1.0])
    means = np.array([1.0, 2.0, 3.0, 4.0])
    n = 20_000
    drawn = plan.draw(np.random.default_rng(1), variances, means, n)
    x = np.linalg.lstsq(plan.rows[:, design.kept], means, rcond=None)[0]
    rng = np.random.default_rng(2)
    deviations = np.sqrt(variances[:-1])[design.owner, None]
    random = design.z @ (rng.standard_normal((design.z.shape[1], n)) * deviations)
    noise = rng.standard_normal((design.n_rows, n))
    formed = plan.reduce((design.x @ x)[:, None] + random + noise)
    one = np.column_stack([drawn.ols, drawn.eta, drawn.squares, drawn.rest])
    two = np.column_stack([formed.ols, formed.eta, formed.squares, formed.rest])
    spread = np.sqrt((one.var(axis=0) + two.var(axis=0)) / n)
    assert (np.abs(one.mean(axis=0) - two.mean(axis=0)) < 5 * spread).all()
    gap = np.corrcoef(one.T) - np.corrcoef(two.T)
    assert np.abs(gap).max() < 5 * np.sqrt(2 / n)
    np.testing.assert_allclose(one.var(axis=0), two.var(axis=0), rtol=0.08)


def test_type_one_error_of_drawn_trials() -> None:
    design = DESIGNS["crossover complete"]()
    rows = combinations(design)[-1:]
    fits = batch.plan(design, rows).fit(
        batch.plan(design, rows).draw(np.random.default_rng(3), [0.8, 0.3, 1.0], [0.0], 20_000)
    )
    assert fits.certified.all()
    rejected = float((fits.p_value < 0.05).mean())
    assert rejected == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))


@pytest.mark.parametrize("kenward_roger", [False, True])
def test_memory_stays_small(kenward_roger: bool) -> None:
    design = DESIGNS["crossover large"]()
    plan = batch.plan(design, combinations(design)[:21])
    y = responses(design, 0.3, 8192)
    tracemalloc.start()
    try:
        plan.fit(y, kenward_roger=kenward_roger)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100e6
