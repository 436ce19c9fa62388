"""Small sound trials to start from, and what a second reader finds in a file."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd

from tests.data.edits import with_texts
from tests.data.make_exports import MADE
from tests.data.make_faults import BASE, PLAN, TRIALS, text, wide
from tests.unit.test_intake_dialects import ods_text, zipped
from tests.unit.test_intake_exports import HEAD, SNIPPETS

TABLE = [line.split(",") for line in BASE.splitlines()]
PARALLEL = "".join(
    line for line in BASE.splitlines(keepends=True) if ",2," not in line
)  # the first week of everyone


def planned(*pairs: tuple[str, str]) -> str:
    """Return the plan of the base trial with texts replaced."""
    return with_texts(PLAN, *pairs)


def ordered() -> str:
    """Return the data of the base trial with the order of the arms in a column."""
    first = {row[0]: row[1] for row in reversed(TABLE[1:])}
    return text(
        [[*TABLE[0], "order"], *([*row, f"begins with {first[row[0]]}"] for row in TABLE[1:])]
    )


SEMICOLONS = text([[each.replace(".", ",") for each in row] for row in TABLE], ";")
TEXTS: dict[str, tuple[str, bytes]] = {
    "long": (PLAN, BASE.encode()),
    "wide": (planned(("value: vas", 'wide: {pattern: "vas_{time}"}')), wide().encode()),
    "sequence": (planned(("  period: week\n", "  period: week\n  sequence: order\n")),
                 ordered().encode()),
    "trials": (planned(("    value: vas\n", "    value: vas\n    replicates: mean\n")),
               TRIALS.encode()),
    "parallel": (planned(("design: crossover", "design: parallel"), ("  period: week\n", "")),
                 PARALLEL.encode()),
    "semicolons": (planned(("columns:\n", 'csv: {decimal: ","}\ntrim_blanks: true\ncolumns:\n')),
                   SEMICOLONS.encode("utf-8-sig")),
    "windows": (planned(("columns:\n", "csv: {encoding: windows-1252}\ncolumns:\n")),
                BASE.replace("P06", "Pü6").encode("cp1252")),
    "utf-16": (planned(("columns:\n", "csv: {encoding: utf-16}\ncolumns:\n")),
               BASE.encode("utf-16")),
}  # fmt: skip
RICH = (
    planned(
        ("    unit: mm\n", "    unit: mm\n    margin: {value: 10, source: a test}\n"),
        ("fir: {label: Far-infrared}", "fir: {label: FIR, aliases: [IR], dose: {minutes: 20}}"),
    )
    + """\
  secondary:
    - {outcome: soreness, arm: fir, reference: passive, time: 1h}
  multiplicity: holm
model: {df: satterthwaite, residual: by_time}
missing_codes: [-9]
"""
)
TEXTS["rich"] = (RICH, BASE.encode())
_EXPORTS = sorted(name for name in MADE if name.endswith(".csv"))


def pick_text(rng: random.Random) -> tuple[str, str, bytes]:
    """Return plan, name of the data file and its content, of a trial with a text file."""
    if rng.random() < 0.2:
        name = rng.choice(_EXPORTS)
        return export_plan(name), name, made(name)
    plan, content = TEXTS[rng.choice(list(TEXTS))]
    return plan, "soreness.csv", content


@cache
def made(name: str) -> bytes:
    """Return an export of a known system."""
    return MADE[name]()


def export_plan(name: str) -> str:
    """Return the documented plan of an export."""
    return f"{HEAD}{SNIPPETS[name.split('.')[0]]}"


def plan_for(name: str) -> str:
    """Return the plan of the base trial with its data in another file."""
    return PLAN.replace("soreness.csv", name)


@cache
def workbook() -> bytes:
    """Return the base trial as an Excel workbook, numbers as numbers."""
    return excel([[_number(each) for each in row] for row in TABLE])


@cache
def document() -> str:
    """Return the base trial as the XML of an .ods document, numbers as numbers."""
    return str(ods_text([[_number(each) for each in row] for row in TABLE]))


@cache
def stata(version: int) -> bytes:
    """Return the base trial as a data file of Stata, numbers as numbers."""
    header, *body = [[_number(each) for each in row] for row in TABLE]
    stream = BytesIO()
    frame = pd.DataFrame(body, columns=[str(name) for name in header])
    frame.to_stata(stream, write_index=False, version=version)
    return stream.getvalue()


def ods(content: str) -> bytes:
    """Return the XML of a document as an .ods file."""
    return zipped(content)


def excel(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as an Excel workbook; a text that begins with = is a formula without a result."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _number(each: str) -> str | int:
    return int(each) if each.isdigit() else each


# --- A second reader: which numbers stand in a file, wherever ---


def numbers_in_text(content: bytes) -> set[float]:
    """Return every number that stands in a text file, with a point or with a decimal comma."""
    shown = content.decode("utf-16", "replace")
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        shown = content.decode("utf-8", "replace")
    pieces = re.split(r"[;\t|\r\n,\"]", shown) + re.split(r"[;\t|\r\n\"]", shown.replace(",", "."))
    return {value for each in pieces if (value := _float(each)) is not None}


def numbers_in_book(content: bytes, reread: Any = None) -> set[float] | None:
    """Return every number in the first sheet of a workbook as calamine reads it, if it can."""
    import python_calamine

    try:
        sheet = python_calamine.load_workbook(BytesIO(content)).get_sheet_by_index(0)
        cells = [each for row in sheet.to_python() for each in row]
    except BaseException:  # its own panics are no ordinary exceptions
        return None
    return {value for each in cells if (value := _float(str(each))) is not None}


def _float(text: str) -> float | None:
    try:
        return float(text.strip().replace("\u00a0", ""))
    except ValueError:
        return None
