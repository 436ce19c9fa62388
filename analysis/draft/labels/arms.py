"""Labels as typed -> arms with the spellings they go by."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.draft.labels import words
from analysis.intake.companions import plain

SHORT = 14
_ALIKE = 0.84
_RARE = 0.25
_SEVERAL = 3


@dataclass(frozen=True)
class Spelled:
    """An arm: the name it gets, the label shown, and all spellings that stand for it."""

    name: str
    label: str
    spellings: tuple[str, ...]
    why: str = ""


def arms_of(rows: pd.DataFrame) -> list[Spelled]:
    """Return the arms that labels stand for; spellings of one arm are joined.

    Joined are labels that differ by case, blanks and signs only; and abbreviations, slips and
    synonyms that no participant has as two arms.

    Parameters
    ----------
    rows : DataFrame
        Columns `who`, `arm`, `file` and `period` (empty where unknown), one row per value.
    """
    counts = rows["arm"].value_counts(sort=False)
    evidence = _Evidence.of(rows)
    groups: list[list[str]] = []
    for label in sorted(counts.index, key=lambda each: -int(counts[each])):
        home = next((group for group in groups if _same(label, group, evidence, counts)), None)
        if home is None:
            groups.append([label])
        else:
            home.append(label)
    if evidence.crossed:
        groups = _in_place_of(groups, rows)
    order = list(counts.index)
    groups.sort(key=lambda group: min(order.index(label) for label in group))
    names = _names([group[0] for group in groups])
    return [_spelled(name, group) for name, group in zip(names, groups, strict=True)]


def _in_place_of(groups: list[list[str]], rows: pd.DataFrame) -> list[list[str]]:
    """Return groups joined where one stands in some files, beside the arms the other has elsewhere.

    In a crossover every file has all arms: what is beside the same arms is the same one.
    """
    of = {label: number for number, group in enumerate(groups) for label in group}
    per_file = [set(part.map(of)) for _, part in rows.groupby("file")["arm"]]
    beside: dict[int, set[frozenset[int]]] = {number: set() for number in range(len(groups))}
    for file in per_file:
        for number in file:
            beside[number].add(frozenset(file - {number}))
    joined: dict[int, list[str]] = {}
    homes: dict[frozenset[frozenset[int]], int] = {}
    for number, group in enumerate(groups):
        key = frozenset(beside[number])
        home = homes.setdefault(key, number) if all(key) and len(key) == 1 else number
        joined.setdefault(home, []).extend(group)
    return list(joined.values())


def _spelled(name: str, group: Sequence[str]) -> Spelled:
    why = "other spellings of it: nobody has them as two arms" if group[1:] else ""
    return Spelled(name, max(group, key=len), tuple(group), why)


@dataclass(frozen=True)
class _Evidence:
    """Who has which labels: what tells two spellings of one arm from two arms."""

    courses: Mapping[str, frozenset[tuple[str, str, str]]]
    crossed: bool

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Evidence:
        keys = rows[["arm", "who", "file", "period"]].drop_duplicates()
        courses = {
            str(arm): frozenset(zip(group["who"], group["file"], group["period"], strict=True))
            for arm, group in keys.groupby("arm")
        }
        several = rows.assign(arm=rows["arm"].map(letters)).groupby("who")["arm"].nunique() > 1
        crossed = bool(several.mean() > 0.5)
        return cls(courses, crossed)

    def apart(self, one: str, other: str) -> bool:
        """Whether somebody has the two as two arms: in two periods, or in one file without any."""
        return any(
            who == again and (before != after if before and after else file == same)
            for who, file, before in self.courses[one]
            for again, same, after in self.courses[other]
        )

    def agree(self, one: str, other: str) -> int:
        """Return how many people have both in one and the same period."""
        first = {(who, period) for who, _, period in self.courses[one] if period}
        return len(first & {(who, period) for who, _, period in self.courses[other]})


def _same(label: str, group: Sequence[str], evidence: _Evidence, counts: pd.Series) -> bool:
    if any(letters(label) == letters(each) for each in group):
        return True
    if _slip(label, group[0]) and counts[label] < _RARE * counts[group[0]]:
        return True
    if any(evidence.apart(label, each) for each in group):
        return False
    shared = any(evidence.agree(label, each) >= _SEVERAL for each in group)
    return shared or any(_related(label, each, evidence.crossed) for each in group)


def letters(label: str) -> str:
    """Return what a label is compared by: its letters and digits in small letters."""
    return words.bare(label.replace("+", "plus"))


def _related(one: str, other: str, crossed: bool) -> bool:
    """Whether two labels are likely one arm: an abbreviation, or synonyms in a crossover.

    In a parallel trial nobody has two arms anyway, so there synonyms prove nothing.
    """
    first, second = sorted((one, other), key=lambda label: len(words.bare(label)))
    short, kinds = words.bare(first), {words.treatment(one), words.treatment(other)}
    combined = re.search(r"[+&]", one + other)
    if combined or short.isdigit() or len(short) < 2 or (len(kinds) > 1 and None not in kinds):
        return False
    known = len(kinds) == 1 and None not in kinds
    return _abbreviates(short, second) or (known and (crossed or _acronym(short, second)))


def _abbreviates(short: str, label: str) -> bool:
    """Whether a text is the beginning of a label's first word, or its initials: PAS, CWI."""
    parts = re.findall(r"[a-z0-9]+", plain(label))
    begins = len(short) >= 3 and parts[0].startswith(short) and parts[0] != short
    return begins or (len(parts) > 1 and short == "".join(each[0] for each in parts))


def _acronym(short: str, label: str) -> bool:
    """Whether the letters of a short text stand in a label in their order: FIR, far infrared."""
    rest = iter(words.bare(label))
    return len(short) <= 4 and words.bare(label)[0] == short[0] and all(x in rest for x in short)


def _slip(one: str, other: str) -> bool:
    first, second = words.bare(one), words.bare(other)
    if min(len(first), len(second)) < 5 or re.sub(r"\D", "", first) != re.sub(r"\D", "", second):
        return False
    return difflib.SequenceMatcher(None, first, second).ratio() >= _ALIKE


def _names(labels: Sequence[str]) -> list[str]:
    """Return a short name for each label: as typed where it is short, else its treatment."""
    names: list[str] = []
    kinds = [words.treatment(label) for label in labels]
    for label, kind in zip(labels, kinds, strict=True):
        if len(label) <= SHORT and " " not in label:
            name = label
        else:
            name = kind if kind is not None and kinds.count(kind) == 1 else slug(label)
        names.append(unused(name, names))
    return names


def slug(text: str, limit: int = 24) -> str:
    """Return a text as a name: small letters, digits and underscores."""
    found = re.sub(r"[^a-z0-9]+", "_", plain(text)).strip("_")
    if len(found) > limit:
        found = found[:limit].rsplit("_", 1)[0]
    return found or "x"


def unused(name: str, taken: Collection[str]) -> str:
    """Return a name, with a number where it is taken."""
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, 100) if f"{name}_{n}" not in taken)
