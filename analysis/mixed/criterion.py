"""The restricted likelihood of a variance-component model and its exact derivatives.

    V = s2 (I + sum_k g_k Z_k Z_k'),   g_k = s2_k / s2 >= 0,   nu = N - p

With M = I - X (X'X)^-1 X', the Cholesky factor L of Z'MZ = LL', A_k = L_k'L_k from its rows for
component k, eta in L eta = Z'My and s = y'My the criterion, profiled over b and s2, is (Bates,
Maechler, Bolker and Walker 2015, J Stat Softw 67(1), section 3.4, in coordinates of range(MZ))

    d(g) = log|W| + log|X'X| + nu (1 + log(2 pi pw / nu)),   W = I + sum_k g_k A_k,
    pw   = s - eta'eta + eta'W^-1 eta.

Its gradient and Hessian are exact: with v = W^-1 eta

    d log|W| / dg_k          =  tr W^-1 A_k
    d2 log|W| / dg_k dg_l    = -tr W^-1 A_k W^-1 A_l
    d pw / dg_k              = -v'A_k v
    d2 pw / dg_k dg_l        =  2 v'A_k W^-1 A_l v
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotri, dpstrf

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design

# Share of the variation left when the random effects explain all of it but rounding error.
PERFECT = 1e-14
# Share of the largest pivot, or eigenvalue, that is rounding error.
DEPENDENT = 1e-12
NO_ERROR_LEFT = "The random effects explain the values fully: there is no error left."


@dataclass(frozen=True)
class Reduced:
    """A design and a response reduced to what the criterion needs.

    Attributes
    ----------
    a : ndarray, (K, r, r)
        A_k; r is the rank of MZ.
    eta : ndarray, (r,)
    s : float
        y'My.
    nu : int
    log_det_xx : float
    """

    a: Array
    eta: Array
    s: float
    nu: int
    log_det_xx: float

    def constant(self) -> float:
        """Return the part of the criterion that does not depend on the parameters."""
        return self.log_det_xx + self.nu * (1 + log(2 * pi / self.nu))


@dataclass(frozen=True)
class Point:
    """The criterion (without its constant), gradient and Hessian by g, at one g."""

    g: Array
    value: float
    gradient: Array
    hessian: Array
    pw: float


def reduce(design: Design, y: Array) -> tuple[Reduced, Array, Array, Array]:
    """Return the reduced problem, Q and R of X = QR, and the coefficients of OLS."""
    q, r = np.linalg.qr(design.x)
    rotated = q.T @ y
    centred = y - q @ rotated
    centred -= q @ (q.T @ centred)
    size = float(centred @ centred)
    nu = design.n_rows - design.rank
    if nu < 1:
        raise ModelError("The model has as many coefficients as there are values.")
    if size <= 1e-24 * max(float(y @ y), 1e-300):
        raise ModelError("The values do not vary around the model: there is no error to estimate.")
    log_det = 2 * float(np.log(np.abs(np.diag(r))).sum())
    a, eta = _coordinates(design, q, centred)
    _check_distinct(a, nu, [each.name for each in design.components])
    if len(eta) < nu and size - float(eta @ eta) <= 1e-12 * size:
        raise ModelError(NO_ERROR_LEFT)
    problem = Reduced(a, eta, size, nu, log_det)
    return problem, q, r, np.linalg.solve(r, rotated)


def _coordinates(design: Design, q: Array, centred: Array) -> tuple[Array, Array]:
    """Return A_k and eta; the pivots of the factor leave out what X or other columns explain."""
    zq = design.z.T @ q
    least = DEPENDENT * float(np.diag(design.zz).max(initial=0.0))
    pivoted, places, rank, _ = dpstrf(design.zz - zq @ zq.T, tol=least)
    factor = np.empty((len(zq), rank))
    factor[places - 1] = np.triu(pivoted)[:rank].T
    parts = [factor[design.owner == k] for k in range(len(design.components))]
    first = places[:rank] - 1
    eta = solve_triangular(factor[first], (design.z.T @ centred)[first], lower=True)
    a = np.array([part.T @ part for part in parts])
    return a.reshape(len(design.components), rank, rank), eta


def _check_distinct(a: Array, nu: int, names: list[str]) -> None:
    """Refuse components whose covariances, beside X, add up to those of others or of the residual.

    The eigenvalues of the matrix of inner products <A_k, A_l>, the residual's being the identity,
    tell whether they do.
    """
    flat = a.reshape(len(a), a.shape[1] ** 2)
    inner = np.full((len(a) + 1, len(a) + 1), float(nu))
    inner[:-1, :-1] = flat @ flat.T
    inner[-1, :-1] = inner[:-1, -1] = np.trace(a, axis1=1, axis2=2)
    size = np.sqrt(np.diag(inner))
    if (size <= 1e-6 * size.max()).any():
        lost = ", ".join(np.array([*names, "residual"])[size <= 1e-6 * size.max()])
        raise ModelError(f"The data say nothing of {lost}.")
    values, vectors = np.linalg.eigh(inner / np.outer(size, size))
    if values[0] < DEPENDENT:
        alike = np.array([*names, "residual"])[np.abs(vectors[:, 0]) > 0.05]
        raise ModelError(f"The data cannot tell apart {' and '.join(alike)}.")


def evaluate(problem: Reduced, g: Array) -> Point:
    """Return the criterion and its exact derivatives at `g`."""
    w: Array = (g @ problem.a.reshape(len(g), problem.eta.size**2)).reshape(problem.a.shape[1:])
    w[np.diag_indices(len(w))] += 1
    lower: Array = np.asarray(np.linalg.cholesky(w))
    inverse = _inverse(lower)
    v = inverse @ problem.eta
    pw = problem.s - float(problem.eta @ (problem.eta - v))
    pw = max(pw, PERFECT * problem.s)
    turned = inverse @ problem.a
    flat = turned.reshape(len(g), problem.eta.size**2)
    bent = turned.transpose(0, 2, 1).reshape(flat.shape)
    av = problem.a @ v
    relative = -(av @ v) / pw
    dd_pw = 2 * av @ inverse @ av.T
    gradient = np.trace(turned, axis1=1, axis2=2) + problem.nu * relative
    hessian = problem.nu * (dd_pw / pw - np.outer(relative, relative)) - flat @ bent.T
    value = 2 * float(np.log(np.diag(lower)).sum()) + problem.nu * log(pw)
    return Point(g, value, gradient, hessian, pw)


def _inverse(lower: Array) -> Array:
    """Return the inverse of the matrix of which `lower` is the Cholesky factor, zero above."""
    if not len(lower):
        return lower
    half = dpotri(lower, lower=1)[0]
    inverse: Array = half + half.T
    inverse[np.diag_indices(len(half))] /= 2
    return inverse
