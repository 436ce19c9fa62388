"""Random points all over the space, the same for all data but for their scale.

The likelihood has most of its minima where a visit has no error, a component having taken that
one's variance over. Without the component these are not there, and a search ends elsewhere. Of
random small trials those are hard in which one in a hundred of ordinary random points leads to the
lowest minimum; one in five does that is kept where the last component is zero until it is near a
minimum there (`newton.search`, `kept`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from analysis.mixed.design import Array

POINTS = 1152  # at most
# Powers of ten of components, and of the last one where there is hardly any of it.
POWERS, HARDLY = (-3.0, 0.0), (-4.0, -3.0)
# Two kinds of points: spread of the logarithms of standard deviations, lowest correlation.
LOGARITHMS, LOWEST = np.array([0.8, 1.1]), np.array([-0.4, 0.3])
HIGHEST, SEED = 0.97, 20260101
# In turns: the kind of a point, and its components.
KIND = (0, 1, 0, 1, 0, 1, 1, 0)
ALL, HARDLY_LAST, NOT_LAST, NOT_FIRST = COMPONENTS = (0, 1, 2, 3)


def spread_points(k: int, sizes: Array, which: slice) -> Array:
    """Return some of the points for a law with k components and a correlation, (C, K).

    Parameters
    ----------
    k : int
    sizes : ndarray, (G,)
        Mean square of each variance group around the fixed effects.
    which : slice
    """
    components, deviations, rho = (each[which] for each in _drawn(k, len(sizes)))
    return np.hstack([components, np.sqrt(sizes) * deviations, rho])


@cache
def _drawn(k: int, n_groups: int) -> tuple[Array, Array, Array]:
    """Components, standard deviations in units of the data's, and correlations."""
    rng, kind = np.random.default_rng(SEED), np.resize(KIND, (POINTS, 1))
    logarithms = LOGARITHMS[kind] * rng.normal(size=(POINTS, n_groups))
    rho = rng.uniform(LOWEST[kind], HIGHEST)
    turn = np.resize(COMPONENTS, POINTS)
    components, hardly = (10 ** rng.uniform(*each, (POINTS, k)) for each in (POWERS, HARDLY))
    components[turn == HARDLY_LAST, -1:] = hardly[turn == HARDLY_LAST, -1:]
    components[turn == NOT_LAST, -1:] = 0.0
    components[turn == NOT_FIRST, :1] = 0.0
    return components, np.exp(logarithms), rho
