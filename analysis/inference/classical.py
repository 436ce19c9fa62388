"""The only module that knows pingouin: classical tests as cross-checks.

pingouin is GPL-3 (see NOTICE). It drops participants without a word; here they are counted by the
caller before it is asked. Its columns are read in this module only.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from analysis.mixed.design import Array


@dataclass(frozen=True)
class ClassicalTest:
    """A t test: difference of means with its standard error and degrees of freedom."""

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float


def paired_t(arm: Array, reference: Array) -> ClassicalTest:
    """Return the paired t test of two arrays in the same order of participants."""
    return _t_test(arm, reference, paired=True)


def welch_t(arm: Array, reference: Array) -> ClassicalTest:
    """Return Welch's t test, which allows the two groups their own variances."""
    return _t_test(arm, reference, paired=False)


def _t_test(arm: Array, reference: Array, paired: bool) -> ClassicalTest:
    import pingouin

    pingouin.options["round.column.CI95"] = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas deprecations inside pingouin
        found = pingouin.ttest(arm, reference, paired=paired, correction=True).iloc[0]
    return ClassicalTest(
        estimate=float(np.mean(arm) - np.mean(reference)),
        std_error=_std_error(arm, reference, paired),
        df=float(found["dof"]),
        statistic=float(found["T"]),
        p_value=float(found["p_val"]),
    )


def _std_error(arm: Array, reference: Array, paired: bool) -> float:
    """Standard error of the difference of means, which pingouin does not report."""
    if paired:
        return float(np.std(arm - reference, ddof=1) / np.sqrt(len(arm)))
    variances = np.var(arm, ddof=1) / len(arm) + np.var(reference, ddof=1) / len(reference)
    return float(np.sqrt(variances))
