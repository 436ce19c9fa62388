"""What a fit rests on: parameters that the data can tell apart, and evidence of the minimum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.fit import Certificate
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.limits import Run
from analysis.mixed.residual.point import Point
from analysis.mixed.residual.problem import Problem

EDGE = 1e-6  # information on a parameter, relative to that on the best known, that is none
DEPENDENT = 1e-9  # smallest eigenvalue of the information, scaled, where parameters are confounded


def confounded(problem: Problem, start: Array) -> str:
    """Return which parameters data of this layout cannot tell apart, in words if any."""
    point = problem.at(start)
    information = point.traces if point is not None else np.eye(len(start))
    names = np.array(problem.layout.law.names)
    size, silent = _weighed(information, EDGE)
    if silent.any():
        return f"The data say nothing of {', '.join(names[silent])}."
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    if values[0] < DEPENDENT:
        lost = " and ".join(names[np.abs(vectors[:, 0]) > 0.05])
        return f"The data cannot tell apart {lost}."
    return ""


def distinct(point: Point) -> bool:
    """Return whether the data plainly tell all parameters apart at a point.

    Where V is linear in its parameters, those that are confounded are so at every point.
    """
    size, silent = _weighed(point.traces, 1e3 * EDGE)
    if silent.any():
        return False
    values = np.linalg.eigvalsh(point.traces / np.outer(size, size))
    return bool(values[0] > 1e3 * DEPENDENT)


def _weighed(information: Array, edge: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return how much is known of each parameter, (K,), and of which next to nothing."""
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    return size, np.asarray(size <= edge * size.max())


def certify(chart: Chart, start: Array, point: Point, rivals: list[Run]) -> Certificate:
    """Return the evidence that a point is the minimum.

    A correlation that never left its start is no estimate: the fit is then not certified.
    """
    law, local = chart.law, chart.at(point)
    free = ~local.held
    hessian = point.hessian[np.ix_(free, free)]
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    stuck = law.has_role("correlation") & (point.phi == start)
    lost = max(float(point.value) - min(float(run.end.value) for run in rivals), 0.0)
    return Certificate(
        decrement=float(local.full_step()[1]),
        curvature=float(np.linalg.eigvalsh(hessian / np.outer(size, size))[0]),
        multipliers={law.names[k]: float(point.gradient[k]) for k in np.flatnonzero(~free)},
        starts_lost=float("inf") if stuck.any() else lost,
    )
