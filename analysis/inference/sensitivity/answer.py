"""What every other way to ask the question answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.estimates import Estimates


@dataclass(frozen=True)
class Answer:
    """An estimate of one contrast with its error, and who informed it."""

    estimates: Estimates
    n_participants: int
    left_out: tuple[str, ...]
    note: str

    @property
    def usable(self) -> bool:
        """Whether there is an estimate and an error to judge it by."""
        found = self.estimates
        return bool(np.isfinite(found.estimate[0]) and found.std_error[0] > 0)


def answer_from(
    estimates: Estimates, present: pd.DataFrame, informative: pd.DataFrame, note: str
) -> Answer:
    """Return an answer; participants in `present` but not in `informative` are named."""
    used = set(informative["participant"].astype(str))
    lost = sorted(set(present["participant"].astype(str)) - used)
    return Answer(estimates, len(used), tuple(lost), note)
