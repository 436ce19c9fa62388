"""How numbers are written, and that figures and report write them alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import rounding
from analysis.figures import labels
from analysis.report import names, numbers
from analysis.trial import Time
from tests.unit.fake_trial import make_observations, make_tables, make_trial


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (-8.25, 1, "−8.2"),
        (-0.04, 1, "0.0"),
        (0.0, 2, "0.00"),
        (-0.0, 0, "0"),
        (1234.56, 0, "1235"),
        (np.nan, 1, "–"),
        (pd.NA, 1, "–"),
        (None, 1, "–"),
    ],
)
def test_number(value: Any, digits: int, expected: str) -> None:
    assert numbers.number(value, digits) == expected


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.0121, "p = 0.012"),
        (0.0009, "p < 0.001"),
        (0.0, "p < 0.001"),
        (0.9999, "p > 0.999"),
        (0.0496, "p = 0.0496"),
        (0.0504, "p = 0.0504"),
        (0.05, "p = 0.050"),
        (0.5, "p = 0.500"),
        (np.nan, ""),
    ],
)
def test_p_value(p: float, expected: str) -> None:
    assert numbers.p_words(p) == expected


def test_interval_keeps_the_side_of_zero() -> None:
    assert numbers.interval_of_difference(-14.3, -2.1, 1) == "−14.3 to −2.1"
    assert numbers.interval_of_difference(-14.3, -0.03, 1) == "−14.30 to −0.03"
    assert numbers.interval_of_difference(0, 2, 1) == "0.0 to 2.0"
    assert numbers.interval_of_difference(1e-9, 2, 1) == "0.000 to 2.000"
    assert numbers.interval_of_difference(np.nan, 2, 1) == "–"


@pytest.mark.parametrize(
    ("df", "expected"), [(18.34, "18.3"), (20.0, "20"), (np.inf, "∞"), (np.nan, "–")]
)
def test_degrees_of_freedom(df: float, expected: str) -> None:
    assert numbers.degrees(df) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(70.62, "70.6"), (0.0, "0"), (1834.2, "1834"), (0.4213, "0.421")]
)
def test_three_significant_digits(value: float, expected: str) -> None:
    assert numbers.significant(value) == expected


def describe(low: float, high: float, sd: float) -> pd.DataFrame:
    return pd.DataFrame({"outcome": ["x"], "min": [low], "max": [high], "sd": [sd]})


@pytest.mark.parametrize(
    ("low", "high", "sd", "expected"),
    [
        (0, 92, 17.3, 1),  # whole mm on a scale of 100
        (0.4, 8.5, 2.1, 2),  # tenths
        (0, 6, 1.2, 1),  # Likert
        (0.281, 0.412, 0.043, 4),  # metres
        (30.866666, 41.2, 3.2, 2),  # averages of trials
        (1894, 4312, 512.0, 0),  # watts
        (5, 5, 0.0, 1),
        (np.nan, np.nan, np.nan, 2),
    ],
)
def test_decimals_fit_the_instrument(low: float, high: float, sd: float, expected: int) -> None:
    frame = describe(low, high, sd)
    assert rounding.decimals(frame, "x") == expected


def test_figures_and_report_write_alike() -> None:
    trial = make_trial()
    tables = make_tables(trial, make_observations(trial))
    for row in tables["contrasts"].to_dict("records"):
        limits = numbers.interval_of_difference(row["ci_low"], row["ci_high"], 1)
        expected = f"{numbers.number(row['estimate'], 1)} ({limits})"
        assert labels.difference(pd.Series(row), 1) == expected


@pytest.mark.parametrize(
    ("label", "hours", "expected"),
    [
        ("24h", 24, "24 h"),
        ("24 hours", 24, "24 h"),
        ("-1", -1, "−1 h"),
        ("pre", -1, "pre (−1 h)"),
        ("1h", 1.5, "1h (1.5 h)"),
        ("Day 2", 24, "Day 2 (24 h)"),
    ],
)
def test_times_are_named_once(label: str, hours: float, expected: str) -> None:
    time = Time(label, hours, label=label)
    assert names.time_words(time) == expected
    assert labels.time_words(time) == expected
