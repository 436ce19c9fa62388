"""Standard errors and degrees of freedom of many fits at once.

A combination has the variance s2 v; with b_k = d log pw / dt_k * -nu in coordinates t of the
components, its gradient in (t, log s2) is s2 (r, v), r = dv/dt, and the Hessian of the criterion
there is [[H + b b'/nu, b], [b', nu]]. Eliminating log s2 leaves the profiled Hessian H:

    Satterthwaite   df = v^2 / (v^2/nu + e'H^-1 e),    e = r - v b/nu
    Kenward-Roger   the same with H the expected one and b_k = tr W^-1 A_k

Coordinates at zero take part in Kenward-Roger's only (as in `satterthwaite` and `kenward_roger`).
With f_k = c_k - A_k x and x = W^-1 c the Kenward-Roger variance adds 4 s2 sum_kl (H^-1)_kl
f_k' W^-1 f_l; the direction log s2 changes no weight and adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.batch.criterion import Values
from analysis.mixed.batch.newton import Bools, eliminate, masked
from analysis.mixed.batch.reduce import Dense, Targets
from analysis.mixed.batch.tails import two_sided_p
from analysis.mixed.batch.woodbury import Inner, Woodbury
from analysis.mixed.design import Array


@dataclass(frozen=True)
class BatchTests:
    """Tests of m combinations in each of B fits; every array has shape (B, m)."""

    estimate: Array
    std_error: Array
    df: Array

    @property
    def statistic(self) -> Array:
        """Student's t."""
        return np.asarray(self.estimate / self.std_error)

    @cached_property
    def p_value(self) -> Array:
        """Two-sided p-value."""
        return two_sided_p(self.statistic, self.df)


def matched_df(nu: int, hessian: Array, b: Array, v: Array, slopes: Array) -> Array:
    """Return v^2 / (v^2/nu + e'H^-1 e) with e = slopes - v b/nu, (B, m)."""
    e = slopes - v[:, None, :] * (b / nu)[:, :, None]
    spread = eliminate(hessian, e).forms()
    return np.asarray(v**2 / (v**2 / nu + spread))


def satterthwaite(
    nu: int, hessian: Array, relative: Array, v: Array, slopes: Array, free: Bools
) -> Array:
    """Return the degrees of freedom of each combination, (B, m).

    Parameters
    ----------
    nu : int
        Residual degrees of freedom.
    hessian : ndarray, (B, K, K)
        Of the profiled criterion.
    relative : ndarray, (B, K)
        Derivative of log pw.
    v : ndarray, (B, m)
        Variances / s2.
    slopes : ndarray, (B, K, m)
        Their derivatives.
    free : ndarray of bool, (B, K)
        False for coordinates at zero.
    """
    kept = free.astype(float)
    slopes = slopes * kept[:, :, None]
    return matched_df(nu, masked(hessian, free), -nu * relative * kept, v, slopes)


def kenward_roger_df(values: Values, v: Array, slopes: Array) -> Array:
    """Return the Kenward-Roger degrees of freedom of each combination alone, (B, m)."""
    return matched_df(values.nu, values.information, values.log_det.first, v, slopes)


def kenward_roger_v(values: Values, v: Array, inflation: Array) -> Array:
    """Return the Kenward-Roger variance / s2 of every combination, (B, m)."""
    sides = np.broadcast_to(np.eye(len(inflation[0])), values.information.shape)
    inverse = eliminate(values.information, sides).solution()
    return np.asarray(v + 4 * np.einsum("bkl,bklm->bm", inverse, inflation))


@dataclass(frozen=True)
class Variances:
    """Variances of the combinations and their derivatives, at one point per response.

    Attributes
    ----------
    v : ndarray, (b, m)
        Variance / s2.
    slopes : ndarray, (b, K, m)
        dv/dg_k = |Z_k'a|^2 - 2 c_k'x + x'A_k x.
    image : ndarray, (b, R, m)
        B'x.
    """

    v: Array
    slopes: Array
    image: Array


@dataclass(frozen=True)
class Combinations:
    """The combinations of one design in its dense coordinates, with tables by eigenvalue."""

    targets: Targets
    woodbury: Woodbury

    @property
    def dense(self) -> Dense:
        """The dense coordinates."""
        return self.woodbury.dense

    @cached_property
    def crossed(self) -> Array:
        """B' c_k by eigenvalue of the leading component, (K, d, R * m)."""
        return np.array([self.dense.folded(self.dense.b, each) for each in self.targets.c])

    @cached_property
    def squared(self) -> Array:
        """c_k * c_l by eigenvalue of the leading component, (K, K, d, m)."""
        c = self.targets.c
        found = np.zeros((len(c), len(c), len(self.dense.values), c.shape[2]))
        for i, j in np.ndindex(found.shape[:2]):
            np.add.at(found[i, j], self.dense.level, c[i] * c[j])
        return found

    def variances(self, g: Array, inner: Inner) -> Variances:
        """Return variances and their derivatives at the points g, (b, K)."""
        crossed = self._crossed(inner.d1)
        image = inner.j @ _mixed(g, crossed)
        weighted = inner.gamma[:, :, None] * image
        slopes = self.targets.reach + np.einsum("bim,ik->bkm", image**2, self.woodbury.members)
        slopes[:, self.dense.lead] += self._lead(g, inner, weighted)
        v = self.targets.size + g @ self.targets.reach
        for i, each in enumerate(crossed):
            cx = -np.einsum("bim,bim->bm", each, weighted)
            for j, squared in enumerate(self.squared[i]):
                cx += g[:, j, None] * (inner.d1 @ squared)
            v -= g[:, i, None] * cx
            slopes[:, i] -= 2 * cx
        return Variances(v, slopes, image)

    def _crossed(self, weights: Array) -> list[Array]:
        """B' w c_k with a weight w for each eigenvalue, (b, R, m) each."""
        shape = (len(weights), self.woodbury.rank, self.squared.shape[3])
        return [(weights @ each).reshape(shape) for each in self.crossed]

    def _lead(self, g: Array, inner: Inner, weighted: Array) -> Array:
        """X'A x for the leading component, (b, m)."""
        found = np.zeros((len(g), self.squared.shape[3]))
        for i, j in np.ndindex(self.squared.shape[:2]):
            found += (g[:, i] * g[:, j])[:, None] * (inner.d2 @ self.squared[i, j])
        if self.woodbury.rank:
            rest = inner.e1 @ weighted - 2 * _mixed(g, self._crossed(inner.d2))
            found += np.einsum("bim,bim->bm", weighted, rest)
        return found

    def inflation(self, g: Array, inner: Inner, image: Array) -> Array:
        """Return f_k' W^-1 f_l of the Kenward-Roger variance, (b, K, K, m)."""
        dense, c = self.dense, self.targets.c
        d1 = inner.d1[:, dense.level, None]
        x = d1 * (np.tensordot(g, c, 1) - dense.b @ (inner.gamma[:, :, None] * image))
        owned = [dense.owner == k for k in range(len(c))]
        f = [each - dense.b[:, own] @ image[:, own] for each, own in zip(c, owned, strict=True)]
        f[dense.lead] = c[dense.lead] - dense.values[dense.level, None] * x
        low = [dense.b.T @ (d1 * each) for each in f]
        turned = [inner.gamma[:, :, None] * (inner.j @ each) for each in low]
        found = np.empty((len(g), len(c), len(c), c.shape[2]))
        for i, j in np.ndindex(found.shape[1:3]):
            found[:, i, j] = np.einsum("bim,bim->bm", f[i] * d1, f[j])
            found[:, i, j] -= np.einsum("bim,bim->bm", low[i], turned[j])
        return found


def _mixed(g: Array, parts: list[Array]) -> Array:
    return np.asarray(sum(g[:, k, None, None] * each for k, each in enumerate(parts)))
