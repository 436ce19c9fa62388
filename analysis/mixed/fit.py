"""What a fitted mixed model is: estimates, their covariance, and the certificate of the optimum.

Both engines (variance components in `reml`, residual structures in `residual`) return a `Fit`;
degrees of freedom and tests need nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.design import Array, Design


@dataclass(frozen=True)
class Certificate:
    """Evidence that a fit is at the optimum of the restricted likelihood.

    Attributes
    ----------
    decrement : float
        Newton decrement g' H^-1 g of the criterion over the free parameters; at most 1e-9.
    curvature : float
        Smallest eigenvalue of the free Hessian, scaled to a unit diagonal; not negative beyond
        rounding error.
    multipliers : mapping of str to float
        Derivative of the criterion by each parameter at its boundary of zero; none negative.
    starts_lost : float
        How much lower the criterion got from any start than at the fit reported; zero.
    """

    decrement: float
    curvature: float
    multipliers: Mapping[str, float]
    starts_lost: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every condition is met."""
        return (
            self.decrement <= 1e-9
            and self.curvature >= -1e-12
            and all(value >= -1e-9 for value in self.multipliers.values())
            and self.starts_lost <= 1e-7
        )


class Forms(Protocol):
    """Forms in X and G_k = dV/dpsi_k, computed when they are asked for."""

    @property
    def first(self) -> Array:
        """P_k = -X' V^-1 G_k V^-1 X, (K, p, p)."""

    def second(self, weights: Array) -> Array:
        """Return sum_kl W_kl Q_kl, (p, p), Q_kl = X' V^-1 G_k V^-1 G_l V^-1 X, W symmetric."""


@dataclass(frozen=True)
class Moments:
    """What small-sample inference needs to know of the covariance V(psi) at the estimate.

    With G_k = dV/dpsi_k, P = V^-1 - V^-1 X Phi X' V^-1 and K parameters:

    Attributes
    ----------
    names : tuple of str
        The parameters psi.
    values : ndarray, (K,)
        Their estimates.
    free : ndarray of bool, (K,)
        False for a parameter at its boundary of zero.
    phi : ndarray, (p, p)
        (X' V^-1 X)^-1.
    forms : Forms
        In X and the G_k.
    curved : ndarray, (K, K, p, p), or None
        R_kl = X' V^-1 (d2V/dpsi_k dpsi_l) V^-1 X; None where V is linear in psi.
    expected : ndarray, (K, K)
        Expected restricted information, tr(P G_k P G_l) / 2.
    observed : ndarray, (K, K)
        Hessian of the restricted criterion -2 log L by psi.
    """

    names: tuple[str, ...]
    values: Array
    free: NDArray[np.bool_]
    phi: Array
    forms: Forms
    curved: Array | None
    expected: Array
    observed: Array


def quadratic(rows: Array, matrices: Array) -> Array:
    """Return l'A l for each row l, (m, p), and matrix A, (..., p, p): (..., m)."""
    return np.asarray(((rows @ matrices) * rows).sum(axis=-1))


@dataclass(frozen=True)
class Fit:
    """A fitted linear mixed model.

    Attributes
    ----------
    design : Design
        The matrices.
    beta : ndarray, (p,)
        Estimates of the fixed effects, in columns of ``design.x``.
    moments : Moments
        Covariance parameters and what follows from them; ``moments.phi`` is the model-based
        covariance of `beta`.
    criterion : float
        -2 log restricted likelihood, as lme4 reports it.
    certificate : Certificate
        Evidence of the optimum.
    fitted : ndarray, (N,)
        Fixed effects plus predicted random effects.
    residuals : ndarray, (N,)
        Response minus `fitted`.
    """

    design: Design
    beta: Array
    moments: Moments
    criterion: float
    certificate: Certificate
    fitted: Array
    residuals: Array

    @property
    def variances(self) -> dict[str, float]:
        """Estimate of every covariance parameter by name."""
        return dict(zip(self.moments.names, self.moments.values.tolist(), strict=True))

    @property
    def at_boundary(self) -> tuple[str, ...]:
        """Names of the parameters that are zero because they may not be negative."""
        pairs = zip(self.moments.names, self.moments.free, strict=True)
        return tuple(name for name, free in pairs if not free)

    @property
    def status(self) -> str:
        """``ok``, or ``uncertified`` where the certificate does not hold."""
        return "ok" if self.certificate.holds else "uncertified"
