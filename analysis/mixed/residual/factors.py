"""Triangular factors of many small matrices at once, and of a few columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.residual.layout import diagonal

BoolArray = NDArray[np.bool_]

MANY = 12  # triangular matrices from which on substitution in all at once is faster


def inverses(lower: Array) -> Array:
    """Inverses of lower triangular matrices; those of many by substitution in all at once."""
    size = lower.shape[-1]
    if lower.size < MANY * size**2:
        return np.asarray(np.linalg.inv(lower))
    width = next((each for each in (6, 5, 4, 3) if size % each == 0), 1)
    corners = range(0, size, width)
    blocks = [lower[..., each : each + width, each : each + width] for each in corners]
    own = _substituted(np.stack(blocks)) if width > 1 else 1 / np.stack(blocks)
    inverse = np.zeros_like(lower)
    for start, block in zip(corners, own, strict=True):
        rows = slice(start, start + width)
        inverse[..., rows, rows] = block
        left = lower[..., rows, :start] @ inverse[..., :start, :start]
        inverse[..., rows, :start] = -block @ left
    return inverse


def _substituted(lower: Array) -> Array:
    """Inverses of small lower triangular matrices, row by row."""
    inverse, scale = np.zeros_like(lower), 1 / diagonal(lower)
    for i in range(lower.shape[-1]):
        above = lower[..., i : i + 1, :i] @ inverse[..., :i, :i]
        inverse[..., i, :i] = -above[..., 0, :] * scale[..., i, None]
        inverse[..., i, i] = scale[..., i]
    return inverse


def orthonormalised(columns: Array) -> tuple[Array, Array]:
    """Orthonormal and triangular factor of (..., N, p) by the Cholesky factor of the products."""
    try:
        lower = np.linalg.cholesky(columns.swapaxes(-1, -2) @ columns)
    except np.linalg.LinAlgError:
        q, r = np.linalg.qr(columns)
        return q, r
    back: Array = np.asarray(np.linalg.inv(lower))
    return columns @ back.swapaxes(-1, -2), np.asarray(lower.swapaxes(-1, -2))


def cholesky_factors(matrices: Array) -> tuple[Array, BoolArray]:
    """Cholesky factors of (..., m, T, T), identities where there are none; where there are."""
    lead = matrices.shape[:-3]
    try:
        return np.asarray(np.linalg.cholesky(matrices)), np.ones(lead, bool)
    except np.linalg.LinAlgError:
        lower, sound = np.empty_like(matrices), np.zeros(lead, bool)
    for place in np.ndindex(lead):
        try:
            lower[place], sound[place] = np.linalg.cholesky(matrices[place]), True
        except np.linalg.LinAlgError:
            lower[place] = np.eye(matrices.shape[-1])
    return lower, sound
