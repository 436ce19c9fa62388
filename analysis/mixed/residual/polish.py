"""Full Newton steps from where the search ended to the minimum itself."""

from __future__ import annotations

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import End
from analysis.mixed.residual.limits import Limits, Run
from analysis.mixed.residual.local import Local
from analysis.mixed.residual.newton import LONGEST_STEP
from analysis.mixed.residual.point import Evaluated, Point
from analysis.mixed.residual.problem import Problem

EXACT = 1e-20  # decrement that rounding error allows
LAST = 1e-9  # decrement from which the next point is likely to be the last


def polish(
    problem: Problem, chart: Chart, phi: Array, y: Array, point: Evaluated | None = None
) -> list[Point]:
    """Finish with full Newton steps, taken while they shrink the decrement.

    Parameters
    ----------
    problem : Problem
    chart : Chart
        Of all responses or of each.
    phi : ndarray, (R, K)
        Almost the minimum, for each response.
    y : ndarray, (R, n, T, 1)
        Responses.
    point : Point, optional
        The criterion at `phi`, if it is known.
    """
    who = np.arange(len(phi))
    if point is None:
        point = problem.with_hessian(phi, y, who)
    best: list[tuple[Evaluated, int]] = [(point, i) for i in range(len(phi))]
    local = chart.at(point)
    step, size = _within_bounds(local)
    for _ in range(8):
        going = size >= EXACT
        going &= np.abs(step).max(axis=1, initial=0.0) <= LONGEST_STEP
        if not going.any():
            break
        who, place = who[going], np.flatnonzero(going)
        own = chart.take(who)
        last = bool((size[place] < LAST).all())
        to = own.move(point.phi[place], step[place])
        trial = problem.over(to, y[who]) if last else problem.with_hessian(to, y, who)
        local = own.at(trial)
        step, reached = _within_bounds(local)
        shrunk = np.isfinite(trial.value) & (reached < size[place])
        kept = np.flatnonzero(shrunk)
        who, point, step, size = who[shrunk], trial.some(kept), step[shrunk], reached[shrunk]
        local = local.take(kept)
        for i, j in enumerate(who):
            best[j] = (point, i)
    return [_exact(problem, y[j], *each) for j, each in enumerate(best)]


def _exact(problem: Problem, y: Array, points: Evaluated, i: int) -> Point:
    """One of a batch of points, by numpy."""
    return points.take(i) if isinstance(points, Point) else problem.over(points.phi[i], y)


def _within_bounds(local: Local) -> tuple[Array, Array]:
    """Full steps, where they would take a parameter below its bound the steps that stop there."""
    step, size = local.full_step()
    beyond = np.flatnonzero((step < local.lowest).any(axis=1))
    if len(beyond):
        step[beyond], size[beyond] = local.take(beyond).newton_step()
    return step, size


def made_sure(
    problem: Problem, chart: Chart, limits: Limits, y: Array, runs: list[Run]
) -> list[Run]:
    """Return the runs of one response, those that end close to a limit led on to the minimum."""
    close = [run for run in runs if limits.doubtful(run.end.phi)]
    if not close:
        return runs
    ends = np.array([run.end.phi for run in close])
    points = iter(polish(problem, chart, ends, np.repeat(y[None], len(close), axis=0)))
    return [_moved(run, next(points)) if limits.doubtful(run.end.phi) else run for run in runs]


def _moved(run: Run, point: Point) -> Run:
    return Run(run.start, End(point.phi, float(point.value)))
