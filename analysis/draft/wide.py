"""Headers of a wide table -> patterns: sor_pre_fir, sor_24h_fir -> sor_{time}_{arm}."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from analysis.draft import words
from analysis.draft.clock import is_time_word, is_week, moment
from analysis.draft.columns import Column
from analysis.draft.measures import kind_of

Pieces = tuple[str, ...]
InRows = Literal["surely", "perhaps", "no"]
_PIECE = re.compile(
    r"[A-ZÀ-Ý]?[a-zà-ſ]+|[A-ZÀ-Ý]+(?![a-zà-ſ])|[0-9]+(?:\.[0-9]+)?|[^A-Za-zÀ-ſ0-9]+"
)
_LONGEST = 6
_FEWEST = 2
_ALIKE = 4.0


@dataclass(frozen=True)
class Slotted:
    """One header with what it stands for: the texts in place of the placeholders."""

    header: str
    time: str
    arm: str = ""
    trial: str = ""


@dataclass(frozen=True)
class Pattern:
    """A pattern and the headers that follow it."""

    pattern: str
    slots: tuple[Slotted, ...]

    @property
    def literal(self) -> str:
        """The pattern without its placeholders: what names the outcome."""
        return re.sub(r"\{[a-z]+\}", " ", self.pattern).strip(" _.-")


@dataclass(frozen=True)
class _Cut:
    """A header in pieces, some of them replaced by placeholders."""

    header: str
    pieces: Pieces
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return "".join(self.pieces)

    def put(self, start: int, end: int, name: str) -> _Cut:
        """Return the header with pieces from `start` to before `end` replaced."""
        text = "".join(self.pieces[start:end])
        pieces = (*self.pieces[:start], f"{{{name}}}", *self.pieces[end:])
        return replace(self, pieces=pieces, said={**self.said, name: text})


def patterns_of(columns: Mapping[str, Column], arm_in_rows: InRows) -> list[Pattern]:
    """Return the patterns of a wide table; none where the table is long.

    Parameters
    ----------
    columns : mapping
        The columns that may hold values.
    arm_in_rows : {"surely", "perhaps", "no"}
        Whether a column names the arm. Treatments in headers go before a column that only may.
    """
    numeric = [name for name, each in columns.items() if each.numeric and not each.dated]
    cuts = [cut for name in numeric for cut in [_timed(name)] if cut is not None]
    families = _families(cuts)
    if arm_in_rows != "surely":
        families = _joined([_named_arm(family) for family in families], families)
        families = _with_other_arms(families, columns)
    if arm_in_rows == "no" and not any("arm" in family[0].said for family in families):
        families = _unnamed_arms(families, columns)
    families = _with_other_times(_with_trials(families), numeric)
    return [_pattern(family) for family in families]


def _pattern(family: Sequence[_Cut]) -> Pattern:
    slots = tuple(Slotted(cut.header, **cut.said) for cut in family)
    return Pattern(family[0].template, slots)


def _timed(header: str) -> _Cut | None:
    """Return a header with the time in it replaced; the longest run of words of time counts."""
    if set(header) & set("{}"):
        return None
    cut = _Cut(header, tuple(_PIECE.findall(header)))
    best = None
    for start, end in _runs(cut.pieces):
        inner = cut.pieces[start:end]
        numbers = sum(piece[0].isdigit() for piece in inner)
        if numbers > 1 or not all(map(is_time_word, inner)) or _mixed("".join(inner)):
            continue
        if any(map(is_week, inner)):
            continue  # WK_24h: something else called so; no trial of recovery has times in weeks
        kind = moment("".join(inner)).kind
        rank = (kind not in ("number", "ordinal"), end - start)
        if kind != "unknown" and (best is None or rank > best[0]):
            best = rank, start, end
    return None if best is None else cut.put(best[1], best[2], "time")


def _mixed(text: str) -> bool:
    """Whether a number without a unit stands beside a word for before: FEV1_BL."""
    return moment(text).kind == "before" and any(each.isdigit() for each in text)


def _runs(pieces: Pieces) -> Iterator[tuple[int, int]]:
    """Yield the ends of runs that begin and end with letters or digits and touch no placeholder."""
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + _LONGEST, len(pieces)) + 1):
            inner = pieces[start:end]
            whole = inner[0][0].isalnum() and inner[-1][0].isalnum()
            if whole and not any(piece.startswith("{") for piece in inner):
                yield start, end


def _families(cuts: Sequence[_Cut]) -> list[list[_Cut]]:
    """Return cuts with one template; only where several times follow it."""
    grouped: dict[str, list[_Cut]] = {}
    for cut in cuts:
        grouped.setdefault(cut.template, []).append(cut)
    return [family for family in grouped.values() if _are_times(family)]


def _are_times(family: Sequence[_Cut]) -> bool:
    """Whether there are several times, and one is more than a number that may count anything."""
    texts = {cut.said["time"] for cut in family}
    moments = [moment(text) for text in texts]
    sure = any(each.kind not in ("number", "ordinal") for each in moments)
    named = all(any(sign.isalpha() for sign in text) for text in texts)
    hours = len({24, 48, 72, 96} & {each.number for each in moments}) >= _FEWEST
    return len(texts) >= _FEWEST and (sure or named or hours)


def _named_arm(family: Sequence[_Cut]) -> list[_Cut] | None:
    pieces = family[0].pieces
    for start, end in sorted(_runs(pieces), key=lambda run: run[0] - run[1]):
        if words.treatment("".join(pieces[start:end])) is not None:
            return [cut.put(start, end, "arm") for cut in family]
    return None


def _joined(put: Sequence[list[_Cut] | None], families: Sequence[list[_Cut]]) -> list[list[_Cut]]:
    """Return families in their new form where at least two of them then have one template."""
    grouped: dict[str, list[tuple[list[_Cut], list[_Cut]]]] = {}
    kept = []
    for new, old in zip(put, families, strict=True):
        if new is None:
            kept.append(old)
        else:
            grouped.setdefault(new[0].template, []).append((new, old))
    for pairs in grouped.values():
        if len(pairs) > 1:
            kept.append([cut for new, _ in pairs for cut in new])
        else:
            kept.append(pairs[0][1])
    return kept


def _with_other_arms(
    families: Sequence[list[_Cut]], columns: Mapping[str, Column]
) -> list[list[_Cut]]:
    """Return families with those added whose arm has an unknown name: EVA_IRL beside EVA_CRYO."""
    homes = {each[0].template: list(each) for each in families if "arm" in each[0].said}
    kept = []
    for family in families:
        if "arm" in family[0].said:
            continue
        put = (
            [cut.put(start, end, "arm") for cut in family]
            for start, end in _runs(family[0].pieces)
            if _free(family[0].pieces, start, end)
        )
        new = next((each for each in put if each[0].template in homes), None)
        if new and _could_be_arms([*homes[new[0].template], *new], columns):
            homes[new[0].template] += new
        else:
            kept.append(family)
    return [*homes.values(), *kept]


def _with_other_times(families: Sequence[list[_Cut]], numeric: Sequence[str]) -> list[list[_Cut]]:
    """Return families with times added whose names are unknown.

    Every arm of a family must have them; where headers name no arm, several families.
    """
    taken = {cut.header for family in families for cut in family}
    found = [list(_later_found(family, numeric, taken)) for family in families]
    times = Counter(time for cuts in found for time in {cut.said["time"] for cut in cuts})
    return [
        [*family, *(cut for cut in cuts if "arm" in cut.said or times[cut.said["time"]] > 1)]
        for family, cuts in zip(families, found, strict=True)
    ]


def _later_found(
    family: Sequence[_Cut], numeric: Sequence[str], taken: Collection[str]
) -> Iterator[_Cut]:
    """Yield headers that follow a template, but for a time that nobody knows, with every arm."""
    arms = {cut.said.get("arm", "") for cut in family}
    more: dict[str, list[_Cut]] = {}
    for header in numeric:
        said = None if header in taken else _said(family[0].template, arms, header)
        if said is not None:
            cut = replace(family[0], header=header, said=said)
            more.setdefault(said["time"], []).append(cut)
    for cuts in more.values():
        if {cut.said.get("arm", "") for cut in cuts} == arms:
            yield from cuts


def _said(template: str, arms: Collection[str], header: str) -> dict[str, str] | None:
    """Return what a header says by a template of known arms; None where it does not follow it."""
    known = "|".join(map(re.escape, sorted(arms, key=len, reverse=True)))
    places = {"time": r"[^\W_]+", "arm": known, "trial": "[0-9]{1,2}"}
    pattern = re.escape(template)
    for name, inner in places.items():
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>{inner})", 1)
    found = re.fullmatch(pattern, header)
    return found.groupdict() if found else None


def _unnamed_arms(
    families: Sequence[list[_Cut]], columns: Mapping[str, Column]
) -> list[list[_Cut]]:
    """Return families joined where they differ by one text, and their values are of one size."""
    for start, end in _places(families):
        put = [
            [cut.put(start, end, "arm") for cut in family]
            if _free(family[0].pieces, start, end)
            else None
            for family in families
        ]
        joined = _joined(put, families)
        with_arm = [family for family in joined if "arm" in family[0].said]
        if with_arm and all(_could_be_arms(family, columns) for family in with_arm):
            return joined
    return list(families)


def _places(families: Sequence[list[_Cut]]) -> list[tuple[int, int]]:
    width = max((len(family[0].pieces) for family in families), default=0)
    return [(place, place + 1) for place in range(width)]


def _free(pieces: Pieces, start: int, end: int) -> bool:
    inner = pieces[start:end]
    return len(inner) == end - start and all(piece[0].isalpha() for piece in inner)


def _could_be_arms(family: Sequence[_Cut], columns: Mapping[str, Column]) -> bool:
    """Whether the texts name no outcomes, and the values under them are of one size."""
    labels = {cut.said["arm"] for cut in family}
    if any(kind_of(label) is not None for label in labels) or not 2 <= len(labels) <= 6:
        return False
    middles = [max(abs(columns[cut.header].numbers.median()), 1e-9) for cut in family]
    by_arm: dict[str, list[float]] = {}
    for cut, middle in zip(family, middles, strict=True):
        by_arm.setdefault(cut.said["arm"], []).append(middle)
    tops = [max(each) for each in by_arm.values()]
    return max(tops) <= _ALIKE * min(tops)


def _with_trials(families: Sequence[list[_Cut]]) -> list[list[_Cut]]:
    """Return families joined where they differ by a small number only: trials of a visit."""
    done = list(families)
    for place in range(max((len(family[0].pieces) for family in families), default=0)):
        put = [_numbered(family, place) for family in done]
        done = _joined(put, done)
    return done


def _numbered(family: Sequence[_Cut], place: int) -> list[_Cut] | None:
    pieces = family[0].pieces
    if place >= len(pieces) or not re.fullmatch("[0-9]{1,2}", pieces[place]):
        return None
    touching = [*pieces[max(place - 1, 0) : place], *pieces[place + 1 : place + 2]]
    if "trial" in family[0].said or any(piece.startswith("{") for piece in touching):
        return None
    return [cut.put(place, place + 1, "trial") for cut in family]
