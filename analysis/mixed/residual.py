"""Exact restricted maximum likelihood for models with a residual covariance structure.

    y = X b + sum_k Z_k u_k + e,   u_k ~ N(0, s2_k I),   e ~ N(0, R)

with R from `structures`. The response is put in units of its standard deviation around the fixed
effects and X is made orthonormal, so that nothing depends on the units of the data. The minimum
is sought from several starts (`residual_newton`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, pi, sqrt
from typing import Literal

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Certificate, Fit
from analysis.mixed.residual_layout import Layout, make_layout
from analysis.mixed.residual_moments import residual_moments
from analysis.mixed.residual_newton import Chart, as_matrix, minimise
from analysis.mixed.residual_point import Point, Problem
from analysis.mixed.structures import Structure

ZeroVariances = Literal["error", "keep"]

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

    def fit(self, y: Array, zero_variances: ZeroVariances = "error") -> Fit:
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
        scale = sqrt(square / nu)
        rest /= scale
        problem = Problem(self.layout, self.layout.pad(np.column_stack([q, rest])))
        sizes = self._sizes(rest)
        chart = Chart(self.layout.law, self._shift(sizes))
        starts = self._starts(sizes)
        ends = [(start, minimise(problem, chart, start)) for start in starts]
        reached = [(start, end) for start, end in ends if end is not None]
        start, best = min(reached, key=lambda pair: pair[1].value)
        certificate = certify(chart, start, best, [end for _, end in reached])
        self._refuse(best, zero_variances)
        return self._report(y, np.linalg.solve(r, along), scale, best, certificate)

    def _sizes(self, rest):
        g = self.structure.group
        return np.maximum(np.bincount(g, rest**2) / np.bincount(g), 1e-4)

    def _shift(self, sizes):
        law = self.layout.law
        shift = np.full(len(law.names), 0.05)
        if law.has_role("variance").any():
            shift[law.has_role("variance")] = 0.02 * sizes
        if law.has_role("deviation").any():
            shift[law.has_role("deviation")] = 0.1 * np.sqrt(sizes)
        return shift

    def _starts(self, sizes: Array) -> list[Array]:
        law = self.layout.law
        k = len(self.design.components)
        starts = []
        for share, rho in STARTS:
            residual = sizes * ((1 - share) if k else 1.0)
            if law.has_role("element").any():
                residual = np.diag(residual)[np.triu_indices(len(residual))]
            if law.has_role("deviation").any():
                residual = np.sqrt(residual)
            tail = [rho] if law.roles[-1] == "correlation" else []
            starts.append(np.array([*[share / max(k, 1)] * k, *residual, *tail]))
        return starts

    def _refuse(self, point: Point, zero_variances: ZeroVariances) -> None:
        law = self.layout.law
        zero = law.has_role("variance", "deviation") & (point.phi <= 0)
        if zero.any() and zero_variances == "error":
            raise ModelError("runs to zero: " + ", ".join(np.array(law.names)[zero]))
        if law.roles[-1] == "correlation" and 1 - abs(point.phi[-1]) < 1e-6:
            raise ModelError("correlation runs to one")
        elements = law.has_role("element")
        if elements.any() and np.linalg.eigvalsh(as_matrix(point.phi[elements]))[0] < 1e-8:
            raise ModelError("matrix singular")

    def _report(self, y: Array, ols: Array, scale: float, best: Point, certificate) -> Fit:
        design, point, (_, r) = self.design, best, self.basis
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
            certificate=certificate,
            fitted=fitted,
            residuals=y - fitted,
        )

    def _random(self, values: Array, w: Array) -> Array:
        """Sum of s2_k Z_k Z_k' V^-1 (y - Xb), the predicted random effects by row."""
        random = np.zeros(len(w))
        for variance, component in zip(values, self.design.components, strict=False):
            random += variance * np.bincount(component.groups, w)[component.groups]
        return random


def fit_residual(design: Design, y: Array, structure: Structure, zero_variances: ZeroVariances = "error") -> Fit:
    """Fit."""
    return ResidualModel(design, structure).fit(y, zero_variances)


def certify(chart: Chart, start: Array, point: Point, ends: list[Point]) -> Certificate:
    """Return the evidence that a point is the minimum."""
    law = chart.law
    local = chart.at(point)
    free = ~local.held
    hessian = point.hessian[np.ix_(free, free)]
    diagonal = np.sqrt(np.abs(np.diag(hessian)))
    lost = point.value - min(end.value for end in ends)
    stuck = law.has_role("correlation") & (point.phi == start)
    return Certificate(
        decrement=local.full_step()[1],
        curvature=float(np.linalg.eigvalsh(hessian / np.outer(diagonal, diagonal))[0]),
        multipliers={law.names[k]: float(point.gradient[k]) for k in np.flatnonzero(~free)},
        starts_lost=float("inf") if stuck.any() else lost,
    )
