"""How close one case comes to its reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """How far one case is from its reference.

    Attributes
    ----------
    case, title : str
    deviations : mapping of str to (float, float)
        Largest deviation of each quantity, and its tolerance.
    """

    case: str
    title: str
    deviations: Mapping[str, tuple[float, float]]

    @property
    def passed(self) -> bool:
        """Whether every quantity is within its tolerance."""
        return all(gap <= tolerance for gap, tolerance in self.deviations.values())

    def line(self) -> str:
        """Return PASS or FAIL, the case, and the deviation that is largest for its tolerance."""
        worst = max(self.deviations, key=lambda name: self._share(name))
        word = "PASS" if self.passed else "FAIL"
        return f"{word}  {self.case:35} largest deviation {self.deviations[worst][0]:.1e} ({worst})"

    def _share(self, name: str) -> float:
        gap, tolerance = self.deviations[name]
        return gap / tolerance
