"""Standard errors and degrees of freedom of many fits at once.

A combination has the variance s2 v, and with h = V^-1 X Phi l the weights of its best estimate

    dv/dg_k = r_k = |Z_k'h|^2 = reach_k - 2 c_k'x + x'A_k x,      x = W^-1 c.

In the parameters (g, log s2) the Hessian of the criterion is [[H_g, b], [b', nu]], with the
gradient (r, v) of v s2 / s2, so that eliminating log s2 leaves the profiled Hessian H:

    Satterthwaite   df = 2 v^2 / (2 (v^2/nu + e'H^-1 e)),    e = r - v b/nu,   b_k = -pw_k/s2
    Kenward-Roger   the same with the expected H and b_k = tr W^-1 A_k

Parameters at their boundary of zero take part in Kenward-Roger's only (as in `satterthwaite` and
`kenward_roger`). The Kenward-Roger variance adds 4 s2 sum_kl (H^-1)_kl f_k' W^-1 f_l, f_k = c_k -
A_k x: the direction log s2 changes no weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.mixed.batch_criterion import Criterion, Inner, Values
from analysis.mixed.batch_newton import eliminate, masked
from analysis.mixed.batch_reduce import Statistics
from analysis.mixed.design import Array

MANY = 1e12  # from here on t is the normal distribution to every digit


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
        return np.asarray(2 * stdtr(np.minimum(self.df, MANY), -np.abs(self.statistic)))


@dataclass(frozen=True)
class Weights:
    """Variances of the combinations and their derivatives, at one point per response.

    Attributes
    ----------
    v : ndarray, (b, m)
        Variance / s2.
    slopes : ndarray, (b, K, m)
        dv/dg_k.
    image : ndarray, (b, R, m)
        B'x.
    """

    v: Array
    slopes: Array
    image: Array


@dataclass(frozen=True)
class Combinations:
    """The combinations of one design, and the tables that make their variances fast."""

    criterion: Criterion

    @cached_property
    def crossed(self) -> Array:
        """B' c_k by eigenvalue of the leading component, (K, d, R * m)."""
        dense, c = self.criterion.reduction.dense, self.criterion.reduction.targets.c
        return np.array([dense.folded(dense.b, each) for each in c])

    @cached_property
    def squared(self) -> Array:
        """c_k * c_l by eigenvalue of the leading component, (K, K, d, m)."""
        dense, c = self.criterion.reduction.dense, self.criterion.reduction.targets.c
        found = np.zeros((len(c), len(c), len(dense.values), c.shape[2]))
        for i, j in np.ndindex(found.shape[:2]):
            np.add.at(found[i, j], dense.level, c[i] * c[j])
        return found

    def estimates(self, g: Array, statistics: Statistics, p: Array) -> Array:
        """Return the best estimates given p = W^-1 eta, (b, m)."""
        total = statistics.ols
        for k, c in enumerate(self.criterion.reduction.targets.c):
            total = total - g[:, k, None] * (p @ c)
        return total

    def weights(self, g: Array, inner: Inner) -> Weights:
        """Return variances and their derivatives at the points g, (b, K)."""
        reduction = self.criterion.reduction
        targets, (b, k) = reduction.targets, g.shape
        slopes = np.broadcast_to(targets.reach, (b, *targets.reach.shape))
        v = targets.size + g @ targets.reach
        if not len(reduction.dense.level):
            return Weights(v, slopes, np.zeros((b, 0, len(targets.size))))
        crossed, image, lead = self._images(g, inner)
        weighted = inner.gamma[:, :, None] * image
        slopes = slopes + np.einsum("bim,ik->bkm", image**2, self.criterion.members)
        slopes[:, reduction.dense.lead] += lead
        for i in range(k):
            cx = -np.einsum("bim,bim->bm", crossed[i], weighted)
            for j in range(k):
                cx += g[:, j, None] * (inner.d1 @ self.squared[i, j])
            v -= g[:, i, None] * cx
            slopes[:, i] -= 2 * cx
        return Weights(v, slopes, image)

    def _images(self, g: Array, inner: Inner) -> tuple[list[Array], Array, Array]:
        """B'D^-1 c_k for every k, B'x, and x'A x for the leading component."""
        shape = (len(g), inner.gamma.shape[1], self.squared.shape[3])
        crossed = [(inner.d1 @ each).reshape(shape) for each in self.crossed]
        image = inner.j @ _mixed(g, crossed)
        weighted = inner.gamma[:, :, None] * image
        lead = np.zeros((shape[0], shape[2]))
        for i, j in np.ndindex(self.squared.shape[:2]):
            lead += (g[:, i] * g[:, j])[:, None] * (inner.d2 @ self.squared[i, j])
        if shape[1]:
            rest = inner.e1 @ weighted
            for i, each in enumerate(self.crossed):
                rest -= 2 * g[:, i, None, None] * (inner.d2 @ each).reshape(shape)
            lead += np.einsum("bim,bim->bm", weighted, rest)
        return crossed, image, lead

    def inflation(self, g: Array, inner: Inner, weights: Weights) -> Array:
        """Return f_k' W^-1 f_l of the Kenward-Roger variance, (b, K, K, m)."""
        dense, c = self.criterion.reduction.dense, self.criterion.reduction.targets.c
        d1 = inner.d1[:, dense.level, None]
        weighted = inner.gamma[:, :, None] * weights.image
        x = d1 * (np.tensordot(g, c, 1) - dense.b @ weighted)
        f = [each - dense.b[:, dense.owner == k] @ weights.image[:, dense.owner == k]
             for k, each in enumerate(c)]
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


def satterthwaite(values: Values, weights: Weights, free: NDArray[np.bool_]) -> Array:
    """Return the degrees of freedom, (b, m), with the parameters that are `free`, (b, K)."""
    b = -values.nu * values.relative
    return _matched(values.nu, masked(values.hessian, free), b, weights, free)


def kenward_roger(values: Values, weights: Weights) -> Array:
    """Return the Kenward-Roger degrees of freedom of each combination alone, (b, m)."""
    free = np.ones(values.log_det_1.shape, bool)
    return _matched(values.nu, values.information, values.log_det_1, weights, free)


def kenward_roger_variance(values: Values, weights: Weights, inflation: Array) -> Array:
    """Return the Kenward-Roger variance / s2 of every combination, (b, m)."""
    inverse = np.linalg.inv(values.information)
    return np.asarray(weights.v + 4 * np.einsum("bkl,bklm->bm", inverse, inflation))


def _matched(
    nu: int, hessian: Array, b: Array, weights: Weights, free: NDArray[np.bool_]
) -> Array:
    """2 v^2 / (2 (v^2/nu + e'H^-1 e)), e = r - v b/nu for the free parameters."""
    v = weights.v
    e = (weights.slopes - v[:, None, :] * b[:, :, None] / nu) * free[:, :, None]
    pivots, _, rest = eliminate(hessian, e)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(v**2 / (v**2 / nu + np.einsum("bkm,bk->bm", rest**2, 1 / pivots)))
