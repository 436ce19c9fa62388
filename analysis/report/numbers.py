"""How numbers are written: one rule for sentences and tables."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis import rounding
from analysis.rounding import MINUS

MISSING = "\N{EN DASH}"


def is_missing(value: Any) -> bool:
    """Tell whether a table cell is empty."""
    return value == "" if isinstance(value, str) else bool(pd.isna(value))


def number(value: Any, digits: int) -> str:
    """Return a number with a true minus sign, no negative zero, and a dash for a missing one."""
    if is_missing(value):
        return MISSING
    return rounding.number(float(value), digits)


def significant(value: Any) -> str:
    """Return a number to three significant digits."""
    if is_missing(value):
        return MISSING
    size = abs(float(value))
    return number(value, max(0, 2 - math.floor(math.log10(size)))) if size > 1e-9 else "0"


def plain(value: Any) -> str:
    """Return a number as a person would type it."""
    return MISSING if is_missing(value) else f"{float(value) + 0.0:g}".replace("-", MINUS)


def count(value: Any) -> str:
    """Return a whole number, or a dash."""
    return MISSING if is_missing(value) else str(int(value))


def interval(low: Any, high: Any, digits: int) -> str:
    """Return ``14.3 to 22.1``."""
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"{number(low, digits)} to {number(high, digits)}"


def interval_of_difference(low: Any, high: Any, digits: int) -> str:
    """Return ``−14.3 to −2.1``; a limit near zero keeps the digit that shows its side."""
    if is_missing(low) or is_missing(high):
        return MISSING
    return interval(low, high, max(_side_digits(low, digits), _side_digits(high, digits)))


def _side_digits(limit: float, digits: int) -> int:
    for more in range(3):
        if limit == 0 or float(f"{limit:.{digits + more}f}") != 0:
            return digits + more
    return digits + 2


def p_value(value: Any, alpha: float = 0.05) -> str:
    """Return a p-value to three decimals: ``0.012``, ``< 0.001``, ``> 0.999``.

    A value that would round to `alpha` gets a fourth decimal, so that its side can be seen.
    """
    if is_missing(value):
        return MISSING
    p = float(value)
    if p < 0.001:
        return "< 0.001"
    if p > 0.999:
        return "> 0.999"
    return f"{p:.4f}" if round(p, 3) == round(alpha, 3) and p != alpha else f"{p:.3f}"


def p_words(value: Any, alpha: float = 0.05) -> str:
    """Return ``p = 0.012`` or ``p < 0.001``; nothing where there is no p-value."""
    if is_missing(value):
        return ""
    text = p_value(value, alpha)
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def degrees(value: Any) -> str:
    """Return degrees of freedom: whole ones as such, others with one decimal."""
    if is_missing(value):
        return MISSING
    if math.isinf(float(value)):
        return "∞"
    return f"{float(value):.1f}".removesuffix(".0")


def level(value: Any) -> str:
    """Return a confidence level: ``95 %``."""
    return MISSING if is_missing(value) else f"{round(100 * float(value), 4):g} %"
