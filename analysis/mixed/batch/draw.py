"""Random responses that follow a model, drawn as their sufficient statistics."""

from __future__ import annotations

import numpy as np

from analysis.mixed.batch.reduce import Reduction
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.design import Array


def draw_statistics(
    reduction: Reduction, rng: np.random.Generator, variances: Array, means: Array, n: int
) -> Statistics:
    """Draw the statistics of n responses with known variances and means of the combinations.

    The least-squares estimates and the dense coordinates are jointly normal; every other sum of
    squares is a multiple of chi-squared, independent of them and of each other.

    Parameters
    ----------
    reduction : Reduction
        The design, K components.
    rng : Generator
        Source of randomness.
    variances : ndarray, (K + 1,)
        True variances, the residual last.
    means : ndarray, (m,)
        True values of the combinations.
    n : int
        Number of responses.
    """
    root = _root(_joint_covariance(reduction, variances))
    normal = rng.standard_normal((n, root.shape[1])) @ root.T
    m = len(reduction.targets.size)
    s2 = variances[-1]
    strata = reduction.strata.values @ variances[:-1] + s2
    squares = rng.chisquare(reduction.strata.sizes, (n, len(strata))) * strata
    n_rest = reduction.axes.n_rest
    rest = s2 * rng.chisquare(n_rest, n) if n_rest else np.zeros(n)
    return Statistics(normal[:, :m] + means, normal[:, m:], squares, rest)


def _joint_covariance(reduction: Reduction, variances: Array) -> Array:
    """Covariance of the least-squares estimates and the dense coordinates, (m + r_d, m + r_d)."""
    targets, dense = reduction.targets, reduction.dense
    own = np.tensordot(variances, targets.gram, 1)
    between = np.tensordot(variances[:-1], targets.c, 1)
    within = variances[-1] * np.eye(len(dense.level))
    for k, variance in enumerate(variances[:-1]):
        within += variance * dense.component(k)
    return np.block([[own, between.T], [between, within]])


def _root(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-12 * max(float(values[-1]), 1e-300)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
