"""Where the search for the minimum starts, and the scale of its coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import Law
from analysis.mixed.residual.factors import BoolArray
from analysis.mixed.structures import Structure

# Share of the variance that starts in the first and in every other component; correlation. Where
# values are enough, two do; if there may be several minima, two more tell whether there are: one of
# them goes without the other components as long as it can (`newton.search`, `kept`).
Start = tuple[float, float, float]
STARTS: tuple[Start, ...] = (
    (0.15, 0.15, 0.2),
    (0.3, 0.1, 0.85),
    (0.01, 0.01, 0.7),
    (0.4, 0.4, -0.2),
)
ENOUGH: tuple[Start, ...] = (*STARTS[:2], (0.15, 0.3, -0.4), (0.3, 0.0, 0.7))


def group_sizes(structure: Structure, rest: Array) -> Array:
    """Return the mean square of each variance group around the fixed effects, (G,)."""
    squares = np.bincount(structure.group, rest**2) / np.bincount(structure.group)
    return np.asarray(np.maximum(squares, 1e-4))


def shifts(law: Law, sizes: Array) -> Array:
    """Shift of the logarithm of each parameter: small beside its likely size, (K,)."""
    shift = np.full(len(law.names), 0.05)
    if law.has_role("variance").any():
        shift[law.has_role("variance")] = 0.02 * sizes
    if law.has_role("deviation").any():
        shift[law.has_role("deviation")] = 0.1 * np.sqrt(sizes)
    return shift


def absent(law: Law, starts: Array) -> BoolArray:
    """Return the components that starts, (..., K), go without as long as they can."""
    return np.asarray((starts == 0) & law.has_role("component"))


def starting_points(law: Law, sizes: Array, starts: Sequence[Start] = STARTS) -> Iterator[Array]:
    """Yield the points, (K,), from which the search starts; `sizes` as from `group_sizes`."""
    n_components = int(law.has_role("component").sum())
    correlated = law.roles[-1] == "correlation"
    for first, other, rho in starts:
        components = np.full(n_components, other)
        components[:1] = first
        residual = sizes * max(1 - float(components.sum()), 0.1)
        if law.has_role("element").any():
            residual = np.diag(residual)[np.triu_indices(len(residual))]
        if correlated:
            residual = np.append(np.sqrt(residual), rho)
        yield np.concatenate([components, residual])
