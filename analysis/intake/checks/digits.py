"""Checks of how values were read off and written down: V07 (digits), V08 (rounding)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import Issue
from analysis.intake.codes import issue, quoted
from analysis.intake.layout import at_cell
from analysis.intake.visits import Visits

_FEWEST = 50
_SHARE = 0.45  # of values that end in 0 or 5, where one fifth is to be expected
_CHANCE = 1e-6
_SHORT = 20  # a scale of so few marks has no last digits to speak of
_FINEST = 3  # decimals; more come from a computation


def check_preference(visits: Visits) -> Iterator[Issue]:
    """V07: values were read off the whole scale, not off every fifth mark."""
    limits = visits.outcome.range or (-np.inf, np.inf)
    inner = ~visits.readings["value"].isin(limits).to_numpy()
    texts = Counter(visits.cells[place].text.strip() for place in _places(visits)[inner])
    decimals = max(map(_decimals, texts), default=0)
    width = limits[1] - limits[0]
    if decimals > _FINEST or (decimals == 0 and width <= _SHORT):
        return
    last = {text: times for text, times in texts.items() if _decimals(text) == decimals}
    judged = sum(last.values())
    if judged < _FEWEST:
        return
    ending = sum(times for text, times in last.items() if text[-1] in "05")
    share = ending / judged
    if share < _SHARE or _tail(judged, ending, 0.2) > _CHANCE:
        return
    first = visits.cells[0]
    message = (
        f"{share:.0%} of the {judged} values of {visits.outcome.name} between the ends of the "
        "scale end in 0 or 5, where a fifth would be expected: the scale was read more coarsely "
        "than it looks."
    )
    remedy = "Nothing can be corrected; do not read more into small differences than the scale has."
    yield issue("V07", first.file, message, remedy, column=first.column)


def _places(visits: Visits) -> NDArray[np.intp]:
    return np.asarray(visits.readings["cell"].to_numpy())


@lru_cache(maxsize=1 << 16)
def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _tail(n: int, k: int, chance: float) -> float:
    """Return a bound (Chernoff) of the probability of k or more among n."""
    share = min(max(k / n, 1e-12), 1 - 1e-12)
    if share <= chance:
        return 1.0
    distance = share * log(share / chance) + (1 - share) * log((1 - share) / (1 - chance))
    return float(np.exp(-n * distance))


def check_rounding(visits: Visits) -> Iterator[Issue]:
    """V08: values were rounded alike in all periods, arms and for all people."""
    frame = visits.readings
    fine = np.array([_decimals(visits.cells[place].text.strip()) > 0 for place in _places(visits)])
    if not 0.3 < fine.mean() < 1:
        return
    for role, words in (("period", "period"), ("arm", "arm"), ("person", "participant")):
        groups = pd.Series(fine).groupby(frame[role].to_numpy(), sort=False).agg(["mean", "size"])
        rest = (fine.sum() - groups["mean"] * groups["size"]) / (len(fine) - groups["size"])
        coarse = (groups["mean"] == 0) & (rest > 0.5)
        coarse &= log_chance(groups["size"], rest) < log(_CHANCE)
        for name in groups.index[coarse & (groups["size"] >= 3)]:
            yield _coarse(visits, role, words, str(name), float(rest[name]))
        if coarse.any():
            return


def log_chance(n: pd.Series, share: pd.Series) -> pd.Series:
    """Return the logarithm of the probability that none of n has decimals, if `share` have."""
    return pd.Series(n * np.log1p(-share.clip(upper=1 - 1e-9)))


def _coarse(visits: Visits, role: str, words: str, name: str, rest: float) -> Issue:
    place = int(visits.readings["cell"][(visits.readings[role] == name).to_numpy()].iloc[0])
    cell = visits.cells[place]
    message = (
        f"All values of {visits.outcome.name} of {words} {quoted(name)} are whole numbers, while "
        f"{rest:.0%} of the others have decimals: another rater or instrument."
    )
    remedy = "Check whether they were measured alike; say so in the description if not."
    return at_cell("V08", cell, message, remedy)
