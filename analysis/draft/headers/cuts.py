"""One header of a wide table -> its pieces, with the text that is a time in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from analysis.draft.labels.clock import is_time_word, moment

Pieces = tuple[str, ...]
_PIECE = re.compile(
    r"[A-ZÀ-Ý]?[a-zà-ſ]+|[A-ZÀ-Ý]+(?![a-zà-ſ])|[0-9]+(?:\.[0-9]+)?|[^A-Za-zÀ-ſ0-9]+"
)
_LONGEST = 6


@dataclass(frozen=True)
class Cut:
    """A header in pieces, some of them replaced by placeholders."""

    header: str
    pieces: Pieces
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The header with its placeholders."""
        return "".join(self.pieces)

    def put(self, start: int, end: int, name: str) -> Cut:
        """Return the header with pieces from `start` to before `end` replaced."""
        text = "".join(self.pieces[start:end])
        pieces = (*self.pieces[:start], f"{{{name}}}", *self.pieces[end:])
        return replace(self, pieces=pieces, said={**self.said, name: text})


def cut_of(header: str) -> Cut | None:
    """Return a header in pieces; None where it has signs of a pattern itself."""
    return None if set(header) & set("{}") else Cut(header, tuple(_PIECE.findall(header)))


def timed(cut: Cut) -> Cut | None:
    """Return a header with the time in it replaced; the longest run of words of time counts."""
    best = None
    for start, end in runs(cut.pieces):
        inner = cut.pieces[start:end]
        if cut.pieces[end : end + 1] == ("{trial}",) or _torn(cut.pieces, start, end):
            continue  # 24h_J{trial}: the letter belongs to the count
        numbers = sum(piece[0].isdigit() for piece in inner)
        text = "".join(inner)
        if numbers > 1 or not all(map(is_time_word, inner)) or _mixed(text) or _open(text):
            continue
        kind = moment(text).kind
        rank = (kind not in ("number", "ordinal"), end - start)
        if kind != "unknown" and (best is None or rank > best[0]):
            best = rank, start, end
    return None if best is None else cut.put(best[1], best[2], "time")


def _torn(pieces: Pieces, start: int, end: int) -> bool:
    """Whether a run begins or ends between a number and the unit right behind it: CMJ_24|h_1."""
    return any(
        0 < place < len(pieces) and pieces[place - 1][0].isdigit() and _is_unit(pieces[place])
        for place in (start, end)
    )


def _is_unit(piece: str) -> bool:
    return piece[0].isalpha() and is_time_word(piece)


def _open(text: str) -> bool:
    """Whether a text ends within brackets: the unit begins there."""
    return text.count("[") + text.count("(") > text.count("]") + text.count(")")


def _mixed(text: str) -> bool:
    """Whether a number without a unit stands beside a word for before: FEV1_BL."""
    return moment(text).kind == "before" and any(each.isdigit() for each in text)


def runs(pieces: Pieces) -> Iterator[tuple[int, int]]:
    """Yield the ends of runs that begin and end with letters or digits and touch no placeholder."""
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + _LONGEST, len(pieces)) + 1):
            inner = pieces[start:end]
            whole = inner[0][0].isalnum() and inner[-1][0].isalnum()
            if whole and not any(piece.startswith("{") for piece in inner):
                yield start, end


def free(pieces: Pieces, start: int, end: int) -> bool:
    """Whether pieces are there and begin with letters: a name may stand in them."""
    inner = pieces[start:end]
    return len(inner) == end - start and all(piece[0].isalpha() for piece in inner)
