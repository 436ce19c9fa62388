"""Rebuild the data frames of the reference cases from the files their R scripts read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parents[1] / "reference"
SHARED = Path(os.environ.get("RECOVERY_SHARED_DATA", HERE.parents[2] / "shared" / "data"))


def load_case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what R found and the data it found it in, the response in column ``response``.

    Skips the test where the data may not be part of the project and are not at hand.
    """
    expected = json.loads((HERE / f"{name}.out.json").read_text())
    path = (SHARED if expected["data"]["shared"] else HERE) / expected["data"]["file"]
    if not path.exists():
        pytest.skip(f"{name}: {expected['data']['file']} is not part of the project")
    raw = pd.read_csv(path, comment="#")
    frame = RECIPES.get(name[:2], _as_it_is)(raw, name).rename(columns={"value": "response"})
    frame = frame.dropna(subset=["response"]).reset_index(drop=True)
    for factor, levels in expected["levels"].items():
        frame[factor] = pd.Categorical(frame[factor].map(str), levels)
        assert frame[factor].notna().all(), (name, factor)
    assert len(frame) == expected["n_obs"]
    assert frame["response"].sum() == pytest.approx(expected["data"]["sums"]["value"], rel=1e-12)
    return expected, frame


def _as_it_is(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    return raw.rename(columns={"subject": "participant", "condition": "arm"})


def _arterial(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    frame = raw.rename(
        columns={
            "Subject": "participant",
            "Period": "period",
            "Treatment": "arm",
            "Time": "time",
            "Pressure": "value",
        }
    )
    if name.startswith("10a"):
        return frame
    before = frame[frame["time"] < 0].groupby(["participant", "period"])["value"].mean()
    frame = frame[frame["time"] > 0].merge(before.rename("baseline").reset_index())
    frame["baseline_mean"] = frame.groupby("participant")["baseline"].transform("mean")
    return frame.assign(baseline_within=frame["baseline"] - frame["baseline_mean"])


def _bioequivalence(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    frame = raw.rename(columns={"subject": "participant", "treatment": "arm"})
    return frame.assign(value=np.log(pd.to_numeric(frame["PK"], errors="coerce")))


def _ham(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    named = {"Consumer": "participant", "Product": "arm", "Informed.liking": "value"}
    return raw.rename(columns=named | {"Information": "information", "Gender": "gender"})


def _oats(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    left = raw.drop(index=[row - 1 for row in (1, 2, 3, 5, 8, 13, 21, 34, 55)])
    left = left.assign(nitro=left["nitro"].map("{:g}".format))
    return left.rename(
        columns={"Block": "participant", "Variety": "variety", "nitro": "arm", "yield": "value"}
    )


def _sprint(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    if name.startswith("14e"):
        frame = raw[raw["outcome"] == "sprint_30m"]
        named = {"subject": "participant", "condition": "arm", "replicate": "occasion"}
        return frame.rename(columns=named)
    frame = raw.rename(columns={"ID": "participant", "Condition": "arm"})
    distance = {"30m": ("Thirty", "30"), "_5m": ("Five", "5")}
    word, number = next(pair for key, pair in distance.items() if key in name)
    if "change" in name:
        return frame.assign(value=frame[f"Diff_{number}_Sec"])
    return frame.assign(value=frame[f"{word}Post"], baseline=frame[f"{word}Pre"])


def _cmj(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    frame = raw[raw["outcome"] == "cmj.max"].rename(
        columns={"subject": "participant", "group": "arm", "timepoint": "time"}
    )
    before = frame[frame["time"] == "pre"][["participant", "value"]]
    after = frame[frame["time"] != "pre"].merge(before.rename(columns={"value": "baseline"}))
    return after.dropna(subset=["baseline"])


def _fev1(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    long = raw.melt(
        id_vars=["patient", "drug"],
        value_vars=[f"h{hour}" for hour in range(1, 9)],
        var_name="time",
    )
    return long.rename(columns={"patient": "participant", "drug": "arm"})


RECIPES: dict[str, Callable[[pd.DataFrame, str], pd.DataFrame]] = {
    "10": _arterial,
    "11": _bioequivalence,
    "12": _ham,
    "13": _oats,
    "14": _sprint,
    "16": _cmj,
    "19": _bioequivalence,
    "20": _bioequivalence,
    "21": _fev1,
}
