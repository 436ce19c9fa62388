"""A layout with X and a response, and the restricted likelihood at any parameters (`point`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.compiled import AVERAGE, HESSIAN, Kernel, kernel_for
from analysis.mixed.residual.factors import (
    BoolArray,
    cholesky_factors,
    inverses,
    orthonormalised,
)
from analysis.mixed.residual.layout import Layout, diagonal, side_by_side, stacked
from analysis.mixed.residual.participants import Participants
from analysis.mixed.residual.point import Evaluated, Point

COMPILED = 1000  # points at once where the kernel evaluates them: numpy's overhead is small then


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

    @cached_property
    def kernel(self) -> Kernel | None:
        """What is faster than numpy, if there is anything."""
        return kernel_for(self.with_x, self.data[0])

    def together(self, points: int, entries: int) -> int:
        """Return how many responses to search for at once, from so many points each.

        In numpy, as many as have this number of entries of V; the kernel takes points one by one.
        """
        at_once = COMPILED if self.kernel is not None else entries // self.layout.classes.size
        return max(at_once // points, 1)

    def quickly(
        self, phi: Array, y: Array, of: IntArray, exact: BoolArray, ceiling: Array
    ) -> Evaluated:
        """Return the criterion at points of a search, accurate enough to search by.

        Parameters
        ----------
        phi : ndarray, (b, K)
        y : ndarray, (R, n, T, 1)
            Responses.
        of : ndarray of int, (b,)
            Which response is meant at each point.
        exact : ndarray of bool, (b,)
            Where the Hessian will be asked for, not the average information.
        ceiling : ndarray, (b,)
            No derivatives will be asked for where the criterion is above it.
        """
        if self.kernel is None:
            return self.over(phi, y[of], exact=False)
        return self.kernel.at(phi, y, of, np.where(exact, HESSIAN, AVERAGE), ceiling)

    def with_hessian(self, phi: Array, y: Array, of: IntArray) -> Evaluated:
        """Return the same wherever the criterion is finite, its Hessian with it."""
        return self.quickly(phi, y, of, np.ones(len(phi), bool), np.full(len(phi), np.inf))

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
