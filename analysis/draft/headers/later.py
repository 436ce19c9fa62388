"""Families of headers -> the same with times whose names are unknown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from analysis.draft.columns.column import Column
from analysis.draft.columns.derived import computed, names_change
from analysis.draft.headers.cuts import Cut


def with_other_times(
    families: Sequence[list[Cut]], numeric: Mapping[str, Column]
) -> list[list[Cut]]:
    """Return families with times added whose names are unknown.

    Every arm of a family must have them; where headers name no arm, several families. What was
    computed from the others is none.
    """
    taken = {cut.header for family in families for cut in family}
    free = [name for name in numeric if name not in taken]
    found = [
        [cut for cut in _later_found(family, free) if not _of_others(cut, family, numeric)]
        for family in families
    ]
    times = Counter(time for cuts in found for time in {cut.said["time"] for cut in cuts})
    return [
        [*family, *(cut for cut in cuts if "arm" in cut.said or times[cut.said["time"]] > 1)]
        for family, cuts in zip(families, found, strict=True)
    ]


def _of_others(cut: Cut, family: Sequence[Cut], numeric: Mapping[str, Column]) -> bool:
    """Whether the values under a header were computed from the visits of the same arm."""
    arm = cut.said.get("arm")
    visits = [numeric[each.header].numbers for each in family if each.said.get("arm") == arm]
    return computed(numeric[cut.header].numbers, visits)


def _later_found(family: Sequence[Cut], numeric: Sequence[str]) -> Iterator[Cut]:
    """Yield headers that follow a template, but for a time that nobody knows, with every arm."""
    arms = {cut.said.get("arm", "") for cut in family}
    more: dict[str, list[Cut]] = {}
    for header in numeric:
        said = _said(family[0].template, arms, header)
        if said is not None and not names_change(said["time"]):
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
