"""Which of the minima that several starts led to is the estimate.

The variances of the components may be zero, those of the errors are positive. Where the errors of
some cells have variances and correlations of their own, the likelihood can be higher at a point
where one of them is zero: that visit then measures a participant without error, which is no
finding but a spike of the likelihood, as in mixtures of normals (Hathaway 1985, Ann Stat
13:795-800). The estimate is therefore the best minimum with positive variances. Only where there
is none does the model fail, or, if asked to, keep the variance at zero as it does a component's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.design import Array
from analysis.mixed.laws import Law
from analysis.mixed.residual.chart import as_matrix
from analysis.mixed.residual.ends import End, Ends
from analysis.mixed.residual.factors import BoolArray

ZeroVariances = Literal["error", "keep"]

NEGLIGIBLE = 1e-4  # residual variance, relative to the variance around the fixed effects
PERFECT = 1e-4  # distance of a correlation from one
MARGIN = 2.0  # factor by which a deviation that ends a search may be off
SAME = 1e-3  # how much the criterion differs at most at the same minimum
SINGULAR = 1e-6  # smallest eigenvalue of an unstructured matrix, relative to its largest


@dataclass(frozen=True)
class Run:
    """A start and where it led."""

    start: Array
    end: End


def runs_of(starts: Array, found: Ends) -> list[Run]:
    """Return the runs of the starts that led somewhere."""
    pairs = zip(starts, found.ends, strict=True)
    return [Run(start, end) for start, end in pairs if end is not None]


@dataclass(frozen=True)
class Limits:
    """Where the parameters come too close to the edge of their space to be estimates.

    Attributes
    ----------
    law : Law
    sizes : ndarray, (G,)
        Mean square of each variance group around the fixed effects.
    """

    law: Law
    sizes: Array

    def choose(self, ends: list[Run], zero_variances: ZeroVariances) -> tuple[Run, list[Run]]:
        """Return the best run, and the runs it is to be compared with."""
        eligible = [run for run in ends if not self.negligible(run.end.phi).any()]
        if not eligible and zero_variances == "keep":
            eligible = ends
        eligible = [run for run in eligible if not self.singular(run.end.phi)]
        if not eligible:
            worst = min(ends, key=lambda run: run.end.value)
            raise ModelError(self.diagnosis(worst.end.phi))
        return min(eligible, key=lambda run: run.end.value), eligible

    def best(self, runs: list[Run]) -> End:
        """Return the best ordinary minimum to fall below; where there is none, any place at all."""
        ordinary = [run.end for run in runs if self.ordinary(run.end.phi)]
        if ordinary:
            return min(ordinary, key=lambda end: end.value)
        lowest = min((run.end for run in runs), key=lambda end: end.value)
        return End(lowest.phi, np.inf)

    def agree(self, runs: list[Run]) -> bool:
        """Whether all runs lead to one and the same ordinary minimum."""
        values = [run.end.value for run in runs if self.ordinary(run.end.phi)]
        return bool(runs) and len(values) == len(runs) and max(values) - min(values) < SAME

    def ordinary(self, phi: Array) -> bool:
        """Whether no parameter is too close to the edge."""
        return not self.negligible(phi).any() and not self.singular(phi)

    def doubtful(self, phi: Array) -> bool:
        """Whether a parameter is so close to a limit that only the minimum itself can tell."""
        nearly, plainly = self.negligible(phi / MARGIN), self.negligible(phi * MARGIN)
        if (nearly != plainly).any():
            return True
        rest = 1 - abs(phi[-1])
        return self.law.correlated and bool(PERFECT / MARGIN < rest < PERFECT * MARGIN)

    def negligible(self, phi: Array) -> BoolArray:
        """Residual variances that are zero or next to it, (K,)."""
        none = np.zeros(len(phi), bool)
        variance, deviation = self.law.has_role("variance"), self.law.has_role("deviation")
        if variance.any():
            none[variance] = phi[variance] < NEGLIGIBLE * self.sizes
        if deviation.any():
            none[deviation] = phi[deviation] ** 2 < NEGLIGIBLE * self.sizes
        return none

    def singular(self, phi: Array) -> bool:
        """Whether the matrix of the errors is singular though each of them varies."""
        elements = self.law.has_role("element")
        if elements.any():
            values = np.linalg.eigvalsh(as_matrix(phi[elements]))
            return bool(values[0] < SINGULAR * values[-1])
        return self.law.roles[-1] == "correlation" and bool(1 - abs(phi[-1]) < PERFECT)

    def diagnosis(self, phi: Array) -> str:
        """Return in words where the parameters ran to."""
        none = self.negligible(phi)
        if none.any():
            names = ", ".join(np.array(self.law.names)[none])
            return f"{names} runs to zero: these values do not vary beyond the rest of the model."
        if self.law.has_role("element").any():
            return "The unstructured residual matrix runs to a singular one."
        return f"The correlation {self.law.names[-1]} runs to {phi[-1]:.0f}."
