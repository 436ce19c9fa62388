"""Combinations of coefficients that are of interest: means of cells, and hypotheses of terms."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

import numpy as np
import pandas as pd

from analysis.mixed.design import Array, Design, FixedPart, Term, contrast_codes


def reference_grid(fixed: FixedPart, by: Sequence[str]) -> tuple[pd.DataFrame, Array]:
    """Return the cells of `by` and the combinations of coefficients that are their means.

    Every factor not in `by` is averaged over its levels with equal weights and every covariate is
    held at its mean over the analysed rows, which is what emmeans does by default (Searle, Speed
    and Milliken 1980, The American Statistician 34:216-221).

    Returns
    -------
    cells : DataFrame, (m, len(by))
    rows : ndarray, (m, P)
        In columns of `Design.x_all`.
    """
    factors = [*by, *(name for name in fixed.levels if name not in by)]
    sizes = [len(fixed.levels[name]) for name in factors]
    n_rows, codes = prod(sizes), np.indices(sizes).reshape(len(sizes), -1)
    coded = {
        name: contrast_codes(size, "treatment")[code]
        for name, size, code in zip(factors, sizes, codes, strict=True)
    }
    means = {name: np.full((n_rows, 1), mean) for name, mean in fixed.covariate_means.items()}
    matrix = fixed.assembled(coded | means, n_rows)
    n_cells = prod(sizes[: len(by)])
    rows = matrix.reshape(n_cells, -1, matrix.shape[1]).mean(axis=1)
    columns = zip(*product(*(fixed.levels[name] for name in by)), strict=True)
    cells = dict(zip(by, map(list, columns), strict=False))
    return pd.DataFrame(cells, index=range(n_cells), columns=list(by)), rows


def type3_hypotheses(design: Design, frame: pd.DataFrame) -> dict[Term, Array]:
    """Return for each term the combinations of coefficients that its type III test sets to zero.

    With sum-to-zero contrasts and centred covariates the columns of a term carry its type III
    hypothesis (Searle 1987, Linear Models for Unbalanced Data). Their coefficients
    are T b with T the least-squares map from the treatment-coded to the sum-coded columns. The rows
    are then turned into differences from the first level, the basis that lmerTest uses: a
    Satterthwaite F test of several rows depends on it slightly.
    """
    coded = design.fixed.matrix(frame, coding="sum")
    to_sum, *_ = np.linalg.lstsq(coded, design.x_all, rcond=None)
    owner = np.array(design.fixed.column_terms())
    return {
        term: _from_first_level(design.fixed, term) @ to_sum[owner == index]
        for index, term in enumerate(design.fixed.terms)
    }


def _from_first_level(fixed: FixedPart, term: Term) -> Array:
    """Map sum-to-zero coefficients of a term to differences from the first level of each factor."""
    turn = np.ones((1, 1))
    for name in term:
        contrasts = contrast_codes(len(fixed.levels.get(name, ("", ""))), "sum")
        turn = np.kron(turn, contrasts[1:] - contrasts[0] if name in fixed.levels else np.eye(1))
    return turn
