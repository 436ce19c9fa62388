"""The trials of the calibration grid: known truth, the troubles real trials have.

Aims, data-generating mechanisms, estimands, methods and performance measures follow Morris, White
and Crowther 2019 (Stat Med 38:2074-2102). Four visits after treatment; standard deviations in units
of the within-period error. The contrast `active - control` is null in every scenario but `power`,
where it is one unit at 24h.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from analysis.simulate import OutcomeModel, TrialModel, simulate_many, williams
from analysis.simulate.models import parallel
from analysis.trial import Arm, Columns, ModelSettings, Outcome, Time, Trial

TIMES = {"1h": 1.0, "24h": 24.0, "48h": 48.0, "72h": 72.0}
ARMS = ("control", "active", "other")

CONSTANT = dict.fromkeys(TIMES, 1.0)
JUMP = {"1h": 1.0, "24h": 1.3, "48h": 1.2, "72h": 1.0}
SORENESS = {"1h": 0.8, "24h": 1.5, "48h": 1.4, "72h": 0.9}
SHARED = 100  # trials with the same missing visits
PERIODS: tuple[dict[str, float], ...] = (
    {},
    dict.fromkeys(TIMES, -0.3),
    dict.fromkeys(TIMES, -0.5),
)
# Later periods hurt less, most of all at the visits that hurt most.
BY_VISIT: tuple[dict[str, float], ...] = (
    {},
    {"1h": -0.2, "24h": -0.9, "48h": -0.6, "72h": 0.0},
    {"1h": -0.2, "24h": -1.4, "48h": -1.0, "72h": 0.3},
)
# An effective treatment narrows the spread of a scale with a floor.
NARROWED = {"active": dict.fromkeys(TIMES, 1.0 / 1.3), "other": dict.fromkeys(TIMES, 0.5 / 1.3)}


@dataclass(frozen=True)
class Scenario:
    """One way in which data come about; `number` enters the seed."""

    name: str
    number: int
    residual_sd: dict[str, float]
    correlation: float = 0.4
    spread: bool = False
    floor: bool = False
    missing: float = 0.0
    unbalanced: bool = False
    effect: float = 0.0
    parallel: bool = False
    by_visit: bool = False

    def outcome(self, arms: tuple[str, ...] = ARMS) -> OutcomeModel:
        scale = 1.3 if self.spread else 1.0
        later = BY_VISIT if self.by_visit else PERIODS
        return OutcomeModel(
            name="score",
            means=2.0 if self.floor else 50.0,
            effects={"active": {"24h": self.effect}},
            period_effects=() if self.parallel else later[: len(arms)],
            participant_sd=1.5,
            period_sd=0.7,
            residual_sd={time: scale * sd for time, sd in self.residual_sd.items()},
            spread={arm: NARROWED[arm] for arm in arms[1:]} if self.spread else {},
            correlation=self.correlation,
            floor=0.0 if self.floor else -np.inf,
            step=1.0 if self.floor else 0.0,
        )


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("compound_symmetry", 1, CONSTANT, correlation=0.0),
        Scenario("jump", 3, JUMP),
        Scenario("soreness", 6, SORENESS),
        Scenario("arms_unequal", 0, SORENESS, spread=True),
        Scenario("floor", 2, SORENESS, floor=True),
        Scenario("missing", 4, SORENESS, missing=0.10),
        Scenario("unbalanced", 7, SORENESS, unbalanced=True),
        Scenario("period_by_time", 10, SORENESS, by_visit=True),
        Scenario("power", 5, SORENESS, effect=1.0),
        Scenario("parallel", 8, SORENESS, parallel=True),
        Scenario("parallel_unequal", 9, SORENESS, parallel=True, spread=True),
    )
}


def trial(scenario: Scenario, arms: int) -> Trial:
    """Return the trial.yaml, so to speak, of a cell."""
    return Trial(
        name="calibration",
        title="Calibration",
        design="parallel" if scenario.parallel else "crossover",
        randomised=True,
        columns=Columns("participant", "arm", "time", "period"),
        arms=tuple(Arm(name, name, name == "control") for name in ARMS[:arms]),
        times=tuple(Time(name, hours) for name, hours in TIMES.items()),
        outcomes=(Outcome("score", "score", "score.csv", "points", "lower"),),
        model=ModelSettings(baseline="none"),
    )


def seed_of(scenario: str, participants: int, arms: int) -> int:
    """Return the seed of a cell, the same for every candidate."""
    return 1000 * participants + 100 * arms + SCENARIOS[scenario].number


def draw(
    scenario: Scenario, participants: int, arms: int, seed: int, trials: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows of a cell's trials (one schedule) and their values, (trials, rows).

    A hundred trials in a row share their missing visits, so that they share their design.
    """
    names = ARMS[:arms]
    sequences = parallel(names) if scenario.parallel else williams(names)
    if scenario.unbalanced:
        rng = np.random.default_rng(seed + 1)
        every = tuple(permutations(names))
        sequences = tuple(every[i] for i in rng.integers(len(every), size=participants))
    model = TrialModel(participants, names, TIMES, sequences, (scenario.outcome(names),))
    schedule, values = simulate_many(model, "score", seed, trials)
    rows = pd.DataFrame(
        [
            (f"P{i:02d}", "" if scenario.parallel else str(period + 1), names[arm], time)
            for i, courses in enumerate(schedule)
            for period, arm in enumerate(courses)
            for time in TIMES
        ],
        columns=["participant", "period", "arm", "time"],
    )
    flat = values[..., 0].reshape(trials, -1)
    if scenario.missing:
        patterns = -(-trials // SHARED)
        lost = np.random.default_rng(seed + 2).random((patterns, flat.shape[1])) < scenario.missing
        flat = np.where(np.repeat(lost, SHARED, axis=0)[:trials], np.nan, flat)
    return rows, flat
