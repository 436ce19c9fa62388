"""Simulated trials without a single fault: what the checks must leave in peace.

Several designs, sizes, scales and instruments, each with its files and trial.yaml. They differ from
the demo in what a check could stumble over: no sequence column, wide or coarse scales, few
participants, floors, replicates, missing visits, a change over the periods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.simulate import OutcomeModel, TrialModel, demo_model, simulate, williams
from analysis.simulate.demo_parameters import JUMP, SORENESS

ARMS = ("passive", "fir", "cryo")
TIMES = {"pre": -1.0, "0h": 0.0, "1h": 1.0, "24h": 24.0, "48h": 48.0, "72h": 72.0}
NRS = OutcomeModel(
    "nrs",
    {"pre": 0.3, "0h": 2.5, "1h": 3.0, "24h": 5.0, "48h": 4.5, "72h": 3.0},
    {"fir": {"24h": -0.8}},
    participant_sd=1.2,
    period_sd=0.9,
    residual_sd={"pre": 0.5, "0h": 1.0, "1h": 1.0, "24h": 1.2, "48h": 1.2, "72h": 1.0},
    floor=0.0,
    ceiling=10.0,
    step=1.0,
)
POWER = OutcomeModel(
    "power",
    {"pre": 4100.0, "0h": 3800.0, "1h": 3850.0, "24h": 3900.0, "48h": 4000.0, "72h": 4080.0},
    {"fir": {"24h": 60.0}},
    participant_sd=450.0,
    period_sd=70.0,
    residual_sd=140.0,
    step=1.0,
)
SINGLE_JUMP = replace(JUMP, replicates=1, replicate_sd=0.0)

SCALES = {
    "soreness": "unit: mm, range: [0, 100], better: lower, margin: {value: 10, source: a test}",
    "nrs": "unit: points, range: [0, 10], better: lower, margin: {value: 1, source: a test}",
    "jump": "unit: cm, range: [3, 110], better: higher, margin: {value: 1, source: a test}",
    "power": "unit: W, range: [200, 12000], better: higher, margin: {value: 150, source: a test}",
}
DECIMALS = {"jump": 1}


@dataclass(frozen=True)
class Clean:
    """One clean trial: its design and the files of its folder."""

    name: str
    model: TrialModel
    seed: int
    design: str
    files: Mapping[str, bytes]
    allowed: tuple[str, ...] = ()


def _model(
    arms: Sequence[str],
    participants: int,
    outcomes: Sequence[OutcomeModel],
    parallel: bool = False,
) -> TrialModel:
    sequences = tuple((arm,) for arm in arms) if parallel else williams(arms)
    fitting = tuple(_fitting(each, arms, len(sequences[0])) for each in outcomes)
    return TrialModel(participants, tuple(arms), dict(TIMES), sequences, fitting)


def _fitting(outcome: OutcomeModel, arms: Sequence[str], periods: int) -> OutcomeModel:
    """Return an outcome without the arms and periods that the trial has not."""
    return replace(
        outcome,
        effects={arm: row for arm, row in outcome.effects.items() if arm in arms},
        spread={arm: row for arm, row in outcome.spread.items() if arm in arms},
        period_effects=tuple(outcome.period_effects)[:periods],
    )


def _plan(model: TrialModel, design: str, sequence: bool) -> str:
    lines = [
        "title: Simulated clean trial",
        f"design: {design}",
        "randomised: true",
        "columns:",
        "  participant: id",
        "  arm: arm",
        "  time: time",
        *(["  period: period"] if design == "crossover" else []),
        *(["  sequence: sequence"] if sequence else []),
        "arms:",
        *(f"  {arm}: {{{'role: control' if arm == model.arms[0] else ''}}}" for arm in model.arms),
        "times:",
    ]
    roles = {"pre": "baseline", "0h": "before_treatment"}
    for time, hours in model.times.items():
        role = f", role: {roles[time]}" if time in roles else ""
        lines.append(f"  {time}: {{hours: {hours:g}{role}}}")
    lines.append("outcomes:")
    for outcome in model.outcomes:
        replicates = ", replicates: mean" if outcome.replicates > 1 else ""
        file = f"file: {outcome.name}.csv, value: value"
        lines.append(f"  {outcome.name}: {{{file}, {SCALES[outcome.name]}{replicates}}}")
    first = model.outcomes[0].name
    lines += [
        "plan:",
        f"  primary: {{outcome: {first}, arm: {model.arms[1]}, reference: {model.arms[0]}, "
        "time: 24h}",
    ]
    return "\n".join(lines) + "\n"


def _file(data: pd.DataFrame, name: str, design: str, sequence: bool, replicates: bool) -> str:
    columns = ["participant", *(["sequence"] if sequence else [])]
    columns += ["period"] if design == "crossover" else []
    columns += ["arm", "time", *(["trial"] if replicates else [])]
    frame = data.loc[data["outcome"] == name, [*columns, "value"]]
    texts = [f"{value:.{DECIMALS.get(name, 0)}f}" for value in frame["value"]]
    frame = frame.assign(value=texts).rename(columns={"participant": "id", "trial": "attempt"})
    return frame.to_csv(index=False, lineterminator="\n")


def make(
    name: str, model: TrialModel, seed: int, sequence: bool = False, missing: int = 0
) -> Clean:
    """Return one clean trial with `missing` visits left out."""
    design = "crossover" if model.periods > 1 else "parallel"
    data = simulate(model, seed)
    visits = data[["participant", "period", "time"]].drop_duplicates()
    gone = visits.sample(missing, random_state=np.random.default_rng(seed))
    keys = set(gone.itertuples(index=False, name=None))
    kept = [key not in keys for key in data[list(visits)].itertuples(index=False, name=None)]
    data = data[kept]
    files = {"trial.yaml": _plan(model, design, sequence).encode()}
    for outcome in model.outcomes:
        text = _file(data, outcome.name, design, sequence, outcome.replicates > 1)
        files[f"{outcome.name}.csv"] = text.encode()
    return Clean(name, model, seed, design, files)


def clean_trials(first_seed: int = 1) -> Iterator[Clean]:
    """Yield 24 clean trials of eight designs, three seeds each."""
    two = ("passive", "fir")
    designs: dict[str, tuple[TrialModel, bool, int]] = {
        "demo_like": (demo_model(), True, 0),
        "nine_without_sequence": (_model(ARMS, 9, (SORENESS, SINGLE_JUMP)), False, 0),
        "two_arms": (_model(two, 16, (SORENESS, JUMP)), True, 3),
        "jump_first": (_model(ARMS, 12, (JUMP, SORENESS)), False, 2),
        "numeric_scale": (_model(ARMS, 18, (NRS, POWER)), True, 0),
        "parallel_soreness": (_model(two, 40, (SORENESS, SINGLE_JUMP), parallel=True), False, 4),
        "parallel_power": (_model(ARMS, 30, (POWER, NRS), parallel=True), False, 0),
        "single_jump": (_model(two, 12, (SINGLE_JUMP,)), False, 1),
    }
    for position, (name, (model, sequence, missing)) in enumerate(designs.items()):
        for turn in range(3):
            seed = first_seed + 10 * position + turn
            yield make(f"{name}_{seed}", model, seed, sequence, missing)


def two_arms_once() -> Clean:
    """Return the trial that the fixtures of the checks of plausibility are made from."""
    model = _model(("passive", "fir"), 12, (SORENESS, SINGLE_JUMP))
    return make("two_arms", model, 12, sequence=True)
