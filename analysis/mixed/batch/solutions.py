"""What fitting many responses yields, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from analysis.mixed.batch.newton import Bools, Indices
from analysis.mixed.design import Array


@dataclass(frozen=True)
class Solutions:
    """B fits of m combinations with K components.

    Attributes
    ----------
    estimate, v, df : ndarray, (B, m)
        Best estimate, model-based variance / s2, Satterthwaite degrees of freedom.
    kr_v, kr_df : ndarray, (B, m)
        The same two by Kenward and Roger; (B, 0) where not asked for.
    g : ndarray, (B, K)
        Variances / s2.
    s2 : ndarray, (B,)
        Residual variance.
    criterion : ndarray, (B,)
        -2 log restricted likelihood.
    certified : ndarray of bool, (B,)
        Whether the optimum is certain.
    """

    estimate: Array
    v: Array
    df: Array
    kr_v: Array
    kr_df: Array
    g: Array
    s2: Array
    criterion: Array
    certified: Bools


def join(parts: list[Solutions]) -> Solutions:
    """Put fits of several blocks of responses together."""
    if len(parts) == 1:
        return parts[0]
    names = [each.name for each in fields(Solutions)]
    return Solutions(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def spread(found: Solutions, usable: Bools) -> Solutions:
    """Return the fits with missing ones where responses were not usable."""
    whole = []
    for each in fields(Solutions):
        part = getattr(found, each.name)
        nothing = False if part.dtype == bool else np.nan
        filled = np.full((len(usable), *part.shape[1:]), nothing)
        filled[usable] = part
        whole.append(filled)
    return Solutions(*whole)


def replace_rows(found: Solutions, index: Indices, others: Solutions) -> None:
    """Put other fits in the place of some, in the arrays themselves."""
    for each in fields(Solutions):
        getattr(found, each.name)[index] = getattr(others, each.name)
