r"""What the data of a model scatter around.

On the latent scale the truth is what the model declares. On the observed scale it is what an
analysis of the readings estimates: floor, ceiling and rounding shrink effects where readings pile
up at an end of the scale. Observed moments are integrals over the normal distribution of the
visits, :math:`v = m + s z`, and of the replicates within a visit, taken with the trapezoidal rule
on an equidistant grid of :math:`z` from -8 to 8.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from analysis.simulate.draw import Array, mean_grid, read_instrument, visit_sd
from analysis.simulate.models import OutcomeModel, TrialModel

Scale = Literal["observed", "latent"]


def true_mean(
    model: TrialModel,
    outcome: str,
    arm: str,
    time: str,
    period: int | None = None,
    scale: Scale = "observed",
) -> float:
    """Return the expected value of one arm at one time.

    Parameters
    ----------
    model : TrialModel
        Design and outcomes.
    outcome, arm, time : str
        Which mean.
    period : int, optional
        From 1; without it, the average over the periods, each with the same weight.
    scale : {"observed", "latent"}
        With or without the ends and marks of the instrument's scale.
    """
    return float(np.mean([m for m, _ in _moments(model, outcome, arm, time, period, scale)]))


def true_sd(
    model: TrialModel,
    outcome: str,
    arm: str,
    time: str,
    period: int = 1,
    scale: Scale = "observed",
) -> float:
    """Return the SD over participants of a visit's score, the mean of its replicates.

    Parameters are those of `true_mean`.
    """
    [(_, sd)] = _moments(model, outcome, arm, time, period, scale)
    return sd


def true_contrast(
    model: TrialModel,
    outcome: str,
    arm: str,
    reference: str,
    time: str,
    scale: Scale = "observed",
) -> float:
    """Return arm - reference at one time, averaged over the periods with equal weights.

    This is the estimand of the analysis: the difference in mean response at that time, in the
    outcome's unit.

    Parameters
    ----------
    model : TrialModel
        Design and outcomes.
    outcome, arm, reference, time : str
        Which contrast.
    scale : {"observed", "latent"}
        With or without the ends and marks of the instrument's scale.
    """
    mean = true_mean(model, outcome, arm, time, scale=scale)
    return mean - true_mean(model, outcome, reference, time, scale=scale)


def _moments(
    model: TrialModel, name: str, arm: str, time: str, period: int | None, scale: Scale
) -> list[tuple[float, float]]:
    outcome = model.outcome(name)
    a, t = model.arms.index(arm), list(model.times).index(time)
    means = mean_grid(model, outcome)[a, :, t]
    sd = float(visit_sd(model, outcome)[a, t])
    chosen = means if period is None else means[[period - 1]]
    within = outcome.replicate_sd
    if scale == "latent":
        return [(float(m), float(np.hypot(sd, within / outcome.replicates**0.5))) for m in chosen]
    return [_observed(outcome, float(mean), sd) for mean in chosen]


def _observed(outcome: OutcomeModel, mean: float, sd: float) -> tuple[float, float]:
    visit, weight = _normal_grid(sd, 8001)
    reading, chance = _normal_grid(outcome.replicate_sd, 161)
    shown = read_instrument(outcome, mean + visit[:, None] + reading)
    expected = shown @ chance
    noise = (shown - expected[:, None]) ** 2 @ chance
    overall = float(weight @ expected)
    variance = weight @ (expected - overall) ** 2 + weight @ noise / outcome.replicates
    return overall, float(np.sqrt(variance))


def _normal_grid(sd: float, nodes: int) -> tuple[Array, Array]:
    if sd == 0:
        return np.zeros(1), np.ones(1)
    z = np.linspace(-8, 8, nodes)
    density = np.exp(-(z**2) / 2)
    return sd * z, density / density.sum()
