"""The criterion and its derivatives by `kernel/kernel.c`, where that has been compiled.

The search evaluates thousands of points, each of them a hundred small matrices, which compiled code
handles several times as fast as numpy. Installing the project compiles it if there is a C compiler;
where there is none, numpy does the same. What is found is finished, certified and reported by numpy
in any case. No kernel serves unstructured matrices: few starts are made for them.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray, Law
from analysis.mixed.residual.layout import Layout
from analysis.mixed.residual.participants import Participants

VERSION = 2  # of the kernel's interface
AVERAGE, HESSIAN = 1, 2
NAME = "analysis.mixed.residual._kernel"

_NUMBERS = (
    *("m", "T", "C", "n", "r", "p", "real", "G", "q", "k", "curved"),
    *("K", "lags", "alone"),
)
_PLACES = (
    *("pair", "pattern", "carrier", "group", "first", "last", "column", "owner"),
    *("order", "begin", "one", "other", "lag"),
)
_VALUES = ("counts", "x", "linear")
Integers = NDArray[np.int32]


class _Layout(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in (*_PLACES, *_VALUES)),
    )


@cache
def library() -> ctypes.CDLL | None:
    """Return the compiled kernel, None where there is none of this version."""
    found = find_spec(NAME)
    if found is None or found.origin is None:
        return None
    try:
        kernel = ctypes.CDLL(found.origin)
        return kernel if kernel.kernel_version() == VERSION else None
    except (OSError, AttributeError):  # of another machine; of a time before it had a version
        return None


@cache
def _evaluate() -> Any:
    kernel = library()
    assert kernel is not None
    evaluate = kernel.evaluate
    evaluate.argtypes = [ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 8]
    return evaluate


def kernel_for(with_x: Participants, x: Array) -> Kernel | None:
    """Return what evaluates the criterion of a layout; None if numpy has to.

    Parameters
    ----------
    with_x : Participants
        The r participants for whom X is not zero.
    x : ndarray, (r, T, p)
    """
    served = library() is not None and len(with_x.layout.law.elements) == 0
    return Kernel(with_x, x) if served else None


@dataclass(frozen=True)
class Kernel:
    """A layout with X as the compiled kernel knows it."""

    with_x: Participants
    x: Array

    @property
    def layout(self) -> Layout:
        """Rows by participant."""
        return self.with_x.layout

    def at(self, phi: Array, y: Array, of: IntArray, order: IntArray, ceiling: Array) -> Compiled:
        """Return the criterion at points, with derivatives where it is not above a ceiling.

        Parameters
        ----------
        phi : ndarray, (b, K)
        y : ndarray, (R, n, T, 1)
            Responses.
        of : ndarray of int, (b,)
            Which response is meant at each point.
        order : ndarray of int, (b,)
            Which second derivatives besides the gradient: `AVERAGE` or `HESSIAN`.
        ceiling : ndarray, (b,)
        """
        (b, k), shape = phi.shape, (*y.shape[:2], _fours(y.shape[2]))
        given = (phi, _padded(y[..., 0], shape, 0.0), ceiling)
        arrays = [np.ascontiguousarray(each, float) for each in given]
        places = [np.ascontiguousarray(each, np.int32) for each in (of, order)]
        criterion, gradient, second = np.empty(b), np.zeros((b, k)), np.empty((b, k, k))
        every = (*arrays, *places, criterion, gradient, second)
        if not _evaluate()(ctypes.byref(self._in_c[0]), b, *(each.ctypes.data for each in every)):
            raise MemoryError
        return Compiled(self, phi, y, of, criterion, gradient, places[1], second)

    @cached_property
    def _in_c(self) -> tuple[_Layout, list[NDArray[Any]]]:
        """The layout in C, and the arrays that it points to."""
        layout, law, who = self.layout, self.layout.law, self.with_x.who
        m, size = layout.classes.shape[:2]
        (r, _, p), n, n_classes = self.x.shape, len(layout.pattern), len(law.linear)
        tall, wide, all_classes = _fours(size), _fours(p), _fours(n_classes + 2)
        classes = _padded(layout.classes, (m, tall, tall), n_classes)
        classes[:, range(size, tall), range(size, tall)] = n_classes + 1
        group = _padded(_place(layout.members), (m, tall), -1)
        owner = _padded(_place(layout.owner.T), (_fours(layout.owner.shape[1]),), -1)
        carriers = np.arange(n) if who is None else who
        of_rows = group[layout.pattern[carriers]].ravel()
        order = np.argsort(of_rows, kind="stable")
        n_groups = layout.members.shape[2]
        begin = np.searchsorted(of_rows[order], np.arange(n_groups + 1))
        spans = [_padded(each, (m, tall), 0) for each in _spans(layout)]
        columns = _padded(_columns(layout), (len(layout.own), m, tall), -1)
        of_classes = [_padded(each, (all_classes,), -1) for each in _of_classes(law)]
        linear = _padded(law.linear.T, (len(law.names), all_classes), 0.0)
        x = _padded(self.x, (r, tall, wide), 0.0)
        places = (classes, layout.pattern, carriers, group, *spans, columns, owner, order, begin)
        integers = (*places, *of_classes)
        arrays: list[NDArray[Any]] = [np.ascontiguousarray(each, np.int32) for each in integers]
        arrays += [np.ascontiguousarray(each, float) for each in (layout.counts, x, linear)]
        sizes = (m, tall, all_classes, n, r, wide, p, n_groups, len(owner), len(layout.own))
        kinds = (int(law.correlated), len(law.names), int(of_classes[2].max()) + 1, n_classes + 1)
        return _Layout(*sizes, *kinds, *(each.ctypes.data for each in arrays)), arrays


@dataclass(frozen=True)
class Compiled:
    """The criterion at points, with derivatives where they were asked for; what `Point` offers.

    Attributes
    ----------
    kernel : Kernel
    phi : ndarray, (b, K)
        Parameters.
    y : ndarray, (R, n, T, 1)
        Responses.
    of : ndarray of int, (b,)
        Which of them is meant at each point.
    value : ndarray, (b,)
        The criterion, infinite where V is not positive definite.
    gradient : ndarray, (b, K)
        f_k; zero where it was not computed.
    order : ndarray of int, (b,)
        Which second derivatives `second` has.
    second : ndarray, (b, K, K)
        The average information or the Hessian.
    """

    kernel: Kernel
    phi: Array
    y: Array
    of: IntArray
    value: Array
    gradient: Array
    order: Integers
    second: Array

    def take(self, index: IntArray) -> Compiled:
        """Return some of the points of a batch."""
        own = (self.value[index], self.gradient[index], self.order[index], self.second[index])
        return Compiled(self.kernel, self.phi[index], self.y, self.of[index], *own)

    def some(self, index: IntArray) -> Compiled:
        """Return the same; the batch itself if all of it is meant."""
        return self if len(index) == len(self.phi) else self.take(index)

    @cached_property
    def average(self) -> Array:
        """Average information, (b, K, K)."""
        return self._second(AVERAGE)

    @cached_property
    def hessian(self) -> Array:
        """f_kl, (b, K, K)."""
        return self._second(HESSIAN)

    def _second(self, order: int) -> Array:
        missing = np.flatnonzero(self.order != order)
        if not len(missing):
            return self.second
        second, n = self.second.copy(), len(missing)
        asked, all_of_them = np.full(n, order), np.full(n, np.inf)
        of = self.of[missing]
        second[missing] = self.kernel.at(self.phi[missing], self.y, of, asked, all_of_them).second
        return second


def _fours(size: int) -> int:
    """Return the next multiple of four."""
    return -(-size // 4) * 4


def _padded(values: NDArray[Any], shape: tuple[int, ...], filler: float) -> NDArray[Any]:
    """Return values in the corner of a larger array."""
    padded = np.full(shape, filler, values.dtype)
    padded[tuple(slice(size) for size in values.shape)] = values
    return padded


def _place(indicators: Array) -> IntArray:
    """Return which of the last dimension's indicators is not zero, -1 for none."""
    found = np.full(indicators.shape[:-1], -1)
    *where, place = np.nonzero(indicators)
    found[tuple(where)] = place
    return found


def _of_classes(law: Law) -> tuple[IntArray, IntArray, IntArray]:
    """Groups of the two rows of each class and the visits between them, -1 if unrelated, (C,)."""
    if law.curve is None:
        none = np.full(len(law.linear), -1)
        return none, none, none
    lag = np.where(law.curve.related, law.curve.lag, -1)
    return _place(law.curve.one), _place(law.curve.other), lag


def _spans(layout: Layout) -> tuple[IntArray, IntArray]:
    """First and last + 1 of the rows whose errors are related to those of each row, (m, T)."""
    curve = layout.law.curve
    related = np.zeros(len(layout.law.linear)) if curve is None else curve.related.astype(float)
    pairs = layout.spread(related, 0.0) > 0
    first, behind = pairs.argmax(axis=2), pairs[..., ::-1].argmax(axis=2)
    some = pairs.any(axis=2)
    return np.where(some, first, 0), np.where(some, pairs.shape[2] - behind, 0)


def _columns(layout: Layout) -> IntArray:
    """Column of `layout.intercepts` that is a row's, by component, -1 for none, (k, m, T)."""
    own = [layout.intercepts[..., each] for each in layout.own]
    found = [
        np.where(each.any(axis=2), each.argmax(axis=2) + columns.start, -1)
        for each, columns in zip(own, layout.own, strict=True)
    ]
    return np.array(found, int).reshape(len(own), *layout.classes.shape[:2])
