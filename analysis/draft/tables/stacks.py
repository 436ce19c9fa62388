"""Tables that continue each other -> one table: a file or sheet per visit, arm or participant.

What tells such files apart stands in their names. Each part of the names that differs becomes a
column of the joined table, so that the roles of columns are found as everywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd

from analysis.draft.labels.measures import kind_of
from analysis.draft.tables.reading import Page, Part

_SHARED = 0.8
MARK = "\N{SYMBOL FOR NULL}name "  # no header of a file starts so


def is_of_names(header: str) -> bool:
    """Whether a column is made of the names of files, and stands in none of them."""
    return header.startswith(MARK)


def joined(pages: Sequence[Page]) -> list[Page]:
    """Return the tables, those joined that have the same headers and are written alike.

    Some may have a few columns more. Tables whose names are those of outcomes are left apart.

    Parameters
    ----------
    pages : sequence of Page
    """
    groups: list[list[Page]] = []
    for page in pages:
        home = next((group for group in groups if _alike(group[0], page)), None)
        if home is None:
            groups.append([page])
        else:
            home.append(page)
    found: list[Page] = []
    for group in groups:
        names = _names(group) if len(group) > 1 else None
        found += group if names is None else [_joined(group, names)]
    return found


def _alike(one: Page, other: Page) -> bool:
    """Whether tables are written alike, with the same columns but for a few that one has more."""
    written = [replace(page.dialect, decimal=".", trim_blanks=False) for page in (one, other)]
    few, many = sorted((set(one.frame), set(other.frame)), key=len)
    return written[0] == written[1] and few <= many and len(few) >= _SHARED * len(many)


def _names(group: Sequence[Page]) -> list[list[str]] | None:
    """Return what differs in the names of the tables, in as many pieces each; None for outcomes."""
    texts = [_text(page) for page in group]
    split = [_pieces(text) for text in texts]
    if len({len(each) for each in split}) > 1:
        split = [[each] for each in _without_common(texts)]
    differing = [
        place for place in range(len(split[0])) if len({each[place] for each in split}) > 1
    ]
    names = [[each[place] for place in differing] for each in split]
    every = {text for each in names for text in each}
    return None if any(kind_of(text) is not None for text in every) or not differing else names


def _text(page: Page) -> str:
    stem = PurePosixPath(page.file).with_suffix("").as_posix()
    return f"{stem}/{page.sheet}" if page.sheet else stem


def _pieces(text: str) -> list[str]:
    return [each for each in re.split(r"[_\-./\\ ]+", text) if each]


def _without_common(texts: Sequence[str]) -> list[str]:
    """Return texts without the pieces that all of them begin or end with."""
    split = [_pieces(text) for text in texts]
    shortest = min(map(len, split))
    head = 0
    while head < shortest - 1 and len({each[head] for each in split}) == 1:
        head += 1
    tail = 0
    while tail < shortest - head - 1 and len({each[-1 - tail] for each in split}) == 1:
        tail += 1
    return [" ".join(each[head : len(each) - tail]) for each in split]


def _joined(group: Sequence[Page], names: Sequence[Sequence[str]]) -> Page:
    headers = [f"{MARK}{place}" for place in range(1, len(names[0]) + 1)]
    parts = tuple(
        Part(page.file, page.sheet, dict(zip(headers, texts, strict=True)))
        for page, texts in zip(group, names, strict=True)
    )
    frames = [page.frame.assign(**part.labels) for page, part in zip(group, parts, strict=True)]
    first = group[0]
    decimal = "," if any(page.dialect.decimal == "," for page in group) else "."
    trim = any(page.dialect.trim_blanks for page in group)
    return replace(
        first,
        sheet=None,
        dialect=replace(first.dialect, decimal=decimal, trim_blanks=trim),
        frame=pd.concat(frames, ignore_index=True).fillna(""),
        reasons=_reasons(group),
        parts=parts,
    )


def _reasons(group: Iterable[Page]) -> dict[str, str]:
    found: dict[str, str] = {}
    for page in group:
        found |= page.reasons
    return found
