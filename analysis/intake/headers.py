"""Headers that take more than one row, in text files and in workbooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from analysis.intake.codes import counted, listed, quoted
from analysis.intake.values import exact

Range = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1

_ONE_HEADER = (
    "Give every column one header in one row, for example fir_pre and fir_24h; trial.yaml then "
    'reads them by `wide: {pattern: "{arm}_{time}"}`.'
)


def two_row_header(
    header_row: int, header: Sequence[str], body: Sequence[tuple[int, Sequence[str]]]
) -> tuple[str, str] | None:
    """Return message and remedy where the names of the columns go on in the row below.

    They do where that row has texts only, some of them under a name that is empty or repeated, and
    numbers follow in just these columns.
    """
    number, below = body[0]
    names = [*(name.strip() for name in header), *[""] * (len(below) - len(header))]
    times = Counter(names)
    open_names = [
        place
        for place, text in enumerate(below)
        if text.strip() and (not names[place] or times[names[place]] > 1)
    ]
    texts = [text for text in below if text.strip()]
    numbers = any(
        exact(row[place]) is not None
        for _, row in body[1:]
        for place in open_names[: len(row)]
        if place < len(row)
    )
    if not numbers or len(texts) < 2 or any(exact(text) is not None for text in texts):
        return None
    above = next((name for name in reversed(names[: open_names[0] + 1]) if name), "")
    message = (
        f"The header takes two rows ({header_row} and {number}): under {quoted(above)} stands "
        f"{quoted(below[open_names[0]])}."
    )
    return message, _ONE_HEADER


def merged_cells(
    ranges: Collection[Range], header_row: int, last_row: int, width: int
) -> tuple[str, str] | None:
    """Return message and remedy where cells of the table are merged; titles above it may be."""
    inside = sorted(
        each
        for each in ranges
        if each[2] >= header_row and each[0] <= last_row and each[1] <= width
    )
    if not inside:
        return None
    places = listed((_named(each) for each in inside), 5)
    if inside[0][0] <= header_row:
        return f"Cells of the header are merged ({places}).", "Unmerge them. " + _ONE_HEADER
    found = f"{counted(len(inside), 'block')} of cells {'is' if len(inside) == 1 else 'are'} merged"
    message = f"{found} ({places}); only the first cell of a block has a value."
    return message, "Unmerge them and fill in every cell: nothing is carried over."


def _named(block: Range) -> str:
    top, left, bottom, right = block
    return f"{_letters(left)}{top}:{_letters(right)}{bottom}"


def _letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
