"""Linear algebra and central differences on lists of mpmath numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

Matrix = list[list[Any]]
Vector = list[Any]
STEP = mpf(10) ** -15


def cholesky(a: Matrix) -> Matrix:
    """Return the lower triangular factor."""
    low: Matrix = [[mpf(0)] * len(a) for _ in a]
    for i in range(len(a)):
        for j in range(i + 1):
            rest = a[i][j] - mp.fdot(low[i][:j], low[j][:j])
            low[i][j] = mp.sqrt(rest) if i == j else rest / low[j][j]
    return low


def forward(low: Matrix, columns: Matrix) -> Matrix:
    """Solve low x = b for every b, each b and x a row of the lists."""
    out = []
    for b in columns:
        x: Vector = []
        for i in range(len(low)):
            x.append((b[i] - mp.fdot(low[i][:i], x)) / low[i][i])
        out.append(x)
    return out


def transpose(a: Matrix) -> Matrix:
    """Return rows as columns."""
    return [list(row) for row in zip(*a, strict=True)]


def times(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product."""
    columns = transpose(b)
    return [[mp.fdot(row, column) for column in columns] for row in a]


def combine(*parts: tuple[Any, Matrix]) -> Matrix:
    """Return a linear combination of matrices."""
    first = parts[0][1]
    return [
        [mp.fsum(c * m[i][j] for c, m in parts) for j in range(len(first[0]))]
        for i in range(len(first))
    ]


def inverse(a: Matrix) -> Matrix:
    """Return the inverse of a symmetric positive-definite matrix."""
    half = forward(cholesky(a), [[mpf(i == j) for j in range(len(a))] for i in range(len(a))])
    return times(half, transpose(half))


def general_solve(a: Matrix, b: Vector) -> Vector:
    """Solve a x = b."""
    return list(mp.lu_solve(mp.matrix(a), mp.matrix(b)))


def trace(a: Matrix, b: Matrix) -> Any:
    """Return tr(a b)."""
    return mp.fsum(mp.fdot(row, column) for row, column in zip(a, transpose(b), strict=True))


def moved(psi: Vector, *steps: tuple[int, int]) -> Vector:
    """Return psi with some parameters shifted by multiples of STEP."""
    out = list(psi)
    for k, sign in steps:
        out[k] += sign * STEP
    return out


def gradient(f: Callable[[Vector], Any], psi: Vector, free: list[int]) -> Vector:
    """Return central differences."""
    return [(f(moved(psi, (k, 1))) - f(moved(psi, (k, -1)))) / (2 * STEP) for k in free]


def hessian(f: Callable[[Vector], Any], psi: Vector, free: list[int]) -> Matrix:
    """Return central second differences."""
    out = [[mpf(0)] * len(free) for _ in free]
    for a, k in enumerate(free):
        for b, m in enumerate(free[: a + 1]):
            corners = [s * t * f(moved(psi, (k, s), (m, t))) for s in (1, -1) for t in (1, -1)]
            out[a][b] = out[b][a] = mp.fsum(corners) / (4 * STEP**2)
    return out


def differences(v: Callable[[Vector], Matrix], psi: Vector, steps: tuple[int, ...]) -> Matrix:
    """Return the first or second derivative of a matrix by the parameters named."""
    if len(steps) == 1:
        k = steps[0]
        parts = [(mpf(s) / (2 * STEP), v(moved(psi, (k, s)))) for s in (1, -1)]
    else:
        k, m = steps
        signs = [(s, t) for s in (1, -1) for t in (1, -1)]
        parts = [(mpf(s * t) / (4 * STEP**2), v(moved(psi, (k, s), (m, t)))) for s, t in signs]
    return combine(*parts)
