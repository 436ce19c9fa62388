"""The restricted likelihood of a design tabulated, so that no response needs a matrix inverted.

In the coordinates x of `coordinates` every function of interest is interpolated by
polynomials through Chebyshev points of [0, 1]^K (Trefethen 2019, Approximation Theory and
Approximation Practice, chapters 5-8). At such a point all matrices belong to the design, and pw of
a response is a sum of squares of one matrix product. Functions that do not depend on the response,
log|W| and the variances of the combinations, are tabulated once; what grows without bound as
x -> 0 is taken out before: log|W| + sum_k rank_k log x_k and v prod_k x_k^a_k are smooth.

With 12 points a side the error is of the order of rounding for crossovers with missing visits.
Whether that holds for the design at hand is measured against the exact functions
(`check`); where it does not, the table only supplies where to start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch.coordinates import Coordinates
from analysis.mixed.batch.newton import Indices, Local
from analysis.mixed.batch.reduce import Reduction
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.design import Array


@dataclass(frozen=True)
class Cubes:
    """pw of B responses at all n ** K points of the table, (B, n ** K)."""

    pw: Array

    def take(self, index: Indices) -> Cubes:
        """Return some of the responses."""
        return Cubes(self.pw[index])


@dataclass(frozen=True)
class Basis:
    """Polynomials that are one at one Chebyshev point of [0, 1] and zero at all others."""

    n: int

    @cached_property
    def points(self) -> Array:
        """The n Chebyshev points, rising."""
        return np.asarray((1 - np.cos(np.pi * (np.arange(self.n) + 0.5) / self.n)) / 2)

    @cached_property
    def turn(self) -> Array:
        """From Chebyshev polynomials to this basis and its first two derivatives, (n, 3 n)."""
        vander = np.polynomial.chebyshev.chebvander(2 * self.points - 1, self.n - 1)
        inverse = np.linalg.inv(vander)
        once = 2 * np.polynomial.chebyshev.chebder(np.eye(self.n))
        twice = 4 * np.polynomial.chebyshev.chebder(np.eye(self.n), 2)
        slopes = [np.pad(each, ((0, self.n - len(each)), (0, 0))) for each in (once, twice)]
        return np.hstack([inverse, *(each @ inverse for each in slopes)])

    def at(self, c: Array) -> Array:
        """Return the basis and its derivatives by c at x = exp(-c), (b, 3, n); c is (b,)."""
        x = np.exp(-c)
        polynomials = np.empty((self.n, len(c)))
        polynomials[0], polynomials[1] = 1.0, 2 * x - 1
        for i in range(2, self.n):
            polynomials[i] = 2 * polynomials[1] * polynomials[i - 1] - polynomials[i - 2]
        found = (polynomials.T @ self.turn).reshape(len(c), 3, self.n)
        found[:, 2] = x[:, None] * (x[:, None] * found[:, 2] + found[:, 1])
        found[:, 1] *= -x[:, None]
        return found


@dataclass(frozen=True)
class Interpolated:
    """A function and its derivatives by c: (b,), (b, K), (b, K, K)."""

    value: Array
    first: Array
    second: Array


@dataclass(frozen=True)
class Table:
    """The tabulated functions of one design.

    The axes of the table are the components in the order of `coordinates`, the last fastest.

    Attributes
    ----------
    coordinates : Coordinates
        x, c and g.
    basis : Basis
        n points a side.
    nu : int
        Residual degrees of freedom.
    ranks : ndarray, (K,)
        Rank of every component.
    log_det : ndarray, (n ** K,)
        log|W| + sum_k rank_k log x_k.
    strata : ndarray, (S, n ** K)
        Eigenvalues of W^-1 in the strata.
    turns : ndarray, (n ** (K - 1), r_d, r_d)
        For all components but the last: coordinates in which W without the last is the identity
        and the last is diagonal.
    shrink : ndarray, (n ** (K - 1), r_d, n)
        Eigenvalues of W^-1 in these, at the points of the last component.
    v : ndarray, (n ** K, m)
        Variances of the combinations / s2, times prod_k x_k ** growth.
    growth : ndarray, (K, m)
        1 where the variance grows without bound with the component, else 0.
    """

    coordinates: Coordinates
    basis: Basis
    nu: int
    ranks: Array
    log_det: Array
    strata: Array
    turns: Array
    shrink: Array
    v: Array
    growth: Array

    @cached_property
    def points(self) -> Array:
        """The points c of the table, (n ** K, K)."""
        k = len(self.coordinates.order)
        return grid_points(self.basis, self.coordinates.order, k)

    def cubes(self, statistics: Statistics) -> Cubes:
        """Return pw of every response at every point of the table."""
        n = self.basis.n
        pw = statistics.rest[:, None] + statistics.squares @ self.strata
        if statistics.eta.shape[1]:
            for index, (turn, shrink) in enumerate(zip(self.turns, self.shrink, strict=True)):
                turned = statistics.eta @ turn
                turned *= turned
                pw[:, index * n : (index + 1) * n] += turned @ shrink
        return Cubes(np.maximum(pw, 1e-300))

    def criterion(self, cubes: Cubes) -> Array:
        """Return the criterion at every point of the table, (B, n ** K)."""
        return np.asarray(self.log_det + self.points @ self.ranks + self.nu * np.log(cubes.pw))

    def valleys(self, criterion: Array) -> NDArray[np.bool_]:
        """Return which points are lower than all around them, (B, n ** K)."""
        k, n = len(self.coordinates.order), self.basis.n
        cube = criterion.reshape(-1, *(n,) * k)
        around = cube.copy()
        for axis in range(1, k + 1):
            here, there = _ends(axis, slice(1, None)), _ends(axis, slice(None, -1))
            before = around[there].copy()
            np.minimum(around[there], around[here], out=around[there])
            np.minimum(around[here], before, out=around[here])
        return np.asarray(cube <= around).reshape(len(criterion), -1)

    def bases(self, c: Array) -> list[Array]:
        """Return the basis along each axis at the points c, (b, 3, n) each."""
        return [self.basis.at(c[:, k]) for k in self.coordinates.order]

    def interpolate(self, cubes: Array, bases: Sequence[Array]) -> Interpolated:
        """Return functions given at the points of the table, (b, n ** K), anywhere else."""
        part, done = cubes, 1
        for basis in reversed(bases):
            part = part.reshape(len(part), -1, self.basis.n) @ basis.transpose(0, 2, 1)
            part = part.reshape(len(part), done, -1, 3).transpose(0, 1, 3, 2)
            done *= 3
        part = part.reshape(len(part), done)
        once = 3 ** np.argsort(self.coordinates.order)  # place of the first derivatives
        twice = once[:, None] + once
        return Interpolated(part[:, 0], part[:, once], part[:, twice])

    def evaluate(self, t: Array, responses: Cubes) -> Local:
        """Return the criterion at points c = t, with its derivatives by c."""
        return self.evaluate_with(self.bases(t), t, responses)[0]

    def evaluate_with(
        self, bases: Sequence[Array], c: Array, cubes: Cubes
    ) -> tuple[Local, Array, Array]:
        """Return the criterion, pw and the derivative of log pw by c, given the bases at c."""
        pw = self.interpolate(cubes.pw, bases)
        log_det = self.interpolate(self.log_det[None], bases)
        size = np.maximum(pw.value, 1e-300)
        relative = pw.first / size[:, None]
        second = pw.second / size[:, None, None] - relative[:, :, None] * relative[:, None, :]
        local = Local(
            log_det.value + c @ self.ranks + self.nu * np.log(size),
            log_det.first + self.ranks + self.nu * relative,
            log_det.second + self.nu * second,
        )
        return local, size, relative

    def variances(self, bases: Sequence[Array], c: Array) -> tuple[Array, Array]:
        """Return v, (b, m), and dv/dc, (b, K, m), given the bases at c."""
        scale = np.exp(c @ self.growth)
        v = (_products(bases, -1) @ self.v) * scale
        slopes = v[:, None, :] * self.growth
        for axis, k in enumerate(self.coordinates.order):
            slopes[:, k] += (_products(bases, axis) @ self.v) * scale
        return v, slopes


def _ends(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)


def _products(bases: Sequence[Array], axis: int) -> Array:
    """Products of the basis along all axes, its derivative along one, (b, n ** K)."""
    found = np.ones((len(bases[0]), 1))
    for each, basis in enumerate(bases):
        factor = basis[:, int(each == axis)]
        found = (found[:, :, None] * factor[:, None, :]).reshape(len(found), -1)
    return found


def grid_points(basis: Basis, order: Sequence[int], n_components: int) -> Array:
    """Return c at all points of the table, (n ** K, K)."""
    c = np.array(list(product(-np.log(basis.points), repeat=n_components)))
    return c[:, np.argsort(order)]


def make_table(reduction: Reduction, coordinates: Coordinates, n: int) -> Table:
    """Tabulate the functions of a design with at least one component."""
    basis, order = Basis(n), coordinates.order
    k = len(order)
    g = coordinates.g(grid_points(basis, order, k)).reshape(-1, n, k)
    solved = [_solve_line(reduction, each, order[-1]) for each in g]
    strata = 1 / (1 + reduction.strata.values @ g.reshape(-1, k).T)
    dense = np.concatenate([log_det for _, _, log_det, _ in solved])
    ranks = np.array([len(reduction.eigenvalues(each)) for each in range(k)], float)
    points = grid_points(basis, order, k)
    growth = _growth(reduction, coordinates)
    v = np.concatenate([v for _, _, _, v in solved])
    return Table(
        coordinates=coordinates,
        basis=basis,
        nu=reduction.nu,
        ranks=ranks,
        log_det=dense - reduction.strata.sizes @ np.log(strata) - points @ ranks,
        strata=strata,
        turns=np.array([turn for turn, _, _, _ in solved]),
        shrink=np.array([shrink for _, shrink, _, _ in solved]),
        v=v * np.exp(-points @ growth),
        growth=growth,
    )


def _solve_line(reduction: Reduction, g: Array, last: int) -> tuple[Array, Array, Array, Array]:
    """Turn, shrink, log|W| and v along one line of the table, g (n, K); only g_last varies."""
    parts = [reduction.dense.component(k) for k in range(g.shape[1])]
    others = [k for k in range(g.shape[1]) if k != last]
    base = np.eye(len(parts[0])) + sum(g[0, k] * parts[k] for k in others)
    whiten = np.linalg.inv(np.linalg.cholesky(base))
    values, vectors = np.linalg.eigh(whiten @ parts[last] @ whiten.T)
    turn = whiten.T @ vectors
    spread = 1 + np.maximum(values, 0.0)[:, None] * g[:, last]
    fixed = -2 * np.log(np.diag(whiten)).sum()
    targets = reduction.targets
    c = np.tensordot(g, turn.T @ targets.c, 1)
    v = targets.size + g @ targets.reach - np.einsum("nrm,rn->nm", c**2, 1 / spread)
    return turn, 1 / spread, fixed + np.log(spread).sum(axis=0), v


def _growth(reduction: Reduction, coordinates: Coordinates) -> Array:
    """Whether the variance of each combination grows without bound with each component."""
    k = len(coordinates.order)
    found = np.zeros((k, len(reduction.targets.size)))
    for each in range(k):
        c = np.full((2, k), np.log(2.0))
        c[:, each] = np.log([1e3, 1e6])
        v = [_solve_line(reduction, g[None], 0)[3][0] for g in coordinates.g(c)]
        found[each] = v[1] > 30 * v[0]
    return found
