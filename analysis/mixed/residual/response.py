"""A response in units in which nothing depends on those of the data."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array


@dataclass(frozen=True)
class Response:
    """A response in units of its standard deviation around the fixed effects.

    Attributes
    ----------
    y : ndarray, (N,)
        The response as it is.
    ols : ndarray, (p,)
        Coefficients by ordinary least squares, in the response's own unit.
    rest : ndarray, (N,)
        What they leave, in units of `scale`.
    scale : float
        Residual standard deviation.
    """

    y: Array
    ols: Array
    rest: Array
    scale: float


def standardised(q: Array, r: Array, y: Array) -> Response:
    """Return a response around its fit by ordinary least squares.

    Parameters
    ----------
    q, r : ndarray, (N, p) and (p, p)
        Orthonormal and triangular factor of X = QR.
    y : ndarray, (N,)

    Raises
    ------
    ModelError
        If there are as many coefficients as values, or no variation around them.
    """
    nu = q.shape[0] - q.shape[1]
    if nu < 1:
        raise ModelError("The model has as many coefficients as there are values.")
    along = q.T @ y
    rest = y - q @ along
    rest -= q @ (q.T @ rest)
    square = float(rest @ rest)
    if square <= 1e-24 * max(float(y @ y), 1e-300):
        message = "The values do not vary around the model: there is no error to estimate."
        raise ModelError(message)
    scale = sqrt(square / nu)
    return Response(y, np.asarray(np.linalg.solve(r, along)), rest / scale, scale)
