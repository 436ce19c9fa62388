r"""What a simulated trial is made of.

Participant :math:`i`, in period :math:`p`, has arm :math:`a = a(i, p)` and is measured at times
:math:`t`, with :math:`r` replicates per visit:

.. math::

    y^*_{iptr} &= \mu_t + \delta_{at} + \pi_{pt}
                + \sigma_{S,t} S_i + \sigma_{A,t} A_{ia} + \sigma_{P,t} P_{ip}
                + \sigma_{E,t} k_{at} E_{ipt} + \sigma_R R_{iptr} \\
    y_{iptr}   &= \mathrm{round}(\min(\max(y^*_{iptr}, \mathrm{floor}), \mathrm{ceiling}))

with :math:`S, A, P, E, R` standard normal, independent of each other and between participants,
periods and outcomes; only :math:`E_{ipt}` is correlated within a period, as AR(1) on the order of
visits, :math:`\mathrm{corr}(E_{ipt}, E_{ipu}) = \rho^{|t-u|}`. The asterisk marks the latent
scale; `round` is the instrument's scale mark. All quantities carry the outcome's unit, except
:math:`k` and :math:`\rho`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

ByTime = float | Mapping[str, float]
"""One number for all times, or a number for each time."""


@dataclass(frozen=True)
class OutcomeModel:
    r"""How one outcome comes about; see the module for the equation.

    Parameters
    ----------
    name : str
        Name of the outcome.
    means : number or mapping of time to number
        :math:`\mu_t`: latent means of an untreated participant in the first period.
    effects : mapping of arm to mapping of time to number
        :math:`\delta_{at}`; 0 where not given, so the control arm needs no entry.
    period_effects : sequence of mapping of time to number
        :math:`\pi_{pt}`, one mapping per period; 0 where not given. Repeated bouts of exercise
        hurt less, so for soreness these are negative after exercise and 0 before it.
    participant_sd, arm_sd, period_sd, residual_sd : number or mapping of time to number
        :math:`\sigma_S, \sigma_A, \sigma_P, \sigma_E`: how much participants differ, how much they
        differ in their response to an arm, how much a participant's periods differ, and the rest.
    spread : mapping of arm to mapping of time to number
        :math:`k_{at}`: factor on the residual SD; 1 where not given.
    correlation : float
        :math:`\rho` of the residuals of neighbouring visits.
    floor, ceiling : float
        Ends of the scale.
    step : float
        Distance of the instrument's scale marks; 0 for a continuous reading. Floor and ceiling
        are scale marks.
    replicates : int
        Readings per visit.
    replicate_sd : float
        :math:`\sigma_R`: SD of the readings of one visit.
    """

    name: str
    means: ByTime
    effects: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    period_effects: tuple[Mapping[str, float], ...] = ()
    participant_sd: ByTime = 0.0
    arm_sd: ByTime = 0.0
    period_sd: ByTime = 0.0
    residual_sd: ByTime = 0.0
    spread: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    correlation: float = 0.0
    floor: float = -inf
    ceiling: float = inf
    step: float = 0.0
    replicates: int = 1
    replicate_sd: float = 0.0

    def __post_init__(self) -> None:
        sds = (self.participant_sd, self.arm_sd, self.period_sd, self.residual_sd)
        if min(*map(_smallest, sds), self.replicate_sd, self.step) < 0:
            raise ValueError(f"{self.name}: a standard deviation or the step is negative")
        if not -1 < self.correlation < 1:
            raise ValueError(f"{self.name}: correlation {self.correlation} is not inside -1 to 1")
        if self.floor >= self.ceiling:
            raise ValueError(f"{self.name}: floor {self.floor} is not below {self.ceiling}")
        if self.replicates < 1:
            raise ValueError(f"{self.name}: {self.replicates} replicates; at least 1 is needed")


@dataclass(frozen=True)
class TrialModel:
    """A trial: its design and its outcomes.

    Parameters
    ----------
    participants : int
        Number of participants.
    arms : sequence of str
        Names of the arms, the control first.
    times : mapping of str to float
        Names of the visits of a period, in order, with their hours after exercise.
    sequences : sequence of sequence of str
        Orders of arms that participants are allocated to, as evenly as their number allows. All
        have the same length, the number of periods. A parallel trial has sequences of one arm;
        a sequence listed twice gets twice the participants.
    outcomes : sequence of OutcomeModel
        What is measured.
    """

    participants: int
    arms: tuple[str, ...]
    times: Mapping[str, float]
    sequences: tuple[tuple[str, ...], ...]
    outcomes: tuple[OutcomeModel, ...]

    def __post_init__(self) -> None:
        if len({len(sequence) for sequence in self.sequences}) != 1:
            raise ValueError("sequences must have one common length, the number of periods")
        _known("arm", {arm for sequence in self.sequences for arm in sequence}, self.arms)
        for outcome in self.outcomes:
            _check_names(outcome, self)

    @property
    def periods(self) -> int:
        """Number of periods; 1 in a parallel trial."""
        return len(self.sequences[0])

    def outcome(self, name: str) -> OutcomeModel:
        """Return the outcome called `name`."""
        return next(outcome for outcome in self.outcomes if outcome.name == name)


def parallel(arms: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sequences of a parallel trial: one arm each."""
    return tuple((arm,) for arm in arms)


def _smallest(value: ByTime) -> float:
    return min(value.values()) if isinstance(value, Mapping) else value


def _known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"unknown {what} {unknown}; known are {list(known)}")


def _check_names(outcome: OutcomeModel, model: TrialModel) -> None:
    by_arm = (outcome.effects, outcome.spread)
    _known("arm", {arm for table in by_arm for arm in table}, model.arms)
    by_time = [row for table in by_arm for row in table.values()]
    _known(
        "time", {time for row in (*by_time, *outcome.period_effects) for time in row}, model.times
    )
    for value in (outcome.means, *_sds(outcome)):
        if isinstance(value, Mapping) and set(value) != set(model.times):
            raise ValueError(f"{outcome.name}: {list(value)} are not the times {list(model.times)}")
    if len(outcome.period_effects) > model.periods:
        raise ValueError(f"{outcome.name}: more period effects than the {model.periods} periods")


def _sds(outcome: OutcomeModel) -> tuple[ByTime, ...]:
    return outcome.participant_sd, outcome.arm_sd, outcome.period_sd, outcome.residual_sd
