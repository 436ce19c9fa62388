# ruff: noqa: E501
"""Workbooks: bytes of the archive, its members, and the XML in them."""

from __future__ import annotations

import random
import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from openpyxl.utils.exceptions import IllegalCharacterError

from tests.fuzz.bases import (
    TABLE,
    document,
    excel,
    numbers_in_book,
    ods,
    plan_for,
    stata,
    workbook,
)
from tests.fuzz.case import Case
from tests.fuzz.texts import scrambled
from tests.fuzz.words import FORMULAS, LABELS, NUMBERS

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    + "".join(f'<!ENTITY {chr(99 + i)} "{f"&{chr(98 + i)};" * 10}">' for i in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
# What stands in a sheet, and what it may become.
SWAPS = (
    (r'r="[A-Z]+(\d+)"', ('r="XFD\\1"', 'r="ZZZ\\1"', 'r="A\\1"', 'r=""', 'r="1"', 'r="AAAAAAA1"')),
    (r'<row r="\d+"', ('<row r="1048576"', '<row r="99999999999"', '<row r="0"', '<row r="-1"', '<row r="x"', "<row")),
    (r't="\w+"', ('t="s"', 't="b"', 't="e"', 't="str"', 't="inlineStr"', 't="d"', 't="x"', "")),
    (r"<v>[^<]*</v>", ("<v>1e999</v>", "<v></v>", "<v/>", "<v>NaN</v>", "<v>99999999</v>", "<v>-1</v>", "<v>1_0</v>",
                       "<f>1+1</f><v>24</v>", "<f>1+1</f>", "<v>&b;</v>", "<v>&e;</v>", "<v>#REF!</v>", "<v>2958466</v>")),
    (r's="\d+"', ('s="99999"', 's="-1"', 's="x"')),
    (r'<dimension ref="[^"]*"', ('<dimension ref="A1:XFD1048576"', '<dimension ref="A1"', '<dimension ref="x"')),
    (r"</sheetData>", ('</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
                       '</sheetData><mergeCells count="1"><mergeCell ref="A3:B4"/></mergeCells>', "", "</sheetData></sheetData>")),
    (r"<cols>.*</cols>|<sheetFormatPr", ('<cols><col min="1" max="16384" width="9"/></cols>', "<sheetFormatPr")),
    (r"<\?xml[^>]*\?>|^", ('<?xml version="1.0" encoding="UTF-16"?>', '<?xml version="1.1"?>', ENTITIES, OUTSIDE, REMOTE)),
)  # fmt: skip
ODS_SWAPS = (
    (r'number-columns-repeated="\d+"', ('number-columns-repeated="1000000000"', 'number-columns-repeated="-1"', 'number-columns-repeated="x"')),
    (r'number-rows-repeated="\d+"', ('number-rows-repeated="1000000000"', 'number-rows-repeated="0"')),
    (r"<table:table-row>", ('<table:table-row table:number-rows-repeated="1000000">', '<table:table-row table:number-rows-repeated="99999999999">',
                            '<table:table-row table:visibility="filter">', "<table:table-header-rows><table:table-row>")),
    (r"<table:table-cell ", ('<table:table-cell table:number-columns-repeated="16000" ', '<table:table-cell table:number-columns-spanned="3" ',
                             '<table:covered-table-cell ', '<table:table-cell table:formula="of:=1+1" ')),
    (r'office:value="[^"]*"', ('office:value="1e999"', 'office:value="nan"', 'office:value="x"', "")),
    (r'office:value-type="\w+"', ('office:value-type="date"', 'office:value-type="boolean"', 'office:value-type="x"', "")),
    (r"<text:p>[^<]*</text:p>", ("<text:p/>", '<text:p><text:s text:c="1000000000"/></text:p>', "<text:p>" * 500 + "</text:p>" * 500,
                                 "<text:p>&b;</text:p>", "<text:p>&e;</text:p>", "<text:p>1</text:p><text:p>2</text:p>")),
    (r'table:name="Data"', ('table:name=""', "", 'table:name="' + "x" * 5000 + '"')),
    (r"<\?xml[^>]*\?>", (ENTITIES, OUTSIDE, REMOTE, '<?xml version="1.0" encoding="UTF-16"?>')),
)  # fmt: skip


def _case(file: str, content: bytes, invalid: bool = False) -> Case:
    plan = plan_for(file)
    return Case(
        {"trial.yaml": plan.encode(), file: content},
        invalid=invalid,
        never=frozenset({2.0}) if invalid else frozenset(),
        numbers=lambda: numbers_in_book(content),
    )


def _members(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(members: dict[str, bytes], pack: int = ZIP_DEFLATED) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", pack) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def bytes_of_archive(rng: random.Random) -> Case:
    """Change bytes of the archive itself."""
    if rng.random() < 0.5:
        return _case(
            "soreness.xlsx", scrambled(rng, _stored() if rng.random() < 0.7 else workbook())
        )
    return _case("soreness.ods", scrambled(rng, ods(document())))


def bytes_of_stata(rng: random.Random) -> Case:
    """Change bytes of a data file of Stata, of one of its versions."""
    content = scrambled(rng, stata(rng.choice((114, 117, 118))))
    return Case({"trial.yaml": plan_for("soreness.dta").encode(), "soreness.dta": content})


def _stored() -> bytes:
    """Return the workbook without compression, so that changed bytes reach the XML."""
    return _archive(_members(workbook()), ZIP_STORED)


def members_of_archive(rng: random.Random) -> Case:
    """Drop, rename, empty, exchange and add members, also with paths that lead outside."""
    excel_file = rng.random() < 0.6
    members = _members(workbook() if excel_file else ods(document()))
    for _ in range(rng.randint(1, 2)):
        name, other = rng.choice(list(members)), rng.choice(list(members))
        kind = rng.randrange(6)
        if kind == 0 and len(members) > 1:
            del members[name]
        elif kind == 1:
            members[name] = b""
        elif kind == 2:
            members[name], members[other] = members[other], members[name]
        elif kind == 3:
            members[rng.choice(("../../evil.txt", "/tmp/evil.txt", "C:\\evil", "x" * 300))] = b"x"
        elif kind == 4:
            members[name] = scrambled(rng, members[name])
        else:
            members[name.upper()] = members.pop(name)
    return _case("soreness.xlsx" if excel_file else "soreness.ods", _archive(members))


def xml_of_excel(rng: random.Random) -> Case:
    """Change what stands in the XML of an Excel workbook."""
    members = _members(workbook())
    name = SHEET if rng.random() < 0.8 else rng.choice(sorted(members))
    members[name] = _swapped(rng, members[name].decode(), SWAPS).encode("utf-8", "replace")
    return _case("soreness.xlsx", _archive(members))


def xml_of_ods(rng: random.Random) -> Case:
    """Change what stands in the XML of an OpenDocument sheet."""
    return _case("soreness.ods", ods(_swapped(rng, document(), ODS_SWAPS)))


def _swapped(rng: random.Random, text: str, swaps: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.25:
            text = scrambled(rng, text.encode()).decode("utf-8", "replace")
            continue
        pattern, news = rng.choice(swaps)
        places = list(re.finditer(pattern, text, re.DOTALL))
        if places:
            place = rng.choice(places)
            new = place.expand(rng.choice(news)) if "\\" not in pattern else rng.choice(news)
            text = text[: place.start()] + new.replace("\\1", "3") + text[place.end() :]
    return text


def cells_of_excel(rng: random.Random) -> Case:
    """Write odd values of every type into cells."""
    rows: list[list[object]] = [list(each) for each in TABLE]
    for _ in range(rng.randint(1, 4)):
        row = rng.choice(rows)
        row[rng.randrange(5)] = rng.choice((
            rng.choice(NUMBERS)[:30000], rng.choice(LABELS), rng.choice(FORMULAS), True, None,
            1e308, -1e-308, 10**15, 24.000000000000004, 0.1 + 0.2,
        ))  # fmt: skip
    try:
        return _case("soreness.xlsx", excel(rows))
    except (ValueError, IllegalCharacterError):  # signs that no program writes into a workbook
        return _case("soreness.xlsx", workbook())


def formulas_in_books(rng: random.Random) -> Case:
    """Write a formula without a stored result where a value belongs: refused, never computed."""
    row = rng.randrange(1, len(TABLE))
    if rng.random() < 0.5:
        rows: list[list[object]] = [list(each) for each in TABLE]
        rows[row][4] = rng.choice([each for each in FORMULAS if each.startswith("=")])
        return _case("soreness.xlsx", excel(rows), invalid=True)
    value = TABLE[row][4]
    cell = f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'
    formula = '<table:table-cell table:formula="of:=1+1"><text:p></text:p>'
    return _case("soreness.ods", ods(document().replace(cell, formula, 1)), invalid=True)


def archive_bombs(rng: random.Random) -> Case:
    """Members that unpack to much more than they are, or say that they do."""
    members = _members(workbook())
    size = rng.choice((1_000_000, 20_000_000))
    blank = members[SHEET].replace(b"</sheetData>", b" " * size + b"</sheetData>")
    rows = members[SHEET].replace(b"</sheetData>", b"<row></row>" * (size // 100) + b"</sheetData>")
    members[SHEET] = rng.choice((blank, rows))
    content = _archive(members)
    if rng.random() < 0.5:
        content = content.replace(len(members[SHEET]).to_bytes(4, "little"), b"\xff\xff\xff\x0f")
    return _case("soreness.xlsx", content)
