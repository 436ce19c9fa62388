"""Where searches lead, and what is known before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.point import Evaluated

KNOWN, NOWHERE = -1, -2  # in place of the number of the start that is followed


@dataclass(frozen=True)
class End:
    """Where a start led: the parameters, (K,), and the criterion.

    Its derivatives, known where the search arrived at a minimum, are those of one point of a batch.
    """

    phi: Array
    value: float
    batch: Evaluated | None = None
    place: int = 0

    @property
    def point(self) -> Evaluated | None:
        """The criterion with its derivatives, as a batch of one."""
        return None if self.batch is None else self.batch.take(np.array([self.place]))


@dataclass(frozen=True)
class Falls:
    """How many times the fall that a model of the criterion allows is believed possible.

    Attributes
    ----------
    exact : float
        By the Hessian.
    rough : float
        By the average information, far from the minimum.
    """

    exact: float
    rough: float


@dataclass(frozen=True)
class Known:
    """Minima known before.

    Attributes
    ----------
    at : ndarray, (b, K)
        Their coordinates (`Chart.coordinates`).
    value : ndarray, (b,)
        The criterion to fall below.
    falls : Falls
        How much lower is believed possible.
    """

    at: Array
    value: Array
    falls: Falls

    def take(self, index: IntArray) -> Known:
        """Return some of them."""
        return replace(self, at=self.at[index], value=self.value[index])


@dataclass(frozen=True)
class Ends:
    """Where S starts of one response led.

    Attributes
    ----------
    ends : list of S
        None where V is singular at the start, where another start leads to the same place, and
        where the start was not followed.
    into : ndarray of int, (S,)
        The start whose end is that of each; `KNOWN` if that is the minimum known before, `NOWHERE`
        if it was not followed so far.
    """

    ends: list[End | None]
    into: IntArray
