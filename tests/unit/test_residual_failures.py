"""Models that cannot be fitted, or not certified, say so and name the parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError
from analysis.mixed.design import build_design
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.residual import certify, fit_residual
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.limits import Run
from analysis.mixed.residual.newton import search
from analysis.mixed.residual.point import Point
from analysis.mixed.residual.problem import Problem
from analysis.mixed.structures import make_structure
from tests.unit.test_residual_properties import (
    TERMS,
    TIMES,
    crossover,
    differences,
    fit,
    problem_of,
    somewhere,
    typed,
    values,
)


def test_cell_without_variation_is_named() -> None:
    frame = crossover(11)
    floor = (frame["arm"] == "fir") & (frame["time"] == "24h")
    frame.loc[floor, "response"] = 0.0
    for zero in ("error", "keep"):
        with pytest.raises(ModelError, match="fir, 24h"):
            fit(frame, "by_arm_time_ar1", zero)
    assert fit(frame, "by_time_ar1").status == "ok"


def vanishing() -> pd.DataFrame:
    """One visit measures the participant's period without error."""
    frame = crossover(12)
    at = frame["time"] == "1h"
    mean = frame.groupby(["participant", "period"], observed=True)["response"].transform("mean")
    frame.loc[at, "response"] = mean[at].round(3)
    return frame


def test_variance_that_runs_to_zero_is_named_or_kept() -> None:
    with pytest.raises(ModelError, match=r"residual\[1h\] runs to zero"):
        fit(vanishing(), "by_time")
    kept = fit(vanishing(), "by_time", "keep")
    assert kept.at_boundary == ("residual[1h]",)
    assert kept.certificate.holds
    assert kept.certificate.multipliers["residual[1h]"] > 0
    assert np.isfinite(KenwardRoger(kept.moments).df(differences(kept))).all()


def test_correlation_of_two_visits_is_not_the_period(recwarn: pytest.WarningsRecorder) -> None:
    frame = crossover(13)
    frame = typed(frame[frame["time"].isin(["1h", "24h"])].reset_index(drop=True))
    with pytest.raises(ModelError, match="cannot tell apart"):
        fit(frame, "ar1")
    frame = typed(frame[frame["time"] == "24h"].reset_index(drop=True))
    design = build_design(frame, [("arm",), ("period",)], {"participant": ["participant"]})
    with pytest.raises(ModelError, match="nothing of ar1"):
        fit_residual(design, values(frame), make_structure("ar1", frame, TIMES))


def test_unstructured_matrix_of_too_few_participants() -> None:
    frame = crossover(14, n=4)
    frame = typed(frame[frame["period"] == "0"].reset_index(drop=True))
    design = build_design(frame, [("time",)], {})
    structure = make_structure("unstructured", frame, TIMES, ["participant"])
    with pytest.raises(ModelError, match="singular"):
        fit_residual(design, values(frame), structure)


def test_no_variation_and_no_degrees_of_freedom() -> None:
    frame = crossover(15)
    flat = frame.assign(response=frame["time"].cat.codes.astype(float))
    with pytest.raises(ModelError, match="do not vary around the model"):
        fit(flat, "iid")
    few = typed(frame.iloc[:6].reset_index(drop=True))
    with pytest.raises(ModelError, match="as many coefficients"):
        fit(few, "iid")


def test_participants_may_not_share_groups() -> None:
    frame = crossover(16)
    design = build_design(frame, TERMS, {"period": ["period"]})
    with pytest.raises(ValueError, match="period"):
        fit_residual(design, values(frame), make_structure("iid", frame, TIMES))


def test_visits_must_be_in_the_schedule() -> None:
    with pytest.raises(ValueError, match=r"time: a value is not one of the schedule \('pre', '1h'"):
        make_structure("by_time", crossover(16), ["pre", "1h", "24h"])


def minimise(problem: Problem, chart: Chart, start: np.ndarray) -> Point:
    """Where Newton's method leads from a start."""
    (found,) = search(problem, chart, start[None, None], problem.data[1][None])
    (end,) = found.ends
    return problem.at(end.phi)


def test_correlation_that_never_moved_is_not_certified() -> None:
    model, problem = problem_of(crossover(17), "by_time_ar1")
    chart = Chart(model.law, np.full(len(model.law.names), 0.05))
    found = minimise(problem, chart, somewhere(model, np.random.default_rng(1)))
    assert certify(chart, found.phi + 0.1, found, [Run(found.phi, found)]).starts_lost == 0
    assert not certify(chart, found.phi, found, [Run(found.phi, found)]).holds
    lower = replace(found, value=found.value - 1e-3)
    assert not certify(chart, found.phi + 0.1, found, [Run(found.phi, lower)]).holds


@pytest.mark.parametrize("kind", ["by_time_ar1", "by_arm_time_ar1"])
def test_no_random_start_finds_a_better_fit(kind: str) -> None:
    """Small unbalanced trials; minima with a residual variance of zero are not estimates."""
    rng = np.random.default_rng(18)
    for seed in range(20, 32):
        frame = crossover(seed, missing=10, n=10)
        try:
            found = fit(frame, kind)
        except ModelError:
            continue
        assert found.certificate.holds
        model, _ = problem_of(frame, kind)
        response = model._standardise(values(frame))
        columns = np.column_stack([model.basis[0], response.rest])
        problem = Problem(model.layout, model.layout.pad(columns))
        chart = Chart(model.law, np.full(len(model.law.names), 0.05))
        nu = found.design.n_rows - found.design.rank
        r = np.log(np.abs(np.diag(model.basis[1]))).sum()
        constant = 2 * r + nu * np.log(2 * np.pi * response.scale**2)
        for _ in range(4):
            end = minimise(problem, chart, somewhere(model, rng))
            deviation = end.phi[model.law.has_role("deviation")]
            if deviation.min() > 0.02:
                assert end.value + constant > found.criterion - 1e-6
