"""What further looks have found for one response so far, and whether that is enough.

The chance that another random point leads to a place not seen so far is about the share of the
points that led to a place of their own (Good 1953, Biometrika 40:237-264). An ordinary minimum
above the best one known is none that the search is for, nor is a place with a variance of zero; but
where there are lower ones of these, the likelihood is rugged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis.mixed.residual.ends import KNOWN, End, Ends
from analysis.mixed.residual.limits import SAME, Run

OFTEN = 3  # random points that must lead to the best minimum before no better one is expected


@dataclass
class Looked:
    """The state of the further looks for one response.

    Attributes
    ----------
    number : int
        Of the response.
    best : End
        The best ordinary minimum known; its criterion is infinite while there is none.
    rugged : int
        Random points that are enough where some led to lower places with a variance of zero.
    runs : list of Run
        What led to ordinary minima.
    spread : int
        Random points that have been searched from.
    lower : bool
        Whether the last look found a lower minimum; `improved`, whether any did.
    hits : int
        Random points that led to the best minimum.
    lowest : float
        The criterion at the lowest place that random points led to, ordinary or not.
    """

    number: int
    best: End
    rugged: int
    runs: list[Run] = field(default_factory=list)
    spread: int = 0
    lower: bool = False
    improved: bool = False
    hits: int = 0
    lowest: float = np.inf

    @property
    def ordinary(self) -> bool:
        """Whether there is an ordinary minimum."""
        return bool(np.isfinite(self.best.value))

    @property
    def settled(self) -> bool:
        """Whether random points are unlikely to lead to a lower place not seen so far.

        Where none were searched from, because there were reasons not to, a lower minimum is a
        reason to.
        """
        if self.spread == 0:
            return not self.improved
        if not self.ordinary:
            return False
        rugged = self.lowest < self.best.value - SAME
        return self.hits >= OFTEN and (self.spread >= self.rugged or not rugged)

    def add(self, ends: Ends, ordinary: list[Run], spread: int) -> None:
        """Take in a look; the last `spread` of its starts were random points."""
        random = ends.into[len(ends.into) - spread :]
        values = [self._led_to(ends, start) for start in random.tolist()]
        self.spread += spread
        self.lowest = min([self.lowest, *values])
        self.runs += ordinary
        lowest = min((run.end for run in ordinary), key=lambda end: end.value, default=self.best)
        self.lower = lowest.value < self.best.value - SAME
        if self.lower:
            self.best, self.improved, self.hits = lowest, True, 0
        self.hits += sum(abs(value - self.best.value) < SAME for value in values)

    def _led_to(self, ends: Ends, start: int) -> float:
        """The criterion where a start led, infinite if it was not followed."""
        if start == KNOWN:
            return self.best.value
        end = ends.ends[start] if start >= 0 else None
        return np.inf if end is None else end.value
