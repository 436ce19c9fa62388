"""Exact restricted maximum likelihood for models with a residual covariance structure.

    y = X b + sum_k Z_k u_k + e,   u_k ~ N(0, s2_k I),   e ~ N(0, R)

with R from `structures`. The response is put in units of its standard deviation around the fixed
effects and X is made orthonormal, so that nothing depends on the units of the data. The minimum
of -2 log L is sought from several starts (`newton`), for several responses at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log, pi
from typing import Any, TypeVar

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Fit
from analysis.mixed.laws import Law
from analysis.mixed.residual.again import FurtherLooks, Responses
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.check import certify, confounded, distinct
from analysis.mixed.residual.layout import Layout, make_layout
from analysis.mixed.residual.limits import Limits, Run, ZeroVariances, runs_of
from analysis.mixed.residual.moments import residual_moments
from analysis.mixed.residual.newton import search
from analysis.mixed.residual.point import Point
from analysis.mixed.residual.polish import made_sure, polish
from analysis.mixed.residual.response import Response, standardised
from analysis.mixed.residual.rotation import Rotated, rotated
from analysis.mixed.residual.start import (
    ENOUGH,
    STARTS,
    absent,
    group_sizes,
    shifts,
    starting_points,
)
from analysis.mixed.structures import Structure

T = TypeVar("T")

TOGETHER = 80_000  # entries of V to work on at once in numpy: what caches hold


@dataclass(frozen=True)
class Choice:
    """The best of several starts, and those it is compared with."""

    best: Run
    rivals: list[Run]


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

    @cached_property
    def rotated(self) -> Rotated:
        """The layout with X, participants rotated."""
        return rotated(self.layout, self.basis[0])

    @cached_property
    def further_looks(self) -> FurtherLooks:
        """Points of another kind to search from."""
        return FurtherLooks(self.law, self.structure)

    @cached_property
    def confounded(self) -> str:
        """Which parameters data of this layout cannot tell apart, in words if any."""
        start = next(starting_points(self.law, np.ones(self.structure.n_groups)))
        return confounded(self.rotated.problem, start)

    @property
    def law(self) -> Law:
        """From the parameters to the covariances."""
        return self.layout.law

    def fit(
        self, y: Array, zero_variances: ZeroVariances = "error", second_order: bool = False
    ) -> Fit:
        """Return the fit to one response; see `fit_residual`."""
        (found,) = self.fit_many(np.asarray(y, float)[None], zero_variances, second_order)
        if isinstance(found, ModelError):
            raise found
        return found

    def fit_many(
        self, y: Array, zero_variances: ZeroVariances = "error", second_order: bool = False
    ) -> list[Fit | ModelError]:
        """Return the fits to several responses, (R, N), or the reason why there is none.

        They are those of `fit`; searching for several minima at once costs a fraction of the time.
        """
        prepared = [_attempt(self._prepare, each) for each in np.asarray(y, float)]
        sound = [each for each in prepared if isinstance(each, Response)]
        fits: list[Fit | ModelError] = []
        for first in range(0, len(sound), self._together):
            some = sound[first : first + self._together]
            fits += self._fit_together(some, zero_variances, second_order)
        following = iter(fits)
        return [next(following) if isinstance(each, Response) else each for each in prepared]

    @property
    def _together(self) -> int:
        """Number of responses to search for at once."""
        return min(self.rotated.problem.together(len(STARTS), TOGETHER), 32)

    def _starts(self, sizes: Array) -> list[Array]:
        """Return where the search starts."""
        looks, starts = self.further_looks, STARTS
        if not looks.few and len(self.law.elements) == 0:
            starts = ENOUGH if looks.worthwhile else ENOUGH[:2]
        return list(starting_points(self.law, sizes, starts))

    def _fit_together(
        self, responses: list[Response], zero_variances: ZeroVariances, second_order: bool
    ) -> list[Fit | ModelError]:
        problem = self.rotated.problem
        y = np.array([self.rotated.response(each.rest) for each in responses])
        limits = [Limits(self.law, group_sizes(self.structure, each.rest)) for each in responses]
        chart = Chart(self.law, np.array([shifts(self.law, each.sizes) for each in limits]))
        starts = np.array([self._starts(each.sizes) for each in limits])
        ends = search(problem, chart, starts, y, kept=absent(self.law, starts))
        runs = [
            made_sure(problem, chart.take(i), limits[i], y[i], runs_of(*each))
            for i, each in enumerate(zip(starts, ends, strict=True))
        ]
        if self.further_looks.worthwhile:
            rests = [each.rest for each in responses]
            searched = Responses(problem, chart, limits, rests, y)
            more = self.further_looks.runs(searched, runs)
            runs = [a + b for a, b in zip(runs, more, strict=True)]
        choices = [
            _attempt(_choose, *each, zero_variances) for each in zip(limits, runs, strict=True)
        ]
        chosen = [i for i, each in enumerate(choices) if isinstance(each, Choice)]
        bests = [each.best.end for each in choices if isinstance(each, Choice)]
        phi = np.array([each.phi for each in bests])
        known = bests[0].point if len(bests) == 1 else None
        own = chart.take(np.array(chosen, int))
        optima = iter(polish(problem, own, phi, y[chosen], known) if chosen else [])
        return [
            _attempt(self._report, responses[i], each, next(optima), limits[i], second_order)
            if isinstance(each, Choice)
            else self._reason(each)
            for i, each in enumerate(choices)
        ]

    def _reason(self, failure: ModelError) -> ModelError:
        """Why a response has no fit: what holds for all responses of this layout comes first."""
        return ModelError(self.confounded) if self.confounded else failure

    def _prepare(self, y: Array) -> Response:
        """Refuse what cannot be fitted, and standardise the rest."""
        self._check_variation(y)
        return self._standardise(y)

    def _check_variation(self, y: Array) -> None:
        """Refuse groups of equal values: nothing can be said of their variance."""
        group, n_groups = self.structure.group, self.structure.n_groups
        one_of = np.zeros(n_groups)
        one_of[group] = y
        constant = np.flatnonzero(np.bincount(group, y != one_of[group], n_groups) == 0)
        if constant.size and n_groups > 1:
            names = ", ".join(self.structure.group_names[g] for g in constant)
            raise ModelError(f"The values of {names} do not differ: they have no variance.")

    def _standardise(self, y: Array) -> Response:
        return standardised(*self.basis, y)

    def _report(
        self,
        response: Response,
        choice: Choice,
        point: Point,
        limits: Limits,
        second_order: bool,
    ) -> Fit:
        if not distinct(point) and self.confounded:
            raise ModelError(self.confounded)
        chart = Chart(self.law, shifts(self.law, limits.sizes))
        certificate = certify(chart, choice.best.start, point, choice.rivals)
        if not certificate.holds and limits.negligible(point.phi).any():
            raise ModelError(limits.diagnosis(point.phi))
        (_, r), scale = self.basis, response.scale
        moments = residual_moments(point, r, scale, second_order)
        shift = np.linalg.solve(r, np.linalg.solve(point.r, point.along))
        beta = response.ols + scale * shift
        random = self._random(moments.values, self.rotated.by_row(point.w[..., 0]) / scale)
        fitted = self.design.x @ beta + random
        nu = self.design.n_rows - self.design.rank
        constant = 2 * float(np.log(np.abs(np.diag(r))).sum()) + nu * log(2 * pi * scale**2)
        criterion = float(point.value) + constant
        left = response.y - fitted
        return Fit(self.design, beta, moments, criterion, certificate, fitted, left)

    def _random(self, values: Array, w: Array) -> Array:
        """Sum of s2_k Z_k Z_k' V^-1 (y - Xb): the predicted random effects, by row."""
        random = np.zeros(len(w))
        for variance, each in zip(values, self.design.components, strict=False):
            random += variance * np.bincount(each.groups, w)[each.groups]
        return random


def _attempt(function: Callable[..., T], *arguments: Any) -> T | ModelError:
    """Return what a function returns, or the reason why the model cannot be fitted."""
    try:
        return function(*arguments)
    except ModelError as problem:
        return problem


def _choose(limits: Limits, runs: list[Run], zero_variances: ZeroVariances) -> Choice:
    return Choice(*limits.choose(runs, zero_variances))


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
