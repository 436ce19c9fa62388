"""Random small trials, half of them with a variance at or near zero.

A trial is made from the seed and its number alone, so that any one can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.mixed.design import Design, Term, build_design

Array = NDArray[np.float64]

ARMS = ("a", "b", "c", "d")
KINDS = ("crossover", "parallel", "replicate")
MISSING = (0.0, 0.0, 0.05, 0.1, 0.2)
LEAST_DF = 3


@dataclass(frozen=True)
class RandomTrial:
    """One trial and the model it is analysed by.

    Attributes
    ----------
    number : int
    kind : str
        One of `KINDS`.
    near : bool
        Whether a true variance is zero or tiny.
    frame : DataFrame
        One row per value: participant, period, arm, time, response.
    terms : tuple of Term
        Fixed effects.
    components : mapping of str to columns
        Random intercepts.
    design : Design
    """

    number: int
    kind: str
    near: bool
    frame: pd.DataFrame
    terms: tuple[Term, ...]
    components: Mapping[str, Sequence[str]]
    design: Design

    @property
    def y(self) -> Array:
        """The response, (N,)."""
        return self.frame["response"].to_numpy(float)

    @property
    def n_people(self) -> int:
        """Number of participants."""
        return int(self.frame["participant"].nunique())


def draw_trial(seed: int, number: int) -> RandomTrial:
    """Return a random trial; trials with an even number have a variance at or near zero."""
    rng = np.random.default_rng([seed, number])
    while True:
        kind = str(rng.choice(KINDS, p=(0.5, 0.25, 0.25)))
        frame = _rows(rng, kind)
        if len(frame) < 8:
            continue
        terms, components = _model(rng, kind, frame)
        design = build_design(frame, terms, components)
        if design.n_rows - design.rank < LEAST_DF:
            continue
        near = number % 2 == 0
        variances = _variances(rng, len(components), near)
        frame["response"] = _response(rng, design, variances)
        return RandomTrial(number, kind, near, frame, terms, components, design)


def _rows(
    rng: np.random.Generator, kind: str, least_people: int = 4, least_times: int = 1
) -> pd.DataFrame:
    """Return the planned rows less those that went missing."""
    people, arms = int(rng.integers(least_people, 21)), int(rng.integers(2, 5))
    times = int(rng.integers(max(least_times, 2 if kind == "parallel" else 1), 6))
    orders = _orders(rng, kind, arms, people)
    periods = orders.shape[1]
    person, period, time = (
        each.ravel()
        for each in np.meshgrid(range(people), range(periods), range(times), indexing="ij")
    )
    gone = rng.random(len(person)) < rng.choice(MISSING)
    if rng.random() < 0.15:  # somebody leaves after a period
        leaver, last = rng.integers(people), rng.integers(1, periods + 1)
        gone |= (person == leaver) & (period >= last)
    keep = ~gone
    columns = {
        "participant": person,
        "period": period,
        "arm": orders[person, period],
        "time": time,
    }
    return pd.DataFrame({name: _factor(codes[keep]) for name, codes in columns.items()})


def _orders(rng: np.random.Generator, kind: str, arms: int, people: int) -> NDArray[np.int64]:
    """Arm of each participant in each period, (people, periods)."""
    if kind == "parallel":
        return rng.permutation(np.arange(people) % arms)[:, None]
    if kind == "replicate":
        either = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]])
        return either[rng.permutation(np.arange(people) % rng.choice([2, 4]))]
    every = np.array(list(permutations(range(arms))))
    chosen = every[rng.permutation(len(every))[: rng.integers(2, 7)]]
    return chosen[rng.permutation(np.arange(people) % len(chosen))]


def _factor(codes: NDArray[np.int64]) -> pd.Categorical:
    levels, codes = np.unique(codes, return_inverse=True)
    return pd.Categorical.from_codes(codes, [f"l{level:02d}" for level in levels], ordered=True)


def _model(
    rng: np.random.Generator, kind: str, frame: pd.DataFrame
) -> tuple[tuple[Term, ...], dict[str, list[str]]]:
    """Return fixed effects and random intercepts as the pipeline would choose them."""
    several = [name for name in ("arm", "time", "period") if frame[name].nunique() > 1]
    terms: list[Term] = [(name,) for name in several]
    if {"arm", "time"} <= set(several) and rng.random() < 0.8:
        terms.append(("arm", "time"))
    if {"period", "time"} <= set(several) and rng.random() < 0.3:
        terms.append(("period", "time"))
    components = {"participant": ["participant"]}
    if kind == "replicate":
        components["participant:arm"] = ["participant", "arm"]
    if kind != "parallel" and "time" in several:
        components["participant:period"] = ["participant", "period"]
    return tuple(terms), components


def _variances(rng: np.random.Generator, n: int, near: bool) -> Array:
    """True variances of the components, in units of the residual variance."""
    variances = 10 ** rng.uniform(-1, 1, n)
    if near and n:
        small = rng.random(n) < 0.5
        small[rng.integers(n)] = True
        tiny = np.where(rng.random(n) < 0.5, 0.0, 10 ** rng.uniform(-5, -2, n))
        variances[small] = tiny[small]
    return variances


def _response(rng: np.random.Generator, design: Design, variances: Array) -> Array:
    """Normal values in some unit; a fifth of the trials on a scale of whole numbers."""
    y = rng.normal(size=design.n_rows)
    for variance, each in zip(variances, design.components, strict=True):
        y += np.sqrt(variance) * rng.normal(size=each.n_groups)[each.groups]
    y += design.x @ rng.normal(size=design.rank)
    if rng.random() < 0.2:
        return np.asarray(np.round(5 + 1.5 * y))
    return np.asarray((20 + y) * 10 ** rng.uniform(-2, 3))


def draw_residual(seed: int, number: int, structure: str) -> RandomTrial:
    """Return a random trial whose errors vary by visit, or arm and visit, and correlate in time.

    In trials with an even number the participant or the participant:period variance is zero or
    tiny, or the correlation is zero.
    """
    rng = np.random.default_rng([seed, number, 3])
    while True:
        kind = str(rng.choice(KINDS[:2], p=(0.75, 0.25)))
        frame = _rows(rng, kind, least_people=6, least_times=3)
        if len(frame) < 8 or min(frame[name].nunique() for name in ("arm", "time")) < 2:
            continue
        groups = ["time"] if structure == "by_time_ar1" else ["arm", "time"]
        if frame.groupby(groups, observed=True).size().min() < 3:
            continue
        terms, components = _model(rng, kind, frame)
        if kind == "parallel":  # the correlation takes the place of the intercept
            components = {} if rng.random() < 0.5 else components
        design = build_design(frame, terms, components)
        if design.n_rows - design.rank < 4 * frame.groupby(groups, observed=True).ngroups:
            continue
        near = number % 2 == 0
        variances = _variances(rng, len(components), near)
        frame["response"] = _correlated(rng, design, frame, variances, groups, near)
        return RandomTrial(number, kind, near, frame, terms, components, design)


def _correlated(
    rng: np.random.Generator,
    design: Design,
    frame: pd.DataFrame,
    variances: Array,
    groups: list[str],
    near: bool,
) -> Array:
    """Errors with a standard deviation per group and AR(1) within a period, and random effects."""
    group = frame.groupby(groups, observed=True).ngroup().to_numpy()
    spread = np.exp(rng.uniform(-0.8, 0.8, group.max() + 1))
    rho = 0.0 if near and rng.random() < 0.3 else rng.uniform(-0.2, 0.85)
    unit = frame.groupby(["participant", "period"], observed=True).ngroup().to_numpy()
    visit = frame["time"].cat.codes.to_numpy()
    noise = rng.normal(size=(unit.max() + 1, visit.max() + 1))
    for t in range(1, noise.shape[1]):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    y = spread[group] * noise[unit, visit]
    for variance, each in zip(variances, design.components, strict=True):
        y += np.sqrt(variance) * rng.normal(size=each.n_groups)[each.groups]
    return np.asarray((20 + y) * 10 ** rng.uniform(-2, 3))
