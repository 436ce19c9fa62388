"""The restricted likelihood of a residual-structure model and its exact derivatives.

With V block-diagonal by participant, P = V^-1 - V^-1 X (X'V^-1X)^-1 X'V^-1, w = Py, and
G_k, G_kl the first and second derivatives of V (Wolfinger, Tobias and Sall 1994, SIAM J Sci
Comput 15:1294-1310, section 3),

    f      = log|V| + log|X'V^-1X| + y'Py
    f_k    = tr(P G_k) - w'G_k w
    f_kl   = -tr(P G_k P G_l) + 2 w'G_k P G_l w + tr(P G_kl) - w'G_kl w

f + (N - p) log 2 pi is -2 log L as lme4, nlme (`lme`, `gls`), glmmTMB and SAS report it.

P is V^-1 - U U' with U = V^-1 X chol(Phi), so that traces over pairs of participants become
products of sums over participants:

    tr(P G_k P G_l) = sum_i tr(V_i^-1 G_k (V_i^-1 - 2 U_i U_i') G_l) + tr(A_k A_l),
    A_k = sum_i U_i' G_k U_i.

G_k depends on a participant only through the pattern of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.residual_layout import Layout
from analysis.mixed.structures import Covariances


@dataclass(frozen=True)
class Problem:
    """A layout with its data.

    Attributes
    ----------
    layout : Layout
        Of n participants with at most T rows, in m patterns.
    xy : ndarray, (n, T, p + 1)
        Orthonormal fixed-effects matrix and, last, the response.
    """

    layout: Layout
    xy: Array

    def at(self, phi: Array) -> Point | None:
        """Return the criterion at `phi`, None where V is not positive definite."""
        layout = self.layout
        covariances = layout.law.covariances(phi)
        try:
            lower = np.linalg.cholesky(layout.spread(covariances.value, diagonal=1.0))
        except np.linalg.LinAlgError:
            return None
        root = np.asarray(np.linalg.inv(lower))
        white = root[layout.pattern] @ self.xy
        flat = white.reshape(-1, white.shape[2])
        q, r = np.linalg.qr(flat[:, :-1])
        along = q.T @ flat[:, -1]
        rest = flat[:, -1] - q @ along
        log_v = 2 * layout.counts @ np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        log_xvx = 2 * np.log(np.abs(np.diag(r))).sum()
        value = float(log_v + log_xvx + rest @ rest)
        if not np.isfinite(value):
            return None
        return Point(layout, phi, covariances, root, q, r, along, rest, value)


@dataclass(frozen=True)
class Point:
    """The criterion at one value of the parameters; derivatives are computed when asked for.

    Attributes
    ----------
    phi : ndarray, (K,)
        Parameters.
    covariances : Covariances
        Of the classes.
    root : ndarray, (m, T, T)
        Inverse of the Cholesky factor of each pattern's V.
    q, r : ndarray
        Factors of the whitened X, (n T, p) and (p, p).
    along : ndarray, (p,)
        q' times the whitened response.
    rest : ndarray, (n T,)
        Whitened response without its part along X.
    value : float
        The criterion, without (N - p) log 2 pi.
    """

    layout: Layout
    phi: Array
    covariances: Covariances
    root: Array
    q: Array
    r: Array
    along: Array
    rest: Array
    value: float

    def back(self, white: Array) -> Array:
        """Return V^-1/2' times whitened columns, (n T, ...) -> (n, T, ...)."""
        n, size = self.layout.rows.shape
        transposed = self.root.transpose(0, 2, 1)[self.layout.pattern]
        return np.asarray(transposed @ white.reshape(n, size, -1))

    @cached_property
    def u(self) -> Array:
        """U = V^-1 X chol(Phi), (n, T, p)."""
        return self.back(self.q)

    @cached_property
    def w(self) -> Array:
        """P y, (n, T, 1)."""
        return self.back(self.rest)

    @cached_property
    def inverse(self) -> Array:
        """V^-1 of each pattern, (m, T, T)."""
        return np.asarray(self.root.transpose(0, 2, 1) @ self.root)

    @cached_property
    def uu(self) -> Array:
        """Sum of U_i U_i' over the participants of each pattern, (m, T, T)."""
        return self.layout.by_pattern(self.u @ self.u.transpose(0, 2, 1))

    @cached_property
    def mass(self) -> Array:
        """Derivative of the criterion by the covariance of each class, (C,)."""
        ww = self.layout.by_pattern(self.w @ self.w.transpose(0, 2, 1))
        counts = self.layout.counts[:, None, None]
        return self.layout.collect(counts * self.inverse - self.uu - ww)

    @cached_property
    def gradient(self) -> Array:
        """f_k, (K,)."""
        return np.asarray(self.mass @ self.covariances.first)

    @cached_property
    def slopes(self) -> Array:
        """G_k of each pattern, (m, T, K, T)."""
        slopes = self.layout.spread(self.covariances.first)
        return np.ascontiguousarray(slopes.transpose(0, 1, 3, 2))

    @cached_property
    def traces(self) -> Array:
        """tr(P G_k P G_l), (K, K); half of it is the expected restricted information."""
        m, size, k, _ = self.slopes.shape
        counts = self.layout.counts[:, None, None]
        right = self.slopes.reshape(m, -1, size) @ (counts * self.inverse - 2 * self.uu)
        both = (self.inverse @ right.reshape(m, size, -1)).reshape(m, size, k, size)
        within = _by_parameter(self.slopes) @ _by_parameter(both).T
        a = _by_parameter(self.moved(self.u, self.u))
        traces = within + a @ a.T
        return np.asarray((traces + traces.T) / 2)

    def moved(self, left: Array, right: Array) -> Array:
        """Return sum_i left_i' G_k right_i, (1, a, K, b)."""
        moved = self.times_slopes(right)
        product = left.reshape(-1, left.shape[2]).T @ moved.reshape(-1, moved[0, 0].size)
        return product.reshape(1, -1, *moved.shape[2:])

    def times_slopes(self, columns: Array) -> Array:
        """Return G_k times columns by participant, (n, T, b) -> (n, T, K, b)."""
        m, size, k, _ = self.slopes.shape
        stacked = self.slopes.reshape(m, -1, size)[self.layout.pattern]
        return np.asarray((stacked @ columns).reshape(len(columns), size, k, -1))

    @cached_property
    def average(self) -> Array:
        """w'G_k P G_l w, (K, K): the mean of the Hessian and its expectation, but for G_kl."""
        moved = self.times_slopes(self.w)[..., 0]
        n, size, k = moved.shape
        white = (self.root[self.layout.pattern] @ moved).reshape(-1, k)
        along = self.u.reshape(n * size, -1).T @ moved.reshape(-1, k)
        return np.asarray(white.T @ white - along.T @ along)

    @cached_property
    def hessian(self) -> Array:
        """f_kl, (K, K)."""
        hessian = 2 * self.average - self.traces
        if self.covariances.second is not None:
            hessian += np.tensordot(self.mass, self.covariances.second, 1)
        return np.asarray((hessian + hessian.T) / 2)


def _by_parameter(matrices: Array) -> Array:
    """(m, a, K, b) -> (K, m a b)."""
    return matrices.transpose(2, 0, 1, 3).reshape(matrices.shape[2], -1)
