"""A small part of the calibration grid: docs/calibration.md has all of it.

A test of 5 % rejects 5.0 % of 4 x 1,000 true nulls with a Monte-Carlo standard error of about
0.45 points (the visits of a trial are correlated); 3 to 7 % is what any of the cells has to keep.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration.__main__ import run_cell
from tests.calibration.scenarios import SCENARIOS, draw


@pytest.mark.parametrize("scenario", ["soreness", "arms_unequal"])
def test_the_default_keeps_five_percent(scenario: str) -> None:
    found = run_cell((scenario, 9, 2, "joint_by_arm_time_ar1", 1000))
    assert not found["no_estimate"].any()
    assert 0.03 <= found["rejected"].mean() <= 0.07
    assert 0.93 <= found["covered"].mean() <= 0.97


def test_one_variance_for_all_does_not() -> None:
    """The grid can tell: equal variances, assumed where they differ, reject too often at 24 h."""
    found = run_cell(("arms_unequal", 9, 3, "joint_iid", 200)).set_index("time")
    assert found.loc["24h", "rejected"] > 0.09


def test_missing_visits_are_shared_by_a_hundred_trials() -> None:
    _, values = draw(SCENARIOS["missing"], 9, 3, 5, 250)
    lost = np.isnan(values)
    assert 0.08 < lost.mean() < 0.12
    assert len(np.unique(lost, axis=0)) == 3
