"""Real, openly licensed data sets and the demo trial are read without errors and without loss."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import io
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in

REPO = Path(__file__).resolve().parents[2]
PLANS = REPO / "tests" / "data" / "real"
DEMO = REPO / "data" / "raw" / "demo_fir_cryo"


def read(name: str, shared_data: Path, warned: tuple[str, ...] = ()) -> Intake:
    folder = shared_data / name
    if not folder.is_dir():
        pytest.skip(f"no data set {name}")
    reading = read_plan(io.read_bytes(PLANS / name / "trial.yaml"), io.read_schema(), name)
    assert reading.issues == ()
    assert reading.trial is not None
    found = take_in(reading.trial, io.read_folder(folder))
    assert [each.code for each in found.issues if each.severity == "warning"] == list(warned)
    assert not [each.line() for each in found.issues if each.severity == "error"]
    return found


def test_sprints_with_every_arm_twice(shared_data: Path) -> None:
    found = read("cwi_sprint_hecksteden", shared_data)
    table = found.observations
    assert found.issues == ()
    assert len(table) == 7 * 2 * 2 * 2 * 2
    assert table.groupby("outcome")["unit"].first().to_dict() == {
        "sprint_30m": "s",
        "sprint_5m": "ms",
    }
    raw = pd.read_csv(shared_data / "cwi_sprint_hecksteden" / "long.csv", dtype={"value": float})
    for _, row in table.iterrows():
        source = raw.iloc[int(str(row["source_rows"])) - 2]
        scale = 1000 if row["outcome"] == "sprint_5m" else 1
        assert row["value"] == pytest.approx(source["value"] * scale, rel=1e-15)
        labels = ("subject", "condition", "replicate", "time", "outcome")
        ours = ("participant", "arm", "occasion", "time", "outcome")
        assert [str(source[name]) for name in labels] == [row[name] for name in ours]


def test_jumps_of_a_parallel_trial(shared_data: Path) -> None:
    found = read("exscidata_cyclingstudy_cmj", shared_data)
    table = found.observations
    assert len(table) == 20 * 4 * 2
    assert int(table["value"].isna().sum()) == 8
    jumps = table[table["outcome"] == "cmj"]
    assert jumps.drop_duplicates("participant")["arm"].value_counts().to_dict() == {
        "MIX": 6,
        "INCR": 7,
        "DECR": 7,
    }
    assert {each.value for each in found.issues} == {"5", "9", "13"}


def test_throat_pain_of_many_patients(shared_data: Path) -> None:
    found = read("medicaldata_licorice_pain", shared_data, ("V09",))  # most have no pain
    table = found.observations
    raw = pd.read_csv(shared_data / "medicaldata_licorice_pain" / "long_throat_pain.csv")
    assert len(table) == len(raw) == 235 * 4
    assert table["participant"].tolist()[::4] == [str(number) for number in range(1, 236)]
    assert table["value"].sum() == raw["value"].sum()
    assert {each.value for each in found.issues if each.severity == "note"} == {"113", "123"}


def test_the_demo_has_no_errors() -> None:
    if not DEMO.is_dir():
        pytest.skip("the demo trial has not been simulated")
    files = io.read_folder(DEMO)
    reading = read_plan(files["trial.yaml"], io.read_schema(), DEMO.name)
    assert reading.issues == ()
    assert reading.trial is not None
    found = take_in(reading.trial, files)
    assert {each.severity for each in found.issues} <= {"note"}
    assert set(found.observations["outcome"]) == {each.name for each in reading.trial.outcomes}
