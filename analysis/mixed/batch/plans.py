"""One design, many responses: bootstrap, re-randomisation, imputation, power and calibration.

    plan = batch.plan(design, rows)         once per design
    fits = plan.fit(responses)              any number of responses, (N, B)

The fits are those of `reml.fit_reml` with `satterthwaite` and `kenward_roger`, one response at a
time, only faster: what the design fixes is computed once, and the optimum is searched for all
responses at once. Every fit is certified; those that are not are repeated by `reml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from analysis.mixed.batch.draw import draw_statistics
from analysis.mixed.batch.fit import Engine, make_engine
from analysis.mixed.batch.reduce import Reduction, reduce_design
from analysis.mixed.batch.single import one_by_one, residual_only
from analysis.mixed.batch.solutions import Solutions, join, replace_rows, spread
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.batch.tests import BatchTests
from analysis.mixed.design import Array, Design

CHUNK = 4096


@dataclass(frozen=True)
class BatchFits:
    """Fits of B responses to one design, with tests of m combinations of coefficients.

    Attributes
    ----------
    names : tuple of str
        The variance components, the residual last.
    variances : ndarray, (B, K + 1)
        Their estimates, zero at the boundary.
    criterion : ndarray, (B,)
        -2 log restricted likelihood, as lme4 reports it.
    certified : ndarray of bool, (B,)
        Whether the optimum is certain; where it is not, do not rely on the numbers.
    satterthwaite : BatchTests
        Model-based standard errors with Satterthwaite degrees of freedom.
    kenward_roger : BatchTests or None
        Kenward-Roger standard errors and degrees of freedom, where asked for.
    """

    names: tuple[str, ...]
    variances: Array
    criterion: Array
    certified: NDArray[np.bool_]
    satterthwaite: BatchTests
    kenward_roger: BatchTests | None

    @property
    def estimate(self) -> Array:
        """Best estimates of the combinations, (B, m)."""
        return self.satterthwaite.estimate

    @property
    def std_error(self) -> Array:
        """Model-based standard errors, (B, m)."""
        return self.satterthwaite.std_error

    @property
    def df(self) -> Array:
        """Satterthwaite degrees of freedom, (B, m)."""
        return self.satterthwaite.df

    @property
    def p_value(self) -> Array:
        """Two-sided p-values by Satterthwaite, (B, m)."""
        return self.satterthwaite.p_value


@dataclass(frozen=True)
class BatchPlan:
    """A design and combinations of its coefficients, ready for any number of responses.

    Attributes
    ----------
    design : Design
        N rows, K components.
    rows : ndarray, (m, P)
        The combinations, in columns of ``design.x_all``.
    """

    design: Design
    rows: Array

    @cached_property
    def reduction(self) -> Reduction:
        """What the design fixes."""
        return reduce_design(self.design, self._short)

    @cached_property
    def engine(self) -> Engine:
        """What fits responses."""
        return make_engine(self.reduction, self.design.components)

    def reduce(self, responses: Array) -> Statistics:
        """Return the sufficient statistics of responses, (N, B)."""
        return self.reduction.axes.reduce(np.asarray(responses, float))

    def draw(self, rng: np.random.Generator, variances: Array, means: Array, n: int) -> Statistics:
        """Draw the sufficient statistics of responses that follow the model.

        Parameters
        ----------
        rng : Generator
            Source of randomness.
        variances : ndarray, (K + 1,)
            True variances, the residual last.
        means : ndarray, (m,)
            True values of the combinations.
        n : int
            Number of responses.
        """
        return draw_statistics(self.reduction, rng, np.asarray(variances, float), means, n)

    def fit(
        self, responses: Array | Statistics, *, kenward_roger: bool = False, threads: int = 1
    ) -> BatchFits:
        """Fit every response by restricted maximum likelihood and test every combination.

        Parameters
        ----------
        responses : ndarray, (N, B), or Statistics
            One response per column, or what `reduce` or `draw` returned.
        kenward_roger : bool
            Whether to compute Kenward-Roger standard errors and degrees of freedom as well.
        threads : int
            Number of threads to share the work; it does not change the results.

        Returns
        -------
        BatchFits
            Missing, and not certified, where a response has missing values or does not vary around
            the fixed effects, which `reml.fit_reml` refuses. Combinations that the design does not
            determine are missing.
        """
        solve = partial(self._solve, kenward_roger=kenward_roger)
        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                parts = list(pool.map(solve, _chunks(responses)))
        else:
            parts = [solve(chunk) for chunk in _chunks(responses)]
        return self._present(join(parts), kenward_roger)

    @cached_property
    def _short(self) -> Array:
        return np.ascontiguousarray(self.rows[:, self.design.kept])

    def _solve(self, responses: Array | Statistics, kenward_roger: bool) -> Solutions:
        statistics = responses if isinstance(responses, Statistics) else self.reduce(responses)
        usable = np.isfinite(statistics.rest)
        if not usable.all():
            found = self._solve(statistics.take(np.flatnonzero(usable)), kenward_roger)
            return spread(found, usable)
        if not self.design.components:
            return residual_only(self.reduction, statistics, kenward_roger)
        found = self.engine.fit(statistics, kenward_roger)
        doubtful = np.flatnonzero(~found.certified)
        if len(doubtful):
            own = self.reduction.axes.compose(statistics.take(doubtful))
            replace_rows(found, doubtful, one_by_one(self.design, self._short, own, kenward_roger))
        return found

    def _present(self, found: Solutions, kenward_roger: bool) -> BatchFits:
        known = np.where(self.design.estimable(self.rows), 1.0, np.nan)
        s2 = found.s2[:, None]
        estimate = found.estimate * known

        def tests(v: Array, df: Array) -> BatchTests:
            return BatchTests(estimate, np.sqrt(s2 * v) * known, df * known)

        return BatchFits(
            names=(*self.reduction.names, "residual"),
            variances=np.hstack([found.g * s2, s2]),
            criterion=found.criterion,
            certified=found.certified,
            satterthwaite=tests(found.v, found.df),
            kenward_roger=tests(found.kr_v, found.kr_df) if kenward_roger else None,
        )


def plan(design: Design, rows: Array) -> BatchPlan:
    """Return the plan of a design, (N rows), and combinations of its coefficients.

    Parameters
    ----------
    design : Design
        Matrices of the model; without components it is a linear regression.
    rows : ndarray, (m, P)
        Combinations, in columns of ``design.x_all``, as from `design.reference_grid`.

    Raises
    ------
    ModelError
        If there are as many coefficients as values.
    """
    made = BatchPlan(design, np.asarray(rows, float))
    _ = made.engine if design.components else made.reduction
    return made


def _chunks(responses: Array | Statistics) -> Iterator[Array | Statistics]:
    n = len(responses) if isinstance(responses, Statistics) else responses.shape[1]
    for start in range(0, max(n, 1), CHUNK):
        here = slice(start, start + CHUNK)
        if isinstance(responses, Statistics):
            yield responses.take(here)
        else:
            yield responses[:, here]
