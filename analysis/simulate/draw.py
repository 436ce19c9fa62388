"""From a model and a seed to data.

Randomness comes from numpy's PCG64, with one stream for the allocation and one for each outcome
(in order), so that adding an outcome leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.simulate.designs import allocate
from analysis.simulate.models import ByTime, OutcomeModel, TrialModel

Array = NDArray[np.float64]

COLUMNS = ("participant", "sequence", "period", "arm", "time", "outcome", "trial", "value")


def simulate(model: TrialModel, seed: int) -> pd.DataFrame:
    """Draw one trial.

    Parameters
    ----------
    model : TrialModel
        Design and outcomes.
    seed : int
        Not negative. The same model and seed give the same trial.

    Returns
    -------
    DataFrame
        One row per reading: `participant` (P01, P02, ...), `sequence` (its arms joined by "-"),
        `period` (from 1), `arm`, `time`, `outcome`, `trial` (the replicate, from 1), `value`.
        Sorted by outcome, participant, period, time and replicate, in the order of the model.
    """
    allocation, schedule = _schedule(model, seed)
    frames = []
    for stream, outcome in enumerate(model.outcomes, start=1):
        rng = np.random.default_rng([seed, stream])
        values = _draw(model, outcome, schedule, rng, trials=1)[0]
        frames.append(_frame(model, outcome, allocation, values))
    return pd.concat(frames, ignore_index=True)


def simulate_many(
    model: TrialModel, outcome: str, seed: int, trials: int
) -> tuple[NDArray[np.intp], Array]:
    """Draw one outcome of many trials that share one allocation, as arrays.

    Parameters
    ----------
    model : TrialModel
        Design and outcomes.
    outcome : str
        Name of the outcome.
    seed : int
        Not negative.
    trials : int
        Number of trials.

    Returns
    -------
    schedule : array of int, shape (participants, periods)
        Index into `model.arms` of the arm given.
    values : array of float, shape (trials, participants, periods, times, replicates)
        The readings.
    """
    _, schedule = _schedule(model, seed)
    stream = 1 + [each.name for each in model.outcomes].index(outcome)
    rng = np.random.default_rng([seed, stream])
    return schedule, _draw(model, model.outcome(outcome), schedule, rng, trials)


def read_instrument(outcome: OutcomeModel, latent: Array) -> Array:
    """Return what the instrument shows: `latent` kept within its scale, on its scale marks."""
    kept = np.clip(latent, outcome.floor, outcome.ceiling)
    if outcome.step == 0:
        return kept
    marks = 1.0 / outcome.step  # dividing by 10.0 gives 37.3, multiplying by 0.1 does not
    return np.rint(kept * marks) / marks


def mean_grid(model: TrialModel, outcome: OutcomeModel) -> Array:
    """Return the latent means, shape (arms, periods, times).

    Mean at the time + effect of the arm at the time + effect of the period at the time.
    """
    effects = np.array([_row(model, outcome.effects.get(arm, {}), 0.0) for arm in model.arms])
    given = (*outcome.period_effects, *[{}] * model.periods)[: model.periods]
    periods = np.array([_row(model, row, 0.0) for row in given])
    grid: Array = _row(model, outcome.means) + effects[:, None, :] + periods[None, :, :]
    return grid


def residual_grid(model: TrialModel, outcome: OutcomeModel) -> Array:
    """Return the residual SDs, shape (arms, times)."""
    spread = np.array([_row(model, outcome.spread.get(arm, {}), 1.0) for arm in model.arms])
    grid: Array = _row(model, outcome.residual_sd) * spread
    return grid


def visit_sd(model: TrialModel, outcome: OutcomeModel) -> Array:
    """Return the latent SD over participants of one visit without its replicates, (arms, times)."""
    shared = (outcome.participant_sd, outcome.arm_sd, outcome.period_sd)
    variance = residual_grid(model, outcome) ** 2
    for sd in shared:
        variance = variance + _row(model, sd) ** 2
    return np.sqrt(variance)


def _row(model: TrialModel, value: ByTime, default: float = 0.0) -> Array:
    if isinstance(value, Mapping):
        return np.array([float(value.get(time, default)) for time in model.times])
    return np.full(len(model.times), float(value))


def _schedule(model: TrialModel, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rng = np.random.default_rng([seed, 0])
    allocation = allocate(len(model.sequences), model.participants, rng)
    index = {arm: position for position, arm in enumerate(model.arms)}
    rows = [[index[arm] for arm in sequence] for sequence in model.sequences]
    return allocation, np.array(rows, dtype=np.intp)[allocation]


def _draw(
    model: TrialModel,
    outcome: OutcomeModel,
    schedule: NDArray[np.intp],
    rng: np.random.Generator,
    trials: int,
) -> Array:
    people, periods = schedule.shape
    cell = (trials, people, periods)
    each = np.arange(people)[:, None]
    normal = rng.standard_normal
    latent = mean_grid(model, outcome)[schedule, np.arange(periods)]
    latent = latent + normal((trials, people, 1, 1)) * _row(model, outcome.participant_sd)
    response = normal((trials, people, len(model.arms), 1))[:, each, schedule]
    latent = latent + response * _row(model, outcome.arm_sd)
    latent = latent + normal((*cell, 1)) * _row(model, outcome.period_sd)
    residual = normal((*cell, len(model.times))) @ _ar1_root(model, outcome).T
    latent = latent + residual * residual_grid(model, outcome)[schedule]
    readings = normal((*cell, len(model.times), outcome.replicates)) * outcome.replicate_sd
    return read_instrument(outcome, latent[..., None] + readings)


def _ar1_root(model: TrialModel, outcome: OutcomeModel) -> Array:
    order = np.arange(len(model.times))
    return np.linalg.cholesky(outcome.correlation ** np.abs(order[:, None] - order))


def _frame(
    model: TrialModel, outcome: OutcomeModel, allocation: NDArray[np.intp], values: Array
) -> pd.DataFrame:
    width = max(2, len(str(model.participants)))
    person, period, time, trial = (axis.ravel() for axis in np.indices(values.shape))
    sequences = [model.sequences[index] for index in allocation]
    frame = pd.DataFrame(
        {
            "participant": [f"P{index + 1:0{width}d}" for index in person],
            "sequence": ["-".join(sequences[index]) for index in person],
            "period": period + 1,
            "arm": [sequences[i][p] for i, p in zip(person, period, strict=True)],
            "time": np.array(list(model.times))[time],
            "outcome": outcome.name,
            "trial": trial + 1,
            "value": values.ravel(),
        }
    )
    return frame[list(COLUMNS)]
