"""The criterion and its derivatives by `kernel.c`, where that has been compiled.

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
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.layout import Layout
from analysis.mixed.residual.participants import Participants

VERSION = 1  # of the kernel's interface
AVERAGE, HESSIAN = 1, 2
NAME = "analysis.mixed.residual._kernel"

_NUMBERS = ("m", "T", "C", "n", "r", "p", "real", "G", "q", "k", "curved")
_PLACES = (
    *("pair", "pattern", "carrier", "group", "first", "last", "column", "owner"),
    *("order", "begin"),
)
_VALUES = ("counts", "x")
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
    evaluate.argtypes = [ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 10]
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

    def at(self, phi: Array, y: Array, order: IntArray, ceiling: Array) -> Compiled:
        """Return the criterion at points, with derivatives where it is not above a ceiling.

        Parameters
        ----------
        phi : ndarray, (b, K)
        y : ndarray, (b, n, T, 1)
        order : ndarray of int, (b,)
            Which second derivatives besides the gradient: `AVERAGE` or `HESSIAN`.
        ceiling : ndarray, (b,)
        """
        b, k = phi.shape
        value, power, slope, deviations = self._by_class(phi)
        criterion, mass = np.empty(b), np.zeros(value.shape)
        second, orders = np.empty((b, k, k)), np.asarray(order, np.int32)
        padded = _padded(y[..., 0], (*y.shape[:2], _fours(y.shape[2])), 0.0)
        given = (value, power, slope, deviations, padded, ceiling, orders)
        places = [each.ctypes.data for each in (*given, criterion, mass, second)]
        if not _evaluate()(ctypes.byref(self._in_c[0]), b, *places):
            raise MemoryError
        return Compiled(self, phi, y, criterion, mass[:, :-2], orders, second)

    def _by_class(self, phi: Array) -> tuple[Array, Array, Array, Array]:
        """Covariance, rho^d and s_g s_h d rho^(d-1) of each class and of padding; s_g."""
        law = self.layout.law
        value, power, slope = np.zeros((3, len(phi), len(law.linear) + 2))
        value[:, -1] = 1.0
        if law.curve is None:
            value[:, :-2] = law.values(phi)
            return value, power, slope, np.zeros((len(phi), 1))
        deviations, rho = law.curved(phi)
        one, other, powers, slopes = law.curve.factors(deviations, rho)
        both = one * other
        value[:, :-2] = phi @ law.linear.T + both * powers
        power[:, :-2] = powers * law.curve.related
        slope[:, :-2] = both * slopes
        return value, power, slope, np.ascontiguousarray(deviations)

    @cached_property
    def _in_c(self) -> tuple[_Layout, list[NDArray[Any]]]:
        """The layout in C, and the arrays that it points to."""
        layout, who = self.layout, self.with_x.who
        m, size = layout.classes.shape[:2]
        (r, _, p), n, n_classes = self.x.shape, len(layout.pattern), len(layout.law.linear)
        tall, wide, n_columns = _fours(size), _fours(p), layout.intercepts.shape[2]
        classes = _padded(layout.classes, (m, tall, tall), n_classes)
        classes[:, range(size, tall), range(size, tall)] = n_classes + 1
        members = layout.members
        group = np.where(members.any(axis=2), members.argmax(axis=2), -1)
        group = _padded(group, (m, tall), -1)
        owner = np.repeat(np.arange(len(layout.own)), [s.stop - s.start for s in layout.own])
        owner = _padded(owner, (_fours(n_columns),), -1)
        carriers = np.arange(n) if who is None else who
        of_rows = group[layout.pattern[carriers]].ravel()
        order = np.argsort(of_rows, kind="stable")
        begin = np.searchsorted(of_rows[order], np.arange(members.shape[2] + 1))
        spans = [_padded(each, (m, tall), 0) for each in _spans(layout)]
        columns = _padded(_columns(layout), (len(layout.own), m, tall), -1)
        x = _padded(self.x, (r, tall, wide), 0.0)
        places = (classes, layout.pattern, carriers, group, *spans, columns, owner, order, begin)
        arrays: list[NDArray[Any]] = [np.ascontiguousarray(each, np.int32) for each in places]
        arrays += [np.ascontiguousarray(each, float) for each in (layout.counts, x)]
        numbers = (m, tall, n_classes, n, r, wide, p, members.shape[2], len(owner))
        kinds = (len(layout.own), int(layout.law.correlated))
        return _Layout(*numbers, *kinds, *(each.ctypes.data for each in arrays)), arrays


@dataclass(frozen=True)
class Compiled:
    """The criterion at points, with derivatives where they were asked for; what `Point` offers.

    Attributes
    ----------
    kernel : Kernel
    phi : ndarray, (b, K)
        Parameters.
    y : ndarray, (b, n, T, 1)
        Response at each.
    value : ndarray, (b,)
        The criterion, infinite where V is not positive definite.
    mass : ndarray, (b, C)
        Derivatives by the covariance of each class.
    order : ndarray of int, (b,)
        Which second derivatives `second` has.
    second : ndarray, (b, K, K)
        The average information, or the Hessian without what the curvature of V adds to it.
    """

    kernel: Kernel
    phi: Array
    y: Array
    value: Array
    mass: Array
    order: Integers
    second: Array

    def take(self, index: IntArray) -> Compiled:
        """Return some of the points of a batch."""
        names = ("phi", "y", "value", "mass", "order", "second")
        return Compiled(self.kernel, *(getattr(self, name)[index] for name in names))

    def some(self, index: IntArray) -> Compiled:
        """Return the same; the batch itself if all of it is meant."""
        return self if len(index) == len(self.phi) else self.take(index)

    @cached_property
    def gradient(self) -> Array:
        """f_k, (b, K)."""
        return self.kernel.layout.law.gradient(self.phi, self.mass)

    @cached_property
    def average(self) -> Array:
        """Average information, (b, K, K)."""
        return self._second(AVERAGE)

    @cached_property
    def hessian(self) -> Array:
        """f_kl, (b, K, K)."""
        hessian = self._second(HESSIAN).copy()
        self.kernel.layout.law.add_curvature(hessian, self.phi, self.mass)
        return (hessian + hessian.swapaxes(-1, -2)) / 2

    def _second(self, order: int) -> Array:
        missing = np.flatnonzero(self.order != order)
        if not len(missing):
            return self.second
        second, n = self.second.copy(), len(missing)
        all_of_them, asked = np.full(n, np.inf), np.full(n, order)
        again = self.kernel.at(self.phi[missing], self.y[missing], asked, all_of_them)
        second[missing] = again.second
        return second


def _fours(size: int) -> int:
    """Return the next multiple of four."""
    return -(-size // 4) * 4


def _padded(values: NDArray[Any], shape: tuple[int, ...], filler: float) -> NDArray[Any]:
    """Return values in the corner of a larger array."""
    padded = np.full(shape, filler, values.dtype)
    padded[tuple(slice(size) for size in values.shape)] = values
    return padded


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
