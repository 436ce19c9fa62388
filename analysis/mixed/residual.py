"""Exact restricted maximum likelihood for models with a residual covariance structure.

    y = X b + sum_k Z_k u_k + e,   u_k ~ N(0, s2_k I),   e ~ N(0, R)

with R from `structures`. The response is put in units of its standard deviation around the fixed
effects and X is made orthonormal, so that nothing depends on the units of the data. The minimum
is sought from several starts (`residual_newton`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, pi

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Certificate, Fit
from analysis.mixed.residual_layout import Layout, make_layout
from analysis.mixed.residual_moments import residual_moments
from analysis.mixed.residual_newton import End, exact_decrement, localise, minimise
from analysis.mixed.residual_point import Point, Problem
from analysis.mixed.structures import Structure

# Share of the variance in the components, correlation.
STARTS = ((0.3, 0.2), (0.02, 0.7), (0.8, -0.2))


@dataclass(frozen=True)
class ResidualModel:
    """A design with its residual structure; what fits of several responses share."""

    design: Design
    structure: Structure

    @cached_property
    def layout(self) -> Layout:
        """Rows by participant."""
        return make_layout(self.structure, self.design.components)

    @cached_property
    def basis(self) -> tuple[Array, Array]:
        """Orthonormal basis of X and the triangular factor of X = QR."""
        q, r = np.linalg.qr(self.design.x)
        return q, r

    def fit(self, y: Array) -> Fit:
        """Return the fit to one response; see `fit_residual`."""
        y = np.asarray(y, float)
        q, r = self.basis
        nu = self.design.n_rows - self.design.rank
        if nu < 1:
            raise ModelError("The model has as many coefficients as there are values.")
        along = q.T @ y
        rest = y - q @ along
        rest -= q @ (q.T @ rest)
        square = float(rest @ rest)
        if square <= 1e-24 * max(float(y @ y), 1e-300):
            raise ModelError(
                "The values do not vary around the model: there is no error to estimate."
            )
        scale = float(np.sqrt(square / nu))
        problem = Problem(self.layout, self.layout.pad(np.column_stack([q, rest / scale])))
        ends = [minimise(problem, start) for start in self._starts(rest / scale)]
        reached = [end for end in ends if end is not None]
        best = min(reached, key=lambda end: end.point.value)
        if best.vanished:
            raise ModelError(_vanished_message(best.vanished))
        return self._report(y, np.linalg.solve(r, along), scale, best, reached)

    def _starts(self, rest: Array) -> list[Array]:
        structure, law = self.structure, self.layout.law
        sizes = np.bincount(structure.group, rest**2) / np.bincount(structure.group)
        sizes = np.maximum(sizes, 0.01)
        k = len(self.design.components)
        starts = []
        for share, rho in STARTS:
            residual = sizes * ((1 - share) if k else 1.0)
            if structure.correlation == "unstructured":
                residual = np.diag(residual)[np.triu_indices(len(residual))]
            tail = [rho] if law.roles[-1] == "correlation" else []
            starts.append(np.array([*[share / max(k, 1)] * k, *residual, *tail]))
        return starts

    def _report(self, y: Array, ols: Array, scale: float, best: End, ends: list[End]) -> Fit:
        design, point, (_, r) = self.design, best.point, self.basis
        beta = ols + scale * np.linalg.solve(r, np.linalg.solve(point.r, point.along))
        moments = residual_moments(point, r, scale)
        random = self._random(moments.values, self.layout.unpad(point.w[..., 0]) / scale)
        fitted = design.x @ beta + random
        nu = design.n_rows - design.rank
        constant = 2 * float(np.log(np.abs(np.diag(r))).sum()) + nu * log(2 * pi * scale**2)
        return Fit(
            design=design,
            beta=beta,
            moments=moments,
            criterion=point.value + constant,
            certificate=certify(best, ends),
            fitted=fitted,
            residuals=y - fitted,
        )

    def _random(self, values: Array, w: Array) -> Array:
        """Sum of s2_k Z_k Z_k' V^-1 (y - Xb), the predicted random effects by row."""
        random = np.zeros(len(w))
        for variance, component in zip(values, self.design.components, strict=False):
            random += variance * np.bincount(component.groups, w)[component.groups]
        return random


def fit_residual(design: Design, y: Array, structure: Structure) -> Fit:
    """Fit."""
    return ResidualModel(design, structure).fit(y)


def _vanished_message(names: tuple[str, ...]) -> str:
    return f"{', '.join(names)} runs to zero."


def certify(best: End, ends: list[End]) -> Certificate:
    """Return the evidence that a point is the minimum."""
    point = best.point
    law = point.layout.law
    local = localise(law, point)
    free = ~local.held
    hessian = point.hessian[np.ix_(free, free)]
    diagonal = np.sqrt(np.abs(np.diag(hessian)))
    lost = point.value - min(end.point.value for end in ends)
    stuck = law.has_role("correlation") & (point.psi == best.start)
    return Certificate(
        decrement=exact_decrement(local)[1],
        curvature=float(np.linalg.eigvalsh(hessian / np.outer(diagonal, diagonal))[0]),
        multipliers={law.names[k]: float(point.gradient[k]) for k in np.flatnonzero(~free)},
        starts_lost=float("inf") if stuck.any() else lost,
    )


def _unused(point: Point) -> None: ...
