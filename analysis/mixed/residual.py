"""Exact restricted maximum likelihood for models with a residual covariance structure.

    y = X b + sum_k Z_k u_k + e,   u_k ~ N(0, s2_k I),   e ~ N(0, R)

with R from `structures`. The response is put in units of its standard deviation around the fixed
effects and X is made orthonormal, so that nothing depends on the units of the data. The minimum
of -2 log L is sought from several starts (`residual_newton`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log, pi, sqrt

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Certificate, Fit, Moments
from analysis.mixed.residual_layout import Layout, make_layout
from analysis.mixed.residual_limits import Limits, Run, ZeroVariances
from analysis.mixed.residual_moments import residual_moments
from analysis.mixed.residual_newton import Chart, minimise, polish
from analysis.mixed.residual_point import Point, Problem
from analysis.mixed.structures import Law, Structure

# Share of the variance that starts in the first and in every other component; correlation.
STARTS = ((0.15, 0.15, 0.2), (0.01, 0.01, 0.7), (0.4, 0.4, -0.2), (0.3, 0.1, 0.85))
EDGE = 1e-6


@dataclass(frozen=True)
class Response:
    """A response in units of its standard deviation around the fixed effects.

    Attributes
    ----------
    ols : ndarray, (p,)
        Coefficients by ordinary least squares, in the response's own unit.
    rest : ndarray, (N,)
        What they leave, in units of `scale`.
    scale : float
        Residual standard deviation.
    """

    ols: Array
    rest: Array
    scale: float


@dataclass(frozen=True)
class ResidualModel:
    """A design with a residual structure: what the fits of several responses share."""

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

    @property
    def law(self) -> Law:
        """From the parameters to the covariances."""
        return self.layout.law

    def fit(
        self, y: Array, zero_variances: ZeroVariances = "error", second_order: bool = False
    ) -> Fit:
        """Return the fit to one response; see `fit_residual`."""
        y = np.asarray(y, float)
        self._check_variation(y)
        response = self._standardise(y)
        optimum, certificate = self._optimum(response, zero_variances)
        moments = residual_moments(optimum, self.basis[1], response.scale, second_order)
        return self._report(y, response, optimum, moments, certificate)

    def _optimum(
        self, response: Response, zero_variances: ZeroVariances
    ) -> tuple[Point, Certificate]:
        columns = np.column_stack([self.basis[0], response.rest])
        problem = Problem(self.layout, self.layout.pad(columns))
        sizes = group_sizes(self.structure, response.rest)
        chart = Chart(self.law, _shift(self.law, sizes))
        starts = list(_starts(self.law, sizes))
        _check_identified(problem, starts[0])
        ends = [(start, minimise(problem, chart, start)) for start in starts]
        runs = [Run(start, end) for start, end in ends if end is not None]
        limits = Limits(self.law, sizes)
        best, rivals = limits.choose(runs, zero_variances)
        optimum = polish(problem, chart, best.end)
        certificate = certify(chart, best.start, optimum, rivals)
        if not certificate.holds and limits.negligible(optimum.phi).any():
            raise ModelError(limits.diagnosis(optimum.phi))
        return optimum, certificate

    def _check_variation(self, y: Array) -> None:
        """Refuse groups of equal values: nothing can be said of their variance."""
        order = np.argsort(self.structure.group, kind="stable")
        first = np.searchsorted(self.structure.group[order], range(self.structure.n_groups))
        spread = np.maximum.reduceat(y[order], first) - np.minimum.reduceat(y[order], first)
        constant = np.flatnonzero(spread <= 0)
        if constant.size and self.structure.n_groups > 1:
            names = ", ".join(self.structure.group_names[g] for g in constant)
            raise ModelError(f"The values of {names} do not differ: they have no variance.")

    def _standardise(self, y: Array) -> Response:
        q, r = self.basis
        nu = self.design.n_rows - self.design.rank
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
        return Response(np.asarray(np.linalg.solve(r, along)), rest / scale, scale)

    def _report(
        self, y: Array, response: Response, point: Point, moments: Moments, evidence: Certificate
    ) -> Fit:
        (_, r), scale = self.basis, response.scale
        shift = np.linalg.solve(r, np.linalg.solve(point.r, point.along))
        beta = response.ols + scale * shift
        random = self._random(moments.values, self.layout.unpad(point.w[..., 0]) / scale)
        fitted = self.design.x @ beta + random
        nu = self.design.n_rows - self.design.rank
        constant = 2 * float(np.log(np.abs(np.diag(r))).sum()) + nu * log(2 * pi * scale**2)
        criterion = point.value + constant
        return Fit(self.design, beta, moments, criterion, evidence, fitted, y - fitted)

    def _random(self, values: Array, w: Array) -> Array:
        """Sum of s2_k Z_k Z_k' V^-1 (y - Xb): the predicted random effects, by row."""
        random = np.zeros(len(w))
        for variance, each in zip(values, self.design.components, strict=False):
            random += variance * np.bincount(each.groups, w)[each.groups]
        return random


def fit_residual(
    design: Design,
    y: Array,
    structure: Structure,
    zero_variances: ZeroVariances = "error",
    second_order: bool = False,
) -> Fit:
    """Fit a mixed model with a residual covariance structure by restricted maximum likelihood.

    Parameters
    ----------
    design : Design
        Matrices of the model, N rows; its components are nested in participants.
    y : ndarray, (N,)
        Response, in its own unit.
    structure : Structure
        Residual covariance structure of the rows.
    zero_variances : {"error", "keep"}
        What to do where no minimum has positive residual variances: fail, or report the minimum
        at which some are zero, named in ``Fit.at_boundary``.
    second_order : bool
        Whether Kenward and Roger's adjustment is to have its term in the second derivatives of V
        by the variances and the correlation, as SAS has by default. Without it (SAS: FIRSTORDER)
        the adjusted variances do not depend on the parametrisation and are never below the
        model's; with it they can be negative where a residual variance is small.

    Returns
    -------
    Fit
        Parameters are the variances of the components, the residual variances (unstructured:
        the elements of the matrix) and the correlation. The criterion is on the scale of lme4,
        nlme, glmmTMB and SAS PROC MIXED.

    Raises
    ------
    ModelError
        If a residual variance runs to zero or the correlation to one, if two parameters cannot be
        told apart, or if there is no variation to model. The message names the parameters.
    """
    return ResidualModel(design, structure).fit(y, zero_variances, second_order)


def group_sizes(structure: Structure, rest: Array) -> Array:
    """Return the mean square of each variance group around the fixed effects, (G,)."""
    squares = np.bincount(structure.group, rest**2) / np.bincount(structure.group)
    return np.asarray(np.maximum(squares, 1e-4))


def _shift(law: Law, sizes: Array) -> Array:
    """Shift of the logarithm of each parameter: small beside its likely size, (K,)."""
    shift = np.full(len(law.names), 0.05)
    if law.has_role("variance").any():
        shift[law.has_role("variance")] = 0.02 * sizes
    if law.has_role("deviation").any():
        shift[law.has_role("deviation")] = 0.1 * np.sqrt(sizes)
    return shift


def _starts(law: Law, sizes: Array) -> Iterator[Array]:
    n_components = int(law.has_role("component").sum())
    correlated = law.roles[-1] == "correlation"
    for first, other, rho in STARTS if correlated else STARTS[:3]:
        components = np.full(n_components, other)
        components[:1] = first
        residual = sizes * max(1 - float(components.sum()), 0.1)
        if law.has_role("element").any():
            residual = np.diag(residual)[np.triu_indices(len(residual))]
        if correlated:
            residual = np.append(np.sqrt(residual), rho)
        yield np.concatenate([components, residual])


def _check_identified(problem: Problem, start: Array) -> None:
    """Refuse models in which data of this layout cannot tell parameters apart."""
    point = problem.at(start)
    information = point.traces if point is not None else np.eye(len(start))
    size = np.sqrt(np.maximum(np.diag(information), 0.0))
    names = np.array(problem.layout.law.names)
    if (size <= EDGE * size.max()).any():
        lost = ", ".join(names[size <= EDGE * size.max()])
        raise ModelError(f"The data say nothing of {lost}.")
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    if values[0] < 1e-9:
        lost = " and ".join(names[np.abs(vectors[:, 0]) > 0.05])
        raise ModelError(f"The data cannot tell apart {lost}.")


def certify(chart: Chart, start: Array, point: Point, rivals: list[Run]) -> Certificate:
    """Return the evidence that a point is the minimum.

    A correlation that never left its start is no estimate: the fit is then not certified.
    """
    law, local = chart.law, chart.at(point)
    free = ~local.held
    hessian = point.hessian[np.ix_(free, free)]
    size = np.sqrt(np.maximum(np.abs(np.diag(hessian)), 1e-300))
    stuck = law.has_role("correlation") & (point.phi == start)
    lost = max(point.value - min(run.end.value for run in rivals), 0.0)
    return Certificate(
        decrement=local.full_step()[1],
        curvature=float(np.linalg.eigvalsh(hessian / np.outer(size, size))[0]),
        multipliers={law.names[k]: float(point.gradient[k]) for k in np.flatnonzero(~free)},
        starts_lost=float("inf") if stuck.any() else lost,
    )
