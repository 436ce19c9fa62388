"""What of a draft would still be wrong after its questions are answered."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.intake.run import Intake, take_in
from analysis.trial import Outcome, Trial
from tests.draft.answering import texts

_SAME_DAY, _AT_ONCE = 12.0, 0.5  # hours that "day 1" may be off 24 h, and "post" off 0 h


def to_correct(drafted: Trial, right: Trial, files: Mapping[str, bytes]) -> list[str]:
    """Return the keys of an answered draft that a user would have to correct by hand.

    `right` is the trial.yaml that somebody wrote who knows the trial. Names of arms, times and
    outcomes are free, and codes of participants where a file has two. Hours are scheduled ones:
    those of a baseline need only be negative, "day 1" may be half a day off, and "post" half an
    hour. Only ranges of ratings that `right` has are compared; a rating from 0 to 100 may be in mm
    or points, one from 0 to 10 in cm or points. Where only one of the two has a `where` or codes
    for missing values, or a file has two columns that say the arm, the time or the period, the
    observations decide.
    """
    found = ["design"] * (drafted.design != right.design)
    found += _entries("arms", drafted.arms, right.arms)
    found += _entries("times", drafted.times, right.times)
    for time in right.times:
        mine = next((each for each in drafted.times if texts(each) & texts(time)), None)
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
        found = _columns(drafted, right, ("arm", "time", "period"))
        found = found or ["missing_codes" if codes else "the observations differ"]
    return found


def _entries(kind: str, mine: tuple[Any, ...], right: tuple[Any, ...]) -> list[str]:
    """Return the entries that are missing, too many, or lack a spelling."""
    found = []
    for entry in right:
        homes = [each for each in mine if texts(each) & texts(entry)]
        found += [f"{kind}.{entry.name}"] * (len(homes) != 1)
        if len(homes) == 1:
            wrong = len(texts(homes[0]) & {t for e in right if e is not entry for t in texts(e)})
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
    found += _columns(drafted, right, ("sequence", "occasion"))
    return found + [f"outcomes.{each.name}: too many" for each in mine.values()]


def _columns(drafted: Trial, right: Trial, roles: Sequence[str]) -> list[str]:
    """Return the outcomes whose columns with these roles are others than the right ones."""
    homes = _homes(drafted, right)
    pairs = [(each, right.outcome(homes[each.name])) for each in drafted.outcomes
             if each.name in homes]  # fmt: skip
    return [
        f"outcomes.{outcome.name}.columns.{role}"
        for draft, outcome in pairs
        for role in roles
        if _column(draft, role) != _column(outcome, role)
    ]


def _same_unit(mine: Outcome, right: Outcome) -> bool:
    tops = {"mm": (0, 100), "cm": (0, 10)}
    units = {mine.unit, right.unit}
    rating = any(units == {unit, "points"} and mine.range == ends for unit, ends in tops.items())
    letters = [re.sub(r"[ .·]", "", each.unit).casefold() for each in (mine, right)]
    letters = [{"deg": "°", "degrees": "°"}.get(each, each) for each in letters]
    return letters[0] == letters[1] or rating


def _column(outcome: Outcome, role: str) -> str | None:
    wide = outcome.pattern or ""
    unused = f"{{{role}}}" in wide or (bool(wide) and role == "time")
    return None if unused else getattr(outcome.columns, role)


def _values(trial: Trial, right: Trial, taken: Intake) -> Counter[frozenset[tuple[Any, ...]]]:
    """Return the observations of each participant with the names of `right`, in the file's unit."""
    arms = {a.name: next(r.name for r in right.arms if texts(a) & texts(r)) for a in trial.arms}
    times = {a.name: next(r.name for r in right.times if texts(a) & texts(r)) for a in trial.times}
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
