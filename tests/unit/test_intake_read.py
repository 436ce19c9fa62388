"""Bytes to a table of texts: delimiters, encodings, workbooks, and where rows stand."""

import datetime as dt
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from analysis.intake.read import read_table
from analysis.intake.tabulate import RawTable, Reading

NEEDED = ("id", "arm", "vas")


def read(
    content: str | bytes, file: str = "a.csv", sheet: str | None = None, needed: Any = NEEDED
) -> Reading:
    return read_table(
        file, content.encode() if isinstance(content, str) else content, sheet, needed
    )


def table(content: str | bytes, file: str = "a.csv", sheet: str | None = None) -> RawTable:
    reading = read(content, file, sheet)
    assert reading.table is not None, reading.issues
    return reading.table


def codes(reading: Reading) -> list[str]:
    return [each.code for each in reading.issues]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS = (("P1", "fir", "3.5"), ("P2", "rest", ""))


@pytest.mark.parametrize(
    ("content", "file"),
    [
        ("id,arm,vas\nP1,fir,3.5\nP2,rest,\n", "a.csv"),
        ("id;arm;vas\nP1;fir;3.5\nP2;rest;\n", "a.csv"),
        ("id\tarm\tvas\nP1\tfir\t3.5\nP2\trest\t\n", "a.csv"),
        ("id|arm|vas\nP1|fir|3.5\nP2|rest|\n", "a.csv"),
        ("id|arm|vas\nP1|fir|3.5\nP2|rest|\n", "a.txt"),
        ("id\tarm\tvas\nP1\tfir\t3.5\nP2\trest\t", "a.TSV"),
        ("id,arm,vas\r\nP1,fir,3.5\r\nP2,rest,\r\n", "a.csv"),
        ("id,arm,vas\rP1,fir,3.5\rP2,rest,\r", "a.csv"),
        ('"id","arm","vas"\n"P1","fir","3.5"\n"P2","rest",""\n', "a.csv"),
        ("id,arm,vas\nP1,fir,3.5\nP2,rest,\n\n\n", "a.csv"),
    ],
)
def test_the_same_table_in_every_dialect(content: str, file: str) -> None:
    reading = read(content, file)
    assert reading.issues == ()
    assert reading.table == RawTable(file, ("id", "arm", "vas"), ROWS, (2, 3))


def test_a_byte_order_mark_is_noted_and_no_part_of_the_header() -> None:
    reading = read(b"\xef\xbb\xbfid,arm,vas\nP1,fir,1\n")
    assert codes(reading) == ["F03"]
    assert reading.table is not None
    assert reading.table.header == ("id", "arm", "vas")


def test_quoted_fields_keep_delimiters_line_breaks_and_blanks() -> None:
    found = table('id,arm,vas\n"P,1","fi""r"," 3 "\n"P\n2",x,4\nP3,y,5\n')
    assert found.rows == (("P,1", 'fi"r', " 3 "), ("P\n2", "x", "4"), ("P3", "y", "5"))
    assert found.numbers == (2, 3, 4)


def test_rows_keep_their_numbers_across_empty_ones() -> None:
    reading = read("id,arm,vas\n,,\nP1,fir,1\n\nP2,fir,2\n")
    assert reading.table is not None
    assert reading.table.numbers == (3, 5)
    (issue,) = reading.issues
    assert (issue.code, issue.severity, issue.row) == ("F10", "warning", 2)
    assert "rows 2, 4" in issue.message


def test_a_text_with_another_delimiter_in_it_does_not_confuse() -> None:
    assert table("id,arm,vas\na;b,x;y,1;0\n").rows == (("a;b", "x;y", "1;0"),)


@pytest.mark.parametrize(
    ("content", "code", "row", "says"),
    [
        ("", "F01", None, "empty"),
        ("\n\n", "F01", None, "empty"),
        ("id,arm,vas\n", "F01", 1, "no data rows"),
        ("id,arm,vas\n,,\n\n", "F01", 1, "no data rows"),
        ("id,arm,vas\nP1,fir,1\nP2,f", "F02", 3, "cut off"),
        ("id,arm,vas\nP1,fir,1\nP2,f\x00,1\n", "F02", 3, "null bytes"),
        ('id,arm,vas\nP1,"fir,1\nP2,fir,1\n', "F02", 2, "quotation marks"),
        (b"id,arm,vas\nM\xfcller,fir,1\n", "F04", 2, "Müller"),
        ("id,arm,vas\n".encode("utf-16"), "F04", None, "UTF-16"),
        ("id^arm^vas\nP1^fir^1\n", "F05", 1, "one column named 'id^arm^vas'"),
        ("id,arm,vas\nP1,fir,3,5\nP2,fir,4,5\n", "F05", 2, "2 rows with 4 fields (rows 2, 3)"),
        ("id,arm,vas\nP1,fir\nP2,fir,1\n", "F05", 2, "1 row with 2 fields (row 2)"),
        ("arm,vas\nP1,fir,3\nP2,fir,4\n", "F05", 2, "the header has 2"),
        ("Title\nid,arm,vas\nP1,fir,1\n", "F08", 1, "row 2; above it stands 'Title'"),
        ("sep=;\nid;arm;vas\nP1;fir;1\n", "F08", 1, "sep="),
        ("id,arm,arm,vas\nP1,a,b,1\n", "F09", 1, "2 columns have the name 'arm' (columns 2, 3)"),
        (b"PK\x03\x04rubbish", "F14", None, "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rubbish", "F14", None, "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_a_table(
    content: str | bytes, code: str, row: int | None, says: str
) -> None:
    reading = read(content)
    assert reading.table is None
    assert [(each.code, each.row) for each in reading.issues] == [(code, row)]
    assert says in reading.issues[0].message


def test_a_tsv_is_read_with_tabs_only() -> None:
    reading = read("id,arm,vas\nP1,fir,1\n", "a.tsv")
    assert codes(reading) == ["F05"]
    assert "Read with tabs, the file has one column" in reading.issues[0].message


def test_a_file_that_is_too_large_is_not_read() -> None:
    reading = read(b"x" * 50_000_001)
    assert codes(reading) == ["F14"]
    assert "50 MB" in reading.issues[0].message


def test_columns_without_a_name() -> None:
    reading = read(",id,arm,vas\n1,P1,fir,3\n")
    assert [(each.code, each.severity) for each in reading.issues] == [("F09", "warning")]
    assert "column 1" in reading.issues[0].message
    reading = read("id,arm,vas,,\nP1,fir,3,,\n")
    assert [(each.code, each.severity) for each in reading.issues] == [("F10", "warning")]
    assert reading.table is not None
    assert reading.table.rows == (("P1", "fir", "3"),)


def test_a_missing_column_is_not_the_reader_s_business() -> None:
    assert read("id,group,vas\nP1,fir,1\n").issues == ()


def test_a_workbook_gives_texts_as_typed() -> None:
    rows: list[list[Any]] = [
        ["id", "arm", "vas"],
        [7, "fir", 24.0],
        ["07", "rest", 0.1],
        [True, "rest", dt.date(2024, 3, 2)],
        [None, None, None],
        ["P5", "rest", dt.datetime(2024, 3, 2, 10, 30)],
        ["P6", "#N/A", "=1/0"],
        ["P7", "rest", 1e21],
        [None, None, None],
    ]
    reading = read(workbook(Data=rows), "a.xlsx")
    assert reading.table is not None
    assert reading.table.rows == (
        ("7", "fir", "24"),
        ("07", "rest", "0.1"),
        ("TRUE", "rest", "2024-03-02"),
        ("P5", "rest", "2024-03-02 10:30:00"),
        ("P6", "#N/A", "=1/0"),
        ("P7", "rest", "1e+21"),
    )
    assert reading.table.numbers == (2, 3, 4, 6, 7, 8)
    assert codes(reading) == ["F10"]


def test_a_workbook_starting_further_down_keeps_its_row_numbers() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row, values in enumerate([["id", "arm", "vas"], ["P1", "fir", 3]], start=4):
        for column, value in enumerate(values, start=2):
            page.cell(row, column, value)
    stream = BytesIO()
    book.save(stream)
    found = table(stream.getvalue(), "a.xlsx")
    assert (found.header_row, found.numbers) == (4, (5,))
    assert found.header == ("", "id", "arm", "vas")


def test_sheets() -> None:
    rows = [["id", "arm", "vas"], ["P1", "fir", 1]]
    two = workbook(Data=rows, Notes=[["hello"]])
    assert table(two, "a.xlsx", "Data").rows == (("P1", "fir", "1"),)
    unnamed = read(two, "a.xlsx")
    assert codes(unnamed) == ["F08"]
    assert "2 sheets (Data, Notes)" in unnamed.issues[0].message
    wrong = read(two, "a.xlsx", "data")
    assert codes(wrong) == ["F08"]
    assert "Did you mean 'Data'?" in wrong.issues[0].remedy
    assert codes(read(workbook(Empty=[]), "a.xlsx")) == ["F01"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not an .xlsx workbook"),
        (b"id,arm,vas\n", "not an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "old .xls format"),
        (workbook(Data=[["id"]])[:-200], "cut off"),
        (workbook(Data=[["id"]]).replace(b"workbook.xml", b"warkbook.xml"), "damaged"),
    ],
)
def test_a_workbook_that_is_none(content: bytes, says: str) -> None:
    reading = read(content, "a.xlsx")
    assert codes(reading) == ["F14"]
    assert says in reading.issues[0].message
