"""Derivatives G_k of V by its parameters, in forms that touch only the entries that are not zero.

    variance of a component       Z Z', Z the indicators of its groups
    variance of some errors       J, the indicators of their rows on the diagonal
    standard deviation of errors  J Y + Y'J, Y_ab = rho^d s_b within a unit, dV_ab / ds_a
    correlation, element of R     a dense matrix

Traces over products of two are then sums of products of a few T x T matrices, whose number does
not grow with that of the parameters. Leading dimensions (...) are points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.layout import Layout, stacked
from analysis.mixed.residual.participants import Participants


@dataclass(frozen=True)
class Slopes:
    """G_k of each pattern at points.

    Attributes
    ----------
    layout : Layout
        Of n participants with at most T rows, in m patterns.
    half : ndarray, (..., m, T, T), or None
        Y; None where errors have variances, not standard deviations, as parameters.
    dense : ndarray, (..., m, T, D, T)
        Derivatives by the last D parameters.
    """

    layout: Layout
    half: Array | None
    dense: Array

    def take(self, index: IntArray | int) -> Slopes:
        """Return those at some of the points of a batch."""
        if self.half is None:
            return self
        return Slopes(self.layout, self.half.take(index, axis=0), self.dense.take(index, axis=0))

    def times(self, columns: Array, whose: Participants) -> Array:
        """Return G_k times columns by participant, (..., n, T, b) -> (..., n, T, K, b)."""
        layout, b = self.layout, columns.shape[-1]
        k, n_groups = len(layout.own), layout.members.shape[-1]
        out = np.empty((*columns.shape[:-1], len(layout.law.names), b))
        shared = whose.intercepts
        sums = _t(shared) @ columns
        for c, own in enumerate(layout.own):
            out[..., c, :] = shared[..., own] @ sums[..., own, :]
        if n_groups:
            members = whose.members[..., None]
            picked = members * columns[..., None, :]
            if self.half is not None:
                half = whose.each(self.half)
                wide = picked.reshape(*columns.shape[:-1], n_groups * b)
                picked = (_t(half) @ wide).reshape(picked.shape)
                picked += members * (half @ columns)[..., None, :]
            out[..., k : k + n_groups, :] = picked
        if self.dense.shape[-2]:
            out[..., k + n_groups :, :] = self._dense_times(columns, whose)
        return out

    def _dense_times(self, columns: Array, whose: Participants) -> Array:
        *lead, m, size, d, _ = self.dense.shape
        tall = whose.each(self.dense.reshape(*lead, m, -1, size))
        return np.asarray((tall @ columns).reshape(*columns.shape[:-1], d, columns.shape[-1]))

    def sandwiches(self, u: Array, whose: Participants, rows: IntArray) -> Array:
        """Return A_k = sum_i U_i' G_k U_i, (..., K, p, p).

        Parameters
        ----------
        u : ndarray, (..., r, T, p)
            U of the participants with X, `whose` it is.
        rows : ndarray of int, (G, R)
            Rows of each variance group among theirs; r T for none.
        """
        layout, p, lead = self.layout, u.shape[-1], u.shape[:-3]
        sums = _t(whose.intercepts) @ u
        parts = []
        for own in layout.own:
            part = stacked(sums[..., own, :])
            parts.append((_t(part) @ part)[..., None, :, :])
        if len(rows):
            left = _picked(u, rows)
            if self.half is None:
                parts.append(_t(left) @ left)
            else:
                right = _picked(whose.each(self.half) @ u, rows)
                product = _t(left) @ right
                parts.append(product + _t(product))
        if self.dense.shape[-2]:
            moved = self._dense_times(u, whose).reshape(*lead, -1, self.dense.shape[-2] * p)
            product = _t(stacked(u)) @ moved
            parts.append(product.reshape(*lead, p, -1, p).swapaxes(-2, -3))
        return np.concatenate(parts, axis=-3)

    def traces(self, v: Array, q: Array) -> Array:
        """Return the sum of tr(V G_k Q G_l) over patterns, (..., K, K).

        Parameters
        ----------
        v, q : ndarray, (..., m, T, T)
            Symmetric matrices.
        """
        layout = self.layout
        k, n = len(layout.own), len(layout.law.names)
        last = n - self.dense.shape[-2]
        out = np.empty((*v.shape[:-3], n, n))
        f, owner = layout.intercepts, layout.owner
        vf, qf = v @ f, q @ f
        both = ((_t(f) @ vf) * (_t(f) @ qf)).sum(axis=-3)
        out[..., :k, :k] = owner @ both @ owner.T
        if k < last:
            square, across = self._grouped(v, q, vf, qf)
            out[..., k:last, k:last] = layout.flat_members.T @ stacked(square @ layout.members)
            out[..., :k, k:last] = owner @ (_t(stacked(across)) @ layout.flat_members)
            out[..., k:last, :k] = _t(out[..., :k, k:last])
        if last < n:
            self._fill_dense(out, v, q)
        return out

    def _grouped(self, v: Array, q: Array, vf: Array, qf: Array) -> tuple[Array, Array]:
        """By pairs of rows, and by rows and groups of intercepts: what sums to the traces."""
        y = self.half
        if y is None:
            return v * q, vf * qf
        vy, qy = v @ _t(y), q @ _t(y)
        cross = _t(qy) * vy
        square = cross + _t(cross) + (y @ qy) * v + q * (y @ vy)
        return square, (y @ vf) * qf + vf * (y @ qf)

    def _fill_dense(self, out: Array, v: Array, q: Array) -> None:
        """Fill in the traces with the last D parameters, by E_d = V G_d Q."""
        layout, dense, f = self.layout, self.dense, self.layout.intercepts
        *lead, m, size, d, _ = v.shape[:-3] + dense.shape[-4:]
        k, last = len(layout.own), out.shape[-1] - d
        moved = (dense.reshape(*dense.shape[:-3], -1, size) @ q).reshape(*lead, m, size, -1)
        e = (v @ moved).reshape(*lead, m, size, d, size)
        out[..., last:, last:] = _by_parameter(e) @ _t(_by_parameter(dense))
        by_row = (e.reshape(*lead, m, -1, size) @ f).reshape(*lead, m, size, d, -1)
        out[..., last:, :k] = (by_row * f[..., None, :]).sum(axis=(-4, -3)) @ layout.owner.T
        if k < last and self.half is not None:
            cells = (e + e.swapaxes(-1, -3)) * self.half[..., None, :]
            by_row = np.moveaxis(cells.sum(axis=-1), -1, -3).reshape(*lead, d, -1)
            out[..., last:, k:last] = by_row @ layout.flat_members
        out[..., :last, last:] = _t(out[..., last:, :last])


def _t(matrices: Array) -> Array:
    return matrices.swapaxes(-1, -2)


def _picked(values: Array, rows: IntArray) -> Array:
    """Rows of (..., r, T, p) by group, (..., G, R, p), zeros where there is none."""
    flat = stacked(values)
    padded = np.concatenate([flat, np.zeros_like(flat[..., :1, :])], axis=-2)
    return padded.take(rows, axis=-2)


def _by_parameter(matrices: Array) -> Array:
    """(..., m, a, D, b) -> (..., D, m a b)."""
    *lead, m, a, d, b = matrices.shape
    return np.moveaxis(matrices, -2, -4).reshape(*lead, d, m * a * b)
