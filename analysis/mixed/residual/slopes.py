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
from analysis.mixed.residual.layout import Layout


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
        return Slopes(self.layout, self.half[index], self.dense[index])

    def times(self, columns: Array, who: IntArray | None = None) -> Array:
        """Return G_k times columns by participant, (..., n, T, b) -> (..., n, T, K, b)."""
        layout, b = self.layout, columns.shape[-1]
        k, n_groups = len(layout.own), layout.members.shape[-1]
        out = np.empty((*columns.shape[:-1], len(layout.law.names), b))
        shared = layout.of_participants(layout.intercepts, who)
        sums = _t(shared) @ columns
        for c, own in enumerate(layout.own):
            out[..., c, :] = shared[..., own] @ sums[..., own, :]
        if n_groups:
            members = layout.of_participants(layout.members, who)[..., None]
            picked = members * columns[..., None, :]
            if self.half is not None:
                half = layout.of_participants(self.half, who)
                wide = picked.reshape(*columns.shape[:-1], n_groups * b)
                picked = (_t(half) @ wide).reshape(picked.shape)
                picked += members * (half @ columns)[..., None, :]
            out[..., k : k + n_groups, :] = picked
        if self.dense.shape[-2]:
            out[..., k + n_groups :, :] = self._dense_times(columns, who)
        return out

    def _dense_times(self, columns: Array, who: IntArray | None = None) -> Array:
        *lead, m, size, d, _ = self.dense.shape
        stacked = self.layout.of_participants(self.dense.reshape(*lead, m, -1, size), who)
        return np.asarray((stacked @ columns).reshape(*columns.shape[:-1], d, columns.shape[-1]))

    def sandwiches(self, u: Array, carriers: IntArray, rows: IntArray) -> Array:
        """Return A_k = sum_i U_i' G_k U_i, (..., K, p, p).

        Parameters
        ----------
        u : ndarray, (..., r, T, p)
            U of the participants with X, `carriers`.
        rows : ndarray of int, (G, R)
            Rows of each variance group among theirs; r T for none.
        """
        layout, p, lead = self.layout, u.shape[-1], u.shape[:-3]
        sums = _t(layout.of_participants(layout.intercepts, carriers)) @ u
        parts = []
        for own in layout.own:
            part = sums[..., own, :].reshape(*lead, -1, p)
            parts.append((_t(part) @ part)[..., None, :, :])
        if len(rows):
            left = _picked(u, rows)
            if self.half is None:
                parts.append(_t(left) @ left)
            else:
                right = _picked(layout.of_participants(self.half, carriers) @ u, rows)
                product = _t(left) @ right
                parts.append(product + _t(product))
        if self.dense.shape[-2]:
            moved = self._dense_times(u, carriers).reshape(*lead, -1, self.dense.shape[-2] * p)
            product = _t(u.reshape(*lead, -1, p)) @ moved
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
            out[..., k:last, k:last] = layout.flat_members.T @ _rows(square @ layout.members)
            out[..., :k, k:last] = owner @ (_t(_rows(across)) @ layout.flat_members)
            out[..., k:last, :k] = _t(out[..., :k, k:last])
        if last < n:
            self._fill_dense(out, v, q, vf, qf)
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

    def _fill_dense(self, out: Array, v: Array, q: Array, vf: Array, qf: Array) -> None:
        """Fill in the traces with the last D parameters."""
        layout, dense = self.layout, self.dense
        *lead, m, size, d, _ = dense.shape
        k, last = len(layout.own), out.shape[-1] - d
        flat = dense.reshape(*lead, m, -1, size)
        lead = list(v.shape[:-3])
        dv, dq = (flat @ v).reshape(*lead, m, size, d, size), flat @ q
        right = dq.reshape(*lead, m, size, d, size).swapaxes(-3, -1)
        out[..., last:, last:] = _by_parameter(dv) @ _t(_by_parameter(right))
        by_row = (flat @ vf).reshape(*lead, m, size, d, -1) * qf[..., None, :]
        out[..., last:, :k] = by_row.sum(axis=(-4, -3)) @ layout.owner.T
        if k < last and self.half is not None:
            y = self.half
            turned = (dv.reshape(*lead, m, -1, size) @ _t(y)).reshape(dv.shape)
            cells = turned * q[..., :, None, :] + dv * (q @ _t(y))[..., :, None, :]
            by_row = np.moveaxis(cells.sum(axis=-3), -2, -3).reshape(*lead, d, -1)
            out[..., last:, k:last] = by_row @ layout.flat_members
        out[..., :last, last:] = _t(out[..., last:, :last])


def _t(matrices: Array) -> Array:
    return matrices.swapaxes(-1, -2)


def _rows(matrices: Array) -> Array:
    """(..., m, a, b) -> (..., m a, b)."""
    *lead, m, a, b = matrices.shape
    return matrices.reshape(*lead, m * a, b)


def _picked(values: Array, rows: IntArray) -> Array:
    """Rows of (..., r, T, p) by group, (..., G, R, p), zeros where there is none."""
    *lead, _, _, p = values.shape
    flat = values.reshape(*lead, -1, p)
    padded = np.concatenate([flat, np.zeros((*lead, 1, p))], axis=-2)
    return np.take(padded, rows, axis=-2)


def _by_parameter(matrices: Array) -> Array:
    """(..., m, a, D, b) -> (..., D, m a b)."""
    *lead, m, a, d, b = matrices.shape
    return np.moveaxis(matrices, -2, -4).reshape(*lead, d, m * a * b)
