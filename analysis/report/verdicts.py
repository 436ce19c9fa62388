"""What a planned comparison shows: a verdict that its numbers must bear out.

Whatever is missing or contradictory leads to the humbler verdict, never to the stronger one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analysis.report.numbers import is_missing
from analysis.trial import Comparison

Row = Mapping[str, Any]
Verdict = Literal[
    "superior",
    "inferior",
    "noninferior",
    "inconclusive",
    "not tested",
    "description",
    "unreliable",
    "missing",
]


@dataclass(frozen=True)
class Planned:
    """One planned comparison with its row and what limits its interpretation.

    Parameters
    ----------
    comparison : Comparison
        What the plan asks for.
    row : mapping or None
        The row of the contrasts table; None where there is none.
    margin : float or None
        Margin of the outcome.
    alpha : float
        Level of the plan.
    few : str
        Why there are too few participants for inference; empty where there are enough.
    tested : bool
        False where a fixed sequence stopped before this comparison.
    """

    comparison: Comparison
    row: Row | None
    margin: float | None = None
    alpha: float = 0.05
    few: str = ""
    tested: bool = True


DESCRIPTION = "description only"  # how a status begins that forbids inference, not the numbers


def in_order(row: Row) -> bool:
    """Tell whether the fit behind a row may be relied on."""
    return row["status"] == "ok" or str(row["status"]).startswith(DESCRIPTION)


def claim(row: Row) -> str:
    """Return what a row tests: ``superiority`` or ``noninferiority``."""
    return "noninferiority" if row["analysis"] == "noninferiority" else "superiority"


def benefit(row: Row) -> tuple[float, float]:
    """Return the interval on the scale where positive values favour the first arm."""
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return (-high, -low) if row["better"] == "lower" else (low, high)


def has_interval(row: Row) -> bool:
    """Tell whether estimate and both limits are there."""
    return not any(is_missing(row[name]) for name in ("estimate", "ci_low", "ci_high"))


def verdict(planned: Planned) -> Verdict:
    """Return the verdict that may be printed: the row's own, if its numbers bear it out."""
    row = planned.row
    if row is None or is_missing(row["estimate"]):
        return "missing"
    if not in_order(row):
        return "unreliable"
    if planned.few:
        return "description"
    if not planned.tested:
        return "not tested"
    if not _borne_out(planned, row):
        return "inconclusive"
    # Superiority includes non-inferiority, and only the latter was planned.
    asked = planned.comparison.claim == "noninferiority" and row["verdict"] == "superior"
    return "noninferior" if asked else row["verdict"]


def _borne_out(planned: Planned, row: Row) -> bool:
    if row["role"] not in ("primary", "secondary") or not has_interval(row):
        return False
    low, high = benefit(row)
    if planned.comparison.claim == "noninferiority":
        if row["verdict"] in ("noninferior", "superior"):
            return planned.margin is not None and low > -planned.margin
        return bool(row["verdict"] == "inferior" and high < 0)
    p = row["p_value"] if is_missing(row["p_adjusted"]) else row["p_adjusted"]
    if is_missing(p) or not float(p) <= planned.alpha:
        return False
    return (row["verdict"] == "superior" and low > 0) or (row["verdict"] == "inferior" and high < 0)


def passes(planned: Planned) -> bool:
    """Tell whether a fixed sequence goes on after this comparison."""
    reached = verdict(planned)
    if planned.comparison.claim == "noninferiority":
        return reached in ("noninferior", "superior")
    return reached in ("superior", "inferior")
