"""Coordinates in which the restricted likelihood of nested components is nearly a polynomial.

For a component k with the components nested in it (participant:period in participant)

    s_k = 1 + sum over l nested in k of h_l g_l,      x_k = s_k / (s_k + h_k g_k),

h_k being a typical eigenvalue: s_k (1 / x_k) are the expected mean squares of a balanced
experiment, in units of s2. There pw is a polynomial in x and log|W| is linear in c_k = -log x_k,
in which the criterion is convex. With gaps in the data this still holds nearly. No variance is
x_k = 1 or c_k = 0; x_k = 0 is an infinite one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch.reduce import Reduction
from analysis.mixed.design import Array, Component


@dataclass(frozen=True)
class Coordinates:
    """The change of variables between g, (b, K), and c, (b, K).

    Attributes
    ----------
    scale : ndarray, (K,)
        h.
    inside : ndarray of bool, (K, K)
        ``inside[k, l]``: l is nested in k.
    order : tuple of int
        Every component after those nested in it.
    """

    scale: Array
    inside: NDArray[np.bool_]
    order: tuple[int, ...]

    def g(self, c: Array) -> Array:
        """Return the ratios of variances at c."""
        scaled = np.zeros_like(c)
        for k in self.order:
            scaled[:, k] = (1 + scaled @ self.inside[k]) * np.expm1(c[:, k])
        return np.asarray(scaled / self.scale)

    def jacobian(self, c: Array) -> Array:
        """Return dg_k/dc_l, (b, K, K)."""
        scaled = np.zeros_like(c)
        slopes = np.zeros((*c.shape, c.shape[1]))
        for k in self.order:
            base = 1 + scaled @ self.inside[k]
            scaled[:, k] = base * np.expm1(c[:, k])
            slopes[:, k] = np.expm1(c[:, k, None]) * (self.inside[k] @ slopes)
            slopes[:, k, k] = base * np.exp(c[:, k])
        return np.asarray(slopes / self.scale[:, None])


def make_coordinates(reduction: Reduction, components: tuple[Component, ...]) -> Coordinates:
    """Return the coordinates of a design with at least one component."""
    k = len(components)
    scale = np.array([_typical(reduction, each) for each in range(k)])
    inside = np.zeros((k, k), bool)
    order = sorted(range(k), key=lambda each: (-components[each].n_groups, -each))
    for place, outer in enumerate(order):
        for inner in order[:place]:
            inside[outer, inner] = _nested(components[inner], components[outer])
    return Coordinates(scale, inside, tuple(order))


def _nested(inner: Component, outer: Component) -> bool:
    """Whether all rows of each group of `inner` belong to one group of `outer`."""
    return len(set(zip(inner.groups.tolist(), outer.groups.tolist(), strict=True))) == (
        inner.n_groups
    )


def _typical(reduction: Reduction, component: int) -> float:
    """Geometric mean of the component's eigenvalues that are not zero."""
    values = reduction.eigenvalues(component)
    return float(np.exp(np.log(values).mean())) if len(values) else 1.0
