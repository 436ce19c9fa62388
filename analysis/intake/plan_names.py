"""Checks between the entries of trial.yaml: arms, times, columns and outcomes.

Every function takes what could be read and yields issues; entries that are faulty themselves are
left to the schema, so that one slip makes one message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

from analysis.errors import Issue
from analysis.intake import pattern, units, values
from analysis.intake.codes import (
    PLAN_FILE,
    either,
    issue,
    listed,
    quoted,
    suggestion,
)
from analysis.intake.schema import Path, dotted
from analysis.intake.typed import Typed

ROLES = ("participant", "arm", "time", "period", "sequence", "occasion")
_ORDER = {"baseline": 0, "before_treatment": 1, "outcome": 2}


def at(
    typed: Typed, path: Path, message: str, remedy: str, value: Any = "", code: str = "C06"
) -> Issue:
    """Return an issue at a key of trial.yaml."""
    line, place = typed.line(path), dotted(path)
    return issue(code, PLAN_FILE, message, remedy, row=line, column=place, value=str(value))


def entries(typed: Typed, *path: str) -> dict[str, Any]:
    """Return the mapping at `path`; empty where it is absent, null or faulty."""
    found: Any = typed.raw
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def ready(typed: Typed, path: Path, *keys: str) -> bool:
    """Whether nothing is wrong with these keys below `path`."""
    return all(typed.sound(*path, key) for key in keys)


def check_control(typed: Typed) -> Iterator[Issue]:
    """Exactly one arm is the control."""
    arms = entries(typed, "arms")
    control = [name for name, arm in arms.items() if (arm or {}).get("role") == "control"]
    if not typed.sound("arms") or len(control) == 1:
        return
    found = f"{listed(control)} have" if control else "No arm has"
    message = f"{found} `role: control`; expected exactly one."
    remedy = "Give `role: control` to the arm that the others are compared with, and to no other."
    yield at(typed, ("arms",), message, remedy, ", ".join(control))


def check_spellings(typed: Typed) -> Iterator[Issue]:
    """No text means two arms, or two times."""
    for kind in ("arms", "times"):
        owner: dict[str, str] = {}
        for name, entry in entries(typed, kind).items():
            for text in spellings(name, entry or {}):
                first = owner.setdefault(text, name)
                if first != name:
                    message = f"{quoted(text)} means both {quoted(first)} and {quoted(name)}."
                    remedy = "Let every name, label and alias belong to one entry only."
                    yield at(typed, (kind, name), message, remedy, text)


def spellings(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Return the texts that may stand for an arm or time in the files."""
    return [name, entry.get("label") or name, *(entry.get("aliases") or ())]


def check_times(typed: Typed) -> Iterator[Issue]:
    """Times are in order, and baselines come before treatment."""
    if not typed.sound("times"):
        return
    times = list(entries(typed, "times").items())
    for (before, first), (name, second) in pairwise(times):
        if second["hours"] < first["hours"]:
            message = (
                f"{quoted(name)} ({second['hours']} h) stands after {quoted(before)} "
                f"({first['hours']} h); expected times in order."
            )
            yield at(typed, ("times", name), message, "Sort them or correct `hours`.", name)
        if _ORDER[_role(second)] < _ORDER[_role(first)]:
            message = (
                f"{quoted(name)} has role {_role(second)} and comes after {quoted(before)}, which "
                f"has role {_role(first)}; expected baseline, then before_treatment, then outcome."
            )
            yield at(typed, ("times", name), message, "Correct the roles or the order.", name)
    if times and all(_role(time) != "outcome" for _, time in times):
        message = "No time has the role outcome, so nothing can show an effect."
        remedy = "Leave `role` out for the times after the treatment."
        yield at(typed, ("times",), message, remedy)


def _role(time: Mapping[str, Any]) -> str:
    return str(time.get("role") or "outcome")


def check_columns(typed: Typed) -> Iterator[Issue]:
    """Every layout has the columns it needs, and no column has two meanings."""
    shared = entries(typed, "columns")
    needing: dict[str, list[str]] = {}
    reported: set[str] = set()
    yield from _twice(typed, ("columns",), shared, reported)
    for name, outcome in entries(typed, "outcomes").items():
        path = ("outcomes", name)
        if not ready(typed, path, "columns", "value", "wide") or not typed.sound("columns"):
            continue
        own = shared | (outcome.get("columns") or {})
        for role in _needed(typed, outcome):
            if role not in own or (own[role] is None and role != "period"):
                needing.setdefault(role, []).append(name)
        used = own | ({"value": outcome["value"]} if outcome.get("value") else {})
        yield from _twice(typed, path, used, reported)
    for role, outcomes in needing.items():
        message = f"No column is named for the {role} of {listed(outcomes)}."
        yield at(typed, ("columns", role), message, _column_remedy(role), code="C04")


def _needed(typed: Typed, outcome: Mapping[str, Any]) -> list[str]:
    told = {*placeholders_of(outcome), *constants_of(outcome)}
    told |= {"time"} if outcome.get("wide") else set()
    crossover = typed.raw.get("design") == "crossover"
    return [role for role in ("arm", "time", *["period"] * crossover) if role not in told]


def constants_of(outcome: Mapping[str, Any]) -> set[str]:
    """Return the roles that every file of an outcome is given a label for."""
    parts = outcome.get("file")
    if not isinstance(parts, list) or not parts:
        return set()
    given = [{key for key in part if part[key] is not None} for part in parts
             if isinstance(part, Mapping)]  # fmt: skip
    return set.intersection(*given) if len(given) == len(parts) else set()


def placeholders_of(outcome: Mapping[str, Any]) -> list[str]:
    """Return the placeholders of an outcome's wide pattern; none in long layout."""
    return pattern.placeholders((outcome.get("wide") or {}).get("pattern", ""))


def _column_remedy(role: str) -> str:
    if role == "period":
        return (
            "Write `period:` and the column that says which period a row belongs to (1, 2, 3). If "
            "there is none write `period: null`; then order cannot be adjusted for."
        )
    return f"Write `{role}:` and the header of that column under `columns`."


def _twice(
    typed: Typed, path: Path, used: Mapping[str, Any], reported: set[str]
) -> Iterator[Issue]:
    for (role, column), (other, again) in combinations(used.items(), 2):
        if column is not None and column == again and f"{role} {other} {column}" not in reported:
            reported.add(f"{role} {other} {column}")
            message = f"The column {quoted(column)} is given for {role} and for {other}."
            yield at(typed, path, message, "Name a different column for each.", column)


def check_layout(typed: Typed) -> Iterator[Issue]:
    """Every outcome is long or wide, and a wide pattern can be read."""
    for name, outcome in entries(typed, "outcomes").items():
        path = ("outcomes", name)
        if not ready(typed, path, "value", "wide", "replicates"):
            continue
        if bool(outcome.get("value")) == bool(outcome.get("wide")):
            found = "Both are" if outcome.get("value") else "Neither is"
            message = f"{found} given; expected either `value` or `wide`."
            remedy = (
                "Write `value:` and a column if each row holds one time; write "
                "`wide: {pattern: ...}` if each time has its own column."
            )
            yield at(typed, path, message, remedy, code="C06" if outcome.get("value") else "C04")
        elif outcome.get("wide"):
            yield from _check_pattern(typed, path, outcome)


def _check_pattern(typed: Typed, path: Path, outcome: Mapping[str, Any]) -> Iterator[Issue]:
    text = outcome["wide"]["pattern"]
    here = (*path, "wide", "pattern")
    names = pattern.placeholders(text)
    legal = [f"{{{name}}}" for name in pattern.PLACEHOLDERS]
    for name in dict.fromkeys(names):
        if name not in pattern.PLACEHOLDERS:
            message = f"{{{name}}} is not known; expected {either(legal)}."
            remedy = suggestion(name, pattern.PLACEHOLDERS) + "Correct it."
            yield at(typed, here, message, remedy, text)
        elif names.count(name) > 1:
            yield at(typed, here, f"{{{name}}} stands there twice.", "Keep one of them.", text)
    if any(set("{}") & set(literal) for literal in pattern.literals(text)):
        yield at(typed, here, "A brace is open or stands alone.", "Write it like {time}.", text)
    if "time" not in names and not (names and _time_in_rows(typed, outcome)):
        remedy = (
            "Put {time} where the headers differ by time, and the text in quotation marks; or name "
            "the column of the times under `columns`, where each row has one time."
        )
        yield at(typed, here, "{time} is missing in the pattern.", remedy, text)
    if pattern.run_together(text):
        message = "{period} or {trial} touches another placeholder; they cannot be told apart."
        yield at(typed, here, message, "Use headers with a sign between them.", text)
    if "trial" in names and (outcome.get("replicates") or "error") == "error":
        message = "The pattern has {trial}: a visit has several values, but `replicates` is error."
        remedy = "Write `replicates: mean` (or best, or median)."
        yield at(typed, here, message, remedy, text)


def _time_in_rows(typed: Typed, outcome: Mapping[str, Any]) -> bool:
    """Whether a column, or the list of files, says which time a row belongs to."""
    named = entries(typed, "columns") | (outcome.get("columns") or {})
    return named.get("time") is not None or "time" in constants_of(outcome)


def check_scales(typed: Typed) -> Iterator[Issue]:
    """Units can be converted and ranges are not upside down."""
    for name, outcome in entries(typed, "outcomes").items():
        path = ("outcomes", name)
        if ready(typed, path, "unit", "convert_to"):
            yield from _check_unit(typed, path, outcome)
        low, high = outcome.get("range") or (0, 1)
        if low >= high:
            message = f"The range runs from {low} to {high}; expected the smaller limit first."
            yield at(typed, (*path, "range"), message, f"Write [{high}, {low}].", [low, high])


def check_missing_codes(typed: Typed) -> Iterator[Issue]:
    """No missing code can be a real value."""
    ranges = {
        name: outcome["range"]
        for name, outcome in entries(typed, "outcomes").items()
        if outcome.get("range")
    }
    for code in typed.raw.get("missing_codes") or ():
        inside = [
            f"{name} ({low} to {high})"
            for name, (low, high) in ranges.items()
            if _between(code, low, high)
        ]
        if inside:
            message = (
                f"The missing code {code} lies within the range of {listed(inside)}: real values "
                "like it would be read as missing."
            )
            remedy = "Use a code outside the range, or leave the cells empty."
            yield at(typed, ("missing_codes",), message, remedy, code, "C07")


def _check_unit(typed: Typed, path: Path, outcome: Mapping[str, Any]) -> Iterator[Issue]:
    unit, target = outcome["unit"], outcome.get("convert_to")
    if units.factor(unit, target) is not None:
        return
    legal = units.convertible(unit)
    expected = f"expected {either(legal)}" if legal else "this unit cannot be converted"
    message = f"{quoted(unit)} cannot be converted to {quoted(target)}; {expected}."
    remedy = "Correct the unit, or remove `convert_to`."
    yield at(typed, (*path, "convert_to"), message, remedy, target)


def _between(code: str, low: float, high: float) -> bool:
    number = values.exact(code)
    return number is not None and low <= number <= high


CHECKS_OF_NAMES = (
    check_control,
    check_spellings,
    check_times,
    check_columns,
    check_layout,
    check_scales,
    check_missing_codes,
)
