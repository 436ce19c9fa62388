"""Checks of the times before treatment: D09 (drift over periods), D10 (unequal exercise)."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np
import pandas as pd

from analysis.errors import Issue
from analysis.intake.codes import issue
from analysis.intake.robust import Array
from analysis.intake.units import factor
from analysis.intake.visits import Visits

_FEWEST = 6
_HALF_SD = 0.5
_DRAWS = 999
_CHANCE = 0.005
_SEED = 10


def check_drift(visits: Visits) -> Iterator[Issue]:
    """D09: the participants start every period where they started the first one.

    Reported where the mean baseline moved by more than the margin (or half the SD between people)
    and by more than chance does: a paired t beyond the value with 0.5 % in both tails, divided
    among the periods and outcomes that are compared.
    """
    times = [each.name for each in visits.trial.times_with_role("baseline")]
    table = visits.table[[name for name in times if name in visits.table]]
    if visits.trial.design != "crossover" or table.empty:
        return
    start = table.mean(axis=1).rename("value").reset_index()
    wide = start.pivot_table(index="person", columns="period", values="value")
    periods = sorted((name for name in wide.columns if name.isdigit()), key=int)
    for later in periods[1:]:
        pair = wide[[periods[0], later]].dropna()
        moved = (pair[later] - pair[periods[0]]).to_numpy(float)
        if len(moved) >= _FEWEST and _drifted(visits, moved, pair, len(periods) - 1):
            yield _drift(visits, pair, periods[0], later)


def t_beyond(chance: float, df: int) -> float:
    """Return the t that chance exceeds in either tail with a probability: about, by expansion.

    Abramowitz and Stegun (1964), 26.7.5, to the third order.
    """
    z = -NormalDist().inv_cdf(chance / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / df + second / df**2 + third / df**3


def _drifted(visits: Visits, moved: Array, pair: pd.DataFrame, compared: int) -> bool:
    error = float(np.std(moved, ddof=1)) / len(moved) ** 0.5
    size = abs(float(moved.mean()))
    if error == 0:
        return False
    allowed = _HALF_SD * float(pair.to_numpy().std())
    margin = visits.outcome.margin
    scale = factor(visits.outcome.unit, visits.outcome.convert_to)
    if margin is not None and scale is not None:
        allowed = min(allowed, margin.value / float(scale))
    chance = _CHANCE / compared / visits.family.outcomes
    return size > allowed and size / error > t_beyond(chance, len(moved) - 1)


def _drift(visits: Visits, pair: pd.DataFrame, first: str, later: str) -> Issue:
    before, after = pair[first].mean(), pair[later].mean()
    cell = visits.cells[0]
    message = (
        f"The baseline of {visits.outcome.name} is {after:.3g} {visits.outcome.unit} in period "
        f"{later} and {before:.3g} in period {first} (means of the same {len(pair)} participants): "
        "they may not have recovered from the period before."
    )
    remedy = "Check the time between periods and the values; the report compares within periods."
    return issue("D09", cell.file, message, remedy, column=cell.column, value=f"period {later}")


def check_stimulus(visits: Visits) -> Iterator[Issue]:
    """D10: before the treatment the arms are alike, beyond what chance would do.

    Arms are drawn again within every participant (parallel: among participants) 999 times. The
    outcomes of a trial share the chance of a false alarm.
    """
    rare = max(_CHANCE / visits.family.outcomes, 1 / (1 + _DRAWS))
    for time in visits.trial.times_with_role("before_treatment"):
        if time.name in visits.table:
            column = visits.table[time.name].dropna()
            if len(column) >= 2 * _FEWEST and _chance(visits, column) <= rare:
                yield _unequal(visits, column, time.name)


def _chance(visits: Visits, column: pd.Series) -> float:
    """Return how often drawing the arms anew makes them differ as much as they do."""
    person = column.index.get_level_values("person")
    crossover = visits.trial.design == "crossover"
    groups = person.factorize()[0] if crossover else np.zeros(len(column), dtype=int)
    value = column.to_numpy(float)
    sizes = np.bincount(groups)
    value = value - (np.bincount(groups, value) / sizes)[groups]
    arms = column.index.get_level_values("arm").factorize()[0]
    observed = _between(value[None, :], arms)[0]
    draws = np.random.default_rng(_SEED).random((_DRAWS, len(value))) + groups
    order = np.argsort(draws, axis=1)  # shuffles the values of every group among themselves
    home = np.argsort(groups, kind="stable")
    shuffled = np.empty_like(draws)
    shuffled[:, home] = value[order]
    as_large = int((_between(shuffled, arms) >= observed * (1 - 1e-9)).sum())
    return (1 + as_large) / (1 + _DRAWS)


def _between(values: Array, arms: np.ndarray) -> Array:
    found = np.zeros(len(values))
    for arm in range(arms.max() + 1):
        mine = values[:, arms == arm]
        found += mine.sum(axis=1) ** 2 / mine.shape[1]
    return found


def _unequal(visits: Visits, column: pd.Series, time: str) -> Issue:
    means = column.groupby(level="arm").mean()
    said = ", ".join(f"{means[arm]:.3g} under {arm}" for arm in visits.trial.arm_names
                     if arm in means)  # fmt: skip
    cell = visits.cells[0]
    message = (
        f"At {time}, before any treatment, {visits.outcome.name} differs between the arms by more "
        f"than chance (means in {visits.outcome.unit}: {said}); the exercise may have differed."
    )
    remedy = "Check arms and times of these rows; no treatment can have caused this."
    return issue("D10", cell.file, message, remedy, column=cell.column, value=time)
