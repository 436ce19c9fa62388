"""Whether the table of a design is as good as the exact functions.

Measured once per design, at points spread over the whole table, with responses drawn from the
model at these points, so that the table is judged where it will be used: near optima.
"""

from __future__ import annotations

import numpy as np

from analysis.mixed.batch.criterion import Criterion
from analysis.mixed.batch.newton import eliminate
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.batch.table import Table
from analysis.mixed.batch.tests import Combinations
from analysis.mixed.design import Array

POINTS = 96
TOLERANCE = 1e-10


def is_exact(table: Table, criterion: Criterion, combinations: Combinations) -> bool:
    """Return whether all errors of the table are below 1e-10."""
    return max(table_errors(table, criterion, combinations)) < TOLERANCE


def table_errors(
    table: Table, criterion: Criterion, combinations: Combinations
) -> tuple[float, float, float]:
    """Return the largest errors of a table.

    Returns
    -------
    optimum : float
        By how much the estimate of c would be off.
    variance : float
        Of the variance of a combination, relative.
    slope : float
        Of its derivatives by c, relative to the variance.
    """
    rng = np.random.default_rng(20240229)
    c = _spread(rng, len(table.coordinates.order))
    g, turn = table.coordinates.g(c), table.coordinates.jacobian(c)
    statistics = draw_each(criterion, rng, g)
    values = criterion.evaluate(g, statistics)
    gradient = np.einsum("bk,bkl->bl", values.gradient, turn)
    information = turn.transpose(0, 2, 1) @ values.information @ turn
    found = table.evaluate(c, table.cubes(statistics))
    gap = (found.gradient - gradient)[:, :, None]
    factored = eliminate(information, gap)
    if not factored.positive(information).all():
        return np.inf, np.inf, np.inf  # the components cannot be told apart
    exact = combinations.variances(g, criterion.woodbury.inner(g))
    slopes = np.einsum("bkm,bkl->blm", exact.slopes, turn)
    v, slopes_found = table.variances(table.bases(c), c)
    return (
        float(np.abs(factored.solution()).max()),
        float(np.abs(v / exact.v - 1).max(initial=0.0)),
        float(np.abs((slopes_found - slopes) / exact.v[:, None]).max(initial=0.0)),
    )


def _spread(rng: np.random.Generator, k: int) -> Array:
    """Points c: over the table, on its edges of no variance, and towards infinite variance."""
    x = rng.uniform(0.02, 1.0, (POINTS, k))
    for each in range(k):
        x[each :: 3 * k, each] = 1.0
        x[each + 1 :: 5 * k, each] = 10 ** rng.uniform(-3, -1, len(x[each + 1 :: 5 * k]))
    return np.asarray(-np.log(x))


def draw_each(criterion: Criterion, rng: np.random.Generator, g: Array) -> Statistics:
    """Draw one response with s2 = 1 at each point g, (b, K); combinations are left at zero."""
    reduction = criterion.reduction
    parts = np.array([reduction.dense.component(k) for k in range(g.shape[1])])
    eye = np.eye(reduction.axes.n_dense)
    roots = (np.linalg.cholesky(eye + np.tensordot(each, parts, 1)) for each in g)
    sizes = np.broadcast_to(reduction.strata.sizes, (len(g), len(reduction.strata.sizes)))
    n_rest = reduction.axes.n_rest
    return Statistics(
        ols=np.zeros((len(g), len(reduction.targets.size))),
        eta=np.array([root @ rng.standard_normal(len(eye)) for root in roots]),
        squares=rng.chisquare(sizes) * (1 + g @ reduction.strata.values.T),
        rest=rng.chisquare(n_rest, len(g)) if n_rest else np.zeros(len(g)),
    )
