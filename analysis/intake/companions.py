"""Columns of a file that trial.yaml does not name, but that can bear witness: date, temperature."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from analysis.intake.layout import Cell, Source

Record = tuple[str, ...]


def words(header: str) -> set[str]:
    """Return the words of a header without accents and case: VisitDate and visit_date alike."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    plain = unicodedata.normalize("NFKD", split).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return set(re.findall(r"[a-z]+", plain))


@dataclass(frozen=True)
class Companion:
    """A column beside the declared ones, and its texts by row of the file."""

    header: str
    texts: dict[int, str]

    def of(self, cell: Cell) -> str:
        """Return what stands in the column in the row of a cell."""
        return self.texts.get(cell.row, "")


def companions(source: Source) -> Iterator[Companion]:
    """Yield every column of a table that trial.yaml does not name."""
    rows = list(source.rows())
    taken = set(source.wanted.values()) | set(source.headers if source.outcome.pattern else ())
    for place, header in enumerate(source.table.header):
        if header.strip() and header not in taken:
            yield Companion(header, {number: row[place].strip() for number, row in rows})


def find(
    source: Source, names: Collection[str], never: Collection[str], fits: Callable[[str], bool]
) -> Companion | None:
    """Return the column whose header has one of the names and most of whose texts fit, if one.

    A header with one of the words in `never` is of something else: a date of birth.
    """
    found = [
        each
        for each in companions(source)
        if words(each.header) & set(names)
        and not words(each.header) & set(never)
        and _mostly(list(each.texts.values()), fits)
    ]
    return found[0] if len(found) == 1 else None


def _mostly(texts: Sequence[str], fits: Callable[[str], bool]) -> bool:
    filled = [text for text in texts if text]
    return len(filled) > 1 and sum(map(fits, filled)) > 0.8 * len(filled)
