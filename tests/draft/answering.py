"""A user at a draft: answers its questions and nothing else; then what would still be wrong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import Any

import yaml

from analysis import io
from analysis.intake.plan import read_plan
from analysis.intake.run import Intake, take_in
from analysis.trial import Outcome, Trial

_DELETE = "(delete this line)"
_SAME_DAY, _AT_ONCE = 12.0, 0.5  # hours that "day 1" may be off 24 h, and "post" off 0 h
SCHEMA = io.read_schema()
_KEY = re.compile(r'^( *)(?!- )("(?:[^"\\]|\\.)*"|[^\s#][^:]*):(?: (.*))?$')


@dataclass(frozen=True)
class Answers:
    """What the user knows and no file says.

    Outcomes are named by a part of what stands after `value`, `wide` or `where`, or of their file;
    arms and times by any of their spellings. `plan` is outcome, arm, reference, time.
    """

    control: str
    better: Mapping[str, str]
    plan: tuple[str, str, str, str]
    randomised: bool = True
    hours: Mapping[str, tuple[float, str | None]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


def knowing(answers: Answers, right: Trial) -> Answers:
    """Return answers of somebody who knows the hours and the role of every time of a trial."""
    known = {
        text: (each.hours, None if each.role == "outcome" else each.role)
        for each in right.times
        for text in _texts(each)
    }
    return replace(answers, hours={**known, **answers.hours})


class NotAnsweredError(Exception):
    """The draft asks something that these answers do not cover."""


def answered(text: str, answers: Answers) -> str:
    """Return a draft with its empty keys filled in and its plan uncommented."""
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    lines = text.splitlines()
    for number, path, value, asked in list(_leaves(lines)):
        if value in (None, "") or (asked and value == "null"):
            new = _answer(path, raw, answers, asked)
            if new is not None:
                lines[number] = f"{lines[number].split(':')[0]}: {new}"
    lines = _in_order([line for line in lines if not line.endswith(f": {_DELETE}")])
    plan = _plan(raw, answers)
    return "\n".join(lines).replace("# plan:", "plan:").replace(
        "#   primary: {outcome: , arm: , reference: , time: }", f"  primary: {plan}"
    ) + "\n"  # fmt: skip


def _in_order(lines: list[str]) -> list[str]:
    """Return the lines with the times sorted by their hours, as the question asks."""
    start = lines.index("times:") + 1
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("  "))
    heads = [n for n in range(start, end) if not lines[n].startswith("   ")]
    blocks = [lines[a:b] for a, b in pairwise([*heads, end])]

    def hours(block: list[str]) -> float:
        text = next(each for each in block if each.startswith("    hours:"))
        return float(text.split("#")[0].split(":")[1])

    return [*lines[:start], *chain(*sorted(blocks, key=hours)), *lines[end:]]


def _leaves(lines: list[str]) -> Iterator[tuple[int, tuple[str, ...], str | None, bool]]:
    """Yield line, path, value and whether a question stands above, of every key without keys."""
    stack: list[tuple[int, str]] = []
    asked = False
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            asked = asked or "QUESTION" in line
            continue
        found = _KEY.match(line.split("  # guessed:")[0])
        if not found:
            asked = False
            continue
        indent, key = len(found[1]), yaml.load(found[2], Loader=yaml.BaseLoader)
        stack = [*[each for each in stack if each[0] < indent], (indent, key)]
        following = next(
            (each for each in lines[number + 1 :] if each.strip() and "#" not in each[:12]), ""
        )
        deeper = len(following) - len(following.lstrip()) > indent
        if not deeper:
            yield number, tuple(name for _, name in stack), found[3], asked
        asked = False


def _spellings(name: str, entry: Any) -> set[str]:
    own = entry if isinstance(entry, dict) else {}
    return {name, own.get("label", name), *own.get("aliases", [])}


def _reads(name: str, entry: Mapping[str, Any]) -> str:
    return " ".join(str(entry.get(key, "")) for key in ("value", "wide", "where", "file")) + name


def _of(table: Mapping[str, Any], name: str, entry: Mapping[str, Any]) -> Any:
    where = _reads(name, entry)
    return next((each for key, each in table.items() if key in where), None)


def _answer(
    path: tuple[str, ...], raw: Mapping[str, Any], answers: Answers, asked: bool
) -> str | None:
    match path:
        case ("randomised",):
            return str(answers.randomised).lower()
        case ("arms", name, "role"):
            return "control" if answers.control in _spellings(name, raw["arms"][name]) else None
        case ("times", name, "hours" | "role" as key):
            known = _spellings(name, raw["times"][name]) & set(answers.hours)
            if not known:
                raise NotAnsweredError(".".join(path))
            hours, role = answers.hours[known.pop()]
            return f"{hours:g}" if key == "hours" else role
        case ("outcomes", name, key):
            tables = {"better": answers.better, "unit": answers.units, "range": answers.ranges,
                      "value": answers.values}  # fmt: skip
            found = _of(tables[key], name, raw["outcomes"][name])
            if found is None and key == "range" and raw["outcomes"][name].get("unit") == "":
                return _DELETE  # asked only in case that it is a rating
            if found is None:
                raise NotAnsweredError(".".join(path))
            return str(found)
        case ("columns", "period"):
            return answers.columns.get("period")
        case ("columns", role):
            if role not in answers.columns:
                raise NotAnsweredError(".".join(path))
            return answers.columns[role]
    if asked:
        raise NotAnsweredError(".".join(path))
    return None


def _plan(raw: Mapping[str, Any], answers: Answers) -> str:
    outcome, *arms, time = answers.plan
    names = {name: entry for name, entry in raw["outcomes"].items()}
    first = next((n for n, entry in names.items() if outcome in _reads(n, entry)), "?")
    quoted = [first]
    for wanted, section in [*[(arm, "arms") for arm in arms], (time, "times")]:
        every = raw[section].items()
        quoted.append(next((n for n, entry in every if wanted in _spellings(n, entry)), "?"))
    keys = ("outcome", "arm", "reference", "time")
    pairs = (f'{key}: "{name}"' for key, name in zip(keys, quoted, strict=True))
    return f"{{{', '.join(pairs)}}}"


def read(text: str, name: str) -> Trial:
    """Return the trial of a text that must be sound."""
    reading = read_plan(text, SCHEMA, name)
    assert reading.trial is not None, [each.line() for each in reading.issues]
    return reading.trial


def to_correct(drafted: Trial, right: Trial, files: Mapping[str, bytes]) -> list[str]:
    """Return the keys of an answered draft that a user would have to correct by hand.

    `right` is the trial.yaml that somebody wrote who knows the trial. Names of arms, times and
    outcomes are free, and codes of participants where a file has two. Hours are scheduled ones:
    those of a baseline need only be negative, "day 1" may be half a day off, and "post" half an
    hour. Only ranges of ratings that `right` has are compared; a rating from 0 to 100 may be in mm
    or points, one from 0 to 10 in cm or points. Where only one of the two has a `where` or codes
    for missing values, the observations decide.
    """
    found = ["design"] * (drafted.design != right.design)
    found += _entries("arms", drafted.arms, right.arms)
    found += _entries("times", drafted.times, right.times)
    for time in right.times:
        mine = next((each for each in drafted.times if _texts(each) & _texts(time)), None)
        if mine is not None:
            days = not re.search(r"[0-9] *(h|m)", f"{time.label} {' '.join(time.aliases)}", re.I)
            far = _SAME_DAY if time.hours > _SAME_DAY else _AT_ONCE
            near = abs(mine.hours - time.hours) <= far * days
            near = near or max(mine.hours, time.hours) < 0
            found += [f"times.{time.name}.hours"] * (not near)
            found += [f"times.{time.name}.role"] * (mine.role != time.role)
    found += _outcomes(drafted, right)
    if not found and _values(drafted, right, take_in(drafted, files)) != _values(
        right, right, take_in(right, files)
    ):
        codes = set(right.missing_codes) - set(drafted.missing_codes)
        found.append("missing_codes" if codes else "the observations differ")
    return found


def _texts(entry: Any) -> set[str]:
    return {entry.name, entry.label, *entry.aliases}


def _entries(kind: str, mine: tuple[Any, ...], right: tuple[Any, ...]) -> list[str]:
    """Return the entries that are missing, too many, or lack a spelling."""
    found = []
    for entry in right:
        homes = [each for each in mine if _texts(each) & _texts(entry)]
        found += [f"{kind}.{entry.name}"] * (len(homes) != 1)
        if len(homes) == 1:
            wrong = len(_texts(homes[0]) & {t for e in right if e is not entry for t in _texts(e)})
            found += [f"{kind}.{entry.name}: spellings"] * bool(wrong)
    extra = len(mine) - len(right)
    return found + [f"{kind}: too many"] * max(extra, 0)


def _place(outcome: Outcome) -> tuple[Any, ...]:
    files = frozenset((outcome.file or "").split(", "))
    return files, outcome.value, outcome.pattern


def _homes(drafted: Trial, right: Trial) -> dict[str, str]:
    """Return the outcome of `right` that each outcome of the draft is, by name."""
    homes = {}
    for mine in drafted.outcomes:
        alike = [each for each in right.outcomes if _place(each) == _place(mine)]
        rivals = [each for each in drafted.outcomes if _place(each) == _place(mine)]
        alike = [each for each in alike if len({each.sheet, mine.sheet} - {None}) < 2]
        if len(alike) > 1 or len(rivals) > 1:
            alike = [each for each in alike if each.where == mine.where]
        if alike:
            homes[mine.name] = alike[0].name
    return homes


def _outcomes(drafted: Trial, right: Trial) -> list[str]:
    homes = _homes(drafted, right)
    mine = {homes.get(each.name, f"draft {each.name}"): each for each in drafted.outcomes}
    found = []
    for outcome in right.outcomes:
        draft = mine.pop(outcome.name, None)
        path = f"outcomes.{outcome.name}"
        if draft is None:
            found.append(f"{path}: missing")
            continue
        found += [f"{path}.unit"] * (not _same_unit(draft, outcome))
        for key in ("better", "replicates"):
            if getattr(draft, key) != getattr(outcome, key):
                found.append(f"{path}.{key}")
        rating = outcome.unit in ("points", "mm") or outcome.range in ((0, 10), (0, 100))
        if rating and outcome.range is not None and draft.range != outcome.range:
            found.append(f"{path}.range")
        for role in ("arm", "time", "period", "sequence", "occasion"):
            if _column(draft, role) != _column(outcome, role):
                found.append(f"{path}.columns.{role}")
    return found + [f"outcomes.{each.name}: too many" for each in mine.values()]


def _same_unit(mine: Outcome, right: Outcome) -> bool:
    tops = {"mm": (0, 100), "cm": (0, 10)}
    units = {mine.unit, right.unit}
    rating = any(units == {unit, "points"} and mine.range == ends for unit, ends in tops.items())
    letters = [re.sub(r"[ .·]", "", each.unit).casefold() for each in (mine, right)]
    return letters[0] == letters[1] or rating


def _column(outcome: Outcome, role: str) -> str | None:
    wide = outcome.pattern or ""
    unused = f"{{{role}}}" in wide or (bool(wide) and role == "time")
    return None if unused else getattr(outcome.columns, role)


def _values(trial: Trial, right: Trial, taken: Intake) -> Counter[frozenset[tuple[Any, ...]]]:
    """Return the observations of each participant with the names of `right`, in the file's unit."""
    arms = {a.name: next(r.name for r in right.arms if _texts(a) & _texts(r)) for a in trial.arms}
    times = {
        a.name: next(r.name for r in right.times if _texts(a) & _texts(r)) for a in trial.times
    }
    outcomes = _homes(trial, right)
    scale = {
        each.name: 100 if (each.unit, each.convert_to) == ("m", "cm") else 1
        for each in trial.outcomes
    }
    found = defaultdict(set)
    for row in taken.observations.itertuples():
        found[row.participant].add((
            row.period, arms[row.arm], times[row.time], outcomes[row.outcome],
            None if row.value != row.value else round(row.value / scale[row.outcome], 6),
        ))  # fmt: skip
    return Counter(map(frozenset, found.values()))
