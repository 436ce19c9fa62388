"""Several files for one outcome: the same observations, and messages that name the right file."""

from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from analysis import io
from analysis.errors import Issue
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in
from tests.data.make_faults import BASE, LINES, PLAN, TIMES, by_time, rows, text

SCHEMA = io.read_schema()
WHERE = ["source_file", "source_rows"]


def taken(plan: str, files: dict[str, str | bytes]) -> Intake:
    content = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    reading = read_plan(plan, SCHEMA, "base")
    if reading.trial is None:
        return Intake(pd.DataFrame(), reading.issues)
    found = take_in(reading.trial, content)
    return Intake(found.observations, (*reading.issues, *found.issues), found.repairs)


def listed(entries: str, plan: str = PLAN) -> str:
    assert plan.count("file: soreness.csv") == 1
    return plan.replace("file: soreness.csv", f"file: [{entries}]")


def only(found: Intake) -> Issue:
    assert len(found.issues) == 1, [each.line() for each in found.issues]
    return found.issues[0]


ONE = taken(PLAN, {"soreness.csv": BASE}).observations
TIMED = "{name: pre.csv, time: pre}, {name: 1h.csv, time: 1h}, {name: 24h.csv, time: 24h}"


def same(found: Intake) -> pd.DataFrame:
    """Return the observations, which are those of the single file but for their places."""
    assert [each.line() for each in found.issues] == []
    pd.testing.assert_frame_equal(found.observations.drop(columns=WHERE), ONE.drop(columns=WHERE))
    return found.observations


def test_files_that_continue_each_other() -> None:
    files = {"1.csv": "".join(LINES[:20]), "2.csv": "".join([LINES[0], *LINES[20:]])}
    table = same(taken(listed("1.csv, 2.csv"), files))
    for _, row in table.iterrows():
        line = files[row["source_file"]].splitlines()[int(row["source_rows"]) - 1]
        assert line.split(",")[:3] == [row["participant"], row["arm"], row["time"]]
        assert float(line.split(",")[4]) == row["value"]


def test_one_file_per_time_without_its_column() -> None:
    table = same(taken(listed(TIMED), by_time()))
    assert (table["source_file"] == table["time"] + ".csv").all()


def test_labels_and_aliases_serve_as_well() -> None:
    plan = listed(TIMED.replace("time: 24h", "time: next day"))
    plan = plan.replace("24h: {hours: 24}", "24h: {hours: 24, aliases: [next day]}")
    same(taken(plan, by_time()))


def test_one_file_per_participant_and_period() -> None:
    files, entries = {}, []
    header, *body = rows()
    for person, week in dict.fromkeys((row[0], row[3]) for row in body):
        table = [row[1:3] + row[4:] for row in [header, *body] if row in (header,) or
                 (row[0], row[3]) == (person, week)]  # fmt: skip
        files[f"{person}_{week}.csv"] = text(table)
        entries.append(f"{{name: {person}_{week}.csv, participant: {person}, period: {week}}}")
    same(taken(listed(", ".join(entries)), files))


def test_a_period_that_only_file_names_tell_needs_no_column() -> None:
    header, *body = rows()
    files = {
        f"{week}.csv": text(
            [row[:3] + row[4:] for row in [header, *body] if row[3] in ("week", week)]
        )
        for week in "12"
    }
    plan = listed("{name: 1.csv, period: 1}, {name: 2.csv, period: 2}")
    same(taken(plan.replace("  period: week\n", ""), files))
    half = listed("{name: 1.csv, period: 1}, 2.csv").replace("  period: week\n", "")
    assert only(taken(half, files)).code == "C04"


def test_one_sheet_per_time() -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for time, content in by_time().items():
        page = book.create_sheet(time.removesuffix(".csv"))
        for line in content.splitlines():
            page.append([int(each) if each.isdigit() else each for each in line.split(",")])
    stream = BytesIO()
    book.save(stream)
    entries = ", ".join(f"{{name: book.xlsx, sheet: {time}, time: {time}}}" for time in TIMES)
    table = same(taken(listed(entries), {"book.xlsx": stream.getvalue()}))
    assert set(table["source_file"]) == {f"book.xlsx ({time})" for time in TIMES}
    book["1h"]["D5"] = 280
    book["24h"]["A5"] = None
    stream = BytesIO()
    book.save(stream)
    found = taken(listed(entries), {"book.xlsx": stream.getvalue()}).issues
    assert [(each.code, each.file, each.row) for each in found] == [
        ("S06", "book.xlsx (24h)", 5),
        ("V01", "book.xlsx (1h)", 5),
    ]


def test_a_wide_file_per_arm() -> None:
    body = rows()[1:]
    files = {}
    for arm in ("passive", "fir"):
        table = [["athlete", "week", *(f"vas_{time}" for time in TIMES)]]
        own = [row for row in body if row[1] == arm]
        for place in range(0, len(own), 3):
            block = own[place : place + 3]
            table.append([block[0][0], block[0][3], *(row[4] for row in block)])
        files[f"{arm}.csv"] = text(table)
    plan = listed("{name: passive.csv, arm: passive}, {name: fir.csv, arm: Far-infrared}")
    plan = plan.replace("value: vas", 'wide: {pattern: "vas_{time}"}')
    same(taken(plan, files))
    twice = plan.replace("arm: passive}", "arm: passive, time: pre}")
    assert "{time}" in only(taken(twice, files)).message


def test_replicates_from_two_files_are_combined_and_both_named() -> None:
    plan = listed("a.csv, b.csv").replace("better: lower", "better: lower\n    replicates: mean")
    more = "".join([LINES[0], "P02,fir,1h,1,30\n"])
    found = taken(plan, {"a.csv": BASE, "b.csv": more})
    row = found.observations.query("participant == 'P02' and arm == 'fir' and time == '1h'").iloc[0]
    assert row["value"] == 29
    assert (row["source_file"], row["source_rows"]) == ("a.csv; b.csv", "9; 2")


def test_a_visit_in_two_files_names_both() -> None:
    found = only(taken(listed("a.csv, b.csv"), {"a.csv": BASE, "b.csv": LINES[0] + LINES[8]}))
    assert (found.code, found.file, found.row) == ("D01", "b.csv", 2)
    assert "(a.csv row 9, b.csv row 2: 28, 28)" in found.message


def test_the_same_row_of_two_files_is_not_one_row() -> None:
    """Row 5 of each file has an unknown label: two rows, and each is named with its file."""
    files = {name: content.replace("P02,", "P02 ,") for name, content in by_time().items()}
    found = taken(listed(TIMED), files).issues
    assert [(each.code, each.file, each.row) for each in found] == [
        ("S03", "pre.csv", 4),
        ("S03", "1h.csv", 4),
        ("S03", "24h.csv", 4),
    ]
    torn = {name: content.replace("P02,fir", "P02,") for name, content in
            by_time().items()}  # fmt: skip
    assert {each.file for each in taken(listed(TIMED), torn).issues} == set(torn)


def test_a_missing_file_leaves_the_others_checked() -> None:
    files = by_time()
    del files["1h.csv"]
    files["24h.csv"] = files["24h.csv"].replace(",41\n", ",4l\n").replace(",45\n", ",450\n")
    found = taken(listed(TIMED), files).issues
    assert [(each.code, each.file) for each in found] == [("F14", "1h.csv"), ("V01", "24h.csv")]


def test_two_faults_of_one_kind_keep_their_files() -> None:
    files = by_time(drop=False)
    files["1h.csv"] = files["1h.csv"].replace("P02,fir,1h,1,28", "P02,fir,1h,1,")
    files["24h.csv"] = files["24h.csv"].replace("P02,fir,24h,1,45", "P02,fir,24h,1,")
    found = only(taken(listed("pre.csv, 1h.csv, 24h.csv"), files))
    assert (found.code, found.file, found.row) == ("D12", "1h.csv", 4)
    assert "(no value in 1h.csv row 4; 24h.csv row 4)" in found.message


@pytest.mark.parametrize(
    ("entries", "code", "word"),
    [
        ("", "C06", "empty"),
        ("pre.csv, pre.csv", "C06", "2 times"),
        ("{name: pre.csv, hour: 1}", "C02", "hour"),
        ("{time: pre}", "C04", "name"),
        ("{name: pre.doc, time: pre}", "C05", ".csv"),
        ("pre.doc", "C05", ".csv"),
        ("{name: pre.csv, sheet: a}", "C06", "not a workbook"),
        ("../pre.csv", "C06", "not a file"),
        ("{name: pre.csv, time: pr}", "C06", "'pr'"),
        ("{name: pre.csv, arm: FIR}", "C06", "'FIR'"),
    ],
)
def test_what_is_wrong_with_a_list(entries: str, code: str, word: str) -> None:
    found = only(taken(listed(entries), by_time(drop=False)))
    assert found.code == code
    assert word in f"{found.message} {found.remedy}"
    assert found.row == 19


def test_a_sheet_of_an_ods_file_is_legal() -> None:
    plan = PLAN.replace("file: soreness.csv", "file: soreness.ods\n    sheet: a")
    assert only(taken(plan, {"soreness.csv": BASE})).code == "F14"
