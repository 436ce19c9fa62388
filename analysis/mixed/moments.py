"""The matrices behind small-sample inference, for variance components.

V = s2 I + sum_k s2_k Z_k Z_k' is linear in its parameters: G_k = Z_k Z_k' and G_residual = I. All
is computed from q x q, q x p and p x p matrices; powers of V^-1 follow from
V^-1 = (I - sum_k s2_k V^-1 Z_k Z_k') / s2, as in X'V^-2X = (X'V^-1X - sum_k s2_k B_k'B_k) / s2
with B = Z'V^-1X.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Moments


@dataclass(frozen=True)
class Tabulated:
    """The forms P_k, (K, p, p), and Q_kl, (K, K, p, p)."""

    first: Array
    products: Array

    def second(self, weights: Array) -> Array:
        """Return sum_kl W_kl Q_kl."""
        return np.tensordot(weights, self.products, 2)


@dataclass(frozen=True)
class _Pieces:
    """Quadratic forms in V^-1 and in P, X being orthonormal."""

    s2: float
    psi: Array
    owner: Array
    xvx: Array
    zvx: Array
    zvz: Array
    zvy: Array
    xvy: Array
    yvy: float

    @property
    def weight(self) -> Array:
        """Variance of the component of each column of Z, (q,)."""
        return np.asarray(self.owner @ self.psi)

    def blocks(self, matrix: Array) -> list[Array]:
        """Rows of a (q, ...) matrix, component by component."""
        return [matrix[self.owner[:, k] > 0] for k in range(len(self.psi))]


def component_moments(
    design: Design, q: Array, r: Array, y: Array, psi: Array, s2: float
) -> tuple[Moments, Array, Array]:
    """Return the moments, the generalised least-squares estimate and the predicted effects.

    Parameters
    ----------
    design : Design
        Matrices with N rows, p fixed effects and K components.
    q, r : ndarray, (N, p) and (p, p)
        Orthonormal and triangular factor of X = QR.
    y : ndarray, (N,)
        Response, or its residual from ordinary least squares (the estimate is then the shift).
    psi : ndarray, (K,)
        Variances of the components.
    s2 : float
        Residual variance.

    Returns
    -------
    moments : Moments
        With K + 1 parameters, the residual last.
    beta : ndarray, (p,)
    random : ndarray, (N,)
        sum_k Z_k times the best linear unbiased predictions of u_k.
    """
    pieces = _pieces(design, q, y, psi, s2)
    phi: Array = np.asarray(np.linalg.inv(pieces.xvx))
    gamma = phi @ pieces.xvy
    first, second = _sandwiches(pieces)
    expected, observed = _information(pieces, phi, gamma, len(y) - len(phi))
    back = np.linalg.solve(r, np.eye(len(r)))
    names = (*(each.name for each in design.components), "residual")
    moments = Moments(
        names=names,
        values=np.append(psi, s2),
        free=np.append(psi > 0, True),
        phi=back @ phi @ back.T,
        forms=Tabulated(r.T @ first @ r, r.T @ second @ r),
        curved=None,
        expected=expected,
        observed=observed,
    )
    random = design.z @ (pieces.weight * (pieces.zvy - pieces.zvx @ gamma))
    return moments, back @ gamma, random


def _pieces(design: Design, q: Array, y: Array, psi: Array, s2: float) -> _Pieces:
    """Quadratic forms through V^-1 = (I - Z D^1/2 (s2 I + D^1/2 Z'Z D^1/2)^-1 D^1/2 Z') / s2."""
    owner = np.eye(len(psi))[design.owner]
    root = np.sqrt(owner @ psi)
    z, zz = design.z, design.zz
    sides = np.column_stack([z.T @ q, zz, z.T @ y])
    lower = np.linalg.cholesky(s2 * np.eye(len(root)) + root[:, None] * zz * root)
    half = solve_triangular(lower, root[:, None] * sides, lower=True, check_finite=False)
    p = q.shape[1]
    hx, hz, hy = half[:, :p], half[:, p:-1], half[:, -1]
    zx, zy = sides[:, :p], sides[:, -1]
    return _Pieces(
        s2=s2,
        psi=psi,
        owner=owner,
        xvx=(q.T @ q - hx.T @ hx) / s2,
        zvx=(zx - hz.T @ hx) / s2,
        zvz=(zz - hz.T @ hz) / s2,
        zvy=(zy - hz.T @ hy) / s2,
        xvy=(q.T @ y - hx.T @ hy) / s2,
        yvy=float(y @ y - hy @ hy) / s2,
    )


def _sandwiches(e: _Pieces) -> tuple[Array, Array]:
    """P_k and Q_kl of `Moments`, for orthonormal X."""
    b = e.blocks(e.zvx)
    xv2x = (e.xvx - e.zvx.T @ (e.weight[:, None] * e.zvx)) / e.s2
    zv2x = (e.zvx - e.zvz @ (e.weight[:, None] * e.zvx)) / e.s2
    xv3x = (xv2x - e.zvx.T @ (e.weight[:, None] * zv2x)) / e.s2
    first = np.array([*(-each.T @ each for each in b), -xv2x])
    k = len(b)
    second = np.empty((k + 1, k + 1, *e.xvx.shape))
    columns = [e.blocks(part.T) for part in e.blocks(e.zvz)]
    for i in range(k):
        for j in range(k):
            second[i, j] = b[i].T @ columns[i][j].T @ b[j]
        second[i, k] = b[i].T @ e.blocks(zv2x)[i]
        second[k, i] = second[i, k].T
    second[k, k] = xv3x
    return first, second


def _information(e: _Pieces, phi: Array, gamma: Array, nu: int) -> tuple[Array, Array]:
    """Expected information and observed Hessian of -2 log L, residual parameter last.

    tr(P G_k P G_l) and y'P G_k P G_l P y, with T = Z'PZ, w = Z'Py and
    P^2 = (P - sum_k s2_k P Z_k Z_k' P) / s2, which follows from P V P = P.
    """
    t = e.zvz - e.zvx @ phi @ e.zvx.T
    w = e.zvy - e.zvx @ gamma
    ypy = e.yvy - float(e.xvy @ gamma)
    t2 = (t - t @ (e.weight[:, None] * t)) / e.s2
    w2 = (w - t @ (e.weight * w)) / e.s2
    yp2y = (ypy - float(w @ (e.weight * w))) / e.s2
    yp3y = (yp2y - float(w @ (e.weight * w2))) / e.s2
    by = e.owner
    trace = (nu - float(e.weight @ np.diag(t))) / e.s2
    trace2 = (trace - float(e.weight @ np.diag(t2))) / e.s2
    traces = _bordered(by.T @ t**2 @ by, by.T @ np.diag(t2), trace2)
    forms = _bordered(by.T @ (w[:, None] * t * w) @ by, by.T @ (w * w2), yp3y)
    return traces / 2, 2 * forms - traces


def _bordered(matrix: Array, edge: Array, corner: float) -> Array:
    return np.block([[matrix, edge[:, None]], [edge[None, :], np.array([[corner]])]])
