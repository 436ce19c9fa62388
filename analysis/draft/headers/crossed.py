"""Headers of a wide table in which every outcome has every arm: pain rest, jump rest, jump ice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from analysis.draft.columns.roles import MOST_ARMS
from analysis.draft.headers.cuts import Cut, runs
from analysis.draft.labels import words
from analysis.draft.labels.measures import kind_of

Family = list[Cut]


def crossed(families: Sequence[Family], ordered: Collection[str] = ()) -> list[Family]:
    """Return families joined over the arms, where several texts recur under every outcome.

    One of the texts names a treatment and none an outcome, so that an arm whose name is unknown is
    found beside those that are known, however many words each has. Of several ways, the one that
    takes in most families counts, then the one that leaves most of a header to the outcome.

    Parameters
    ----------
    families : sequence of list of Cut
        Headers with one template each, times replaced.
    ordered : collection of str
        Names of arms by a column of sequences.
    """
    ways: dict[frozenset[str], dict[str, Family]] = {}
    for literal, family_of in _by_literal(families).items():
        if len(family_of) > 1 and _name_arms(family_of, ordered):
            joined = [cut for family in family_of.values() for cut in family]
            ways.setdefault(frozenset(family_of), {})[literal] = joined
    best = max(ways.values(), key=_merit, default={})
    taken = {cut.header for family in best.values() for cut in family}
    kept = [family for family in families if family[0].header not in taken]
    return [*best.values(), *kept] if _apart(best) else list(families)


def _by_literal(families: Sequence[Family]) -> dict[str, dict[str, Family]]:
    """Return the families by what is left of their template, then by the text that was cut."""
    found: dict[str, dict[str, Family]] = {}
    for family in families:
        for start, end in runs(family[0].pieces):
            put = [cut.put(start, end, "arm") for cut in family]
            found.setdefault(put[0].template, {})[put[0].said["arm"]] = put
    return found


def _name_arms(family_of: Mapping[str, Family], ordered: Collection[str]) -> bool:
    named = any(words.treatment(text) is not None or text in ordered for text in family_of)
    others = any(kind_of(text) is not None or text.isdigit() for text in family_of)
    return named and not others and len(family_of) <= MOST_ARMS


def _merit(way: Mapping[str, Family]) -> tuple[int, int]:
    return sum(map(len, way.values())), max(map(len, way))


def _apart(way: Mapping[str, Family]) -> bool:
    """Whether no header stands in two families."""
    headers = [cut.header for family in way.values() for cut in family]
    return len(headers) == len(set(headers))
