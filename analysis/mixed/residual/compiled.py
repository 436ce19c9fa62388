"""The criterion and its derivatives by `kernel/`, where that has been compiled.

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
from analysis.mixed.residual.layout import Layout, diagonal
from analysis.mixed.residual.participants import Participants

VERSION = 3  # of the kernel's interface
AVERAGE, HESSIAN = 1, 2
NAME = "analysis.mixed.residual._kernel"

_NUMBERS = ("m", "T", "C", "n", "r", "p", "G", "q", "k", "curved", "K", "lags")
_PLACES = (
    *("size", "pair", "pattern", "carrier", "group", "first", "last", "owner"),
    *("order", "begin", "one", "other", "lag"),
)
_VALUES = ("counts", "intercepts", "x", "linear")
Integers = NDArray[np.int32]


class _Layout(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in (*_PLACES, *_VALUES)),
    )


class _Asked(ctypes.Structure):
    _fields_ = (
        ("points", ctypes.c_int),
        *((name, ctypes.c_void_p) for name in ("phi", "y", "ceiling", "of", "order")),
        *((name, ctypes.c_void_p) for name in ("criterion", "gradient", "second")),
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
    evaluate.argtypes = [ctypes.c_void_p] * 2
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
        b, k = phi.shape
        arrays = [np.ascontiguousarray(each, float) for each in (phi, y, ceiling)]
        places = [np.ascontiguousarray(each, np.int32) for each in (of, order)]
        criterion, gradient, second = np.empty(b), np.zeros((b, k)), np.empty((b, k, k))
        every = (*arrays, *places, criterion, gradient, second)
        asked = _Asked(b, *(each.ctypes.data for each in every))
        if not _evaluate()(ctypes.byref(self._in_c[0]), ctypes.byref(asked)):
            raise MemoryError
        return Compiled(self, phi, y, of, criterion, gradient, places[1], second)

    @cached_property
    def _in_c(self) -> tuple[_Layout, list[NDArray[Any]]]:
        """The layout in C, and the arrays that it points to."""
        layout, law, who = self.layout, self.layout.law, self.with_x.who
        m, tall = layout.classes.shape[:2]
        (r, _, p), n, n_classes = self.x.shape, len(layout.pattern), len(law.linear)
        size = (diagonal(layout.classes) < n_classes).sum(axis=1)  # padding comes last
        group, owner = _place(layout.members), _place(layout.owner.T)
        carriers = np.arange(n) if who is None else who
        of_rows = group[layout.pattern[carriers]].ravel()
        order = np.argsort(of_rows, kind="stable")
        n_groups = layout.members.shape[2]
        begin = np.searchsorted(of_rows[order], np.arange(n_groups + 1))
        rows = (layout.classes, layout.pattern, carriers, group, *_spans(layout))
        of_classes = _of_classes(law)
        integers = (size, *rows, owner, order, begin, *of_classes)
        arrays: list[NDArray[Any]] = [np.ascontiguousarray(each, np.int32) for each in integers]
        values = (layout.counts, layout.intercepts, self.x, law.linear.T)
        arrays += [np.ascontiguousarray(each, float) for each in values]
        sizes = (m, tall, n_classes, n, r, p, n_groups, len(owner), len(layout.own))
        kinds = (int(law.correlated), len(law.names), int(of_classes[2].max()) + 1)
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
