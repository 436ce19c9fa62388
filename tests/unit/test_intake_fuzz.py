"""Whatever the bytes are: issues or observations come back, never an exception."""

from io import BytesIO
from zipfile import ZipFile

import numpy as np
import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import io
from analysis.columns import OBSERVATIONS
from analysis.intake.codes import CHECKS, has_errors
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in
from tests.data.make_exports import MADE
from tests.data.make_faults import BASE, PLAN, wide
from tests.unit.test_intake_dialects import ods_text
from tests.unit.test_intake_exports import HEAD, SNIPPETS

SCHEMA = io.read_schema()
QUICK = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
SIGNS = [
    "\n",
    "\r",
    "\t",
    ",",
    ";",
    '"',
    "'",
    ":",
    "-",
    "#",
    "&",
    "*",
    "{",
    "}",
    "[",
    "]",
    "|",
    ">",
]
SIGNS += [
    "\x00",
    "\ufeff",
    "\u00a0",
    "é",
    "0",
    "9",
    "1e99",
    "=",
    " ",
    "  ",
    "!!",
    "<<",
    "~",
    "%",
    "@",
]


def plans() -> list[str]:
    """Return plans of a long, a wide and a replicate trial."""
    pattern = PLAN.replace("value: vas", 'wide: {pattern: "vas_{time}"}\n    replicates: best')
    twice = PLAN.replace("period: week", "period: null\n  occasion: week").replace(
        "unit: mm", "unit: mm\n    convert_to: cm\n    where: {week: 1}"
    )
    top = 'trim_blanks: true\ncsv: {decimal: ",", encoding: windows-1252, delimiter: comma}\n'
    rows = PLAN.replace("value: vas", "value: vas\n    header_row: 2\n    last_row: 30")
    export = PLAN.replace("value: vas", "value: vas\n    export: vald_trials")
    return [PLAN, pattern, twice, top + PLAN, rows, export]


def edits(text: str) -> st.SearchStrategy[str]:
    """Return texts that differ from one in a few places."""
    place = st.integers(0, len(text))
    edit = st.tuples(place, st.integers(0, 12), st.sampled_from(SIGNS) | st.text(max_size=4))

    def apply(changes: list[tuple[int, int, str]]) -> str:
        changed = text
        for start, length, new in changes:
            changed = changed[:start] + new + changed[start + length :]
        return changed

    return st.lists(edit, min_size=1, max_size=4).map(apply)


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def check(plan: str | bytes, content: bytes, file: str = "soreness.csv") -> None:
    reading = read_plan(plan, SCHEMA, "fuzz")
    issues = list(reading.issues)
    assert (reading.trial is None) == has_errors(issues)
    if reading.trial is not None:
        found = take_in(reading.trial, {file: content, "trial.yaml": b""})
        issues += found.issues
        assert found.observations.empty or not has_errors(issues)
        assert list(found.observations.columns)[: len(OBSERVATIONS.names)] == OBSERVATIONS.names
        assert not np.isinf(found.observations["value"]).any()
    for each in issues:
        assert each.code in CHECKS
        assert "\n" not in each.message + each.remedy
        assert "\x00" not in each.message + each.remedy


@QUICK
@given(edits(BASE), st.sampled_from(plans()))
def test_edited_data(text: str, plan: str) -> None:
    check(plan, as_bytes(text))


@QUICK
@given(edits(wide()), st.sampled_from(plans()))
def test_edited_wide_data(text: str, plan: str) -> None:
    check(plan, as_bytes(text))


@QUICK
@given(
    st.binary(max_size=300),
    st.sampled_from(["soreness" + kind for kind in (".csv", ".xlsx", ".tsv", ".ods", ".txt")]),
)
def test_any_bytes_as_data(content: bytes, file: str) -> None:
    check(PLAN.replace("soreness.csv", file), content, file)


@QUICK
@given(st.sampled_from(plans()).flatmap(edits))
def test_edited_plans(text: str) -> None:
    check(as_bytes(text), BASE.encode())
    check(text, wide().encode())


@QUICK
@given(st.binary(max_size=300) | st.text(max_size=300) | st.text(alphabet="".join(SIGNS)))
def test_any_text_as_plan(content: bytes | str) -> None:
    check(content, b"")


BOOK = openpyxl.Workbook()
for _line in BASE.splitlines():
    BOOK.worksheets[0].append(_line.split(","))
STREAM = BytesIO()
BOOK.save(STREAM)


@QUICK
@given(
    st.lists(st.tuples(st.integers(0, len(STREAM.getvalue()) - 1), st.integers(0, 255)), max_size=6)
)
def test_damaged_workbooks(changes: list[tuple[int, int]]) -> None:
    content = bytearray(STREAM.getvalue())
    for place, value in changes:
        content[place] = value
    check(PLAN.replace("soreness.csv", "soreness.xlsx"), bytes(content), "soreness.xlsx")


@QUICK
@given(edits(ods_text([line.split(",") for line in BASE.splitlines()])))
def test_edited_ods(text: str) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", as_bytes(text))
    check(PLAN.replace("soreness.csv", "soreness.ods"), stream.getvalue(), "soreness.ods")


@QUICK
@given(
    st.sampled_from(sorted(name for name in MADE if name.endswith(".csv"))).flatmap(
        lambda name: st.tuples(st.just(name), edits(MADE[name]().decode()))
    )
)
def test_edited_exports(case: tuple[str, str]) -> None:
    file, text = case
    name = file.split(".")[0]
    check(HEAD + SNIPPETS[name], as_bytes(text), file)
