"""The rows of a design arranged by participant, and participants grouped by their pattern.

V is block-diagonal by participant. Rows are put in an order that does not depend on the period in
which a participant had an arm, so that participants whose rows are alike have the same block of
V, which is then factored once. Blocks are padded to the same size: a padded row has variance one,
is independent of all others and has zeros in X and y, so that it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array, Component
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.structures import PairClasses, Structure, make_law


@dataclass(frozen=True)
class Layout:
    """N rows of n participants, with at most T rows each and m different patterns.

    Attributes
    ----------
    n_rows : int
        N.
    rows : ndarray of int, (n, T)
        Row of the design; N stands for padding. Participants of one pattern are neighbours.
    pattern : ndarray of int, (n,)
        Pattern of each participant, ascending.
    starts : ndarray of int, (m,)
        First participant of each pattern.
    counts : ndarray, (m,)
        Number of participants of each pattern.
    classes : ndarray of int, (m, T, T)
        Class of each pair of rows; C and C + 1 stand for padding off and on the diagonal.
    law : Law
        From the parameters to the covariances of the C classes.
    """

    n_rows: int
    rows: IntArray
    pattern: IntArray
    starts: IntArray
    counts: Array
    classes: IntArray
    law: Law

    def pad(self, values: Array) -> Array:
        """Return rows of the design by participant, (n, T, ...), zeros where padded."""
        zero = np.zeros((1, *values.shape[1:]))
        return np.asarray(np.concatenate([values, zero])[self.rows])

    def unpad(self, values: Array) -> Array:
        """Return values by participant, (n, T), in the order of the design, (N,)."""
        flat = np.empty(self.n_rows + 1)
        flat[self.rows] = values
        return flat[:-1]

    def spread(self, values: Array, padding: float = 1.0) -> Array:
        """Return values by class, (..., C), as matrices, (..., m, T, T).

        `padding` is the value on the diagonal of padded rows.
        """
        padded = np.zeros((*values.shape[:-1], values.shape[-1] + 2))
        padded[..., :-2] = values
        padded[..., -1] = padding
        return padded.take(self.classes, axis=-1)

    @cached_property
    def members(self) -> Array:
        """Indicators of the G variance groups, (m, T, G); of none in an unstructured matrix."""
        law = self.law
        own = diagonal(self.classes)
        if law.curve is not None:
            indicators = law.curve.one
        else:
            indicators = law.linear[:, law.has_role("variance")]
        return np.asarray(np.vstack([indicators, np.zeros((2, indicators.shape[1]))])[own])

    @cached_property
    def flat_members(self) -> Array:
        """The same for all rows of all patterns, (m T, G)."""
        m, size, n_groups = self.members.shape
        return np.ascontiguousarray(self.members.reshape(m * size, n_groups))

    @cached_property
    def elements(self) -> Array:
        """Derivatives of V by the D elements of an unstructured matrix, (m, T, D, T)."""
        found = self.spread(self.law.linear[:, self.law.elements].T, 0.0)
        return np.ascontiguousarray(found.transpose(1, 2, 0, 3))

    @cached_property
    def intercepts(self) -> Array:
        """Indicators of the groups of the components, side by side, (m, T, q)."""
        none = np.zeros((*self.classes.shape[:2], 0))
        return np.concatenate([none, *self._groups], axis=2)

    @cached_property
    def own(self) -> list[slice]:
        """Columns of `intercepts` of each component."""
        ends = [0, *accumulate(each.shape[2] for each in self._groups)]
        return [slice(*each) for each in pairwise(ends)]

    @cached_property
    def owner(self) -> Array:
        """Which component a column of `intercepts` belongs to, (k, q)."""
        owner = np.zeros((len(self.own), self.intercepts.shape[2]))
        for k, each in enumerate(self.own):
            owner[k, each] = 1.0
        return owner

    @cached_property
    def _groups(self) -> list[Array]:
        """Indicators of the groups of each component, (m, T, groups of a participant)."""
        shared = self.spread(self.law.linear[:, self.law.has_role("component")].T, 0.0)
        return [_groups(each) for each in shared]

    def collect(self, matrices: Array) -> Array:
        """Return the sums of the entries of (..., m, T, T) matrices by class, (..., C)."""
        entries, first = self._entries
        flat = matrices.reshape(*matrices.shape[:-3], -1)
        return np.add.reduceat(flat.take(entries, axis=-1), first, axis=-1)

    @cached_property
    def _entries(self) -> tuple[IntArray, IntArray]:
        """Entries of the matrices of all patterns by class, and where each class begins, (C,)."""
        classes = self.classes.ravel()
        order = np.argsort(classes, kind="stable")
        ends = np.searchsorted(classes[order], np.arange(len(self.law.linear) + 1))
        return order[: ends[-1]], ends[:-1]


def diagonal(matrices: NDArray[Any]) -> NDArray[Any]:
    """Return the diagonals of (..., T, T) matrices, (..., T)."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def stacked(matrices: Array) -> Array:
    """Return matrices one below the other, (..., m, a, b) -> (..., m a, b)."""
    *lead, m, a, b = matrices.shape
    return matrices.reshape(*lead, m * a, b)


def _groups(together: Array) -> Array:
    """Indicators of groups, (m, T, groups), from those of pairs in the same group, (m, T, T)."""
    present = diagonal(together) > 0
    first = together.argmax(axis=2)
    leading = present & (first == np.arange(first.shape[1]))
    number = np.take_along_axis(np.cumsum(leading, axis=1) - 1, first, axis=1)
    same = np.equal.outer(number, np.arange(number.max() + 1))
    return np.asarray(same & present[..., None], float)


def make_layout(structure: Structure, components: Sequence[Component]) -> Layout:
    """Return the arrangement of the rows of a design.

    Raises
    ------
    ValueError
        If participants share a unit or a group of a random intercept, or a unit has two values of
        a visit.
    """
    for name, groups in (("unit", structure.unit), *((c.name, c.groups) for c in components)):
        _check_nested(name, groups, structure.participant)
    visits = structure.unit * (structure.time.max() + 1) + structure.time
    if structure.correlation != "none" and np.bincount(visits).max() > 1:
        raise ValueError("time: a unit has two values of the same visit")
    rows = _ordered_rows(structure)
    codes, pairs = _pair_classes(structure, components, rows)
    order, pattern = _patterns(codes)
    starts = np.flatnonzero(np.diff(pattern, prepend=-1))
    return Layout(
        n_rows=len(structure.participant),
        rows=rows[order],
        pattern=pattern,
        starts=starts,
        counts=np.bincount(pattern).astype(float),
        classes=codes[order][starts],
        law=make_law(structure, [each.name for each in components], pairs),
    )


def _check_nested(name: str, groups: IntArray, participant: IntArray) -> None:
    owner = np.empty(groups.max(initial=-1) + 1, np.int64)
    owner[groups] = participant
    if (owner[groups] != participant).any():
        raise ValueError(f"{name}: two participants share a group")


def _ordered_rows(structure: Structure) -> IntArray:
    """Rows of each participant, units with equal visits and groups alike, padded with N."""
    n_rows, unit = len(structure.participant), structure.unit
    look = structure.group * (structure.time.max() + 1) + structure.time
    by_unit = np.lexsort([structure.group, structure.time, unit])
    looks = side_by_side(unit[by_unit], look[by_unit], -1)
    rank = np.empty(len(looks), np.int64)
    rank[np.lexsort(looks.T[::-1])] = np.arange(len(looks))
    place = np.empty(n_rows, np.int64)
    place[by_unit] = np.arange(n_rows)
    order = np.lexsort([place, rank[unit], structure.participant])
    return side_by_side(structure.participant[order], order, n_rows)


def side_by_side(owner: IntArray, values: IntArray, filler: int) -> IntArray:
    """Values of each owner (0, 1, ..., ascending) as a row, filled up to the longest."""
    if not len(owner):
        return np.zeros((0, 0), np.int64)
    counts = np.bincount(owner)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    beside = np.full((len(counts), counts.max()), filler)
    beside[owner, within] = values
    return beside


def _pair_classes(
    structure: Structure, components: Sequence[Component], rows: IntArray
) -> tuple[IntArray, PairClasses]:
    """Number the kinds of pairs that occur, (n, T, T), and say what distinguishes them."""
    size = rows.shape[1]
    present = rows < len(structure.participant)

    def pairs(codes: IntArray) -> tuple[IntArray, IntArray]:
        padded = np.append(codes, 0)[rows]
        return padded[:, :, None], padded[:, None, :]

    related = np.equal(*pairs(structure.unit))
    if structure.correlation == "none":
        related &= np.eye(size, dtype=bool)
    lag = np.abs(np.subtract(*pairs(structure.time)))
    features = [np.equal(*pairs(each.groups)) for each in components]
    features += [np.where(related, lag + 1, 0)]
    features += [
        np.where(related, each(*pairs(structure.group)), 0) for each in (np.minimum, np.maximum)
    ]
    codes, bases = _combined(features)
    both = present[:, :, None] & present[:, None, :]
    occurs = np.zeros(prod(bases), bool)
    occurs[codes[both]] = True
    found = np.flatnonzero(occurs)
    classes = np.where(both, (np.cumsum(occurs) - 1)[codes], len(found))
    classes[~present[:, :, None] & np.eye(size, dtype=bool)] = len(found) + 1
    *shared, steps, one, other = np.unravel_index(found, bases)
    alike = np.array(shared, bool).reshape(len(components), len(found)).T
    return classes, PairClasses(alike, steps - 1, np.column_stack([one, other]))


def _combined(features: list[IntArray]) -> tuple[IntArray, tuple[int, ...]]:
    """Return one number for each combination of features, and the bases that take it apart."""
    bases = tuple(int(each.max()) + 1 for each in features)
    codes = np.zeros(features[0].shape, np.int64)
    for base, each in zip(bases, features, strict=True):
        codes *= base
        codes += each
    return codes, bases


def _patterns(classes: IntArray) -> tuple[IntArray, IntArray]:
    """Order of the participants by pattern, and the pattern of each in that order."""
    numbers: dict[bytes, int] = {}
    pattern = np.array([numbers.setdefault(each.tobytes(), len(numbers)) for each in classes])
    order = np.argsort(pattern, kind="stable")
    return order, pattern[order]
