"""Trials that may be sound and are odd: few people, strange numbers, strange names, any model."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.data.make_faults import text
from tests.fuzz.case import Case
from tests.fuzz.plans import written
from tests.fuzz.words import LABELS

NAMES = [each for each in LABELS if each.strip() == each != "" and each.isprintable()]
RESIDUALS = (
    "auto", "by_arm_time_ar1", "by_arm_time", "by_time_ar1", "by_time", "iid", "unstructured",
)  # fmt: skip
Numbers = Callable[[random.Random, int], float]
VALUES: tuple[Numbers, ...] = (
    lambda rng, time: 30.0 + time + rng.gauss(0, 3),
    lambda rng, time: round(30.0 + time + rng.gauss(0, 3)),
    lambda rng, time: 7.0,
    lambda rng, time: 0.0,
    lambda rng, time: float(time),
    lambda rng, time: rng.gauss(0, 1) * 1e200,
    lambda rng, time: rng.gauss(0, 1) * 1e-200,
    lambda rng, time: 1e9 + rng.gauss(0, 1e-6),
    lambda rng, time: rng.choice((0.0, 0.0, 0.0, 100.0)),
    lambda rng, time: rng.choice((1.0, 1e15)),
    lambda rng, time: -rng.expovariate(0.01),
    lambda rng, time: rng.gauss(0, 1) if time else 5.0,
    lambda rng, time: 10 ** rng.uniform(-300, 300),
)


def sound(rng: random.Random) -> Case:
    """Make a trial of random size, design, names, numbers and model."""
    crossover = rng.random() < 0.6
    names = rng.sample(NAMES, 14)
    arms, times = names[: rng.choice((2, 2, 3, 4))], names[4 : 4 + rng.choice((1, 2, 3, 5))]
    value = rng.choice(VALUES)
    header = ["id", "arm", "time", "value"] + ["period"] * crossover
    rows = [
        [person, arm, time, repr(value(rng, place))] + [str(period)] * crossover
        for person, given in _given(rng, arms, crossover).items()
        for period, arm in enumerate(given, 1)
        for place, time in enumerate(times)
    ]
    gone = rng.choice((0, 0, 0.1, 0.5))
    rows = [each for each in rows if rng.random() >= gone]
    body = text([[_cell(each) for each in row] for row in [header, *rows]])
    plan = written(_plan(rng, arms, times, crossover))
    return Case({"trial.yaml": plan.encode(), "data.csv": body.encode()})


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _given(rng: random.Random, arms: list[str], crossover: bool) -> dict[str, list[str]]:
    """Return the arms of every participant in the order of the periods."""
    people = [f"P{number:02}" for number in range(1, rng.choice((2, 3, 5, 6, 8, 12)))]
    if rng.random() < 0.2:
        people = rng.sample(NAMES, min(len(people), len(NAMES)))
    turns = {
        person: arms[at % len(arms) :] + arms[: at % len(arms)] for at, person in enumerate(people)
    }
    return turns if crossover else {person: given[:1] for person, given in turns.items()}


def _plan(
    rng: random.Random, arms: list[str], times: list[str], crossover: bool
) -> dict[str, object]:
    hours = sorted(rng.sample(range(-5, 100), len(times)))
    roles = ["outcome"] * len(times)
    if len(times) > 1 and rng.random() < 0.6:
        roles[0] = "baseline"
    when = {time: {"hours": hour, "role": role}
            for time, hour, role in zip(times, hours, roles, strict=True)}  # fmt: skip
    outcome: dict[str, object] = {
        "file": "data.csv",
        "value": "value",
        "unit": rng.choice(("x", "W", "cm")),
    }
    outcome["better"] = rng.choice(("lower", "higher"))
    if rng.random() < 0.3:
        outcome["range"] = rng.choice(([0, 100], [-1e300, 1e300], [0, 10]))
    if rng.random() < 0.5:
        outcome["margin"] = {"value": rng.choice((1e-9, 1, 1e9)), "source": "a test"}
    columns: dict[str, object] = {"participant": "id", "arm": "arm", "time": "time"}
    question = {"outcome": "y", "arm": arms[1], "reference": arms[0], "time": times[-1]}
    plan: dict[str, object] = {
        "title": rng.choice(NAMES),
        "design": "crossover" if crossover else "parallel",
        "randomised": rng.choice(("true", "false")),
        "columns": columns | ({"period": "period"} if crossover else {}),
        "arms": {arm: {"role": "control"} if at == 0 else {"label": rng.choice(NAMES)}
                 for at, arm in enumerate(arms)},
        "times": when,
        "outcomes": {"y": outcome},
    }  # fmt: skip
    if rng.random() < 0.7:
        more = [{**question, "arm": arm} for arm in arms[2:]]
        asked: dict[str, object] = (
            {"primary": question, "secondary": more} if more else {"primary": question}
        )
        asked["multiplicity"] = rng.choice(("none", "holm", "dunnett", "mvt", "fixed_sequence"))
        plan["plan"] = asked
    if rng.random() < 0.5:
        plan["model"] = {
            "residual": rng.choice(RESIDUALS),
            "df": rng.choice(("kenward_roger", "satterthwaite")),
            "baseline": rng.choice(("auto", "within", "change", "covariate", "none")),
            "period": rng.choice(("auto", "by_time", "main", "none")),
        }
    return plan
