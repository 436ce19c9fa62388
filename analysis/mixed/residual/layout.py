"""The rows of a design arranged by participant, and participants grouped by their pattern.

V is block-diagonal by participant. Rows are put in an order that does not depend on the period in
which a participant had an arm, so that participants whose rows are alike have the same block of
V, which is then factored once. Blocks are padded to the same size: a padded row has variance one,
is independent of all others and has zeros in X and y, so that it changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

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

    def spread(self, values: Array) -> Array:
        """Return covariances by class, (..., C), as matrices, (..., m, T, T)."""
        padded = np.zeros((*values.shape[:-1], values.shape[-1] + 2))
        padded[..., :-2] = values
        padded[..., -1] = 1.0
        return np.take(padded, self.classes, axis=-1)

    def spread_slopes(self, first: Array) -> Array:
        """Return derivatives by class, (..., C, K), as matrices, (..., m, T, K, T)."""
        n_classes, k = first.shape[-2:]
        padded = np.zeros((*first.shape[:-2], (n_classes + 2) * k))
        padded[..., : -2 * k] = first.reshape(*first.shape[:-2], -1)
        return np.take(padded, self._slope_places, axis=-1)

    @cached_property
    def _slope_places(self) -> IntArray:
        k = len(self.law.names)
        return self.classes[:, :, None, :] * k + np.arange(k)[:, None]

    def collect(self, matrices: Array) -> Array:
        """Return the sums of the entries of (..., m, T, T) matrices by class, (..., C)."""
        flat = matrices.reshape(*matrices.shape[:-3], -1)
        return np.asarray(flat @ self._members)

    @cached_property
    def _members(self) -> Array:
        """Which entry of the matrices of all patterns belongs to which class, (m T T, C)."""
        return np.asarray(np.eye(len(self.law.linear) + 2)[self.classes.ravel(), :-2])

    def of_participants(self, matrices: Array, who: IntArray | None = None) -> Array:
        """Return matrices by pattern, (..., m, a, b), for all or some participants, (..., n, a, b).

        A single pattern is left to broadcasting.
        """
        if len(self.counts) == 1:
            return matrices
        return np.asarray(matrices[..., self.pattern if who is None else self.pattern[who], :, :])

    def sums(self, matrices: Array, who: IntArray | None = None) -> Array:
        """Return sums by pattern, (..., m, T, T), over all or some participants."""
        *lead, n, size, _ = matrices.shape
        pattern = self.pattern if who is None else self.pattern[who]
        member = np.equal.outer(np.arange(len(self.counts)), pattern).astype(float)
        flat = member @ matrices.reshape(*lead, n, -1)
        return np.asarray(flat.reshape(*lead, len(member), size, size))

    def by_pattern(self, values: Array) -> Array:
        """Return sums over the participants of each pattern, (m, ...)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))


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
    visits = np.column_stack([structure.unit, structure.time])
    if structure.correlation != "none" and len(np.unique(visits, axis=0)) < len(visits):
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
    owners = np.unique(np.column_stack([groups, participant]), axis=0)
    if len(owners) > len(np.unique(groups)):
        raise ValueError(f"{name}: two participants share a group")


def _ordered_rows(structure: Structure) -> IntArray:
    """Rows of each participant, units with equal visits and groups alike, padded with N."""
    n_rows = len(structure.participant)
    held: dict[int, list[int]] = defaultdict(list)
    for row, unit in enumerate(structure.unit):
        held[int(unit)].append(row)
    owned: dict[int, list[tuple[list[tuple[int, int]], list[int]]]] = defaultdict(list)
    for members in held.values():
        members.sort(key=lambda row: (structure.time[row], structure.group[row]))
        look = [(int(structure.group[row]), int(structure.time[row])) for row in members]
        owned[int(structure.participant[members[0]])].append((look, members))
    blocks = []
    for _, units in sorted(owned.items()):
        blocks.append([row for _, members in sorted(units) for row in members])
    size = max(len(block) for block in blocks)
    padded = [block + [n_rows] * (size - len(block)) for block in blocks]
    return np.array(padded, np.int64)


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
    found, numbers = np.unique(codes[both], return_inverse=True)
    classes = np.full(both.shape, len(found))
    classes[both] = numbers
    classes[~present[:, :, None] & np.eye(size, dtype=bool)] = len(found) + 1
    *shared, steps, one, other = np.unravel_index(found, bases)
    alike = np.array(shared, bool).reshape(len(components), len(found)).T
    return classes, PairClasses(alike, steps - 1, np.column_stack([one, other]))


def _combined(features: list[IntArray]) -> tuple[IntArray, tuple[int, ...]]:
    """Return one number for each combination of features, and the bases that take it apart."""
    bases = tuple(int(each.max()) + 1 for each in features)
    return np.ravel_multi_index([each.astype(np.int64) for each in features], bases), bases


def _patterns(classes: IntArray) -> tuple[IntArray, IntArray]:
    """Order of the participants by pattern, and the pattern of each in that order."""
    numbers: dict[bytes, int] = {}
    pattern = np.array([numbers.setdefault(each.tobytes(), len(numbers)) for each in classes])
    order = np.argsort(pattern, kind="stable")
    return order, pattern[order]
