"""The test most papers print: paired t in a crossover, Welch's t in a parallel trial.

It ignores period and baseline: in a crossover with unbalanced sequences it is biased by a period
effect, which is why it stands here and not in the main table.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.classical import paired_t, welch_t
from analysis.inference.estimates import Estimates
from analysis.inference.sensitivity.answer import Answer, answer_from
from analysis.trial import Trial


def classical_t(trial: Trial, frame: pd.DataFrame, arm: str, reference: str) -> Answer | None:
    """Return the classical t test of one contrast, None where it has fewer than two differences.

    Parameters
    ----------
    frame : DataFrame
        Rows of one time, from `models.Specification.frame`; several courses of one arm in one
        participant are averaged first.
    """
    both = frame[frame["arm"].isin([arm, reference])]
    table = both.pivot_table(
        index="participant", columns="arm", values="response", aggfunc="mean", observed=True
    )
    if not {arm, reference} <= set(table.columns):
        return None
    crossover = trial.design == "crossover"
    if crossover:
        table = table.dropna()
    one, other = table[arm].dropna().to_numpy(), table[reference].dropna().to_numpy()
    if min(len(one), len(other)) < 2 or _constant(one - other if crossover else one, other):
        return None
    test = paired_t(one, other) if crossover else welch_t(one, other)
    found = Estimates(np.array([test.estimate]), np.array([test.std_error]), np.array([test.df]))
    used = both[both["participant"].isin(table.index)]
    note = "paired t test" if crossover else "Welch's t test"
    return answer_from(found, both, used, f"{note} (pingouin); ignores period and baseline")


def _constant(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.ptp(one)) == 0.0 or (len(one) == len(other) and bool((one == other).all()))
