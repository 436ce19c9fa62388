"""Linear algebra behind one design with many responses: invariant subspaces and strata.

The error contrasts of a response that carry information about the variance components have the
covariance s2 (I + sum_k g_k A_k) with symmetric matrices A_k that the design fixes. Where the A_k
commute, coordinates exist in which all are diagonal, and a response enters only through one sum of
squares for every combination of eigenvalues (its stratum, as in the analysis of variance of a
balanced experiment: Nelder 1965, Proc R Soc Lond A 283:147-162). What does not commute, and what
the estimates of the contrasts need, is kept apart as the smallest subspace that the A_k map into
itself. The split is found numerically and then verified; where it fails, everything is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from analysis.mixed.design import Array

SEPARATE = 1e-9  # what is smaller than this, relative to the largest, is rounding error
EXACT = 1e-11  # how well a split must hold to be used


def split_space(matrices: Sequence[Array], needed: Array) -> tuple[Array, Array]:
    """Split the coordinates of symmetric matrices into a closed and a commuting part.

    Parameters
    ----------
    matrices : sequence of ndarray, (r, r)
        Symmetric matrices A_k.
    needed : ndarray, (r, c)
        Directions that must lie in the closed part, scaled so that rounding error is below 1e-9.

    Returns
    -------
    closed : ndarray, (r, r_d)
        Orthonormal basis of the smallest subspace that contains `needed` and the range of every
        commutator, and that every A_k maps into itself.
    commuting : ndarray, (r, r - r_d)
        Orthonormal eigenvectors of every A_k on the orthogonal complement.
    """
    r = len(needed)
    scaled = [each / max(float(np.abs(each).max(initial=0.0)), 1e-300) for each in matrices]
    gaps = [a @ b - b @ a for a, b in combinations(scaled, 2)]
    closed = closure(scaled, np.hstack([needed, *gaps]))
    commuting = _complement(closed)
    if commuting.shape[1]:
        weights = np.sqrt(2.0) ** np.arange(len(scaled))
        mixture = sum(w * a for w, a in zip(weights, scaled, strict=True))
        commuting = commuting @ np.linalg.eigh(commuting.T @ mixture @ commuting)[1]
    if not all(_diagonal(a, commuting) for a in scaled):
        return np.eye(r), np.zeros((r, 0))
    return closed, commuting


def closure(matrices: Sequence[Array], seed: Array) -> Array:
    """Return an orthonormal basis of the smallest subspace with `seed` that is mapped into itself.

    Columns of `seed` and the entries of the matrices are of order one.
    """
    basis = np.zeros((len(seed), 0))
    new = seed
    while new.shape[1]:
        for _ in range(2):
            new = new - basis @ (basis.T @ new)
        left, singular, _ = np.linalg.svd(new, full_matrices=False)
        left = left[:, singular > SEPARATE]
        basis = np.hstack([basis, left])
        new = np.hstack([a @ left for a in matrices]) if left.shape[1] else left
    return basis


def equal_runs(keys: Array) -> list[slice]:
    """Return the runs of (almost) equal rows of a sorted array, (n, k)."""
    if len(keys) == 0:
        return []
    tolerance = SEPARATE * max(float(np.abs(keys).max()), 1e-300)
    change = np.flatnonzero((np.abs(np.diff(keys, axis=0)) > tolerance).any(axis=1)) + 1
    edges = [0, *change.tolist(), len(keys)]
    return [slice(a, b) for a, b in pairwise(edges)]


def half(matrix: Array) -> Array:
    """Return B with full column rank and B B' equal to a positive semi-definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > SEPARATE * max(float(values.max(initial=0.0)), 1e-300)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _complement(basis: Array) -> Array:
    left, _, _ = np.linalg.svd(basis, full_matrices=True)
    return np.asarray(left[:, basis.shape[1] :])


def _diagonal(matrix: Array, vectors: Array) -> bool:
    """Whether `vectors` are eigenvectors of `matrix`, so that their span is mapped into itself."""
    image = matrix @ vectors
    values = np.einsum("ij,ij->j", vectors, image)
    return bool(np.abs(image - vectors * values).max(initial=0.0) < EXACT)
