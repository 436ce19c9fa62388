"""A user at a draft: answers its questions and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import Any

import yaml

from analysis import io
from analysis.intake.plan import read_plan
from analysis.trial import Trial

_DELETE = "(delete this line)"
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
        for text in texts(each)
    }
    every = {**known, **answers.hours}
    return replace(answers, hours={each.casefold(): said for each, said in every.items()} | every)


class NotAnsweredError(Exception):
    """The draft asks something that these answers do not cover."""


def answered(text: str, answers: Answers) -> str:
    """Return a draft with its empty keys filled in and its plan uncommented."""
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    lines = _without_others(text.splitlines(), raw, answers)
    _fill(lines, raw, answers, lambda path: path[-1] in ("value", "wide"))
    raw = yaml.load("\n".join(lines), Loader=yaml.BaseLoader)
    _fill(lines, raw, answers, lambda path: path[-1] not in ("value", "wide"))
    lines = _in_order([line for line in lines if not line.endswith(f": {_DELETE}")])
    plan = _plan(raw, answers)
    return "\n".join(lines).replace("# plan:", "plan:").replace(
        "#   primary: {outcome: , arm: , reference: , time: }", f"  primary: {plan}"
    ) + "\n"  # fmt: skip


def _without_others(lines: list[str], raw: Mapping[str, Any], answers: Answers) -> list[str]:
    """Return the lines without the outcomes that the draft offers to delete and that are none."""
    start = lines.index("outcomes:") + 1
    heads = [n for n, line in enumerate(lines) if n >= start and re.match(" {2}[^ #]", line)]
    end = next(n for n in range(heads[-1] + 1, len(lines)) if not lines[n].startswith("   "))
    kept = lines[:start]
    for head, following in pairwise([*heads, end]):
        name = yaml.load(lines[head].strip().rstrip(":"), Loader=yaml.BaseLoader)
        block = " ".join(line.strip(" #") for line in lines[head:following])
        offered = "is no outcome of the trial, delete" in block
        if not offered or _meant(answers.better, name, raw["outcomes"]):
            kept += lines[head:following]
    return kept + lines[end:]


def _meant(parts: Iterable[str], name: str, outcomes: Mapping[str, Any]) -> bool:
    """Whether a part names an outcome: by itself, or by its file if no other of it is named so."""
    named = {each: " ".join(str(entry.get(key, "")) for key in ("value", "wide", "where", "label"))
             for each, entry in outcomes.items()}  # fmt: skip
    file = str(outcomes[name].get("file"))
    return any(
        part in f"{named[name]} {name}"
        or (part in file and not any(part in text for text in named.values()))
        for part in parts
    )


def _fill(
    lines: list[str],
    raw: Mapping[str, Any],
    answers: Answers,
    wanted: Callable[[tuple[str, ...]], bool],
) -> None:
    """Fill in the empty keys with the paths that are wanted, in place."""
    for number, path, value, asked in list(_leaves(lines)):
        if wanted(path) and (value in (None, "") or (asked and value == "null")):
            new = _answer(path, raw, answers, asked)
            if new is not None:
                before = lines[number].split(":")[0]
                instead = new.startswith("wide: ")  # than the key that is asked for
                indent = " " * (len(before) - len(before.lstrip()))
                lines[number] = f"{before}: {new}"
                if instead:
                    lines[number] = f"{indent}{new}\n{indent}replicates: mean"


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
    every = {name, own.get("label", name), *own.get("aliases", [])}
    return every | {each.casefold() for each in every}


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
                      "value": answers.values, "wide": answers.values}  # fmt: skip
            found = _of(tables[key], name, raw["outcomes"][name])
            if (
                found is None
                and key in ("value", "wide")
                and len(set(answers.values.values())) == 1
            ):
                return next(iter(answers.values.values()))
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
        quoted.append(
            next((n for n, entry in every if wanted.casefold() in _spellings(n, entry)), "?")
        )
    keys = ("outcome", "arm", "reference", "time")
    pairs = (f'{key}: "{name}"' for key, name in zip(keys, quoted, strict=True))
    return f"{{{', '.join(pairs)}}}"


def read(text: str, name: str) -> Trial:
    """Return the trial of a text that must be sound."""
    reading = read_plan(text, SCHEMA, name)
    assert reading.trial is not None, [each.line() for each in reading.issues]
    return reading.trial


def texts(entry: Any) -> set[str]:
    """Return what an arm or a time may be called, in small letters."""
    return {each.casefold() for each in (entry.name, entry.label, *entry.aliases)}
