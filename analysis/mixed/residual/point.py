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

G_k depends on a participant only through the pattern of its rows. Participants of one pattern may
therefore be rotated among themselves, so that few carry X (`rotation`); U, and all that
has p columns, is needed for these only. What is quadratic in w is such a trace, too: summed over
the participants of a pattern, w'G_k V^-1 G_l w is tr(V^-1 G_k W G_l) with W = sum_i w_i w_i'.

The criterion is evaluated at many points at once: leading dimensions (...) are points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import Covariances, IntArray
from analysis.mixed.residual.factors import cholesky_factors, inverses, orthonormalised
from analysis.mixed.residual.layout import Layout, diagonal, side_by_side, stacked
from analysis.mixed.residual.participants import Participants
from analysis.mixed.residual.slopes import Slopes

EAGER = ("phi", "root", "q", "r", "along", "rest", "value")
LAZY = (
    *("u", "w", "inverse", "uu", "ww", "mass", "gradient"),
    *("across", "along_x", "traces", "average", "hessian"),
)


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

    @cached_property
    def everyone(self) -> Participants:
        """All participants."""
        return Participants(self.layout)

    @cached_property
    def with_x(self) -> Participants:
        """The r participants for whom X is not zero."""
        carries = self.xy[..., :-1].any(axis=(1, 2))
        if carries.all():
            return self.everyone
        return Participants(self.layout, np.flatnonzero(carries))

    @property
    def one_by_one(self) -> bool:
        """Whether so few participants share a pattern that sums over them save nothing."""
        n, m = len(self.layout.pattern), len(self.layout.counts)
        return n < 2 * m

    @cached_property
    def rows_by_group(self) -> IntArray:
        """Rows of each variance group among those of `with_x`, (G, R); r T for none."""
        members = self.layout.members[self.with_x.pattern]
        r, size, n_groups = members.shape
        group, row = np.nonzero(members.reshape(r * size, n_groups).T)
        return side_by_side(group, row, r * size)

    @cached_property
    def data(self) -> tuple[Array, Array]:
        """X of the participants with X, (r, T, p), and y of all, (n, T, 1)."""
        x = self.with_x.among(self.xy)[..., :-1]
        return np.ascontiguousarray(x), self.xy[..., -1:].copy()

    def at(self, phi: Array) -> Point | None:
        """Return the criterion at `phi`, (K,), None where V is not positive definite."""
        point = self.over(phi)
        return point if np.isfinite(point.value) else None

    def over(self, phi: Array, y: Array | None = None, exact: bool = True) -> Point:
        """Return the criterion at several points, infinite where V is not positive definite.

        Parameters
        ----------
        phi : ndarray, (..., K)
            Parameters.
        y : ndarray, (..., n, T, 1)
            The response at each point, if it is not that of `xy` at all.
        exact : bool
            Whether to factor the whitened X by reflections; otherwise by the Cholesky factor of
            its products, which is faster and accurate enough to search by.
        """
        layout, (x, own_y) = self.layout, self.data
        y = own_y if y is None else y
        lower, sound = cholesky_factors(layout.spread(layout.law.values(phi)))
        root = inverses(lower)
        lead = phi.shape[:-1]
        white = stacked(self.with_x.each(root) @ x)
        q, r = np.linalg.qr(white) if exact else orthonormalised(white)
        rest = self.everyone.each(root) @ y
        along = q.swapaxes(-1, -2) @ stacked(self.with_x.among(rest))
        explained = (q @ along).reshape(*lead, *x.shape[:2], 1)
        if self.with_x.who is None:
            rest -= explained
        else:
            rest[..., self.with_x.who, :, :] -= explained
        log_v = np.log(diagonal(lower)).sum(axis=-1) @ layout.counts
        log_xvx = np.log(np.abs(diagonal(r))).sum(axis=-1)
        value = 2 * log_v + 2 * log_xvx + np.square(rest).sum(axis=(-3, -2, -1))
        value = np.where(sound & np.isfinite(value), value, np.inf)
        return Point(self, phi, root, q, r, along[..., 0], rest, value)


@dataclass(frozen=True)
class Point:
    """The criterion at values of the parameters; derivatives are computed when asked for.

    Attributes
    ----------
    phi : ndarray, (..., K)
        Parameters.
    root : ndarray, (..., m, T, T)
        Inverse of the Cholesky factor of each pattern's V.
    q, r : ndarray
        Factors of the whitened X, (..., r T, p) and (..., p, p).
    along : ndarray, (..., p)
        q' times the whitened response.
    rest : ndarray, (..., n, T, 1)
        Whitened response without its part along X.
    value : ndarray, (...)
        The criterion, without (N - p) log 2 pi.
    """

    problem: Problem
    phi: Array
    root: Array
    q: Array
    r: Array
    along: Array
    rest: Array
    value: Array

    def take(self, index: IntArray | int) -> Point:
        """Return some of the points of a batch, with what has been computed of them."""
        each = [getattr(self, name).take(index, axis=0) for name in EAGER]
        some, known = Point(self.problem, *each), vars(self)
        taken = {name: known[name].take(index, axis=0) for name in LAZY if name in known}
        some.__dict__.update(taken)
        if "slopes" in known:
            some.__dict__["slopes"] = self.slopes.take(index)
        return some

    def some(self, index: IntArray) -> Point:
        """Return the same; the batch itself if all of it is meant."""
        return self if len(index) == len(self.phi) else self.take(index)

    @property
    def layout(self) -> Layout:
        """Rows by participant."""
        return self.problem.layout

    @cached_property
    def u(self) -> Array:
        """U = V^-1 X chol(Phi) of those with X, (..., r, T, p)."""
        q = self.q.reshape(*self.phi.shape[:-1], *self.problem.data[0].shape)
        return np.asarray(self.problem.with_x.each(self.root).swapaxes(-1, -2) @ q)

    @cached_property
    def w(self) -> Array:
        """P y, (..., n, T, 1)."""
        return np.asarray(self.problem.everyone.each(self.root).swapaxes(-1, -2) @ self.rest)

    @cached_property
    def inverse(self) -> Array:
        """V^-1 of each pattern, (..., m, T, T)."""
        return np.asarray(self.root.swapaxes(-1, -2) @ self.root)

    @cached_property
    def uu(self) -> Array:
        """Sum of U_i U_i' over the participants of each pattern, (..., m, T, T)."""
        return self.problem.with_x.squares(self.u)

    @cached_property
    def mass(self) -> Array:
        """Derivative of the criterion by the covariance of each class, (..., C)."""
        return self.layout.collect(self._counted - self.uu - self.ww)

    @cached_property
    def gradient(self) -> Array:
        """f_k, (..., K)."""
        return self.layout.law.gradient(self.phi, self.mass)

    @property
    def covariances(self) -> Covariances:
        """Of the classes."""
        return self.layout.law.covariances(self.phi)

    @cached_property
    def slopes(self) -> Slopes:
        """G_k of each pattern."""
        layout, curve = self.layout, self.layout.law.curve
        if curve is None:
            return Slopes(layout, None, layout.elements)
        deviations, rho = layout.law.curved(self.phi)
        one, other, power, slope = curve.factors(deviations, rho)
        by_row = layout.members @ deviations[..., None, :, None]
        half = layout.spread(power * curve.related, 0.0) * by_row.swapaxes(-1, -2)
        return Slopes(layout, half, layout.spread(one * other * slope, 0.0)[..., None, :])

    @cached_property
    def ww(self) -> Array:
        """Sum of w_i w_i' over the participants of each pattern, (..., m, T, T)."""
        return self.problem.everyone.squares(self.w)

    @cached_property
    def traces(self) -> Array:
        """tr(P G_k P G_l), (..., K, K); half of it is the expected restricted information."""
        within = self.slopes.traces(self.inverse, self._counted - 2 * self.uu)
        return _symmetric(within + self.across)

    @cached_property
    def across(self) -> Array:
        """tr(A_k A_l), (..., K, K)."""
        a = self.slopes.sandwiches(self.u, self.problem.with_x, self.problem.rows_by_group)
        a = a.reshape(*a.shape[:-2], -1)
        return np.asarray(a @ a.swapaxes(-1, -2))

    @cached_property
    def moved(self) -> Array:
        """G_k w, (..., n, T, K), of all participants if they are taken one by one.

        If they are taken by pattern, of those with X.
        """
        whose = self.problem.everyone if self.problem.one_by_one else self.problem.with_x
        return self.slopes.times(whose.among(self.w), whose)[..., 0]

    @cached_property
    def along_x(self) -> Array:
        """Products of sum_i U_i' G_k w_i, (..., K, K)."""
        with_x = self.problem.with_x
        own = with_x.among(self.moved) if self.problem.one_by_one else self.moved
        along = stacked(self.u).swapaxes(-1, -2) @ stacked(own)
        return np.asarray(along.swapaxes(-1, -2) @ along)

    @cached_property
    def average(self) -> Array:
        """w'G_k P G_l w, (..., K, K): mean of the Hessian and its expectation, but for G_kl."""
        if self.problem.one_by_one:
            white = stacked(self.problem.everyone.each(self.root) @ self.moved)
            return np.asarray(white.swapaxes(-1, -2) @ white - self.along_x)
        return np.asarray(self.slopes.traces(self.inverse, self.ww) - self.along_x)

    @cached_property
    def hessian(self) -> Array:
        """f_kl, (..., K, K): twice the average information less the traces, and G_kl."""
        both = 2 * (self.ww + self.uu) - self._counted
        hessian = self.slopes.traces(self.inverse, both) - 2 * self.along_x - self.across
        self.layout.law.add_curvature(hessian, self.phi, self.mass)
        return _symmetric(hessian)

    @property
    def _counted(self) -> Array:
        """V^-1 of each pattern times its number of participants, (..., m, T, T)."""
        return np.asarray(self.layout.counts[:, None, None] * self.inverse)


def _symmetric(matrices: Array) -> Array:
    return np.asarray((matrices + matrices.swapaxes(-1, -2)) / 2)
