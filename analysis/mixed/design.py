"""From a data frame and a list of model terms to the matrices of a linear mixed model.

    y = X b + sum_k Z_k u_k + e,   u_k ~ N(0, s2_k I),   e ~ N(0, s2 I)

X is coded as R codes it (treatment contrasts against the first level, in the order intercept,
then the terms as given), so that the restricted likelihood is on the scale of lme4's. Columns
that depend linearly on earlier ones are left out, as R does.

A term is a tuple of column names: ``("arm", "time")`` is the interaction arm:time. Ordered
categorical columns are factors, numeric columns are covariates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

Array = NDArray[np.float64]
Term = tuple[str, ...]
Coding = Literal["treatment", "sum"]

RANK_TOLERANCE = 1e-9
FAR = 1e4  # this many times the tolerance is no matter of rounding


@dataclass(frozen=True)
class Component:
    """One set of random intercepts: its name and the group of every row, coded 0, 1, ..."""

    name: str
    groups: NDArray[np.int64]

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.groups.max()) + 1


def _shared(one: Component, other: Component) -> Array:
    """Number of rows that each two groups share."""
    pairs = one.groups * other.n_groups + other.groups
    counts = np.bincount(pairs, minlength=one.n_groups * other.n_groups)
    return counts.reshape(one.n_groups, other.n_groups).astype(float)


@dataclass(frozen=True)
class FixedPart:
    """The fixed effects of a model: its terms, the levels of its factors, means of covariates."""

    terms: tuple[Term, ...]
    levels: Mapping[str, tuple[str, ...]]
    covariate_means: Mapping[str, float]

    def matrix(self, frame: pd.DataFrame, coding: Coding = "treatment") -> Array:
        """Return the design matrix of `frame`, (rows, columns), linear dependence included.

        With ``coding="sum"`` factors have sum-to-zero contrasts and covariates are centred, so
        that the columns of a term are zero exactly when its type III hypothesis holds.
        """
        return self.of_columns({name: frame[name].array for name in self.names}, len(frame), coding)

    def of_columns(
        self, columns: Mapping[str, ExtensionArray], n_rows: int, coding: Coding = "treatment"
    ) -> Array:
        """Return the same of columns already taken out of their frame."""
        coded = {name: self._variable(name, columns[name], coding) for name in self.names}
        return self.assembled(coded, n_rows)

    def assembled(self, coded: Mapping[str, Array], n_rows: int) -> Array:
        """Return the same of the coded columns of each variable."""
        return np.hstack([_product(coded, term, n_rows) for term in ((), *self.terms)])

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the data that the terms are made of."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term))

    def column_terms(self) -> list[int]:
        """Return for each column of `matrix` the index of its term, -1 for the intercept."""
        one = {name: 1 for name in self.covariate_means}
        width = one | {name: len(levels) - 1 for name, levels in self.levels.items()}
        widths = [prod(width[name] for name in term) for term in self.terms]
        return [-1] + [index for index, size in enumerate(widths) for _ in range(size)]

    def _variable(self, name: str, column: ExtensionArray, coding: Coding) -> Array:
        if name in self.covariate_means:
            shift = self.covariate_means[name] if coding == "sum" else 0.0
            return np.asarray(column, float)[:, None] - shift
        levels = self.levels[name]
        if not isinstance(column, pd.Categorical) or tuple(column.categories) != levels:
            column = pd.Categorical(column, categories=list(levels))
        codes = column.codes
        if (codes < 0).any():
            raise ValueError(f"{name}: a value is not one of the levels {levels}")
        return np.asarray(contrast_codes(len(levels), coding)[codes])


def _product(columns: Mapping[str, Array], term: Term, n_rows: int) -> Array:
    """Return the columns of an interaction; of no variable, that of the intercept."""
    block = np.ones((n_rows, 1))
    for name in term:
        block = (block[:, :, None] * columns[name][:, None, :]).reshape(n_rows, -1)
    return block


def contrast_codes(n_levels: int, coding: Coding) -> Array:
    """Return the columns of a factor, one row per level."""
    if coding == "treatment":
        return np.eye(n_levels)[:, 1:]
    return np.vstack([np.eye(n_levels - 1), -np.ones(n_levels - 1)])


@dataclass(frozen=True)
class Design:
    """The matrices of one model, without its response.

    Attributes
    ----------
    fixed : FixedPart
        How the columns of X are made.
    x_all : ndarray, (N, P)
        All columns of the fixed effects.
    kept : ndarray of int, (p,)
        Columns of `x_all` that do not depend on earlier ones.
    components : tuple of Component
        The random intercepts.
    """

    fixed: FixedPart
    x_all: Array
    kept: NDArray[np.int64]
    components: tuple[Component, ...]

    @cached_property
    def x(self) -> Array:
        """Fixed-effects matrix of full column rank, (N, p)."""
        return np.ascontiguousarray(self.x_all[:, self.kept])

    @cached_property
    def z(self) -> Array:
        """Random-effects matrices side by side, (N, q)."""
        blocks = [np.eye(each.n_groups)[each.groups] for each in self.components]
        return np.hstack(blocks) if blocks else np.zeros((self.n_rows, 0))

    @cached_property
    def zz(self) -> Array:
        """Z'Z, (q, q): how many rows two groups share."""
        rows = [[_shared(one, other) for other in self.components] for one in self.components]
        return np.block(rows) if rows else np.zeros((0, 0))

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """For each column of `z` the index of its component, (q,)."""
        sizes = [each.n_groups for each in self.components]
        return np.repeat(np.arange(len(sizes)), sizes)

    @property
    def n_rows(self) -> int:
        """Number of observations, N."""
        return int(self.x_all.shape[0])

    @property
    def rank(self) -> int:
        """Rank of the fixed effects, p."""
        return len(self.kept)

    @property
    def undetermined(self) -> int:
        """How many coefficients the data say nothing of."""
        return int(self.x_all.shape[1]) - self.rank

    @property
    def full_rank(self) -> bool:
        """Whether no column had to be left out."""
        return self.undetermined == 0

    def estimable(self, rows: Array) -> NDArray[np.bool_]:
        """Return which linear combinations, (m, P) in columns of `x_all`, the data determine."""
        if self.full_rank:
            return np.ones(len(rows), bool)
        _, singular, right = np.linalg.svd(self.x_all, full_matrices=True)
        rank = int((singular > RANK_TOLERANCE * singular[0]).sum())
        beyond = np.abs(rows @ right[rank:].T).max(axis=1)
        return np.asarray(beyond <= 1e-7 * np.maximum(1.0, np.abs(rows).max(axis=1)))


def build_design(
    frame: pd.DataFrame, terms: Sequence[Term], components: Mapping[str, Sequence[str]]
) -> Design:
    """Return the matrices of a model.

    Parameters
    ----------
    frame : DataFrame
        One row per observation; factors are ordered categoricals without unused levels.
    terms : sequence of tuple of str
        Fixed effects; the intercept is implied and main effects precede interactions.
    components : mapping of str to sequence of str
        Name of each set of random intercepts, and the columns whose combinations are its groups.
    """
    names = sorted({name for each in (*terms, *components.values()) for name in each})
    columns = {name: frame[name].array for name in names}
    used = sorted({name for term in terms for name in term})
    levels = {name: _levels(columns[name]) for name in used}
    fixed = FixedPart(
        terms=tuple(terms),
        levels={name: found for name, found in levels.items() if found is not None},
        covariate_means={name: float(frame[name].mean()) for name in used if levels[name] is None},
    )
    x_all = fixed.of_columns(columns, len(frame))
    grouped = tuple(
        Component(name, combination_codes([factor(columns[each]) for each in by]))
        for name, by in components.items()
    )
    return Design(fixed, x_all, independent_columns(x_all), grouped)


def _levels(column: ExtensionArray) -> tuple[str, ...] | None:
    """Return the levels of a factor, None for a covariate."""
    return tuple(column.categories) if isinstance(column, pd.Categorical) else None


def factor(column: ExtensionArray) -> pd.Categorical:
    """Return a column as a factor, its levels in order."""
    return column if isinstance(column, pd.Categorical) else pd.Categorical(column)


def combination_codes(factors: Sequence[pd.Categorical]) -> NDArray[np.int64]:
    """Return for each row the number of its combination of levels, 0, 1, ... in their order."""
    combined = np.zeros(len(factors[0]), np.int64)
    for each in factors:
        combined = combined * (len(each.categories) + 1) + each.codes
    return np.asarray(np.unique(combined, return_inverse=True)[1], np.int64)


def independent_columns(matrix: Array) -> NDArray[np.int64]:
    """Return the columns that do not depend linearly on columns to their left.

    Classical Gram-Schmidt, applied twice to each column: after it, what remains of a dependent
    column is rounding error, whatever the scale of the column. Where all remains are far from
    that, a factorisation by reflections shows it in a fraction of the time.
    """
    if matrix.shape[0] >= matrix.shape[1]:
        remains = np.abs(np.diagonal(np.linalg.qr(matrix, mode="r")))
        if (remains > FAR * RANK_TOLERANCE * np.linalg.norm(matrix, axis=0)).all():
            return np.arange(matrix.shape[1])
    basis = np.empty_like(matrix.T)
    kept: list[int] = []
    for index, column in enumerate(np.ascontiguousarray(matrix.T)):
        found = basis[: len(kept)]
        rest = column
        for _ in range(2):
            rest = rest - (found @ rest) @ found
        size = float(np.linalg.norm(rest))
        if size > RANK_TOLERANCE * max(float(np.linalg.norm(column)), 1e-300):
            basis[len(kept)] = rest / size
            kept.append(index)
    return np.array(kept, dtype=np.int64)
