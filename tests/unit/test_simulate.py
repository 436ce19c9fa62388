"""Simulated trials: reproducible, true to their declared truth, balanced, and untidy where said."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import erf, exp, pi, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.simulate import (
    OutcomeModel,
    TrialModel,
    allocate,
    demo_model,
    demo_trial,
    simulate,
    simulate_many,
    true_contrast,
    true_mean,
    true_sd,
    williams,
)
from analysis.simulate.demo import LOST_JUMPS, MISSED_VISIT, SEED, WRITTEN_AS
from analysis.simulate.models import parallel

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "raw" / "demo_fir_cryo"
DOCUMENT = ROOT / "docs" / "demo.md"
STANDARD_ERRORS = 5  # exceeded by chance in 1 of 1.7 million checks
ARMS = ("control", "heat", "cold")
TIMES = {"pre": -1.0, "1h": 1.0, "24h": 24.0}


def trial(outcome: OutcomeModel, participants: int = 6, **design: object) -> TrialModel:
    fields = {"arms": ARMS, "times": TIMES, "sequences": williams(ARMS), **design}
    return TrialModel(participants=participants, outcomes=(outcome,), **fields)  # type: ignore[arg-type]


def visit_scores(model: TrialModel, outcome: str, trials: int = 4000) -> pd.DataFrame:
    """Many trials of one outcome: arm x period x time x score, the mean of the replicates."""
    schedule, values = simulate_many(model, outcome, seed=1, trials=trials)
    _, person, period, time = (axis.ravel() for axis in np.indices(values.shape[:-1]))
    return pd.DataFrame(
        {
            "arm": np.array(model.arms)[schedule[person, period]],
            "period": period + 1,
            "time": np.array(list(model.times))[time],
            "value": values.mean(axis=-1).ravel(),
        }
    )


# --- the same seed gives the same trial ---------------------------------------------------------


def test_same_seed_same_trial() -> None:
    pd.testing.assert_frame_equal(simulate(demo_model(), 7), simulate(demo_model(), 7))
    assert not simulate(demo_model(), 7).equals(simulate(demo_model(), 8))


def test_an_outcome_does_not_change_with_the_outcomes_after_it() -> None:
    model = demo_model()
    alone = simulate(replace(model, outcomes=model.outcomes[:1]), 7)
    both = simulate(model, 7)
    pd.testing.assert_frame_equal(alone, both[both["outcome"] == "soreness"])


def test_outcomes_are_drawn_independently() -> None:
    one = OutcomeModel("one", 0.0, participant_sd=1)
    model = replace(trial(one), outcomes=(one, replace(one, name="two")))
    first, second = (
        simulate_many(model, name, 1, 2000)[1][..., 0, 0, 0] for name in ("one", "two")
    )
    assert_mean((first * second).ravel(), 0)


def test_committed_demo_is_what_the_code_makes() -> None:
    made = {name: text.encode() for name, text in demo_trial().items()}
    committed = {path.name: path.read_bytes() for path in DEMO.iterdir()}
    assert committed == made, "run `python -m analysis demo` and commit data/raw/demo_fir_cryo"


# --- the data scatter around the declared truth -------------------------------------------------


@pytest.mark.parametrize("outcome", ["soreness", "jump"])
def test_means_and_spreads_of_the_demo_are_the_declared_ones(outcome: str) -> None:
    model = demo_model()
    for key, cell in visit_scores(model, outcome).groupby(["arm", "time"]):
        arm, time = map(str, key)
        sds = [true_sd(model, outcome, arm, time, period) for period in (1, 2, 3)]
        error = np.sqrt(np.mean(np.square(sds)) / len(cell))  # every period equally often
        expected = true_mean(model, outcome, arm, time)
        assert cell["value"].mean() == pytest.approx(expected, abs=STANDARD_ERRORS * error)
        first = cell.loc[cell["period"] == 1, "value"]
        deviations = (first - first.mean()) ** 2
        error = deviations.std() / sqrt(len(first))  # of a variance: (m4 - m2^2) / n, squared
        assert deviations.mean() == pytest.approx(sds[0] ** 2, abs=STANDARD_ERRORS * error)


def test_latent_truth_is_what_was_declared() -> None:
    outcome = OutcomeModel(
        "y", {"pre": 1, "1h": 2, "24h": 3}, {"heat": {"24h": -0.5}}, ({}, {"24h": 0.25})
    )
    model = trial(outcome)
    assert true_mean(model, "y", "heat", "24h", period=2, scale="latent") == 3 - 0.5 + 0.25
    assert true_contrast(model, "y", "heat", "cold", "24h", scale="latent") == -0.5
    assert true_contrast(model, "y", "heat", "control", "pre") == 0


def test_variance_components_come_out() -> None:
    model = trial(
        OutcomeModel(
            "y", 0.0, participant_sd=3, period_sd=2, residual_sd=1.5, correlation=0.6, arm_sd=1
        )
    )
    _, values = simulate_many(model, "y", seed=2, trials=20_000)
    y = values[..., 0].reshape(-1, 3, 3)  # participants, periods, times
    total = 9 + 1 + 4 + 1.5**2
    within_period = 9 + 1 + 4 + 1.5**2 * 0.6
    expected = {(0, 0): total, (0, 1): within_period, (0, 2): 9 + 1 + 4 + 1.5**2 * 0.36}
    for (first, second), covariance in expected.items():
        assert_mean(y[:, 0, first] * y[:, 0, second], covariance)
    assert_mean(y[:, 0, 0] * y[:, 1, 0], 9)


def test_an_arm_given_twice_shares_its_response() -> None:
    model = trial(
        OutcomeModel("y", 0.0, arm_sd=2, residual_sd=1),
        arms=("a", "b"),
        sequences=(("a", "b", "a"), ("a", "b", "a")),
    )
    _, values = simulate_many(model, "y", seed=3, trials=10_000)
    y = values[..., 0].reshape(-1, 3, 3)
    assert_mean(y[:, 0, 0] * y[:, 2, 0], 4)
    assert_mean(y[:, 0, 0] * y[:, 1, 0], 0)


def test_spread_and_replicates() -> None:
    outcome = OutcomeModel(
        "y", 0.0, residual_sd=2, spread={"heat": {"24h": 0.5}}, replicates=4, replicate_sd=1
    )
    model = trial(outcome)
    assert true_sd(model, "y", "heat", "24h", scale="latent") == pytest.approx(sqrt(1 + 0.25))
    assert true_sd(model, "y", "heat", "24h") == pytest.approx(sqrt(1 + 0.25))
    scores = visit_scores(model, "y")
    for (arm, time), sd in {("heat", "24h"): sqrt(1.25), ("cold", "24h"): sqrt(4.25)}.items():
        cell = scores[(scores["arm"] == arm) & (scores["time"] == time)]
        assert_mean(cell["value"].to_numpy() ** 2, sd**2)


def assert_mean(sample: np.ndarray, expected: float) -> None:
    error = sample.std() / sqrt(len(sample))
    assert sample.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * error)


# --- the observed truth, against formulae that share no code with it ----------------------------


def test_floor_gives_the_mean_of_a_censored_normal() -> None:
    m, s = 3.0, 10.0
    model = trial(OutcomeModel("y", m, residual_sd=s, floor=0.0))
    above = (1 + erf(m / s / sqrt(2))) / 2
    density = exp(-((m / s) ** 2) / 2) / sqrt(2 * pi)
    mean = m * above + s * density
    second = (m**2 + s**2) * above + m * s * density
    assert true_mean(model, "y", "cold", "1h") == pytest.approx(mean, abs=1e-5)
    assert true_sd(model, "y", "cold", "1h") == pytest.approx(sqrt(second - mean**2), abs=1e-5)


def test_rounding_gives_the_mean_of_a_numeric_rating_scale() -> None:
    latent = NormalDist(2.3, 1.7)
    model = trial(OutcomeModel("y", 2.3, residual_sd=1.7, floor=0, ceiling=10, step=1))
    mean = sum(1 - latent.cdf(score - 0.5) for score in range(1, 11))
    assert true_mean(model, "y", "cold", "1h") == pytest.approx(mean, abs=1e-3)


def test_a_floor_shrinks_effects() -> None:
    outcome = OutcomeModel("y", 3.0, {"heat": {"24h": -3.0}}, residual_sd=3, floor=0)
    assert -3 < true_contrast(trial(outcome), "y", "heat", "control", "24h") < -1.5


def test_readings_stay_on_the_instrument() -> None:
    outcome = OutcomeModel("y", 5.0, residual_sd=40, floor=0, ceiling=100, step=0.5)
    readings = simulate(trial(outcome, participants=60), 1)["value"]
    assert (readings.min(), readings.max()) == (0, 100)
    assert (readings * 2 == (readings * 2).round()).all()
    assert not np.signbit(readings).any()


# --- designs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(2, 8))
def test_williams_designs_are_balanced(n: int) -> None:
    arms = "abcdefg"[:n]
    rows = williams(arms)
    squares = 2 if n % 2 else 1
    assert len(rows) == n * squares
    for period in zip(*rows, strict=True):
        assert Counter(period) == dict.fromkeys(arms, squares)
    neighbours = Counter(pair for row in rows for pair in pairwise(row))
    assert neighbours == {(a, b): squares for a in arms for b in arms if a != b}


@pytest.mark.parametrize(("sequences", "participants"), [(6, 12), (6, 9), (3, 2), (1, 5)])
def test_allocation_is_as_even_as_possible(sequences: int, participants: int) -> None:
    drawn = allocate(sequences, participants, np.random.default_rng(1))
    counts = np.bincount(drawn, minlength=sequences)
    assert counts.sum() == participants
    assert counts.max() - counts.min() <= 1


def test_demo_design_is_balanced() -> None:
    visits = simulate(demo_model(), SEED).query("outcome == 'soreness' and time == 'pre'")
    assert set(visits["sequence"].value_counts()) == {6}  # two athletes, three periods
    assert set(visits.groupby(["period", "arm"]).size()) == {4}
    assert (visits.groupby("participant")["arm"].nunique() == 3).all()
    for _, row in visits.iterrows():
        assert row["sequence"].split("-")[row["period"] - 1] == row["arm"]


def test_parallel_trial() -> None:
    outcome = OutcomeModel("y", 0.0, {"heat": {"24h": 5.0}}, residual_sd=1)
    model = trial(outcome, participants=31, sequences=parallel(ARMS))
    data = simulate(model, 1)
    assert set(data["period"]) == {1}
    assert (data.groupby("participant")["arm"].nunique() == 1).all()
    assert sorted(data.groupby("arm")["participant"].nunique()) == [10, 10, 11]
    assert len(data) == 31 * 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"residual_sd": -1.0}, "negative"),
        ({"correlation": 1.0}, "correlation 1.0"),
        ({"floor": 10.0, "ceiling": 0.0}, "floor"),
        ({"replicates": 0}, "replicates"),
        ({"effects": {"heet": {"24h": 1.0}}}, "unknown arm ['heet']"),
        ({"effects": {"heat": {"24": 1.0}}}, "unknown time ['24']"),
        ({"means": {"pre": 1.0}}, "not the times"),
        ({"period_effects": ({}, {}, {}, {})}, "more period effects"),
    ],
)
def test_impossible_models_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        trial(replace(OutcomeModel("y", 0.0), **change))  # type: ignore[arg-type]


def test_sequences_have_one_length() -> None:
    with pytest.raises(ValueError, match="common length"):
        trial(OutcomeModel("y", 0.0), sequences=(ARMS, ARMS[:2]))
    with pytest.raises(ValueError, match="unknown arm"):
        trial(OutcomeModel("y", 0.0), sequences=(("control", "warm"),))


# --- the demo's files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return demo_trial()


@pytest.fixture(scope="module")
def plan(files: dict[str, str]) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files["trial.yaml"])
    return loaded


def table(files: dict[str, str], name: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(files[name]), dtype=str, keep_default_na=False)


def test_plan_agrees_with_the_model(plan: dict[str, Any]) -> None:
    model = demo_model()
    assert "SIMULATED" in plan["title"]
    assert str(SEED) in plan["description"]
    assert tuple(plan["arms"]) == model.arms
    assert {name: time["hours"] for name, time in plan["times"].items()} == dict(model.times)
    assert list(plan["outcomes"]) == [outcome.name for outcome in model.outcomes]
    assert plan["times"]["0h"]["role"] == "before_treatment"
    assert [name for name, arm in plan["arms"].items() if arm.get("role") == "control"] == [
        "passive"
    ]


@pytest.mark.parametrize("outcome", ["soreness", "jump"])
def test_files_hold_what_the_plan_declares(
    files: dict[str, str], plan: dict[str, Any], outcome: str
) -> None:
    declared = plan["outcomes"][outcome]
    data = table(files, declared["file"])
    columns = {**plan["columns"], **declared.get("columns", {}), "value": declared["value"]}
    assert set(columns.values()) <= set(data.columns)
    names = {name for arm, each in plan["arms"].items() for name in (arm, *each.get("aliases", ()))}
    assert set(data[columns["arm"]]) <= names
    assert set(data[columns["time"]]) == set(plan["times"])
    readings = data.loc[~data[columns["value"]].isin(["", "-9"]), columns["value"]].astype(float)
    assert readings.between(*declared["range"]).all()


def test_the_missed_visit_has_no_rows(files: dict[str, str]) -> None:
    participant, period, time = MISSED_VISIT
    for name, column, per_visit in (("soreness.csv", "athlete", 1), ("jump.csv", "id", 3)):
        data = table(files, name)
        missed = (data[column] == participant) & (data["week"] == str(period))
        assert len(data[missed]) == 5 * per_visit
        assert time not in set(data.loc[missed, "timepoint"])
        assert len(data) == (12 * 3 * 6 - 1) * per_visit


def test_lost_jumps_are_empty_or_coded(files: dict[str, str]) -> None:
    data = table(files, "jump.csv")
    lost = data[data["height"].isin(["", "-9"])]
    found = {
        (row["id"], int(row["week"]), row["timepoint"], int(row["attempt"])): row["height"]
        for _, row in lost.iterrows()
    }
    assert found == LOST_JUMPS
    assert {"", "-9"} == set(LOST_JUMPS.values())


def test_spellings_vary_and_rows_are_not_sorted(files: dict[str, str]) -> None:
    soreness, jump = table(files, "soreness.csv"), table(files, "jump.csv")
    written = {name for each in WRITTEN_AS["soreness.csv"].values() for name in each}
    assert set(soreness["condition"]) == written
    assert len(written) > len(WRITTEN_AS["soreness.csv"])
    assert "athlete" not in jump.columns
    for participants in (soreness["athlete"], jump["id"]):
        assert not participants.is_monotonic_increasing


def test_files_hold_the_simulated_values(files: dict[str, str]) -> None:
    data = simulate(demo_model(), SEED)
    jumps = data[data["outcome"] == "jump"]
    keys = ["participant", "period", "time", "trial"]
    truth = dict(zip(jumps[keys].itertuples(index=False, name=None), jumps["value"], strict=True))
    for _, row in table(files, "jump.csv").iterrows():
        key = (row["id"], int(row["week"]), row["timepoint"], int(row["attempt"]))
        assert key in LOST_JUMPS or float(row["height"]) == truth[key]


def test_documented_truth_is_the_truth() -> None:
    """The table of docs/demo.md prints the model's true contrasts to one decimal."""
    model = demo_model()
    pairs = (("fir", "passive"), ("cryo", "passive"), ("fir", "cryo"))
    rows = re.findall(
        r"^\| (Soreness|Jump) \| (\d+) h \|(.*)\|$", DOCUMENT.read_text("utf-8"), re.M
    )
    assert len(rows) == 8
    for outcome, hours, cells in rows:
        true = [true_contrast(model, outcome.lower(), *pair, f"{hours}h") for pair in pairs]
        assert [float(cell) for cell in cells.split("|")] == pytest.approx(true, abs=0.0501)
