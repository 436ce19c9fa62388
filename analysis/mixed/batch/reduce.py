"""One design with many responses: all that the design fixes.

    V = s2 (I + sum_k g_k Z_k Z_k'),   M = I - X (X'X)^-1 X',   G an orthonormal basis of range(MZ)

A response y enters the restricted likelihood through eta = G'y, with covariance s2 (I + sum_k g_k
A_k), A_k = G'Z_k Z_k'G, and through the sum of squares of what lies outside both X and G. A
combination l'b adds its least-squares estimate a'y, a = X (X'X)^-1 l:

    best estimate        l'b = a'y - c' W^-1 eta,      W = I + sum_k g_k A_k
    variance / s2        v   = a'a + sum_k g_k |Z_k'a|^2 - c' W^-1 c,      c = sum_k g_k c_k

with c_k = G'Z_k Z_k'a. The coordinates eta are split (`algebra`) into strata, which need one
sum of squares each and where every c_k is zero, and dense coordinates. Among these, the component
of the largest rank is made diagonal and the others are written B_k B_k', with few columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.mixed.batch.algebra import equal_runs, half, split_space
from analysis.mixed.batch.statistics import Axes
from analysis.mixed.design import Array, Design


@dataclass(frozen=True)
class Strata:
    """Where the components commute: eigenvalues of every A_k, (S, K), and multiplicity, (S,)."""

    values: Array
    sizes: Array


@dataclass(frozen=True)
class Dense:
    """Where the components do not commute, or the combinations need single coordinates.

    Attributes
    ----------
    lead : int
        The component that is diagonal here.
    values : ndarray, (d,)
        Its distinct eigenvalues.
    level : ndarray of int, (r_d,)
        Which of them each coordinate has.
    b : ndarray, (r_d, R)
        Columns of the other components, A_k = B_k B_k'.
    owner : ndarray of int, (R,)
        Component of each column of `b`.
    """

    lead: int
    values: Array
    level: NDArray[np.int64]
    b: Array
    owner: NDArray[np.int64]

    @cached_property
    def sizes(self) -> Array:
        """Multiplicity of each eigenvalue, (d,)."""
        return np.bincount(self.level, minlength=len(self.values)).astype(float)

    def folded(self, left: Array, right: Array) -> Array:
        """Return sum over the coordinates of each eigenvalue of left' right, (d, l * r)."""
        groups = [np.flatnonzero(self.level == j) for j in range(len(self.values))]
        parts = [(left[rows].T @ right[rows]).ravel() for rows in groups]
        return np.array(parts).reshape(len(groups), left.shape[1] * right.shape[1])

    def component(self, k: int) -> Array:
        """Return A_k, (r_d, r_d)."""
        if k == self.lead:
            return np.diag(self.values[self.level])
        own = self.b[:, self.owner == k]
        return own @ own.T


@dataclass(frozen=True)
class Targets:
    """What the m combinations of coefficients need.

    Attributes
    ----------
    gram : ndarray, (K + 1, m, m)
        a'Z_k Z_k'a for all pairs of combinations, and a'a last.
    c : ndarray, (K, r_d, m)
        c_k in the dense coordinates.
    """

    gram: Array
    c: Array

    @cached_property
    def size(self) -> Array:
        """a'a, (m,)."""
        return np.diag(self.gram[-1]).copy()

    @cached_property
    def reach(self) -> Array:
        """|Z_k'a|^2, (K, m)."""
        return np.asarray(np.einsum("kmm->km", self.gram[:-1]))


@dataclass(frozen=True)
class Reduction:
    """The part of all fits of one design that does not depend on the response.

    Attributes
    ----------
    names : tuple of str
        The K components.
    nu : int
        N - p.
    log_det_xx : float
        log|X'X|.
    axes : Axes
        How responses are reduced.
    strata : Strata
        The coordinates where the components commute.
    dense : Dense
        The others.
    targets : Targets
        The combinations.
    """

    names: tuple[str, ...]
    nu: int
    log_det_xx: float
    axes: Axes
    strata: Strata
    dense: Dense
    targets: Targets

    @property
    def n_components(self) -> int:
        """Number of variance components besides the residual, K."""
        return len(self.names)

    def eigenvalues(self, component: int) -> Array:
        """Return the eigenvalues of a component that are not zero."""
        dense = np.linalg.eigvalsh(self.dense.component(component))
        strata = np.repeat(self.strata.values[:, component], self.strata.sizes.astype(int))
        values = np.concatenate([dense, strata])
        return values[values > 1e-9 * max(float(values.max(initial=0.0)), 1e-300)]


def reduce_design(design: Design, rows: Array) -> Reduction:
    """Return the reduction of a design and of combinations of its coefficients.

    Parameters
    ----------
    design : Design
        N rows, K components.
    rows : ndarray, (m, p)
        Combinations, in columns of ``design.x``.

    Raises
    ------
    ModelError
        If there are as many coefficients as values.
    """
    nu = design.n_rows - design.rank
    if nu < 1:
        raise ModelError("The model has as many coefficients as there are values.")
    q, r = np.linalg.qr(design.x)
    turned_rows = np.linalg.solve(r.T, rows.T)
    weights = q @ turned_rows
    z = [design.z[:, design.owner == each] for each in range(len(design.components))]
    basis = _range(design.z - q @ (q.T @ design.z), q)
    turned = [basis.T @ each for each in z]
    pulled = [each.T @ weights for each in z]
    closed, commuting = split_space([a @ a.T for a in turned], _needed(turned, pulled, weights))
    strata, commuting = _strata([commuting.T @ a for a in turned], commuting)
    dense, closed = _dense([closed.T @ a for a in turned], closed)
    c = [closed.T @ a @ b for a, b in zip(turned, pulled, strict=True)]
    return Reduction(
        names=tuple(each.name for each in design.components),
        nu=nu,
        log_det_xx=2 * float(np.log(np.abs(np.diag(r))).sum()),
        axes=Axes(
            basis=np.hstack([q, basis @ closed, basis @ commuting]),
            n_fixed=design.rank,
            n_dense=closed.shape[1],
            sizes=tuple(strata.sizes.astype(int).tolist()),
            rows=turned_rows,
        ),
        strata=strata,
        dense=dense,
        targets=Targets(
            gram=np.array([a.T @ a for a in (*pulled, weights)]),
            c=np.array(c).reshape(len(z), closed.shape[1], len(rows)),
        ),
    )


def _range(projected: Array, q: Array) -> Array:
    """Orthonormal basis of the range of MZ, orthogonal to X to the last digit."""
    projected = projected - q @ (q.T @ projected)
    if projected.shape[1] == 0:
        return projected
    left, singular, _ = np.linalg.svd(projected, full_matrices=False)
    return np.asarray(left[:, singular > 1e-9 * max(float(singular[0]), 1e-300)])


def _needed(turned: Sequence[Array], pulled: Sequence[Array], weights: Array) -> Array:
    """All c_k, for combinations scaled so that a'a is one."""
    unit = 1 / np.maximum(np.linalg.norm(weights, axis=0), 1e-300)
    parts = [a @ (b * unit) for a, b in zip(turned, pulled, strict=True)]
    return np.hstack(parts) if parts else np.zeros((0, 0))


def _strata(turned: Sequence[Array], basis: Array) -> tuple[Strata, Array]:
    """Group common eigenvectors by their eigenvalues; return the basis in that order."""
    values = np.zeros((basis.shape[1], len(turned)))
    for k, each in enumerate(turned):
        values[:, k] = (each**2).sum(axis=1)
    rounded = np.round(values / max(float(values.max(initial=0.0)), 1e-300), 8)
    order = np.lexsort(rounded.T[::-1]) if rounded.size else np.zeros(0, np.int64)
    runs = equal_runs(values[order])
    means = np.array([values[order][run].mean(axis=0) for run in runs])
    sizes = np.array([float(run.stop - run.start) for run in runs])
    return Strata(means.reshape(len(runs), len(turned)), sizes), basis[:, order]


def _dense(turned: Sequence[Array], basis: Array) -> tuple[Dense, Array]:
    """Turn the coordinates so that the component of largest rank is diagonal."""
    halves = [half(each @ each.T) for each in turned]
    lead = int(np.argmax([each.shape[1] for each in halves])) if halves else 0
    leading = turned[lead] @ turned[lead].T if halves else np.zeros((0, 0))
    values, vectors = np.linalg.eigh(leading)
    runs = equal_runs(values[:, None])
    means = np.array([max(float(values[run].mean()), 0.0) for run in runs])
    level = np.repeat(np.arange(len(runs)), [run.stop - run.start for run in runs])
    others = [k for k in range(len(turned)) if k != lead]
    b = np.hstack([np.zeros((len(values), 0)), *(vectors.T @ halves[k] for k in others)])
    owner = np.repeat(others, [halves[k].shape[1] for k in others]).astype(np.int64)
    return Dense(lead, means, level.astype(np.int64), b, owner), basis @ vectors
