"""How files are written: every way gives the same observations, and every repair is on record."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from analysis import io
from analysis.columns import REPAIRS
from analysis.errors import Issue
from analysis.intake.ods import read_ods
from analysis.intake.plan import read_plan
from analysis.intake.read import read_table
from analysis.intake.run import Intake, take_in
from analysis.steps.prepare import prepare
from analysis.trial import Dialect
from tests.data.make_faults import BASE, PLAN, rows, text

SCHEMA = io.read_schema()
NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def plan(outcome: str = "", trial: str = "", file: str = "soreness.csv") -> str:
    """Return the base plan with lines added under its outcome and at its top."""
    own = "".join(f"    {line}\n" for line in outcome.splitlines())
    return trial + PLAN.replace("    value: vas\n", "    value: vas\n" + own).replace(
        "soreness.csv", file
    )


def run(plan: str, content: str | bytes, file: str = "soreness.csv") -> Intake:
    reading = read_plan(plan, SCHEMA, "base")
    assert reading.trial is not None, [each.line() for each in reading.issues]
    data = content.encode() if isinstance(content, str) else content
    return take_in(reading.trial, {file: data})


def only(plan: str, content: str | bytes, file: str = "soreness.csv") -> Issue:
    found = run(plan, content, file).issues
    assert len(found) == 1, [each.line() for each in found]
    return found[0]


def values(found: Intake) -> list[float]:
    assert [each.line() for each in found.issues if each.severity == "error"] == []
    return list(found.observations["value"])


EXPECTED = values(run(PLAN, BASE))
COMMAS = text(
    [rows()[0], *([*row[:4], row[4] + ",0" * (row[0] == "P02")] for row in rows()[1:])], ";"
)
QUOTED = 'athlete,condition,timepoint,week,"vas"\n' + "".join(
    ",".join([*row[:4], f'"{row[4]},0"']) + "\n" for row in rows()[1:]
)


def ods(table: list[list[Any]], extra: str = "") -> bytes:
    """Return a workbook as LibreOffice writes it: numbers typed, the rest of the sheet repeated."""
    return zipped(ods_text(table, extra))


def ods_text(table: list[list[Any]], extra: str = "") -> str:
    lines = []
    for row in table:
        cells = "".join(_ods_cell(value) for value in row)
        rest = '<table:table-cell table:number-columns-repeated="1000"/>'
        lines.append(f"<table:table-row>{cells}{rest}</table:table-row>")
    empty = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    )
    return document(f'<table:table table:name="Data">{"".join(lines)}{empty}</table:table>{extra}')


def _ods_cell(value: Any) -> str:
    if isinstance(value, int | float):
        shown = str(value).replace(".", ",")
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{shown}</text:p></table:table-cell>"
        )
    if not value:
        return "<table:table-cell/>"
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def document(body: str) -> str:
    return (
        f'<?xml version="1.0"?><office:document-content {NAMES}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )


def zipped(content: str) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return stream.getvalue()


def ods_of(body: str) -> bytes:
    return zipped(document(body))


def numbered(table: list[list[str]]) -> list[list[Any]]:
    return [table[0], *([*row[:3], int(row[3]), int(row[4])] for row in table[1:])]


def xlsx(table: list[list[Any]], *merged: str) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in table:
        page.append(row)
    for cells in merged:
        page.merge_cells(cells)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- One table, written in many ways --------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "content"),
    [
        ("", text(rows(), "|")),
        ("csv: {delimiter: pipe}", text(rows(), "|")),
        ("csv: {delimiter: semicolon}", text(rows(), ";")),
        ("csv: {encoding: utf-16}", text(rows(), "\t").encode("utf-16")),
        ("csv: {encoding: utf-16}", b"\xfe\xff" + text(rows(), "\t").encode("utf-16-be")),
        ("csv: {encoding: windows-1252}", BASE.encode()),
        ('csv: {decimal: ","}', COMMAS),
        ('csv: {decimal: ","}', QUOTED),
        ("header_row: 4", "Week 1; week 2\nby hand\n\n" + BASE),
        ("header_row: 2", "sep=;\n" + text(rows(), ";")),
        ("last_row: 37", BASE + "Source: our lab, 2024\n"),
        ("last_row: 37", BASE + "\nSource: our lab, 2024\n\n"),
        ("last_row: 400", BASE),
        ("trim_blanks: true", BASE.replace(",vas", ",vas  ").replace(",fir,", ", fir ,")),
        ("trim_blanks: true", BASE.replace("P02,", "P02\u00a0,")),
    ],
)
def test_the_same_observations_and_only_repairs_are_said(
    outcome: str, content: str | bytes
) -> None:
    found = run(plan(outcome), content)
    asked = [each for each in found.repairs if each.repair != "byte-order mark"]
    assert [each.code for each in found.issues] == ["F18"] * bool(asked)
    assert sum(int(each.value) for each in found.issues) == len(asked)
    assert values(found) == EXPECTED


@pytest.mark.parametrize("file", ["a.xlsx", "a.ods"])
def test_workbooks(file: str) -> None:
    write = xlsx if file.endswith("xlsx") else ods
    found = run(plan(file=file), write(numbered(rows())), file)
    assert found.issues == ()
    assert values(found) == EXPECTED
    found = run(plan("header_row: 3", file=file), write([["Week 1"], [], *rows()]), file)
    assert found.issues == ()
    assert values(found) == EXPECTED
    found = run(plan(file=file), write([["Week 1"], [], *rows()]), file)
    assert "`header_row: 3`" in found.issues[0].remedy


def test_an_encoding_gives_the_text_that_was_typed() -> None:
    content = BASE.replace("P06", "Müller")
    for encoding, codec in (("windows-1252", "cp1252"), ("mac-roman", "mac_roman")):
        found = run(plan(f"csv: {{encoding: {encoding}}}"), content.encode(codec))
        assert found.issues == ()
        assert "Müller" in set(found.observations["participant"])
    assert only(plan("csv: {encoding: windows-1252}"), content).code == "F04"
    # U+0085, of which Python makes the end of a line, is not lost on the way to the message.
    next_line = BASE.replace("P06", "P\x8506").encode()
    assert only(plan("csv: {encoding: windows-1252}"), next_line).code == "F04"
    refused = only(PLAN, content.encode("cp1252"))
    assert "'Müller,fir,'" in refused.message
    assert "`csv: {encoding: windows-1252}`" in refused.remedy


def test_what_is_declared_for_the_trial_holds_for_every_outcome() -> None:
    found = run(plan(trial='csv: {decimal: ","}\n'), COMMAS)
    assert values(found) == EXPECTED
    reading = read_plan(plan("csv: {delimiter: tab}", 'csv: {decimal: ","}\n'), SCHEMA, "base")
    assert reading.trial is not None
    assert reading.trial.outcomes[0].dialect.decimal == "."


# --- Repairs --------------------------------------------------------------------------------------


def test_every_decimal_comma_is_on_record() -> None:
    found = run(plan('csv: {decimal: ","}'), COMMAS)
    typed = [row for row in rows()[1:] if row[0] == "P02"]
    assert [(each.column, each.old, each.new, each.repair) for each in found.repairs] == [
        ("vas", f"{row[4]},0", f"{row[4]}.0", "decimal comma") for row in typed
    ]
    lines = COMMAS.splitlines()
    for each in found.repairs:
        assert lines[each.row - 1].endswith(f";{each.old}")
    (note,) = found.issues
    assert (note.code, note.severity, note.value) == ("F18", "note", "6")
    assert note.message.startswith("6 cells were not read as typed: the decimal comma")
    assert "repairs.csv" in note.remedy


def test_every_blank_that_is_removed_is_on_record_and_no_other_column_is() -> None:
    content = text([[*row, "a free remark "] for row in rows()])
    content = content.replace("vas,a free remark ", "vas ,remark").replace(
        "P02,fir,1h", "P02, fir,1h "
    )
    found = run(plan("trim_blanks: true"), content)
    assert values(found) == EXPECTED
    assert [(each.row, each.column, each.old, each.new) for each in found.repairs] == [
        (1, "vas", "vas ", "vas"),
        (9, "condition", " fir", "fir"),
        (9, "timepoint", "1h ", "1h"),
    ]
    (note,) = (each for each in found.issues if each.code == "F18")
    assert (note.file, note.value) == ("soreness.csv", "3")


def test_without_a_declaration_nothing_is_repaired() -> None:
    for content, says in (
        (COMMAS, 'csv: {decimal: ","}'),
        (BASE.replace(",vas", ",vas "), "trim_blanks: true"),
        (BASE.replace(",fir,", ",fir ,"), "trim_blanks: true"),
        (BASE.replace("P02,", "P02 ,"), "trim_blanks: true"),
    ):
        found = run(PLAN, content)
        assert found.repairs == ()
        assert {each.severity for each in found.issues if says in each.remedy} == {"error"}


def test_a_byte_order_mark_is_on_record() -> None:
    found = run(PLAN, b"\xef\xbb\xbf" + BASE.encode())
    (repair,) = found.repairs
    assert (repair.row, repair.old, repair.new) == (1, "\ufeffathlete", "athlete")
    assert [each.code for each in found.issues] == ["F03"]
    assert run(plan("csv: {encoding: utf-8}"), b"\xef\xbb\xbf" + BASE.encode()).issues == ()


def test_a_value_is_shown_as_typed_although_it_was_repaired() -> None:
    issue = run(plan('csv: {decimal: ","}'), COMMAS.replace(";28,0", ";280,5")).issues[0]
    assert (issue.code, issue.value) == ("V01", "280,5")


def test_a_point_beside_a_declared_comma_is_an_error() -> None:
    issue = run(plan('csv: {decimal: ","}'), COMMAS.replace(";28,0", ";1.028")).issues[0]
    assert (issue.code, issue.value) == ("F06", "1.028")


def test_repairs_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "base"
    io.write_text(folder / "trial.yaml", plan('csv: {decimal: ","}'))
    io.write_text(folder / "soreness.csv", COMMAS)
    made = ("observations", "issues", "repairs", "inputs")
    paths = {name: tmp_path / f"{name}.csv" for name in made}
    prepare(plan=folder / "trial.yaml", schema=io.SCHEMA, **paths)
    assert len(io.read_table(paths["repairs"], REPAIRS)) == 6
    io.write_text(folder / "trial.yaml", PLAN)
    io.write_text(folder / "soreness.csv", BASE)
    prepare(plan=folder / "trial.yaml", schema=io.SCHEMA, **paths)
    assert io.read_text(paths["repairs"]) == "file,row,column,old,new,repair\n"


# --- What cannot be read says what to write -------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "content", "code", "says"),
    [
        ("", "Week 1\n" + BASE, "F08", "Write `header_row: 2`"),
        ("header_row: 3", "Week 1\n" + BASE, "F08", "Write `header_row: 2`"),
        ("header_row: 99", BASE, "F08", "there is nothing"),
        ("", BASE + "Source: our lab, 2024\n", "F05", "write `last_row: 37`"),
        ("", BASE + "P07\n", "F05", "write `last_row: 37`"),
        ("csv: {delimiter: tab}", BASE, "F05", "The header has a comma in it."),
        ("csv: {encoding: utf-16}", BASE, "F04", "byte-order mark of UTF-16"),
        ("csv: {encoding: windows-1252}", BASE.encode("utf-16"), "F04", "expected windows-1252"),
        ("csv: {encoding: utf-16}", BASE.encode("utf-16")[:-1], "F04", "cut off"),
        ("", text([[*row[:2], row[2], *row[3:]] for row in rows()], "^"), "F05", "pipes"),
    ],
)
def test_a_remedy_names_the_key(outcome: str, content: str | bytes, code: str, says: str) -> None:
    issue = only(plan(outcome), content)
    assert (issue.code, issue.severity) == (code, "error")
    assert says in f"{issue.message} {issue.remedy}"


def test_two_delimiters_that_fit_must_be_told_apart() -> None:
    content = b"a;b,c\n1;2,3\n"
    (issue,) = read_table("a.csv", content).issues
    assert issue.code == "F05"
    assert "by commas as well as semicolons" in issue.message
    assert "`csv: {delimiter: semicolon}`" in issue.remedy
    table = read_table("a.csv", content, dialect=Dialect(delimiter="semicolon")).table
    assert table is not None
    assert table.header == ("a", "b,c")


def test_notes_below_are_named_and_a_lost_row_is_an_error() -> None:
    for notes in ("\nSource: lab\n", "\n\nSource: lab\nby hand", "Measured with a ruler\n"):
        issue = only(PLAN, BASE + notes)
        assert (issue.code, issue.severity) == ("F10", "warning")
        assert "`last_row: 37`" in issue.remedy
    assert only(PLAN, BASE + "P07").code == "F02"
    assert only(PLAN, BASE + "P07,fir").code == "F02"


def test_headers_of_two_rows() -> None:
    above = [["", "", "fir", "", "rest", ""], ["id", "week", "pre", "24h", "pre", "24h"]]
    body = [["P1", 1, 3, 4, 5, 6], ["P2", 1, 3, 4, 5, 6]]
    wide = 'wide: {pattern: "{arm}_{time}"}'
    text_of = PLAN.replace("value: vas", wide).replace("soreness.csv", "a.xlsx")
    text_of = text_of.replace("athlete", "id")
    for merged in ((), ("C1:D1", "E1:F1")):
        issue = only(text_of, xlsx(above + body, *merged), "a.xlsx")
        assert issue.code == "F08"
    text_of = text_of.replace("a.xlsx", "a.xlsx\n    header_row: 1")
    issue = only(text_of, xlsx([["id", "week", "fir", "", "rest", ""], above[1], *body]), "a.xlsx")
    assert issue.code == "F08"


def test_merged_cells() -> None:
    table = numbered(rows())
    where = plan(file="a.xlsx")
    issue = only(where, xlsx(table, "A2:A7"), "a.xlsx")
    assert issue.code == "F08"
    assert "A2:A7" in issue.message
    issue = only(where, xlsx(table, "D1:E1"), "a.xlsx")
    assert issue.code in ("F08", "S01")
    title = xlsx([["Week 1"], *table], "A1:E1")
    assert run(plan("header_row: 2", file="a.xlsx"), title, "a.xlsx").issues == ()
    below = xlsx([*table, [], ["Pain on climbing stairs"]], "A39:E39")
    assert [each.code for each in run(where, below, "a.xlsx").issues] == ["F10"] * 2


# --- ods ------------------------------------------------------------------------------------------


def test_cells_of_an_ods_give_texts_as_typed() -> None:
    cell = "table:table-cell office:value-type"
    body = (
        '<table:table table:name="A"><table:table-row>'
        '<table:table-cell table:number-columns-repeated="2"/>'
        f'<{cell}="float" office:value="24"><text:p>24,00</text:p></table:table-cell>'
        f'<{cell}="percentage" office:value="0.5"><text:p>50 %</text:p></table:table-cell>'
        f'<{cell}="date" office:date-value="2024-03-02"><text:p>2.3.24</text:p></table:table-cell>'
        f'<{cell}="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>'
        f'<{cell}="string"><office:annotation><text:p>hm</text:p></office:annotation>'
        '<text:p>a<text:s text:c="2"/><text:span>b</text:span></text:p><text:p>c</text:p>'
        "</table:table-cell>"
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
        "</table:table-cell>"
        '<table:table-cell table:formula="of:=[.A1]"/>'
        f'<{cell}="string" table:number-columns-spanned="2"><text:p>x</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row>"
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2">'
        f'<{cell}="string" table:number-columns-repeated="2"><text:p>y</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    page = read_ods(ods_of(body))["A"]
    shown = ("24", "0.5", "2024-03-02", "TRUE", "a  b\nc", "#DIV/0!", "of:=[.A1]", "x")
    assert page.records == [("", "", *shown), (), (), (), ("y", "y"), ("y", "y")]
    assert page.merged == [(1, 10, 1, 11)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"rubbish", "F14"),
        (ods(rows())[:-30], "F14"),
        (ods_of("<table:table>"), "F14"),
        (zipped('<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'), "F14"),
        (ods_of(""), "F08"),
        (ods([]), "F01"),
        (ods(rows(), '<table:table table:name="B"/>'), "F08"),
        (
            ods_of(
                '<table:table table:name="A"><table:table-row table:number-rows-repeated="99999">'
                '<table:table-cell office:value-type="string" table:number-columns-repeated="9999">'
                "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
            ),
            "F14",
        ),
    ],
)
def test_an_ods_that_is_none(content: bytes, code: str) -> None:
    assert only(plan(file="a.ods"), content, "a.ods").code == code
    assert "Traceback" not in only(plan(file="a.ods"), content, "a.ods").line()
