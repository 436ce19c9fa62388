"""Units that can be converted into each other, and by which factor."""

from __future__ import annotations

from fractions import Fraction

# Size of each unit in the first unit of its family. Factors are exact, so that 0.29 m becomes
# 29 cm and not 28.999999999999996 cm.
_FAMILIES: tuple[dict[str, Fraction], ...] = (
    {"m": Fraction(1), "cm": Fraction(1, 100), "mm": Fraction(1, 1000), "in": Fraction(254, 10000)},
    {"s": Fraction(1), "ms": Fraction(1, 1000), "min": Fraction(60), "h": Fraction(3600)},
    {"W": Fraction(1), "kW": Fraction(1000)},
    {"N": Fraction(1), "kN": Fraction(1000)},
    {"kg": Fraction(1), "g": Fraction(1, 1000)},
    {"m/s": Fraction(1), "cm/s": Fraction(1, 100), "mm/s": Fraction(1, 1000)},
)


def convertible(unit: str) -> list[str]:
    """Return the units that `unit` can be converted to, itself included; none where unknown."""
    return next((list(family) for family in _FAMILIES if unit in family), [])


def factor(unit: str, convert_to: str | None) -> Fraction | None:
    """Return what a value in `unit` is multiplied with, or None where there is no way."""
    if convert_to is None or convert_to == unit:
        return Fraction(1)
    for family in _FAMILIES:
        if unit in family and convert_to in family:
            return family[unit] / family[convert_to]
    return None
