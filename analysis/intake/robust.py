"""Robust statistics: what a few wrong values cannot move."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORMAL = 1.4826  # the median absolute deviation of normal values times this is their SD


def mean(values: Array, axis: int | None = None) -> Array:
    """Return the mean without missing values; missing where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all missing
        return np.asarray(np.nanmean(values, axis=axis), dtype=float)


def median(values: Array, axis: int | None = None) -> Array:
    """Return the median without missing values; missing where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all missing
        return np.asarray(np.nanmedian(values, axis=axis), dtype=float)


def median_by(values: Array, groups: NDArray[np.object_]) -> Array:
    """Return for every row of a table the median of all values in the rows of its group."""
    import pandas as pd

    places = np.repeat(pd.factorize(groups)[0], values.shape[1])
    medians = pd.Series(values.ravel()).groupby(places).median().to_numpy(float)
    return np.asarray(medians[places[:: values.shape[1]]])


def spread(values: Array, axis: int | None = None) -> Array:
    """Return the median absolute value, scaled to the SD of normal values around zero."""
    return NORMAL * median(np.abs(values), axis=axis)
