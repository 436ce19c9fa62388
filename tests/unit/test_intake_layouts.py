"""Correct trials of every shape give the observations that were computed by hand."""

from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import pytest

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.intake.observations import natural
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in

SCHEMA = io.read_schema()

HEAD = """\
title: Small
design: crossover
randomised: true
columns: {participant: id, arm: arm, time: time, period: week}
arms:
  rest: {role: control, aliases: [PAS]}
  fir: {label: Far-infrared, aliases: [FIR]}
times:
  pre: {hours: -1, role: baseline}
  24h: {hours: 24, label: next day, aliases: ["24"]}
outcomes:
"""
JUMP = "  jump: {file: j.csv, value: h, unit: cm, better: higher}\n"
LONG = """\
id,arm,time,week,h
P2,fir,pre,1,40
P2,fir,24h,1,39
P2,rest,pre,2,41
P2,rest,24h,2,37
P10,rest,24h,1,30
P10,rest,pre,1,31.5
P10,fir,24h,2,
P10,fir,pre,2,32
"""
# participant, period, arm, time, value, row: participants in natural order, then period, then time.
EXPECTED = [
    ("P2", "1", "fir", "pre", 40, "2"),
    ("P2", "1", "fir", "24h", 39, "3"),
    ("P2", "2", "rest", "pre", 41, "4"),
    ("P2", "2", "rest", "24h", 37, "5"),
    ("P10", "1", "rest", "pre", 31.5, "7"),
    ("P10", "1", "rest", "24h", 30, "6"),
    ("P10", "2", "fir", "pre", 32, "9"),
    ("P10", "2", "fir", "24h", None, "8"),
]


def run(plan: str, **files: str | bytes) -> Intake:
    reading = read_plan(plan, SCHEMA, "small")
    assert reading.trial is not None, [each.line() for each in reading.issues]
    contents = {
        name.replace("_", "."): text.encode() if isinstance(text, str) else text
        for name, text in files.items()
    }
    return take_in(reading.trial, contents)


def sound(plan: str, **files: str | bytes) -> pd.DataFrame:
    found = run(plan, **files)
    problems = [each.line() for each in found.issues if each.severity == "error"]
    assert problems == []
    return found.observations


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    plain = table[list(columns)].astype(object)
    return list(plain.where(plain.notna(), None).itertuples(index=False, name=None))


COLUMNS = ("participant", "period", "arm", "time", "value", "source_rows")


def test_long() -> None:
    table = sound(HEAD + JUMP, j_csv=LONG)
    assert list(table.columns) == OBSERVATIONS.names
    assert rows(table, *COLUMNS) == EXPECTED
    assert set(table["trial"]) == {"small"}
    assert set(table["outcome"]) == {"jump"}
    assert set(table["unit"]) == {"cm"}
    assert set(table["source_file"]) == {"j.csv"}
    assert set(table["sequence"]) == {""}
    assert table["hours"].tolist() == [-1, 24] * 4
    assert table["n_replicates"].tolist() == [1, 1, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    "text",
    [
        LONG.replace(",", ";"),
        "\ufeff" + LONG,
        LONG.replace("\n", "\r\n"),
        LONG.replace(",fir,", ",FIR,").replace(",rest,", ",PAS,"),
        LONG.replace(",24h,", ",next day,").replace(",fir,", ",Far-infrared,"),
        LONG.replace(",31.5", ", 31.50 ").replace(",40", ",4.0e1").replace(",39", ",+39."),
    ],
)
def test_the_same_observations_in_every_spelling(text: str) -> None:
    assert rows(sound(HEAD + JUMP, j_csv=text), *COLUMNS) == EXPECTED


def test_row_and_column_order_do_not_matter() -> None:
    header, *body = LONG.splitlines()
    flipped = [",".join(reversed(line.split(","))) for line in (header, *reversed(body))]
    table = sound(HEAD + JUMP, j_csv="\n".join(flipped) + "\n")
    assert [each[:5] for each in rows(table, *COLUMNS)] == [each[:5] for each in EXPECTED]


def test_tsv() -> None:
    table = sound(HEAD + JUMP.replace("j.csv", "j.tsv"), j_tsv=LONG.replace(",", "\t"))
    assert rows(table, *COLUMNS) == EXPECTED


def test_xlsx() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "Jumps"
    book.create_sheet("Notes")
    for number, line in enumerate(LONG.splitlines()):
        cells: list[Any] = line.split(",")
        if number:
            cells[3] = int(cells[3])
            cells[4] = float(cells[4]) if cells[4] else None
        page.append(cells)
    stream = BytesIO()
    book.save(stream)
    plan = HEAD + JUMP.replace("file: j.csv", "file: j.xlsx, sheet: Jumps")
    assert rows(sound(plan, j_xlsx=stream.getvalue()), *COLUMNS) == EXPECTED


SEMI_WIDE = """\
id,arm,week,h_pre,h_24
P2,fir,1,40,39
P2,rest,2,41,37
P10,rest,1,31.5,30
P10,fir,2,32,
"""


def test_one_column_per_time() -> None:
    plan = HEAD + JUMP.replace("value: h", 'wide: {pattern: "h_{time}"}')
    table = sound(plan, j_csv=SEMI_WIDE)
    assert [each[:5] for each in rows(table, *COLUMNS)] == [each[:5] for each in EXPECTED]
    assert table["source_rows"].tolist() == ["2", "2", "3", "3", "4", "4", "5", "5"]


def test_one_row_per_participant_with_trials() -> None:
    """Two jumps per visit; P10 has no second jump on the next day."""
    text = """\
id,rest_1_pre_a,rest_1_pre_b,rest_1_24h_a,rest_1_24h_b,fir_2_pre_a,fir_2_pre_b,fir_2_24h_a,fir_2_24h_b
P2,40,41,39,36,40,42,38,39
P10,30,31,28,,33,32,30,34
"""
    wide = 'wide: {pattern: "{arm}_{period}_{time}_{trial}"}, replicates: mean'
    table = sound(HEAD + JUMP.replace("value: h", wide), j_csv=text)
    assert rows(table, *COLUMNS[:5], "n_replicates") == [
        ("P2", "1", "rest", "pre", 40.5, 2),
        ("P2", "1", "rest", "24h", 37.5, 2),
        ("P2", "2", "fir", "pre", 41, 2),
        ("P2", "2", "fir", "24h", 38.5, 2),
        ("P10", "1", "rest", "pre", 30.5, 2),
        ("P10", "1", "rest", "24h", 28, 1),
        ("P10", "2", "fir", "pre", 32.5, 2),
        ("P10", "2", "fir", "24h", 32, 2),
    ]


def test_one_row_per_visit_with_trials_side_by_side() -> None:
    """The mean by hand; a trial that is missing is left out, a row of none is a missing visit."""
    text = """\
id,arm,when,week,h1,h2,h3
P2,rest,pre,1,40,41,42
P2,rest,24h,1,37,,38
P2,fir,pre,2,40,42,38
P2,fir,24h,2,,,
P3,fir,pre,1,50,50,53
P3,fir,24h,1,47,46,48
"""
    wide = 'wide: {pattern: "h{trial}"}, replicates: mean'
    plan = (HEAD + JUMP.replace("value: h", wide)).replace("time: time", "time: when")
    table = sound(plan, j_csv=text)
    found = rows(table, *COLUMNS[:5], "n_replicates")
    assert found[:3] == [
        ("P2", "1", "rest", "pre", 41, 3),
        ("P2", "1", "rest", "24h", 37.5, 2),
        ("P2", "2", "fir", "pre", 40, 3),
    ]
    assert found[3][:4] == ("P2", "2", "fir", "24h")
    assert found[3][4] is None


def test_one_row_per_visit_with_arms_side_by_side() -> None:
    text = "id,when,h rest,h fir\nP2,pre,40,41\nP2,24h,37,38\nP3,pre,30,31\nP3,24h,29,30\n"
    wide = 'wide: {pattern: "h {arm}"}, columns: {period: null}'
    plan = (HEAD + JUMP.replace("value: h", wide)).replace("time: time", "time: when")
    table = sound(plan, j_csv=text)
    assert {each[1:] for each in rows(table, *COLUMNS[:5]) if each[0] == "P2"} == {
        ("", "rest", "pre", 40),
        ("", "fir", "pre", 41),
        ("", "rest", "24h", 37),
        ("", "fir", "24h", 38),
    }


def test_wide_arms_of_a_parallel_trial() -> None:
    """An arm whose columns are all empty was not given: nobody has two arms."""
    plan = HEAD.replace("crossover", "parallel") + JUMP.replace(
        "value: h", 'wide: {pattern: "{arm} {time}"}, columns: {arm: null, period: null}'
    )
    text = "id,rest pre,rest 24h,fir pre,fir 24h\nA,1,2,,\nB,,,3,\nC,,,,\nD,,,5,6\n"
    found = run(plan, j_csv=text)
    notes = [each.message for each in found.issues if each.severity == "note"]
    assert [each.split(" has ")[0] for each in notes] == ["Participant B", "Participant C"]
    table = found.observations
    assert rows(table, "participant", "arm", "time", "value") == [
        ("A", "rest", "pre", 1),
        ("A", "rest", "24h", 2),
        ("B", "fir", "pre", 3),
        ("B", "fir", "24h", None),
        ("D", "fir", "pre", 5),
        ("D", "fir", "24h", 6),
    ]


REPLICATES = """\
id,arm,time,week,h
A,rest,pre,1,0.29
A,rest,pre,1,0.34
A,rest,pre,1,0.30
A,rest,24h,1,0.35
A,rest,24h,1,
A,rest,24h,1,0.37
A,fir,pre,2,-9
A,fir,pre,2,
A,fir,24h,2,0.29
"""


@pytest.mark.parametrize(
    ("how", "better", "expected"),
    [
        ("mean", "higher", [31, 36, None, 29]),
        ("median", "higher", [30, 36, None, 29]),
        ("best", "higher", [34, 37, None, 29]),
        ("best", "lower", [29, 35, None, 29]),
    ],
)
def test_replicates_and_conversion_are_exact(
    how: str, better: str, expected: list[float | None]
) -> None:
    outcome = (
        f"  jump: {{file: j.csv, value: h, unit: m, convert_to: cm, range: [0.1, 0.9], "
        f"better: {better}, replicates: {how}}}\nmissing_codes: [-9.0]\n"
    )
    table = sound(HEAD + outcome, j_csv=REPLICATES)
    assert rows(table, "value", "n_replicates") == list(zip(expected, [3, 2, 0, 1], strict=True))
    assert table["source_rows"].tolist() == ["2 3 4", "5 6 7", "8 9", "10"]
    assert set(table["unit"]) == {"cm"}


@pytest.mark.parametrize(
    ("unit", "to", "typed", "expected"),
    [
        ("m", "cm", "0.29", 29.0),
        ("mm", "cm", "291", 29.1),
        ("in", "cm", "10", 25.4),
        ("cm", "in", "2.54", 1.0),
        ("s", "ms", "0.2", 200.0),
        ("ms", "s", "250", 0.25),
        ("W", "kW", "3500", 3.5),
        ("cm", "cm", "0.1", 0.1),
    ],
)
def test_units(unit: str, to: str, typed: str, expected: float) -> None:
    outcome = f"  jump: {{file: j.csv, value: h, unit: {unit}, convert_to: {to}, better: higher}}\n"
    text = LONG.replace(",40\n", f",{typed}\n")
    assert sound(HEAD + outcome, j_csv=text)["value"][0] == expected


def test_an_arm_given_twice() -> None:
    """Order unknown, occasions declared: the same visit of two occasions is two rows."""
    plan = HEAD.replace("period: week", "period: null, occasion: nr") + JUMP
    text = "id,arm,time,nr,h\n" + "".join(
        f"{person},{arm},{time},{nr},{20 + person + nr}\n"
        for person in (1, 2)
        for arm in ("rest", "fir")
        for nr in (2, 1)
        for time in ("pre", "24h")
    )
    table = sound(plan, j_csv=text)
    assert list(table.columns) == [*OBSERVATIONS.names, "occasion"]
    assert rows(table, "participant", "occasion", "arm", "time", "value", "period")[:4] == [
        ("1", "1", "rest", "pre", 22, ""),
        ("1", "1", "rest", "24h", 22, ""),
        ("1", "1", "fir", "pre", 22, ""),
        ("1", "1", "fir", "24h", 22, ""),
    ]
    assert len(table) == 16


def test_parallel() -> None:
    plan = HEAD.replace("crossover", "parallel").replace(", period: week", "") + JUMP
    text = "id,arm,time,h\n" + "".join(
        f"{person},{'fir' if person > 3 else 'rest'},{time},{30 + person}\n"
        for person in range(1, 7)
        for time in ("pre", "24h")
    )
    table = sound(plan, j_csv=text)
    assert table["participant"].tolist() == [str(p) for p in range(1, 7) for _ in range(2)]
    assert table["arm"].tolist() == ["rest"] * 6 + ["fir"] * 6


def test_several_outcomes_in_one_file_and_columns_of_their_own() -> None:
    plan = (
        HEAD
        + "  jump: {file: b.csv, where: {test: cmj}, value: x, unit: cm, better: higher}\n"
        + "  squat: {file: b.csv, where: {test: sj}, value: x, unit: cm, better: higher}\n"
        + "  sore: {file: s.csv, value: vas, columns: {participant: code, sequence: order}, "
        + "unit: mm, better: lower}\n"
    )
    both = "id,arm,time,week,test,x\n" + "".join(
        f"{line.rpartition(',')[0]},{test},{number}\n"
        for test, number in (("cmj", 40), ("sj", 35))
        for line in LONG.splitlines()[1:]
    )
    soreness = "code,arm,time,week,vas,order\n" + "".join(
        f"{line.rpartition(',')[0]},3,AB\n" for line in LONG.splitlines()[1:5]
    )
    table = sound(plan, b_csv=both, s_csv=soreness)
    assert table["outcome"].tolist() == ["jump"] * 8 + ["squat"] * 8 + ["sore"] * 4
    assert table.groupby("outcome")["value"].unique().map(list).to_dict() == {
        "jump": [40],
        "squat": [35],
        "sore": [3],
    }
    assert table["sequence"].tolist() == [""] * 16 + ["AB"] * 4


def test_a_blank_row_of_a_form_is_no_visit() -> None:
    """A row without a value may lack its labels; with all labels it is a missed visit."""
    found = run(HEAD + JUMP, j_csv=LONG + "P11,,,,\n,,,,\n")
    assert rows(found.observations, *COLUMNS) == EXPECTED
    assert "Participant P11 has a row, but no value" in found.issues[-1].message


def test_the_same_input_gives_the_same_table() -> None:
    pd.testing.assert_frame_equal(sound(HEAD + JUMP, j_csv=LONG), sound(HEAD + JUMP, j_csv=LONG))


def test_after_an_error_there_is_only_the_header() -> None:
    found = run(HEAD + JUMP, j_csv=LONG.replace(",40", ",x"))
    assert found.observations.empty
    assert list(found.observations.columns) == OBSERVATIONS.names


def test_observations_survive_being_written_and_read(tmp_path: Any) -> None:
    table = sound(HEAD + JUMP, j_csv=LONG)
    io.write_table(tmp_path / "o.csv", table)
    pd.testing.assert_frame_equal(io.read_table(tmp_path / "o.csv", OBSERVATIONS), table)


def test_natural_order() -> None:
    texts = ["P10", "P2", "P02", "2", "10", "P", "a1b2", "a1b10", "9" * 6000]
    assert sorted(texts, key=natural) == [
        *("2", "10", "9" * 6000, "P", "P02", "P2", "P10", "a1b2", "a1b10"),
    ]
