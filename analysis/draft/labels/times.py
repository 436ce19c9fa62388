"""Labels as typed -> times with their hours, roles and spellings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.draft.labels.arms import SHORT, slug, unused
from analysis.draft.labels.clock import Timed, core, timed
from analysis.intake.companions import plain

_EARLY = 1.0  # hours after the exercise in which a treatment may not have begun


@dataclass(frozen=True)
class Clocked:
    """A time: its name, label and spellings, its hours where they are known, and its role.

    `near` are hours that sort it among the others although they are asked for.
    """

    name: str
    label: str
    spellings: tuple[str, ...]
    hours: float | None
    role: str | None
    why: str = ""
    role_why: str = ""
    question: str = ""
    near: float | None = None


def times_of(
    labels: Sequence[str], header: Collection[str], together: Collection[frozenset[str]],
    known: Mapping[str, float] | None = None,
) -> list[Clocked]:  # fmt: skip
    """Return the times that labels stand for, in order.

    Parameters
    ----------
    labels : sequence of str
        In order of appearance, the most frequent spelling of a time first.
    header : collection of str
        Words of the column's header.
    together : collection of frozenset
        Pairs of labels that one participant has in one course: these are different times.
    known : mapping, optional
        Hours of labels by another column of the file.
    """
    shown = without_course(labels, together)
    moments = [
        replace(each, label=label) for label, each in zip(labels, timed(shown, header), strict=True)
    ]
    if known:
        moments = [_by_column(each, known) for each in moments]
    cores = {label: core(text) for label, text in zip(labels, shown, strict=True)}
    groups: list[list[Timed]] = []
    for each in moments:
        home = next((group for group in groups if _same_time(each, group, together, cores)), None)
        if home is None:
            groups.append([each])
        else:
            home.append(each)
    clocked = _with_roles(groups)
    known_hours = all(each.near is not None for each in clocked)
    key = (lambda each: each.near) if known_hours else _as_counted
    return _renamed(sorted(clocked, key=key))


def _by_column(each: Timed, known: Mapping[str, float]) -> Timed:
    if each.hours is not None or each.label not in known:
        return each
    hours = known[each.label]
    return Timed(each.label, hours, "by another column of the file", baseline=hours < 0)


def without_course(labels: Sequence[str], together: Collection[frozenset[str]]) -> tuple[str, ...]:
    """Return labels without what counts the courses in them: besg_1_pre, besg_2_pre agree.

    That is a number behind a word, both in more than half of the labels, of which nobody has two in
    one course although it is not always the same.
    """
    found: dict[str, dict[str, re.Match[str]]] = {}
    for label in labels:
        for match in re.finditer(r"([^\W\d_]+)[ _.-]*([0-9]{1,2})(?![0-9])[ _.:-]*", label):
            found.setdefault(match[1].casefold(), {}).setdefault(label, match)
    for matches in found.values():
        counts = {label: match[2] for label, match in matches.items()}
        met = [pair for pair in together if len(pair & counts.keys()) == len(pair) > 1]
        apart = all(len({counts[label] for label in pair}) == 1 for pair in met)
        if len(set(counts.values())) > 1 and met and apart and 2 * len(counts) > len(labels):
            return tuple(
                label[: matches[label].start()] + label[matches[label].end() :]
                if label in matches
                else label
                for label in labels
            )
    return tuple(labels)


def _same_time(
    each: Timed,
    group: Sequence[Timed],
    together: Collection[frozenset[str]],
    cores: Mapping[str, str],
) -> bool:
    if any(_typed(each.label) == _typed(other.label) for other in group):
        return True
    if any(frozenset((each.label, other.label)) in together for other in group):
        return False
    if each.hours is None:
        return any(
            cores[each.label] == cores[other.label] or _initials(each.label, other.label)
            for other in group
        )
    first = group[0]
    if each.baseline and first.baseline and (each.somewhen or first.somewhen):
        return True
    return each.hours == first.hours and each.baseline == first.baseline


def _typed(label: str) -> str:
    """Return a label without blanks and case: 24h and 24 H are one time, whoever has both."""
    return "".join(label.split()).casefold()


def _initials(one: str, other: str) -> bool:
    """Whether one label has the initials of the other: FT, full time."""
    short, long = sorted((one, other), key=len)
    initials = "".join(word[0] for word in re.findall("[a-z0-9]+", plain(long)))
    return len(initials) > 1 and plain(short).strip() == initials


def _as_counted(each: Clocked) -> tuple[float, float]:
    """Return a sort key for times of which some have no hours: by the number in the label."""
    number = re.search(r"(^\s*-)?[0-9]+", each.label)
    if each.role == "baseline":
        return -1.0, each.hours or 0.0
    if each.near is not None:
        return each.near, 0.0
    return (float(number[0]) if number else 0.0), 1.0


def _with_roles(groups: Sequence[Sequence[Timed]]) -> list[Clocked]:
    has_baseline = any(each.baseline for group in groups for each in group)
    after = [group[0].hours for group in groups if not group[0].baseline]
    earliest = min((hours for hours in after if hours is not None), default=None)
    taken: set[float | None] = set()
    found = []
    for group in groups:
        first = next((each for each in group if _lettered(each.label)), group[0])
        label = first.label
        spellings = tuple(dict.fromkeys(each.label for each in group))
        placed = next((each for each in group if not each.somewhen), first)
        clocked = Clocked(
            label, label, spellings, placed.hours, None, placed.why, near=placed.hours
        )
        question = _question(first, taken, has_baseline, earliest)
        if question:
            clocked = replace(clocked, hours=None, question=question)
        elif first.baseline:
            clocked = replace(clocked, role="baseline")
        elif first.hours == 0:
            why = "right after the exercise, so before the treatment"
            clocked = replace(clocked, role="before_treatment", role_why=why)
        taken.add(clocked.hours)
        found.append(clocked)
    return found


def _lettered(label: str) -> bool:
    return any(each.isalpha() for each in label)


def _question(
    each: Timed, taken: Collection[float | None], has_baseline: bool, earliest: float | None
) -> str:
    """Return what only the user can know about a time; empty where nothing."""
    if each.hours is None:
        return f"'{each.label}'"
    if each.hours in taken:
        return f"'{each.label}' (it seems to be at {each.hours:g} h like another one)"
    if each.hours == 0 and not has_baseline:
        return f"'{each.label}' (before the exercise, or right after it?)"
    if has_baseline and each.hours == earliest and 0 < each.hours <= _EARLY:
        return f"'{each.label}' (before the treatment, or after it?)"
    return f"'{each.label}' ({each.doubt})" if each.doubt else ""


def _renamed(times: Sequence[Clocked]) -> list[Clocked]:
    names: list[str] = []
    done = []
    for each in times:
        name = each.label
        if len(name) > SHORT or " " in name or re.search("_arm_[0-9]+$", name):
            name = _called(each)
        names.append(unused(name, names))
        done.append(replace(each, name=names[-1]))
    return done


def _called(each: Clocked) -> str:
    if each.hours is None:
        return slug(re.sub("_arm_[0-9]+$", "", each.label))  # as REDCap ends its events
    if each.role == "baseline" and each.hours == -1:
        return "pre"
    minutes = each.hours * 60
    return f"{minutes:g}min" if 0 < each.hours < 1 else f"{each.hours:g}h"
