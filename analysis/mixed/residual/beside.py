"""Points beside a minimum: one variance group changed, small where it is large and large if small.

A lower minimum that the first search has missed often differs from the one it found by the visit
that has hardly any error of its own, and by a correlation that makes up for it. Random points
seldom have all the other parameters right; these do.
"""

from __future__ import annotations

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import Law

SMALL = 0.1  # standard deviation of a visit that gets small, relative to what it was
FROM, LARGE = 0.15, 0.6  # up to which it is small already, and what it gets, relative to the data


def beside(law: Law, sizes: Array, phi: Array, both: bool) -> Array:
    """Return a point for each of G variance groups, and two where `both`, (G, K) or (2 G, K).

    Parameters
    ----------
    law : Law
        One with a correlation.
    sizes : ndarray, (G,)
        Mean square of each variance group around the fixed effects.
    phi : ndarray, (K,)
        The minimum.
    both : bool
        Whether to keep the correlation, too, not only halve its distance from one.
    """
    deviation = np.flatnonzero(law.has_role("deviation"))
    own, spread = phi[deviation], np.sqrt(sizes)
    changed = np.where(own > FROM * spread, SMALL * np.minimum(own, spread), LARGE * spread)
    points = np.tile(phi, (len(deviation), 1))
    points[np.arange(len(deviation)), deviation] = changed
    closer = points.copy()
    closer[:, -1] = (1 + phi[-1]) / 2
    return np.vstack([closer, points]) if both else closer
