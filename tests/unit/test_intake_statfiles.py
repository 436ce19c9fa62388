"""Data files of Stata, SAS and SPSS."""

import importlib.util
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import io
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in
from analysis.intake.statfile import read_statfile
from tests.data.make_faults import BASE, PLAN, rows

SCHEMA = io.read_schema()
ARMS = {1: "passive", 2: "Far-infrared"}
TIMES = {0: "pre", 1: "1h", 24: "24h"}


def run(content: bytes, file: str, plan: str = PLAN) -> Intake:
    reading = read_plan(plan.replace("soreness.csv", file), SCHEMA, "base")
    assert reading.trial is not None, [each.line() for each in reading.issues]
    return take_in(reading.trial, {file: content})


def coded() -> pd.DataFrame:
    """Return the base trial with codes for arms and times, as statistics programs keep them."""
    header, *body = rows()
    frame = pd.DataFrame(body, columns=header)
    frame["condition"] = frame["condition"].map({"passive": 1, "fir": 2})
    frame["timepoint"] = frame["timepoint"].map({"pre": 0, "1h": 1, "24h": 24})
    frame["week"] = frame["week"].astype("int8")
    return frame.assign(vas=frame["vas"].astype(float))


def stata(frame: pd.DataFrame, labels: dict[str, dict[int, str]]) -> bytes:
    stream = BytesIO()
    frame.to_stata(stream, write_index=False, value_labels=labels, version=118)
    return stream.getvalue()


LABELS = {"condition": ARMS, "timepoint": TIMES}
EXPECTED = run(BASE.encode(), "soreness.csv").observations.drop(columns="source_file")


def same(found: Intake) -> None:
    assert [each.line() for each in found.issues] == []
    pd.testing.assert_frame_equal(found.observations.drop(columns="source_file"), EXPECTED)


def test_stata_with_value_labels() -> None:
    same(run(stata(coded(), LABELS), "soreness.dta"))


def test_codes_without_labels_are_labels_themselves() -> None:
    plan = PLAN.replace("{label: Passive rest, role", "{label: Passive rest, aliases: ['1'], role")
    plan = plan.replace("{label: Far-infrared}", "{aliases: ['2']}")
    same(run(stata(coded(), {"timepoint": TIMES}), "soreness.dta", plan))
    found = run(stata(coded(), {"timepoint": TIMES}), "soreness.dta")
    assert [(each.code, each.value) for each in found.issues] == [("S02", "1"), ("S02", "2")]


def test_labelled_values_stay_numbers() -> None:
    """A scale whose numbers all have names is a scale."""
    frame = coded()
    frame["vas"] = frame["vas"].astype("int16")
    words = {int(value): f"word {value}" for value in frame["vas"]}
    same(run(stata(frame, LABELS | {"vas": words}), "soreness.dta"))


def test_missing_values_and_short_numbers_of_stata() -> None:
    frame = coded()
    frame["vas"] = (frame["vas"] + 0.1).astype("float32")
    frame.loc[7, "vas"] = np.nan
    found = run(stata(frame, LABELS), "soreness.dta").observations
    assert found["value"].isna().sum() == 1
    typed = {float(f"{int(row[4])}.1") for row in rows()[1:]}
    assert set(found["value"].dropna()) <= typed  # 10.1, not 10.1000003814697


def test_a_row_is_named_by_its_place_under_the_header() -> None:
    frame = coded()
    frame.loc[7, "vas"] = 280
    (found,) = run(stata(frame, LABELS), "soreness.dta").issues
    assert (found.code, found.file, found.row, found.value) == ("V01", "soreness.dta", 9, "280")


@pytest.mark.parametrize("ending", ["dta", "sas7bdat"])
def test_what_is_no_such_file_is_one_line(ending: str) -> None:
    for content in (b"", b"nothing of the kind", stata(coded(), LABELS)[:700]):
        (found,) = run(content, f"soreness.{ending}").issues
        assert found.code == "F14"
        assert "seems damaged" in found.message
        assert "CSV" in found.remedy


def test_sas_as_pandas_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No SAS file can be written here: what pandas gives for one is put in place of it."""
    header, *body = rows()
    frame = pd.DataFrame(body, columns=header).assign(day=pd.Timestamp("2024-03-04"))
    frame["vas"] = frame["vas"].astype(float)
    monkeypatch.setattr(pd, "read_sas", lambda stream, format, encoding: frame)
    found = run(b"", "soreness.sas7bdat")
    assert [(each.code, each.column) for each in found.issues] == [("P02", "day")]
    pd.testing.assert_frame_equal(found.observations.drop(columns="source_file"), EXPECTED)


def test_columns_without_names_are_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pandas makes of a file that R's haven writes: the last columns have lost their names."""
    header, *body = rows()
    frame = pd.DataFrame(body, columns=header).assign(day=1.0)
    frame.columns = pd.Index([*header[:4], "", ""])
    monkeypatch.setattr(pd, "read_sas", lambda stream, format, encoding: frame)
    found = run(b"", "soreness.sas7bdat").issues
    assert [(each.code, each.column) for each in found] == [("S01", "vas"), ("F09", "")]


def test_text_settings_do_not_fit() -> None:
    plan = PLAN.replace("soreness.csv", "soreness.dta\n    csv: {delimiter: comma}")
    (found,) = read_plan(plan, SCHEMA, "base").issues
    assert (found.code, found.message) == (
        "C07", "soreness.dta is not a text file; it has no delimiter."
    )  # fmt: skip


def test_spss_says_which_package_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyreadstat", None)
    (found,) = read_statfile("a.sav", b"$FL2", (), ()).issues
    assert found.code == "F14"
    assert "pyreadstat, which is not installed" in found.message
    assert 'pip install "pyreadstat' in found.remedy
    assert "save the file as CSV" in found.remedy


def test_spss_with_value_labels(tmp_path: Path) -> None:
    if importlib.util.find_spec("pyreadstat") is None:
        pytest.skip("pyreadstat, which reads SPSS files, is not installed")
    import pyreadstat

    path = tmp_path / "soreness.sav"
    frame = coded()
    frame.loc[7, "vas"] = -9
    pyreadstat.write_sav(
        frame, str(path), variable_value_labels=LABELS, missing_ranges={"vas": [-9]}
    )
    found = run(path.read_bytes(), "soreness.sav")
    assert [(each.code, each.row) for each in found.issues] == [("D12", 9)]
    kept = found.observations.drop(columns="source_file")
    same_rows = EXPECTED["source_rows"] != "9"
    pd.testing.assert_frame_equal(kept[same_rows], EXPECTED[same_rows])
    (broken,) = run(path.read_bytes()[:300], "soreness.sav").issues
    assert (broken.code, "seems damaged" in broken.message) == ("F14", True)
