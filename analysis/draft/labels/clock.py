"""Labels of times -> hours after the exercise, as far as they can be known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from analysis.draft.labels.clock_words import (
    AFTER,
    AT_ONCE,
    BEFORE,
    COUNTED,
    DAYS,
    FILLING,
    HALF,
    HOUR_LETTERS,
    NEXT,
    NUMBER_WORDS,
    ORDINAL,
    TREATED,
    UNITS,
    WEEKS,
)
from analysis.draft.labels.words import PERIOD
from analysis.intake.companions import plain

Kind = Literal["before", "after", "hours", "day", "number", "ordinal", "unknown"]

BASELINE_HOURS = -1.0
# Days counted from a match or an exercise: MD-1, MD, MD+2; D-1, D+1.
_SIGNED = re.compile(r"(md|gd|matchday|gameday|j|d)\s*([+-])\s*([0-9]{1,2})|(?:md|gd)\s*()()")
_USUAL_HOURS = frozenset(
    (
        *(0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 18, 20, 24, 28, 30, 32, 36, 42, 48),
        *(60, 72, 84, 96, 120, 144, 168, 192, 240),
    )
)
_MOST_DAYS = 24
_TELLING_HOURS = frozenset((24, 48, 72, 96))


@dataclass(frozen=True)
class Moment:
    """What one label says by itself; `number` are hours, days, or a number without a unit."""

    kind: Kind
    number: float = 0.0


UNKNOWN = Moment("unknown")


def moment(label: str) -> Moment:
    """Return what a label of a time says by itself.

    Parameters
    ----------
    label : str
        Such as ``pre``, ``24 h post``, ``Day 1``, ``T2``.
    """
    text = _read(label)
    signed = _SIGNED.fullmatch(text.strip())
    if signed:
        days = float(signed[3] or 0)
        return Moment("day", -days if signed[2] == "-" else days)
    negative = re.match(r"\s*[-−–]\s*[0-9]", label) is not None
    tokens = _tokens(text)
    found = _moment(tokens, text)
    if found.kind == "unknown":
        found = _moment(_without_counts(tokens), text)
    if found.kind in ("hours", "number") and negative:
        return Moment("hours" if found.kind == "hours" else "number", -found.number)
    return found


def _read(label: str) -> str:
    """Return a label in small letters without accents; half an hour is half of one.

    The Norwegian word for before must not become the English "for".
    """
    text = plain(re.sub("ø", "oe", label, flags=re.IGNORECASE))
    return HALF.sub("0.5 h", text)


def core(label: str) -> str:
    """Return a label without what counts courses: uke_1_start_arm_1 and uke_2_start_arm_1 agree."""
    tokens = _tokens(_read(label))
    return "".join(_without_counts(tokens) or tokens)


def _tokens(text: str) -> list[str]:
    found = re.findall(r"[0-9]+(?:[.,][0-9]+)?|[a-z]+", text)
    return [
        str(NUMBER_WORDS[each]) if each in NUMBER_WORDS and _counts(found, place) else each
        for place, each in enumerate(found)
    ]


def _counts(tokens: Sequence[str], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1] in UNITS


def _without_counts(tokens: Sequence[str]) -> list[str]:
    """Return tokens without "week 1", "visit 2": they say which course, not when in it."""
    kept: list[str] = []
    skip = False
    counted = COUNTED | PERIOD
    for place, each in enumerate(tokens):
        following = tokens[place + 1 : place + 2]
        if skip:
            skip = False
        elif each in counted and following and _is_number(following[0]):
            skip = True
        else:
            kept.append(each)
    return kept


def _is_number(token: str) -> bool:
    return token[0].isdigit()


def _value(token: str) -> float:
    return float(token.replace(",", "."))


def _moment(tokens: Sequence[str], text: str) -> Moment:
    words = set(tokens)
    if not tokens:
        return UNKNOWN
    numbered = any(map(_is_number, tokens))
    if words & NEXT or (words & DAYS and words & AFTER and not numbered):
        return Moment("hours", 24.0)
    timed = _with_unit(tokens, text)
    if timed is not None:
        return _before(timed) if timed.kind == "hours" and words & BEFORE else timed
    numbers = [each for each in tokens if _is_number(each)]
    if words & BEFORE and words & AFTER:  # right after the exercise, before the treatment
        return Moment("after") if words & TREATED and not numbers else UNKNOWN
    if words & BEFORE or tokens == ["for"]:  # a Norwegian one in plain letters
        return Moment("before")
    if words & AFTER and words & TREATED:
        return UNKNOWN  # when the treatment ended is not known
    if len(numbers) == 1 and len(tokens) <= 2:
        others = words - set(numbers)
        if not others or others <= {"t"} | AFTER:
            return Moment("number", _value(numbers[0]))
        if others <= ORDINAL:
            return Moment("ordinal", _value(numbers[0]))
    if words & AFTER and not numbers:
        return Moment("after") if words <= AFTER | AT_ONCE | FILLING else UNKNOWN
    if len(tokens) == 2 and _is_number(tokens[1]) and len(tokens[0]) == 1:
        return Moment("ordinal", _value(tokens[1]))
    return UNKNOWN


def _before(timed: Moment) -> Moment:
    return Moment("hours", -timed.number) if timed.number else Moment("before")


def _with_unit(tokens: Sequence[str], text: str) -> Moment | None:
    """Return the moment of a number and a unit side by side; hours before days."""
    found = []
    for place, (first, second) in enumerate(pairwise(tokens)):
        if _is_number(first) and (second in UNITS or second in HOUR_LETTERS):
            ordinal = second in DAYS and re.search(rf"{first}\.\s*{second}", text)
            kind: Kind = "day" if ordinal else "hours"
            number = _value(first) * (1.0 if ordinal else UNITS.get(second, 1.0))
            found.append((second in DAYS, place, Moment(kind, number)))
        elif first in UNITS and _is_number(second) and tokens[place + 2 : place + 3] != ["h"]:
            day = first in DAYS
            number = _value(second) * (1.0 if day else UNITS[first])
            found.append((day, place, Moment("day" if day else "hours", number)))
    return min(found, key=lambda each: each[:2])[2] if found else None


@dataclass(frozen=True)
class Timed:
    """A label of a time with its hours, None where they cannot be known, and why.

    `doubt` is what the label leaves open though it has hours: a question, or empty; `somewhen` a
    baseline whose label says no hours.
    """

    label: str
    hours: float | None
    why: str = ""
    baseline: bool = False
    doubt: str = ""
    somewhen: bool = False


def timed(labels: Sequence[str], header: Collection[str] = ()) -> list[Timed]:
    """Return the hours of labels that stand for the times of one trial.

    Parameters
    ----------
    labels : sequence of str
    header : collection of str
        Words of the column's header, which may name the unit of bare numbers.
    """
    moments = [_signed(label, moment(label), labels) for label in labels]
    unit = _unit_of_numbers(moments, header)
    start = _first_day(labels, moments)
    pairs = zip(labels, moments, strict=True)
    return list(_resolved(pairs, unit, start))


def _signed(label: str, found: Moment, labels: Sequence[str]) -> Moment:
    """Return what a label says with a minus behind its letter: T-1 beside T0, T24.

    Where every label has it (V-1, V-2), the sign only joins.
    """
    behind = re.match(r"\s*[A-Za-z]\s*[-−–]\s*[0-9]", label)
    others = any(re.match(r"\s*[A-Za-z]\s*\+?\s*[0-9]", each) for each in labels)
    if behind and others and found.kind in ("hours", "number", "ordinal") and found.number > 0:
        return Moment("hours" if found.kind == "hours" else "number", -found.number)
    return found


def _unit_of_numbers(moments: Sequence[Moment], header: Collection[str]) -> float | None:
    """Return what a number without a unit is to be multiplied with to become hours."""
    numbers = {abs(each.number) for each in moments if each.kind in ("number", "ordinal")}
    for word in header:
        days = word in DAYS and max(numbers, default=0) >= _MOST_DAYS  # a tag may be no Tag
        if len(word) > 1 and word in UNITS and UNITS[word] < 168 and not days:
            return UNITS[word]
    counted = any(each.kind == "ordinal" for each in moments)
    usual = numbers <= _USUAL_HOURS and len(numbers & _TELLING_HOURS) > counted
    return 1.0 if usual else None


def _first_day(labels: Sequence[str], moments: Sequence[Moment]) -> float | None:
    """Return the number of the day of the exercise: "day 0", or "day 1" of "day 1 pre".

    A baseline with a name of its own means that days count from the exercise on; where day 1 is not
    among them, it may have been the day of the exercise.
    """
    first = min((each.number for each in moments if each.kind == "day"), default=1)
    named = [
        each.number
        for label, each in zip(labels, moments, strict=True)
        if each.kind == "day" and set(_tokens(_read(label))) & BEFORE
    ]  # fmt: skip
    if named:
        return min(named)
    if first <= 0 or (first < 2 and any(each.kind == "before" for each in moments)):
        return 0.0
    return None


def _resolved(
    pairs: Iterator[tuple[str, Moment]] | zip[tuple[str, Moment]],
    unit: float | None,
    start: float | None,
) -> Iterator[Timed]:
    for label, found in pairs:
        words = set(_tokens(_read(label)))
        if found.kind == "before" or (found.kind == "day" and words & BEFORE):
            why = "before the exercise; the exact time is not in the file"
            yield Timed(label, BASELINE_HOURS, why, baseline=True, somewhen=True)
        elif found.kind == "after":
            doubt = "right after the exercise, or after the treatment?"
            yield Timed(label, 0.0, "right after the exercise", doubt=doubt * (not words & AT_ONCE))
        elif found.kind == "hours":
            yield Timed(label, found.number, "by its name", baseline=found.number < 0)
        elif found.kind == "day" and start is not None:
            why = f"the exercise was on day {start:g}"
            hours = 24 * (found.number - start)
            open_hour = hours == 0 and not words & AFTER
            doubt = "right after the exercise, or later that day?" * open_hour
            yield Timed(label, hours, why, baseline=hours < 0, doubt=doubt)
        elif found.kind in ("number", "ordinal") and unit is not None:
            hours = found.number * unit
            yield Timed(label, hours, f"{_named(unit)} by the numbers", baseline=hours < 0)
        else:
            yield Timed(label, None)


def _named(unit: float) -> str:
    return {1.0: "hours", 24.0: "days"}.get(unit, "minutes")


def is_time_word(piece: str) -> bool:
    """Whether a piece of a header can be part of a time: a number, a unit, pre, post."""
    text = _read(piece)
    if not any(each.isalnum() for each in text):
        return True
    # WK_24h: something else called so; no trial of recovery has times in weeks
    units = UNITS.keys() - WEEKS
    known = units | BEFORE | AFTER | NEXT | {"t", "tp", "mzp", "ex", "exercise"} | HOUR_LETTERS
    return _is_number(text) or text in known
