"""How many decimals a result gets, and how it is written: one rule for figures and report."""

from __future__ import annotations

import math

import pandas as pd

MINUS = "\N{MINUS SIGN}"


def decimals(descriptives: pd.DataFrame, outcome: str) -> int:
    """Return how many decimals results of an outcome get.

    One more than the values have. Averages of several trials have no last decimal; three digits
    of the largest standard deviation then are the limit, which also holds for coarse large values.
    """
    rows = descriptives[descriptives["outcome"] == outcome]
    values = pd.concat([rows["min"], rows["max"]]).dropna()
    resolution = max((_places(float(value)) for value in values), default=1)
    spread = rows["sd"].max()
    if not spread > 0:
        return min(resolution + 1, 2)
    digits = 2 - math.floor(math.log10(spread))
    return max(0, min(resolution + 1, digits, 4))


def _places(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text) - text.index(".") - 1


def number(value: float, digits: int) -> str:
    """Return a number with a true minus sign and without negative zero."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)
