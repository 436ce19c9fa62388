"""Adjusted p-values for families of comparisons."""

from __future__ import annotations

import numpy as np

from analysis.mixed.design import Array

SEED = 20260101
# Points of the lattice: the error of a p-value is then about 1e-6, 1e-5 at worst (eight tests).
POINTS = 150_000


def fixed_sequence(p: Array) -> Array:
    """Return p-values adjusted for testing in a fixed order, stopping at the first failure.

    The adjusted value of a step is the largest p-value up to it (Maurer, Hothorn and Lehmacher
    1995, in Vollmar (ed), Biometrie in der chemisch-pharmazeutischen Industrie 6:3-18).
    """
    return np.maximum.accumulate(p)


def holm(p: Array) -> Array:
    """Return Holm's step-down adjusted p-values (Holm 1979, Scand J Stat 6:65-70), as p.adjust."""
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method="holm")[1])


def multivariate_t(statistic: Array, df: Array, correlation: Array, points: int = POINTS) -> Array:
    """Return single-step adjusted p-values from the multivariate t distribution.

    p_i = 1 - P(max_j |T_j| <= |t_i|), T having the correlation of the estimates and the degrees of
    freedom of row i (Hothorn, Bretz and Westfall 2008, Biometrical Journal 50:346-363).
    With the arms at one time against the control this is Dunnett's test. The integral is
    computed by randomised lattice rules with a fixed seed.

    Parameters
    ----------
    statistic, df : ndarray, (m,)
    correlation : ndarray, (m, m)
    points : int
        Points of the lattice.

    Returns
    -------
    ndarray, (m,)
        Never below the p-value that is not adjusted.
    """
    if len(statistic) == 1:
        from analysis.inference.estimates import two_sided_p

        return two_sided_p(statistic, df)
    pairs = list(zip(np.abs(statistic).tolist(), df.tolist(), strict=True))
    outside = {
        pair: 1 - _box_probability(*pair, correlation, points) for pair in dict.fromkeys(pairs)
    }
    return np.array([outside[pair] for pair in pairs])


def _box_probability(bound: float, df: float, correlation: Array, points: int) -> float:
    from scipy.stats import multivariate_t

    m = len(correlation)
    low, high = np.full(m, -bound), np.full(m, bound)
    inside = multivariate_t.cdf(
        high,
        shape=correlation,
        df=df,  # type: ignore[arg-type]  # any positive number is legal
        lower_limit=low,
        maxpts=points,
        random_state=np.random.default_rng(SEED),
    )
    return float(inside)
