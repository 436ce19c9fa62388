"""Headers of a wide table -> patterns: sor_pre_fir, sor_24h_fir -> sor_{time}_{arm}."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.draft.columns.column import Column
from analysis.draft.columns.roles import orders
from analysis.draft.headers.crossed import crossed
from analysis.draft.headers.cuts import Cut, cut_of, free, runs, timed
from analysis.draft.headers.later import with_other_times
from analysis.draft.labels import words
from analysis.draft.labels.clock import moment
from analysis.draft.labels.measures import kind_of

InRows = Literal["surely", "perhaps", "no"]
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
    cuts = [cut for each in _counted(numeric) for cut in [timed(each)] if cut is not None]
    families = _families(cuts)
    if arm_in_rows != "surely":
        ordered = frozenset(part for each in columns.values() for part in orders(each))
        families = crossed(families, ordered)
        families = _joined([_named_arm(family) for family in families], families)
        families = _with_other_arms(families, columns)
    if arm_in_rows == "no" and not any("arm" in family[0].said for family in families):
        families = _unnamed_arms(families, columns)
    families = with_other_times(_with_trials(families), {name: columns[name] for name in numeric})
    return [_pattern(family) for family in families]


def _pattern(family: Sequence[Cut]) -> Pattern:
    slots = tuple(Slotted(cut.header, **cut.said) for cut in family)
    return Pattern(family[0].template, slots)


def _counted(headers: Sequence[str]) -> list[Cut]:
    """Return headers in pieces; numbers that count trials are replaced: Pre_J1, Pre_J2, 24h_J1.

    They stand last, behind a letter or word, run from 1 without a gap, and are the same under
    several times, of which one is an hour or a day.
    """
    cuts = [cut for header in headers for cut in [cut_of(header)] if cut is not None]
    lettered: dict[tuple[str, frozenset[str]], list[list[Cut]]] = {}
    for family in _by_count(cuts).values():
        counts = frozenset(cut.said["trial"] for cut in family)
        if len(counts) > 1 and counts == frozenset(map(str, range(1, len(counts) + 1))):
            place = family[0].pieces.index("{trial}")
            lettered.setdefault((family[0].pieces[place - 1], counts), []).append(family)
    found = {
        cut.header: cut
        for families in lettered.values()
        if _are_visits([family[0] for family in families])
        for family in families
        for cut in family
    }
    return [found.get(cut.header, cut) for cut in cuts]


def _by_count(cuts: Sequence[Cut]) -> dict[str, list[Cut]]:
    """Return headers with the number behind a letter at their end replaced, by their template."""
    found: dict[str, list[Cut]] = {}
    for cut in cuts:
        last = len(cut.pieces) - 1
        lettered = last > 1 and cut.pieces[last - 1].isalpha()
        if lettered and re.fullmatch("[1-9][0-9]?", cut.pieces[last]):
            put = cut.put(last, last + 1, "trial")
            found.setdefault(put.template, []).append(put)
    return found


def _are_visits(cuts: Sequence[Cut]) -> bool:
    """Whether what stands before the counts are times, one of them an hour or a day."""
    times = [found.said["time"] for cut in cuts for found in [timed(cut)] if found is not None]
    return len(set(times)) > 1 and any(moment(each).kind in ("hours", "day") for each in times)


def _families(cuts: Sequence[Cut]) -> list[list[Cut]]:
    """Return cuts with one template; only where several times follow it."""
    grouped: dict[str, list[Cut]] = {}
    for cut in cuts:
        grouped.setdefault(cut.template, []).append(cut)
    return [family for family in grouped.values() if _are_times(family)]


def _are_times(family: Sequence[Cut]) -> bool:
    """Whether there are several times, and one is more than a number that may count anything."""
    texts = {cut.said["time"] for cut in family}
    moments = [moment(text) for text in texts]
    sure = any(each.kind not in ("number", "ordinal") for each in moments)
    named = all(any(sign.isalpha() for sign in text) for text in texts)
    hours = len({24, 48, 72, 96} & {each.number for each in moments}) >= _FEWEST
    return len(texts) >= _FEWEST and (sure or named or hours)


def _named_arm(family: Sequence[Cut]) -> list[Cut] | None:
    if "arm" in family[0].said:
        return None
    pieces = family[0].pieces
    for start, end in sorted(runs(pieces), key=lambda run: run[0] - run[1]):
        if words.treatment("".join(pieces[start:end])) is not None:
            return [cut.put(start, end, "arm") for cut in family]
    return None


def _joined(put: Sequence[list[Cut] | None], families: Sequence[list[Cut]]) -> list[list[Cut]]:
    """Return families in their new form where at least two of them then have one template."""
    grouped: dict[str, list[tuple[list[Cut], list[Cut]]]] = {}
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
    families: Sequence[list[Cut]], columns: Mapping[str, Column]
) -> list[list[Cut]]:
    """Return families with those added whose arm has an unknown name: EVA_IRL beside EVA_CRYO."""
    homes = {each[0].template: list(each) for each in families if "arm" in each[0].said}
    kept = []
    for family in families:
        if "arm" in family[0].said:
            continue
        put = (
            [cut.put(start, end, "arm") for cut in family]
            for start, end in runs(family[0].pieces)
            if free(family[0].pieces, start, end)
        )
        new = next((each for each in put if each[0].template in homes), None)
        if new and _could_be_arms([*homes[new[0].template], *new], columns):
            homes[new[0].template] += new
        else:
            kept.append(family)
    return [*homes.values(), *kept]


def _unnamed_arms(families: Sequence[list[Cut]], columns: Mapping[str, Column]) -> list[list[Cut]]:
    """Return families joined where they differ by one text, and their values are of one size."""
    for start, end in _places(families):
        put = [
            [cut.put(start, end, "arm") for cut in family]
            if free(family[0].pieces, start, end)
            else None
            for family in families
        ]
        joined = _joined(put, families)
        with_arm = [family for family in joined if "arm" in family[0].said]
        if with_arm and all(_could_be_arms(family, columns) for family in with_arm):
            return joined
    return list(families)


def _places(families: Sequence[list[Cut]]) -> list[tuple[int, int]]:
    width = max((len(family[0].pieces) for family in families), default=0)
    return [(place, place + 1) for place in range(width)]


def _could_be_arms(family: Sequence[Cut], columns: Mapping[str, Column]) -> bool:
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


def _with_trials(families: Sequence[list[Cut]]) -> list[list[Cut]]:
    """Return families joined where they differ by a small number only: trials of a visit."""
    done = list(families)
    for place in range(max((len(family[0].pieces) for family in families), default=0)):
        put = [_numbered(family, place) for family in done]
        done = _joined(put, done)
    return done


def _numbered(family: Sequence[Cut], place: int) -> list[Cut] | None:
    pieces = family[0].pieces
    if place >= len(pieces) or not re.fullmatch("[0-9]{1,2}", pieces[place]):
        return None
    touching = [*pieces[max(place - 1, 0) : place], *pieces[place + 1 : place + 2]]
    if "trial" in family[0].said or any(piece.startswith("{") for piece in touching):
        return None
    return [cut.put(place, place + 1, "trial") for cut in family]
