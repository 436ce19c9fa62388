"""Rotation of participants among whom V does not differ, so that few of them carry X.

Participants whose rows are alike have the same block of V. Stacked as rows of a matrix, their
blocks of X have the rank of the designs that occur among them (two periods of a crossover: two
sequences), whatever their number; an orthogonal change of the participants, which leaves V as it
is, makes all other rows zero. It is the step from single values to sums and contrasts in the
analysis of a balanced experiment, and exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.residual.layout import Layout
from analysis.mixed.residual.problem import Problem

NOTHING = 1e-12  # part of X, relative to the largest, that is rounding error


@dataclass(frozen=True)
class Rotated:
    """A layout with its participants rotated.

    Attributes
    ----------
    layout : Layout
        Of n participants with at most T rows.
    turn : ndarray, (n, n)
        Orthogonal matrix by which rotated participants are made of participants.
    problem : Problem
        The layout with the rotated X, and no response.
    """

    layout: Layout
    turn: Array
    problem: Problem

    def response(self, values: Array) -> Array:
        """Return values by row of the design, (N,), rotated, (n, T, 1)."""
        return np.asarray(self.turn @ self.layout.pad(values))[..., None]

    def by_row(self, turned: Array) -> Array:
        """Return rotated values, (n, T), by row of the design, (N,)."""
        return self.layout.unpad(self.turn.T @ turned)


def rotated(layout: Layout, q: Array) -> Rotated:
    """Return the layout of a design rotated.

    Parameters
    ----------
    layout : Layout
    q : ndarray, (N, p)
        Orthonormal basis of the fixed effects.
    """
    x = layout.pad(q)
    turn = _turn(layout, x)
    turned = np.tensordot(turn, x, 1)
    size = np.abs(turned).max(axis=(1, 2), keepdims=True)
    turned = np.where(size > NOTHING * size.max(), turned, 0.0)
    without = np.concatenate([turned, np.zeros((*turned.shape[:2], 1))], axis=2)
    return Rotated(layout, turn, Problem(layout, without))


def _turn(layout: Layout, x: Array) -> Array:
    turn = np.eye(len(x))
    for first, count in zip(layout.starts.tolist(), layout.counts.astype(int), strict=True):
        if count > 1:
            own, width = slice(first, first + count), x[0].size
            wide = x[own].reshape(count, width)
            turn[own, own] = np.linalg.svd(wide, full_matrices=count > width)[0].T
    return turn
