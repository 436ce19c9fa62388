"""Text files: bytes, cells, rows, dialects and encodings."""

from __future__ import annotations

import random
import re

from tests.data.make_faults import PLAN, text
from tests.fuzz.bases import TABLE, numbers_in_text, pick_text, plan_for
from tests.fuzz.case import Case
from tests.fuzz.words import FORMULAS, LABELS, NUMBERS

SIGNS = [
    *(b",", b";", b"\t", b"|", b'"', b"'", b"\n", b"\r", b"\r\n", b"\x00", b"\xff"),
    *(b"\xfe\xff", b"\xef\xbb\xbf", b"\x85", b"\xe2\x80\xa8", b"\x1a"),
    *(b"=", b"-", b"0", b"9", b" ", b"\xc2\xa0"),
]  # fmt: skip
CODECS = [
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "mac_roman", "shift_jis"),
    *("utf-7", "cp037", "latin-1", "gb18030", "hz"),
]


def scrambled(rng: random.Random, content: bytes) -> bytes:
    """Return bytes with up to four changes: flips, insertions, deletions, copies, a cut."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at, length = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 5, 20, 100))
        kind = rng.randrange(8)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at:at] = rng.choice(SIGNS)
        elif kind == 2:
            data[at:at] = rng.randbytes(length)
        elif kind == 7:
            data[at : at + 1] = rng.choice(b"0123456789.,-abfirps ").to_bytes(1, "big")
        elif kind == 3:
            del data[at : at + length]
        elif kind == 4:
            data[at:at] = data[at : at + length] * rng.choice((1, 1, 3))
        elif kind == 5 and rng.random() < 0.2:
            del data[at:]
        else:
            other = rng.randrange(len(data) + 1)
            data[at:at] = data[other : other + length]
    return bytes(data)


def bytes_of_text(rng: random.Random) -> Case:
    """Change bytes of a text file."""
    plan, file, content = pick_text(rng)
    return _text_case(plan, file, scrambled(rng, content))


def _text_case(plan: str, file: str, content: bytes) -> Case:
    def numbers() -> set[float] | None:
        plain = file == "soreness.csv" and "windows" not in plan
        return numbers_in_text(content) if plain else None

    return Case({"trial.yaml": plan.encode(), file: content}, numbers=numbers)


def cells_of_text(rng: random.Random) -> Case:
    """Write odd texts into cells, and move, double or drop rows and columns."""
    table = [list(row) for row in TABLE]
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice((_cell, _cell, _cell, _row, _column))(rng, table)
    mark = rng.choice(",,,,,,;;\t\t||^")
    end = rng.choice(("\n", "\n", "\n", "\n", "\r\n", "\r\n", "\r", "\u2028"))
    body = text([[_quoted(rng, each, mark) for each in row] for row in table], mark)
    return _text_case(PLAN, "soreness.csv", body.replace("\n", end).encode("utf-8", "replace"))


def _cell(rng: random.Random, table: list[list[str]]) -> None:
    row = rng.choice(table)
    if row:
        row[rng.randrange(len(row))] = rng.choice(rng.choice((NUMBERS, LABELS, FORMULAS)))


def _row(rng: random.Random, table: list[list[str]]) -> None:
    at = rng.randrange(len(table))
    kind = rng.randrange(4)
    if kind == 0 and len(table) > 1:
        del table[at]
    elif kind == 1:
        table.insert(rng.randrange(len(table)), list(table[at]))
    elif kind == 2:
        rng.shuffle(table)
    else:
        table.insert(at, rng.choice(([], [""] * 5, ["note"], ["a"] * 9)))


def _column(rng: random.Random, table: list[list[str]]) -> None:
    at, kind = rng.randrange(5), rng.randrange(4)
    word = rng.choice(LABELS)
    for row in table:
        if kind == 0:
            del row[at : at + 1]
        elif kind == 1 and row:
            row.append(row[min(at, len(row) - 1)])
        elif kind == 2:
            row[at : at + 1] = [word]
        else:
            rng.shuffle(row)


def _quoted(rng: random.Random, each: str, mark: str) -> str:
    odd = mark in each or '"' in each or "\n" in each
    if odd and rng.random() < 0.8:
        return '"' + each.replace('"', '""') + '"'
    return each


def encodings(rng: random.Random) -> Case:
    """Write the table in another encoding, with letters that ASCII does not have."""
    name = rng.choice(("Müller", "Łukasz", "Ευ", "Жан", "山田", "P01"))
    body = text(TABLE).replace("P03", name)
    try:
        content = body.encode(rng.choice(CODECS))
    except UnicodeEncodeError:
        content = body.encode("utf-16")
    declared = rng.choice(("", "windows-1252", "utf-16", "utf-8", "mac-roman", "iso-8859-1"))
    plan = (
        PLAN.replace("columns:\n", f"csv: {{encoding: {declared}}}\ncolumns:\n")
        if declared
        else PLAN
    )
    if rng.random() < 0.3:
        content = scrambled(rng, content)
    return Case({"trial.yaml": plan.encode(), "soreness.csv": content})


def large(rng: random.Random) -> Case:
    """Make a file long, wide, or full of one sign, up to about a megabyte."""
    kind, size = rng.randrange(8), rng.choice((1_000, 10_000, 100_000))
    header, *rows = text(TABLE).splitlines(keepends=True)
    many = ",".join(f"c{column}" for column in range(size // 100))
    people = [f"P{i},{row.split(',', 1)[1]}" for i in range(size // 1000) for row in rows]
    body = {
        0: header + "".join(rows) + '"' * size,
        1: header + "x" * size + "\n",
        2: header + "," * size + "\n" + "".join(rows),
        3: header.strip() + "," + many + "\n" + "".join(rows),
        4: "\n" * size + header + "".join(rows),
        5: header + "".join(rows) + "\n" * size,
        6: header + "".join(people),
        7: header + "".join(rows) + "P07,fir,pre,1," + "9" * size + "\n",
    }[kind]  # fmt: skip
    return Case({"trial.yaml": PLAN.encode(), "soreness.csv": body.encode()})


def formulas(rng: random.Random) -> Case:
    """Write a formula where a value belongs: it is refused, and never computed."""
    word = rng.choice([each for each in FORMULAS if not re.fullmatch(r"[\s\d.]+", each)])
    row = rng.randrange(1, len(TABLE))
    table = [list(each) for each in TABLE]
    table[row][4] = word
    body = text([[f'"{each.replace(chr(34), chr(34) * 2)}"' for each in line] for line in table])
    return Case(
        {"trial.yaml": plan_for("soreness.csv").encode(), "soreness.csv": body.encode()},
        invalid=True,
        never=frozenset({2.0, 49.0}),
    )
