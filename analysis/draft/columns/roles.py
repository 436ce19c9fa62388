"""The columns of a table -> who, which arm, when: by their labels first, by their names second."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.draft.columns.column import Column, cross, decides, duplicated, filled_rows
from analysis.draft.labels import words
from analysis.draft.labels.clock import moment
from analysis.draft.labels.measures import kind_of

_CODE = re.compile(r"[A-Za-z]{0,4}[-_ ]?[0-9]{1,6}")
_MOST_TIMES = 15
MOST_ARMS = 6
_KNOWN_KINDS = ("before", "after", "hours", "day")


@dataclass(frozen=True)
class Found:
    """A column that has a role, and why."""

    column: str
    why: str


def time_columns(columns: Mapping[str, Column], usual: str | None = None) -> list[Found]:
    """Return the columns whose labels may be times, the likeliest first.

    Parameters
    ----------
    columns : mapping
    usual : str, optional
        The column that the exporting system keeps it in.
    """
    scores = {name: _time_score(each) + (name == usual) for name, each in columns.items()}
    likely = sorted((name for name in scores if scores[name] >= 3), key=lambda name: -scores[name])
    return [
        Found(name, f"{len(labels)} labels such as {labels[0]}, {labels[-1]}")
        for name in likely
        for labels in [columns[name].labels]
    ]


def _time_score(column: Column) -> float:
    labels = column.labels
    if column.dated or not column.recurs or not 2 <= len(labels) <= 6 * _MOST_TIMES:
        return 0.0
    if words.any_of(column.words, words.PARTICIPANT):
        return 0.0  # H101, H102 are people
    kind = kind_of(f"{column.name} {column.question}")
    if kind is not None and kind.name.startswith("sleep"):
        return 0.0  # 7 hrs
    kinds = [moment(label).kind for label in labels]
    hint = 2.0 * words.any_of(column.words, words.TIME | words.HOUR_WORDS | words.MINUTE_WORDS)
    sure = any(kind in _KNOWN_KINDS for kind in kinds)
    known = sure * sum(kind != "unknown" for kind in kinds) / len(kinds)
    alike = {_counted(label) for label in labels}
    timed = any(kind in ("hours", "day") for kind in kinds)
    if any(map(words.treatment, labels)) and not hint:
        return 0.0
    if known >= (0.25 if timed else 0.5):
        return 2 + 2 * known + hint + timed
    if not hint and words.any_of(column.words, words.ARM):
        return 0.0
    if len(labels) > _MOST_TIMES or (not column.whole and not column.wordy):
        return 0.0
    counted = sum(kind in ("number", "ordinal") for kind in kinds) / len(kinds)
    counted = 1.0 if len(alike) == 1 and alike != {None} else counted
    by_number = all(re.fullmatch("[Tt][0-9]{1,3}", label) for label in labels)
    return counted + hint + 2.0 * (_hours_alone(column) or by_number or known > 0)


def _counted(label: str) -> str | None:
    """Return the word that stands before a number: VIS of VIS1; None where there is none."""
    found = re.fullmatch(r"([A-Za-z]+)[ _.-]*[0-9]{1,2}", label)
    return found[1] if found else None


def _hours_alone(column: Column) -> bool:
    """Whether bare numbers can only be hours: 0, 24, 48."""
    numbers = set(column.numbers)
    return len({24.0, 48.0, 72.0, 96.0} & numbers) >= 2 and len(numbers) <= 10


def participant_column(
    columns: Mapping[str, Column], taken: Collection[str], once: bool
) -> Found | None:
    """Return the column with the codes of the participants.

    Parameters
    ----------
    columns : mapping
    taken : collection of str
        Columns that have a role already.
    once : bool
        Whether a participant may have one row only: in a wide table.
    """
    scores = {
        name: _participant_score(each, once) for name, each in columns.items() if name not in taken
    }
    best = max(scores, key=lambda name: (scores[name], len(columns[name].labels)), default=None)
    if best is None or scores[best] < 2:
        return None
    counts = columns[best].filled.value_counts()
    few, many = counts.min(), counts.max()
    rows = f"{few} to {many} rows" if few < many else f"{few} row{'s' if few > 1 else ''}"
    return Found(best, f"{len(counts)} codes in {rows} each")


def _participant_score(column: Column, once: bool) -> float:
    labels, rows = column.labels, len(column.filled)
    if column.dated or len(labels) < 2 or (not once and 2 * len(labels) > rows):
        return 0.0
    if column.numeric and not column.whole:
        return 0.0
    known = column.words
    score = 4.0 * words.any_of(known, words.PARTICIPANT)
    score += 2.5 * words.any_of(known, words.PARTICIPANT_WEAK)
    if not score and len(labels) < max(4, rows / 60):
        return 0.0
    score -= 3.0 * words.any_of(known, words.TRAITS | words.META | words.TIME | words.ITEM)
    score += sum(map(bool, map(_CODE.fullmatch, labels))) > 0.8 * len(labels)
    score += column.wordy and any(each.isdigit() for each in labels[0])
    counts = column.filled.value_counts()
    score += bool(len(labels) > 2 and counts.max() <= 2 * counts.median())
    return score


def arm_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], who: str | None
) -> Found | None:
    """Return the column whose labels are treatments, or whose name says so.

    Where the labels name no treatment that is known, a column that changes within participants goes
    before one that does not, which may as well be a sequence or a group of people.
    """
    scores = {}
    for name, each in columns.items():
        other = words.any_of(each.words, words.SEQUENCE | words.NOTES)
        if name in taken or other or not arm_like(each) or orders(each):
            continue
        scores[name] = arm_score(each)
        if who is not None and scores[name] and not decides(frame, [who], name):
            scores[name] += 0.5
    best = max(scores, key=lambda name: scores[name], default=None)
    if best is None or scores[best] < 2:
        likely = [name for name, score in scores.items() if score >= 0 and _few(columns[name])]
        return Found(likely[0], "the only column with so few labels") if len(likely) == 1 else None
    known = list(filter(words.treatment, columns[best].labels))
    said = f"its labels name treatments ({', '.join(known[:3])})" if known else "by its name"
    return Found(best, said)


def orders(column: Column) -> frozenset[str]:
    """Return what the labels of a column put in order, if they do nothing else: KYL-IPS-KON.

    All of them have the same parts, of which there are two or more, each once.
    """
    parts = [re.findall(r"[^\W_]+", label) for label in column.labels]
    first = frozenset(parts[0]) if parts else frozenset()
    same = all(len(each) == len(first) and frozenset(each) == first for each in parts)
    return first if same and len(first) > 1 and len(parts) > 1 else frozenset()


def _few(column: Column) -> bool:
    counts = column.filled.value_counts()
    return column.wordy and len(counts) <= MOST_ARMS and counts.min() > 1


def arm_like(column: Column) -> bool:
    """Whether a column has as few labels as there can be arms, spellings included."""
    distinct = {words.bare(label) for label in column.labels}
    few = 2 <= len(distinct) <= MOST_ARMS + 4 and column.recurs
    return few and not column.dated and (column.wordy or (column.whole and len(distinct) <= 6))


def arm_score(column: Column) -> float:
    """Return how much speaks for a column of arms: known treatments, then its name."""
    labels = column.labels
    known = sum(words.treatment(label) is not None for label in labels) / len(labels)
    score = 2.0 * (known > 0) + 2.0 * known
    score += 2.0 * words.any_of(column.words, words.ARM)
    if not known:
        score -= 4.0 * words.any_of(column.words, words.TRAITS | words.META | words.ITEM)
    return score


def item_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], visit: list[str]
) -> Found | None:
    """Return the column that tells outcomes apart which stand below each other.

    Its labels are texts, and it makes visits that had several rows have fewer.
    """
    several = len(duplicated(frame, visit)) if visit else 0
    best: Found | None = None
    for name, column in columns.items():
        few = 2 <= len(column.labels) <= 20 and column.wordy and not column.dated
        meta = words.any_of(column.words, words.META)  # Finished: true, false
        if name in taken or not few or not several or _numbered(column.labels) or meta:
            continue
        left = len(duplicated(frame, [*visit, name]))
        named = words.any_of(column.words, words.ITEM)
        per_label = frame.groupby(name).size()
        if (left == 0 or named) and per_label.min() > 2 and not decides(frame, visit, name):
            found = Found(name, f"{len(column.labels)} measures stand below each other")
            best = found if best is None or named else best
    return best


def _numbered(labels: Sequence[str]) -> bool:
    """Whether labels are one label with numbers: CMJ:1, CMJ:2 are trials and no measures."""
    return len({re.sub(r"[\W_]*[0-9]+$", "", label) for label in labels}) < len(labels)


def replicate_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], visit: list[str]
) -> str | None:
    """Return the column that counts the trials of a visit, if there is one."""
    for name, column in columns.items():
        if name in taken or column.dated or not 2 <= len(column.labels) <= 20:
            continue
        small = column.whole and 0 <= column.numbers.min() <= 1 and column.numbers.max() <= 20
        named = words.any_of(column.words, words.REPLICATE)
        unique = not len(duplicated(frame, [*visit, name]))
        if small and unique and (named or not decides(frame, visit, name)):
            return name
    return None


def telling_column(
    frame: pd.DataFrame, columns: Mapping[str, Column], taken: Collection[str], course: list[Found]
) -> Found | None:
    """Return the only column of few words that tells the rows of a course apart.

    It is taken for the times where no labels name any: what each is, is then asked.

    Parameters
    ----------
    frame, columns, taken
        As in `participant_column`.
    course : list of Found
        Participant and arm.
    """
    keys = [each.column for each in course]
    fitting = []
    for name, column in columns.items():
        few = 2 <= len(column.labels) <= _MOST_TIMES and column.recurs
        known = words.TRAITS | words.META | words.ITEM | words.NOTES
        if name in taken or not few or not column.wordy or words.any_of(column.words, known):
            continue
        rows = filled_rows(frame, *keys, name)
        apart = len(rows) and len(duplicated(rows, [*keys, name])) < len(rows) / 10
        if apart and not decides(frame, keys, name):
            fitting.append(name)
    if len(fitting) != 1:
        return None
    return Found(fitting[0], "the only column of few words that tells the visits of a course apart")


def same_labels(frame: pd.DataFrame, one: str, other: str) -> bool:
    """Whether two columns say the same in other words, label by label."""
    pairs = cross(frame, one, other)
    return bool(len(pairs)) and len(pairs) == pairs[one].nunique() == pairs[other].nunique()
