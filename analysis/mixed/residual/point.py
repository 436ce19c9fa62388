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
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import Covariances, IntArray
from analysis.mixed.residual.compiled import Compiled
from analysis.mixed.residual.layout import Layout, stacked
from analysis.mixed.residual.slopes import Slopes

if TYPE_CHECKING:
    from analysis.mixed.residual.problem import Problem

EAGER = ("phi", "root", "q", "r", "along", "rest", "value")
LAZY = (
    *("u", "w", "inverse", "uu", "ww", "mass", "gradient"),
    *("across", "along_x", "traces", "average", "hessian"),
)


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


Evaluated: TypeAlias = Point | Compiled


def _symmetric(matrices: Array) -> Array:
    return np.asarray((matrices + matrices.swapaxes(-1, -2)) / 2)
