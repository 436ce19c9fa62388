"""Records of texts -> where the table lies in them: delimiter, header row, last row."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from itertools import islice
from typing import Any

from analysis.intake.companions import plain
from analysis.intake.read import DELIMITERS
from analysis.intake.tabulate import HEADER_SEARCH, Record, has_content, trimmed
from analysis.intake.values import exact, has_decimal_comma, is_date

Shape = dict[str, Any]
_ENOUGH = 0.6
_MOST_SUMS = 6
# What the first of the rows below a table is called that sum it up: no participant is.
_MEAN = re.compile(
    r"(?:group |team |overall )?(?:mean|average)(?:\W.*)?|mittel(?:wert)?|durchschnitt|moyenne"
    r"|media|promedio|gemiddelde?|gjennomsnitt|snitt|medel(?:varde)?|gennemsnit|keskiarvo|srednia"
    r"|prumer|srednja|prosek|atlag|ortalama|total|sum|summe|summary"
)


def text_records(text: str, delimiter: str, limit: int | None = None) -> list[Record]:
    """Return the records of a text, cut at a delimiter that is called as in trial.yaml."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=DELIMITERS[delimiter])
    try:
        return [tuple(each) for each in islice(lines, limit)]
    except csv.Error:
        return [tuple(line.split(DELIMITERS[delimiter])) for line in text.splitlines()[:limit]]


def delimiter_of(text: str) -> str:
    """Return the delimiter that gives most rows the same, and the largest, number of fields."""

    def merit(name: str) -> tuple[float, int]:
        widths = Counter(len(each) for each in text_records(text, name) if has_content(each))
        width, rows = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        share = rows / max(sum(widths.values()), 1)
        return (share if width > 1 else 0.0), width

    return max(DELIMITERS, key=merit)


def shape_of(records: Sequence[Record]) -> tuple[Shape, dict[str, str]]:
    """Return `header_row` and `last_row` where they are needed, and why.

    The header is the first row that is as wide as the table, has texts only, all different, and
    numbers somewhere in the rows below.
    """
    filled = [(row, trimmed(each)) for row, each in enumerate(records, 1) if has_content(each)]
    if len(filled) < 2:
        return {}, {}
    width = _usual_width(filled)
    found: Shape = {}
    reasons: dict[str, str] = {}
    header = next((row for row, each in filled[:HEADER_SEARCH] if _heads(each, width)), None)
    if header is not None and header != filled[0][0]:
        found["header_row"] = header
        reasons["header_row"] = f"the rows above it have fewer than {width} texts"
    last = _last(filled, width) or _before_summary(filled, width)
    if last is not None and (header is None or last > header):
        found["last_row"] = last
        reasons["last_row"] = "the rows below it are notes or sums up"
    return found, reasons


def _usual_width(filled: Sequence[tuple[int, Record]]) -> int:
    widths = Counter(sum(1 for text in each if text.strip()) for _, each in filled)
    return max(widths.items(), key=lambda each: (each[1], each[0]))[0]


def _heads(record: Record, width: int) -> bool:
    texts = [text.strip() for text in record if text.strip()]
    named = [text for text in texts if not _numeric(text)]
    return (
        len(texts) >= max(2, _ENOUGH * width)
        and len(set(texts)) == len(texts)
        and len(named) >= 0.9 * len(texts)
    )


def _numeric(text: str) -> bool:
    return exact(text) is not None or has_decimal_comma(text) or is_date(text)


def _last(filled: Sequence[tuple[int, Record]], width: int) -> int | None:
    """Return the row after which only notes follow: rows of one or two cells in a wide table."""
    end = len(filled)
    while end > 2 and width > 3 and sum(bool(text.strip()) for text in filled[end - 1][1]) <= 2:
        end -= 1
    notes = filled[end:]
    several = any(sum(bool(text.strip()) for text in each) > 1 for _, each in notes)
    return filled[end - 1][0] if notes and several else None


def _before_summary(filled: Sequence[tuple[int, Record]], width: int) -> int | None:
    """Return the row after which means, standard deviations and the like follow.

    The first of them is called so; or they stand apart, and leave cells empty that others have.
    """
    end = len(filled)
    first = max(end - _MOST_SUMS, 2)
    named = [place for place in range(first, end) if _MEAN.fullmatch(_first(filled[place][1]))]
    if named:
        return filled[named[0] - 1][0]
    while end > first and _sums_up(filled[end - 1][1], width):
        end -= 1
    apart = end < len(filled) and filled[end][0] > filled[end - 1][0] + 1
    return filled[end - 1][0] if apart else None


def _sums_up(record: Record, width: int) -> bool:
    """Whether a row has a name first, numbers after it, and several empty cells."""
    texts = [text.strip() for text in record if text.strip()]
    few = 1 < len(texts) <= min(width - 2, 0.8 * width)
    return few and not _numeric(texts[0]) and all(map(_numeric, texts[1:]))


def _first(record: Record) -> str:
    return plain(next((text.strip(" .:") for text in record if text.strip()), ""))
