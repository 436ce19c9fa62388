"""Every fault is found, with its code, its place and words that help; and nothing else is."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analysis import io
from analysis.errors import Issue
from analysis.intake.codes import CHECKS, quoted
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in
from analysis.intake.values import exact, fault, is_date
from tests.data import make_faults
from tests.data.edits import with_texts
from tests.data.make_faults import BASE, FAULTS, PLAN, edited

SCHEMA = io.read_schema()
FOLDER = Path(__file__).parents[1] / "data" / "faults"


def issues(plan: str = PLAN, **files: str | bytes) -> list[Issue]:
    contents = {
        name.replace("_", "."): text.encode() if isinstance(text, str) else text
        for name, text in files.items()
    }
    reading = read_plan(plan, SCHEMA, "base")
    found = take_in(reading.trial, contents).issues if reading.trial else ()
    return [*reading.issues, *found]


def errors(plan: str = PLAN, **files: str | bytes) -> list[Issue]:
    return [each for each in issues(plan, **files) if each.severity == "error"]


def unlikely_at_most(plan: str = PLAN, **files: str | bytes) -> bool:
    """Whether nothing is found but values that are far from the person's own."""
    return {each.code for each in issues(plan, **files)} <= {"V04"}


def only(plan: str = PLAN, **files: str | bytes) -> Issue:
    found = issues(plan, **files)
    assert len(found) == 1, [each.line() for each in found]
    return found[0]


def said(issue: Issue) -> str:
    return f"{issue.message} {issue.remedy}"


def plan(*pairs: tuple[str, str]) -> str:
    return with_texts(PLAN, *pairs)


def data(*pairs: tuple[str, str]) -> str:
    text = BASE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


# --- The committed folders, one per fault ---------------------------------------------------------


def test_the_base_trial_is_clean() -> None:
    assert issues(soreness_csv=BASE) == []


def test_the_folders_are_those_that_the_script_makes() -> None:
    """If this fails, run: python -m tests.data.make_faults."""
    assert {each.name for each in FOLDER.iterdir()} == set(FAULTS)
    for name, one in FAULTS.items():
        assert io.read_folder(FOLDER / name) == one.contents(), make_faults.__doc__


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_raises_its_code_and_only_that(name: str) -> None:
    code = name[:3].upper()
    files = io.read_folder(FOLDER / name)
    reading = read_plan(files["trial.yaml"], SCHEMA, name)
    found = [*reading.issues, *(take_in(reading.trial, files).issues if reading.trial else ())]
    shown = [each.line() for each in found]
    assert found[0].code == code, shown
    others = [each for each in found if each.code != code]
    assert all(each.severity == "note" for each in others), shown
    assert len(shown) == len(set(shown))


def test_every_check_has_a_folder() -> None:
    assert {name[:3].upper() for name in FAULTS} == set(CHECKS)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_message_says_what_where_and_what_to_do(name: str) -> None:
    files = io.read_folder(FOLDER / name)
    reading = read_plan(files["trial.yaml"], SCHEMA, name)
    for each in [
        *reading.issues,
        *(take_in(reading.trial, files).issues if reading.trial else ()),
    ]:
        assert "\n" not in each.line()
        assert each.message.endswith(".")
        assert each.remedy.endswith(".")
        assert len(each.message) < 300
        assert each.file
        for jargon in ("None", "nan", "Traceback", "DataFrame", "dtype", "Fraction", "set("):
            assert jargon not in said(each)


# --- Places and words -----------------------------------------------------------------------------


def test_a_value_is_shown_as_typed_with_its_row() -> None:
    found = only(soreness_csv=data((",28\n", ", 280.50 \n")))
    assert (found.file, found.row, found.column, found.value) == (
        "soreness.csv",
        9,
        "vas",
        " 280.50 ",
    )
    assert "280.50 mm (P02 / fir / 1h / period 1) lies outside" in found.message
    assert "0 to 100 mm" in found.message


def test_a_range_holds_before_conversion() -> None:
    text = plan(("    unit: mm\n", "    unit: mm\n    convert_to: cm\n"))
    assert issues(text, soreness_csv=BASE) == []
    assert only(text, soreness_csv=data((",28\n", ",101\n"))).code == "V01"


def test_limits_of_the_range_are_legal() -> None:
    assert unlikely_at_most(soreness_csv=data((",28\n", ",0\n"), (",45\n", ",100\n")))


def test_one_issue_per_unknown_label() -> None:
    found = issues(soreness_csv=BASE.replace(",fir,", ",IR,").replace(",1h,", ",0h,"))
    assert [(each.code, each.value, each.row) for each in found] == [
        ("S02", "IR", 5),
        ("S02", "0h", 3),
    ]
    assert "'IR' (18 rows, first row 5) is not one of the arms" in found[0].message


def test_aliases_map_and_nothing_else_does() -> None:
    text = plan(("{label: Far-infrared}", "{label: Far-infrared, aliases: [IR, 'fir ']}"))
    assert issues(text, soreness_csv=data((",fir,", ",IR,"), (",fir,", ",fir ,"))) == []
    assert only(text, soreness_csv=data((",fir,", ",ir,"))).code == "S02"


def test_signs_that_cannot_be_seen() -> None:
    space = only(soreness_csv=data(("P02,fir,1h", "P02,fir\u00a0,1h")))
    assert space.code == "S03"
    assert "U+00A0 NO-BREAK SPACE" in space.message
    assert "'fir<U+00A0>'" in space.message
    assert only(soreness_csv=data(("P02,fir,1h", "P02,fir,lh"))).code == "S03"
    person = only(soreness_csv=data(("P02,fir,1h", "P02 ,fir,1h")))
    assert person.code == "S03"
    assert "The participant 'P02 ' (1 row, first row 9)" in person.message
    header = only(soreness_csv=data(("condition", " condition")))
    assert header.code == "S01"
    assert "' condition', which differs by blanks" in header.remedy


def test_missing_codes_match_as_text_and_as_number() -> None:
    text = plan(("\nplan:", "\nmissing_codes: [-9, NA]\nplan:"))
    found = issues(
        text, soreness_csv=data((",28\n", ",-9.0\n"), (",45\n", ",NA\n"), (",9\n", ",\n"))
    )
    assert {each.code for each in found} == {"D12"}
    assert {each.severity for each in found} == {"note"}
    assert only(text, soreness_csv=data((",28\n", ",na\n"))).code == "V02"


def test_codes_are_suspected_by_their_distance_where_there_is_no_range() -> None:
    text = plan(("    range: [0, 100]\n", ""))
    assert errors(text, soreness_csv=data((",28\n", ",999\n")))[0].code == "V02"
    assert errors(text, soreness_csv=data((",28\n", ",-9\n")))[0].code == "V02"
    assert unlikely_at_most(text, soreness_csv=data((",28\n", ",70\n")))
    assert unlikely_at_most(text, soreness_csv=data((",28\n", ",-4\n"), (",45\n", ",-9\n")))


def test_a_number_inside_the_range_is_no_code() -> None:
    assert unlikely_at_most(soreness_csv=data((",28\n", ",99\n")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((each, "F06") for each in ("3,5", "-0,25", ",5", "1234,5")),
        *((each, "F07") for each in ("1.234,5", "1,234.5", "1 234", "1'234.5", "1,234,567")),
        *((each, "F11") for each in ("#N/A", "#DIV/0!", "#REF!", "#WERT!", "#NAME?", "=A1+1")),
        *(
            (each, "F12")
            for each in ("2-Mar", "Mar-02", "2024-03-02", "3/4/2024", "3.4.24", "10:30")
        ),
        *((each, "V02") for each in ("NA", "n/a", "nan", ".", "-", "missing", "x")),
        *((each, "V10") for each in ("12 mm", "<5", "−9", "12.3.4", "1e400", "0x10", "١٢", "true")),
    ],
)
def test_what_is_not_a_number_says_what_it_is(text: str, code: str) -> None:
    assert exact(text) is None
    assert fault(text) == code
    found = only(soreness_csv=data((",28\n", f',"{text}"\n')))
    assert (found.code, found.value) == (code, text)


def test_numbers_in_all_spellings() -> None:
    for text, number in (("1", 1), (" 1.50 ", 1.5), ("-.5", -0.5), ("+2.", 2), ("1e-2", 0.01)):
        value = exact(text)
        assert value is not None
        assert float(value) == number
    assert not is_date("P1-2")


@pytest.mark.parametrize(
    "text", ["03/02/2025 14.21.07", "13/01/2024 9:05", "2.3.2024, 14:21", "1/20/2025 2:00:00 PM"]
)
def test_a_date_with_a_time_of_day_is_a_date_and_no_phone_number(text: str) -> None:
    assert is_date(text)
    stamped = "".join(
        f"{line},{'when' if n == 0 else text}\n" for n, line in enumerate(BASE.split())
    )
    assert "P01" not in {each.code for each in issues(soreness_csv=stamped)}


def test_duplicates_name_both_rows_and_what_could_be_meant() -> None:
    found = only(soreness_csv=BASE + "P02,fir,24h,1,54\n")
    assert "(row 10, row 38: 45, 54)" in found.message
    assert found.row == 38
    for word in ("replicates", "occasion", "where"):
        assert word in found.remedy
    assert only(soreness_csv=BASE + "P02,fir,24h,1,\n").code == "D01"


def test_one_header_read_twice_is_a_duplicate_also_with_replicates() -> None:
    text = plan(
        ("    value: vas\n", '    wide: {pattern: "vas_{time}"}\n    replicates: mean\n'),
        ("24h: {hours: 24}", "24h: {hours: 24, aliases: [1d]}"),
    )
    wide = make_faults.wide()
    assert issues(text, soreness_csv=wide) == []
    twice = "".join(f"{line},{'vas_1d' if n == 0 else n}\n" for n, line in enumerate(wide.split()))
    found = issues(text, soreness_csv=twice)
    assert {each.code for each in found} == {"D01"}
    assert "'vas_24h', 'vas_1d'" in found[0].message


def test_a_header_that_follows_the_pattern_can_be_excepted() -> None:
    text = plan(("    value: vas\n", '    wide: {pattern: "vas_{time}"}\n'))
    wide = make_faults.wide()
    more = "".join(
        f"{line},{'vas_change' if n == 0 else n}\n" for n, line in enumerate(wide.split())
    )
    found = only(text, soreness_csv=more)
    assert (found.code, found.column) == ("S02", "vas_change")
    assert "except: [...]" in found.remedy
    excepting = text.replace('"vas_{time}"', '"vas_{time}", except: [vas_change]')
    assert issues(excepting, soreness_csv=more) == []
    assert observed(excepting, more).equals(observed(text, wide))
    gone = only(excepting, soreness_csv=wide)
    assert (gone.code, gone.column) == ("S01", "vas_change")


def observed(text: str, soreness: str) -> pd.DataFrame:
    trial = read_plan(text, SCHEMA, "t").trial
    assert trial is not None
    return take_in(trial, {"soreness.csv": soreness.encode()}).observations


def test_headers_of_a_wide_file() -> None:
    text = plan(("    value: vas\n", '    wide: {pattern: "vas_{time}"}\n'))
    wide = make_faults.wide()
    typo = only(text, soreness_csv=wide.replace("vas_24h", "vas_24 h"))
    assert (typo.code, typo.row, typo.column) == ("S02", 1, "vas_24 h")
    none = only(text, soreness_csv=wide.replace("vas_", "sor_"))
    assert (none.code, none.column) == ("S01", "vas_{time}")
    dropped = only(text, soreness_csv=wide.replace("vas_1h", "rest_1h"))
    assert (dropped.code, dropped.severity) == ("D12", "note")
    assert "taken as not measured" in dropped.message


def test_a_header_with_two_readings() -> None:
    text = plan(
        ("    value: vas\n", '    wide: {pattern: "{arm}_{time}"}\n'),
        ("  fir: {label: Far-infrared}", "  fir: {}\n  fir_1h: {}"),
        ("  1h: {hours: 1}", "  1h: {hours: 1}\n  1h_24h: {hours: 2}"),
    )
    header = "athlete,week,passive_24h,fir_1h_24h\n"
    found = issues(text, soreness_csv=header + "P01,1,3,4\n")
    assert "S02" in {each.code for each in found}
    assert "in several ways" in found[0].message


def test_an_arm_or_time_without_values() -> None:
    plain = plan(("time: 24h}", "time: 1h}"))
    no_arm = only(plain, soreness_csv=edited(lambda row: None if row[1] == "fir" else row))
    assert no_arm.code == "C01"
    three = plain.replace("  fir: {label", "  cryo: {}\n  fir: {label")
    missing = only(three, soreness_csv=BASE)
    assert (missing.code, missing.severity, missing.value) == ("D12", "error", "cryo")
    late = edited(lambda row: None if row[2] == "24h" else row)
    assert [(each.code, each.severity) for each in issues(plain, soreness_csv=late)] == [
        ("D12", "note")
    ]
    assert only(soreness_csv=late).severity == "error"
    uneven = edited(lambda row: None if row[1:3] == ["fir", "pre"] else row)
    assert issues(soreness_csv=uneven)[0].severity == "warning"
    empty = only(soreness_csv=edited(lambda row: [*row[:4], ""]))
    assert "There is no value of soreness" in empty.message


def test_missing_visits_are_named() -> None:
    text = edited(lambda row: None if row[:2] == ["P03", "fir"] else row)
    found = issues(soreness_csv=text.replace("P04,passive,24h,2,54", "P04,passive,24h,2,"))
    assert [(each.code, each.severity, each.value, each.row) for each in found] == [
        ("D12", "note", "P03", None),
        ("D12", "note", "P04", 22),
    ]
    assert "under fir at every time (no row)" in found[0].message
    assert "under passive at 24h (no value in row 22)" in found[1].message


def test_rows_of_times_that_were_not_measured_are_no_missing_visits() -> None:
    """With 1h empty for everybody, only the row of the visit that is missing is named."""
    text = edited(lambda row: [*row[:4], ""] if row[2] == "1h" else row)
    found = issues(soreness_csv=text.replace("P04,passive,24h,2,54", "P04,passive,24h,2,"))
    (mine,) = [each for each in found if each.value == "P04"]
    assert (mine.code, mine.row) == ("D12", 25)
    assert "under passive at 24h (no value in row 25)" in mine.message


TWO = plan(
    (
        "    better: lower\n",
        "    better: lower\n  jump: {file: jump.csv, value: vas, unit: cm, better: higher}\n",
    )
)


def test_two_files_that_agree() -> None:
    assert issues(TWO, soreness_csv=BASE, jump_csv=BASE) == []


def test_an_arm_that_differs_between_files_is_found() -> None:
    swapped = BASE.replace("P02,fir", "P02,x").replace("P02,passive", "P02,fir")
    swapped = swapped.replace("P02,x", "P02,passive")
    found = issues(TWO, soreness_csv=BASE, jump_csv=swapped)
    assert {each.code for each in found} == {"D14"}
    assert "soreness.csv row 8" in found[0].message
    assert "jump.csv row 8" in found[0].message


def test_a_participant_in_one_file_only_is_named() -> None:
    found = issues(
        TWO, soreness_csv=BASE, jump_csv=edited(lambda row: None if row[0] == "P06" else row)
    )
    notes = [each for each in found if each.code == "D12"]
    assert [(each.file, each.value) for each in notes] == [("jump.csv", "P06")]
    assert "passive at every time; fir at every time" in notes[0].message


def test_one_outcome_s_fault_does_not_hide_the_other_s() -> None:
    found = issues(TWO, soreness_csv=data((",28\n", ",280\n")), jump_csv=data((",28\n", ",x\n")))
    assert [(each.code, each.file) for each in found] == [
        ("V01", "soreness.csv"),
        ("V02", "jump.csv"),
    ]


def test_a_shared_file_is_reported_once() -> None:
    text = TWO.replace("jump.csv, value: vas", "soreness.csv, value: week2").replace(
        "period: week", "period: week"
    )
    both = edited(lambda row: [*row, "30"]).replace("week,vas", "week,vas,week2", 1)
    assert issues(text, soreness_csv=both) == []
    assert only(text, soreness_csv=both.replace("P02,fir,1h", "P02,FIR,1h")).code == "S02"
    assert only(text, soreness_csv=both + "P1\n").code == "F05"


@pytest.mark.parametrize(
    ("code", "alike"),
    [
        *((each, True) for each in ("P3", "3", "03", "p03", "P-03", "S 3", "id_3", "Subject 03")),
        *((each, False) for each in ("F3", "P30", "P3a", "P0-3", "0", "P")),
    ],
)
def test_spellings_of_one_person(code: str, alike: bool) -> None:
    found = issues(soreness_csv=BASE.replace("P03,fir", f"{code},fir"))
    assert ("D02" in {each.code for each in found}) == alike


def test_cells_of_a_workbook_that_hold_no_number() -> None:
    """Dates, errors and formulas without a result are never taken for numbers or for missing."""
    book = openpyxl.Workbook()
    for line in BASE.splitlines():
        book.worksheets[0].append(
            [int(each) if each.isdigit() else each for each in line.split(",")]
        )
    page = book.worksheets[0]
    page["E5"], page["E6"], page["E7"] = dt.date(2024, 2, 28), "#DIV/0!", "=1+1"
    stream = BytesIO()
    book.save(stream)
    text = plan(("soreness.csv", "soreness.xlsx"))
    found = issues(text, soreness_xlsx=stream.getvalue())
    assert [(each.code, each.row, each.value) for each in found] == [
        ("F12", 5, "2024-02-28"),
        ("F11", 6, "#DIV/0!"),
        ("F11", 7, "=1+1"),
    ]


def test_rows_that_a_typo_would_lose_are_reported() -> None:
    text = plan(("    value: vas\n", "    value: vas\n    where: {item: legs}\n"))

    def labelled(label: str) -> str:
        body = edited(lambda row: [*row, label if row[0] == "P02" else "legs"])
        return body.replace("week,vas", "week,vas,item", 1)

    assert issues(text, soreness_csv=labelled("legs")) == []
    assert issues(text, soreness_csv=labelled("legs "))[0].code == "S03"
    lost = issues(text, soreness_csv=labelled("leg"))
    assert {each.code for each in lost} == {"S07", "D13"}
    assert "'leg' (6 rows)" in next(each.message for each in lost if each.code == "S07")


def test_many_of_a_kind_are_capped() -> None:
    found = issues(soreness_csv=BASE.replace("1h,1,", "1h,1,9").replace("24h,", "24h,").replace(
        ",2,", ",2,9").replace(",1,", ",1,9"))  # fmt: skip
    values = [each for each in found if each.code == "V01"]
    assert len(values) == 21
    assert "There are" in values[-1].message


def test_several_faults_are_found_in_one_pass() -> None:
    found = issues(
        soreness_csv=data(
            ("P01,passive,pre", "P01,PAS,pre"),
            (",28\n", ",280\n"),
            ("P03,fir,1h,2,30", "P03,fir,1h,2,NA"),
            ("P04,fir,24h,1", "P04,fir,,1"),
            ("P06,fir,24h,1", "P06,fir,24h,2"),
        )
    )
    assert {each.code for each in found} == {"S02", "V01", "V02", "S06", "D14"}


def test_errors_come_first() -> None:
    ranks = {"error": 0, "warning": 1, "note": 2}
    found = issues(
        soreness_csv=b"\xef\xbb\xbf" + (data((",28\n", ",280\n")) + "P1,fir,pre,1,3\n").encode()
    )
    assert [each.code for each in found] == ["V01", "D02", "F03"]
    assert sorted(ranks[each.severity] for each in found) == [
        ranks[each.severity] for each in found
    ]


def test_texts_are_shown_on_one_line() -> None:
    assert quoted("a\nb\tc\u00a0d\u200be") == "'a<line break>b<tab>c<U+00A0>d<U+200B>e'"
    assert len(quoted("x" * 500)) < 70
