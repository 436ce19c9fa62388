"""The trial of the intake's benchmark: sound, and the same in one file and in many."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import io
from analysis.steps.prepare import Survey, survey
from tests.benchmarks.intake import ARMS, OUTCOMES, TIMES, write_trial

PEOPLE = 6


def large(folder: Path, shared: bool) -> Survey:
    rows = write_trial(folder, PEOPLE, shared)
    assert rows == PEOPLE * len(ARMS) * len(TIMES) * 3
    return survey("large", io.read_folder(folder), io.read_schema())


def test_the_large_trial_is_the_same_in_one_file_and_in_many(tmp_path: Path) -> None:
    one, many = large(tmp_path / "one", True), large(tmp_path / "many", False)
    for found in (one, many):
        assert "error" not in {each.severity for each in found.issues}
        assert len(found.observations) == PEOPLE * len(ARMS) * len(TIMES) * OUTCOMES
        assert (found.observations["n_replicates"] == 3).all()
    pd.testing.assert_frame_equal(
        one.observations.drop(columns="source_file"), many.observations.drop(columns="source_file")
    )


def test_a_mean_is_that_of_the_file(tmp_path: Path) -> None:
    found = large(tmp_path / "one", True).observations
    raw = pd.read_csv(tmp_path / "one" / "all.csv")
    for row in found.sample(20, random_state=1).to_dict("records"):
        lines = [int(line) - 2 for line in row["source_rows"].split()]
        mean = raw[row["outcome"]].iloc[lines].mean()
        assert row["value"] == pytest.approx(mean, rel=1e-14)
