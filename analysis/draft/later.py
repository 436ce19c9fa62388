"""Families of headers -> the same with times whose names are unknown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from analysis.draft.cuts import Cut
from analysis.draft.derived import names_change


def with_other_times(families: Sequence[list[Cut]], numeric: Sequence[str]) -> list[list[Cut]]:
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
    family: Sequence[Cut], numeric: Sequence[str], taken: Collection[str]
) -> Iterator[Cut]:
    """Yield headers that follow a template, but for a time that nobody knows, with every arm."""
    arms = {cut.said.get("arm", "") for cut in family}
    more: dict[str, list[Cut]] = {}
    for header in numeric:
        said = None if header in taken else _said(family[0].template, arms, header)
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
