"""Columns of a file that trial.yaml does not name, but that can bear witness: date, temperature."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from analysis.intake.layout import Cell, Source

# Letters that Unicode does not take apart into a letter and an accent.
_WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def plain(text: str) -> str:
    """Return a text in small letters without accents."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_WHOLE_LETTERS)
    return "".join(each for each in folded if not unicodedata.combining(each))


@lru_cache(maxsize=1 << 10)
def words(header: str) -> frozenset[str]:
    """Return the words of a header without accents and case: VisitDate and visit_date alike."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return frozenset(re.findall(r"[a-z]+", plain(split)))


@dataclass(frozen=True)
class Companion:
    """A column beside the declared ones."""

    header: str
    source: Source

    @cached_property
    def texts(self) -> dict[int, str]:
        """The texts of the column, by row of the file."""
        place = self.source.column(self.header)
        return {number: row[place].strip() for number, row in self.source.rows()}

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text occurs that is not empty."""
        found = Counter(self.texts.values())
        found.pop("", None)
        return found

    def of(self, cell: Cell) -> str:
        """Return what stands in the column in the row of a cell."""
        return self.texts.get(cell.row, "")


def companions(source: Source, others: Sequence[Source] = ()) -> Iterator[Companion]:
    """Yield every column of a table that trial.yaml does not name, for this outcome or `others`."""
    taken = set.intersection(*(_taken(each) for each in (source, *others)))
    for header in source.table.header:
        if header.strip() and header not in taken:
            yield Companion(header, source)


def _taken(source: Source) -> set[str]:
    return set(source.wanted.values()) | set(source.headers if source.outcome.pattern else ())


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
        and each.counts.total() > 1
        and share(each.counts, fits) > 0.8
    ]
    return found[0] if len(found) == 1 else None


def share(texts: Counter[str], fits: Callable[[str], bool]) -> float:
    """Return the share of the texts that fit; each different one is asked about once."""
    every = texts.total()
    return sum(n for text, n in texts.items() if fits(text)) / every if every else 0.0
