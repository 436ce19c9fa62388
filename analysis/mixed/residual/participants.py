"""All participants of a layout, or those for whom X is not zero.

What is known by pattern is handed to each of them; what is known of each is summed by pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.layout import Layout


@dataclass(frozen=True)
class Participants:
    """Some participants of a layout.

    Attributes
    ----------
    layout : Layout
    who : ndarray of int, or None
        Their numbers; None for all.
    """

    layout: Layout
    who: IntArray | None = None

    @cached_property
    def pattern(self) -> IntArray:
        """Pattern of each."""
        return self.layout.pattern if self.who is None else self.layout.pattern[self.who]

    @cached_property
    def alike(self) -> bool:
        """Whether the layout has a single pattern."""
        return len(self.layout.counts) == 1

    @cached_property
    def all_different(self) -> bool:
        """Whether each participant has a pattern of its own."""
        return np.array_equal(self.pattern, np.arange(len(self.layout.counts)))

    def each(self, matrices: Array) -> Array:
        """Return matrices by pattern, (..., m, a, b), by participant, (..., n, a, b).

        A single pattern is left to broadcasting; patterns of one participant each are theirs.
        """
        as_they_are = self.alike or self.all_different
        return matrices if as_they_are else matrices.take(self.pattern, axis=-3)

    def among(self, values: Array) -> Array:
        """Return theirs of the values of all participants, (..., n, a, b)."""
        return values if self.who is None else values.take(self.who, axis=-3)

    @cached_property
    def intercepts(self) -> Array:
        """Indicators of the groups of the components, side by side, (n, T, q)."""
        return self.each(self.layout.intercepts)

    @cached_property
    def members(self) -> Array:
        """Indicators of the variance groups, (n, T, G)."""
        return self.each(self.layout.members)

    def squares(self, columns: Array) -> Array:
        """Return the sums of c_i c_i' of columns, (..., n, T, b), by pattern, (..., m, T, T)."""
        *lead, n, size, b = columns.shape
        if self.alike:
            flat = np.moveaxis(columns, -3, -2).reshape(*lead, 1, size, n * b)
            return np.asarray(flat @ flat.swapaxes(-1, -2))
        products = columns @ columns.swapaxes(-1, -2)
        if self.all_different:
            return np.asarray(products)
        products = products.reshape(*lead, n, -1)
        return np.asarray((self._has @ products).reshape(*lead, -1, size, size))

    @cached_property
    def _has(self) -> Array:
        """Which participant has which pattern, (m, n)."""
        patterns = np.arange(len(self.layout.counts))
        return np.asarray(np.equal.outer(patterns, self.pattern), float)
