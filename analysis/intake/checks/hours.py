"""Checks of the numbers in trial.yaml: U06 (hours), U05 (temperatures), D07 (time of treatment)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.errors import Issue, Severity
from analysis.intake.codes import PLAN_FILE, issue, quoted
from analysis.trial import Arm, Time, Trial

ERROR: Severity = "error"
WARNING: Severity = "warning"

_NAMED = re.compile(
    r"(?:^|[^a-z0-9])(?:post|t|nach|apres|después)?[ _+-]*([0-9]+(?:\.[0-9]+)?)[ _]*"
    r"(h|hr|hrs|hours?|std|stunden?|heures?|horas?|min|mins|minutes?|minuten|minutos|"
    r"d|days?|tage?|jours?|d[ií]as?)(?:$|[^a-z])",
    re.I,
)
_HOURS = {"h": 1.0, "s": 1.0, "m": 1 / 60, "d": 24.0, "t": 24.0, "j": 24.0}
_COLD = re.compile(r"cryo|wbc|cold|ice\b|cwi|kalt|kälte|kaelte|eis|froid|fr[ií]o", re.I)
_MINUTES_OF_DAYS = (1440, 2880, 4320, 5760, 7200, 10080)


def check_hours(trial: Trial) -> Iterator[Issue]:
    """U06: `hours` are hours, and what the name of the time says."""
    for time in trial.times:
        said = _said(time)
        if said is None or said == 0 or abs(abs(time.hours) - said) <= max(1, 0.5 * said):
            continue
        ratio = abs(time.hours) / said
        other = "minutes" if _near(ratio, 60) else "days" if _near(ratio, 1 / 24) else ""
        yield _contradiction(time, said, other)
    minutes = [each for each in trial.times if each.hours in _MINUTES_OF_DAYS]
    if len(minutes) >= 2 and all(_said(each) is None for each in minutes):
        yield _contradiction(minutes[0], minutes[0].hours / 60, "minutes", WARNING)


def _said(time: Time) -> float | None:
    for text in (time.name, time.label):
        found = _NAMED.search(text)
        if found:
            return float(found[1]) * _HOURS[found[2][0].lower()]
    return None


def _near(ratio: float, factor: float) -> bool:
    return abs(ratio / factor - 1) < 0.1


def _contradiction(time: Time, said: float, other: str, severity: Severity | None = None) -> Issue:
    guess = f", perhaps in {other}." if other else "."
    message = f"Time {quoted(time.name)} has `hours: {time.hours:g}`{guess}"
    remedy = f"Write hours since the end of the exercise (here {said:g}), or correct the name."
    level = severity or (None if other else WARNING)
    key = f"times.{time.name}.hours"
    return issue("U06", PLAN_FILE, message, remedy, column=key, value=f"{time.hours:g}",
                 severity=level)  # fmt: skip


def check_treatments(trial: Trial) -> Iterator[Issue]:
    """D07: every treatment lies where the roles of the times say that it does."""
    for arm in trial.arms:
        begins = arm.dose.delay_h if arm.dose else None
        if begins is None or arm.dose is None:
            continue
        ends = begins + (arm.dose.minutes or 0) / 60
        for time in trial.times:
            said = f"Treatment {quoted(arm.name)} begins {begins:g} h after the exercise"
            if time.role == "outcome" and time.hours < begins:
                yield _too_late(arm, f"{said}, and {time.name} ({time.hours:g} h), with role "
                                "outcome, lies before it.", None)  # fmt: skip
            elif time.role == "outcome" and begins < time.hours < ends:
                yield _too_late(arm, f"{said} and ends after {ends:.3g} h: {time.name} "
                                f"({time.hours:g} h) lies within it.", WARNING)  # fmt: skip
            elif time.role != "outcome" and time.hours > begins:
                yield _too_late(arm, f"{said}, and {time.name} ({time.hours:g} h), with role "
                                f"{time.role}, lies after that.", WARNING)  # fmt: skip


def _too_late(arm: Arm, message: str, severity: Severity | None) -> Issue:
    remedy = "Correct `delay_h` and `minutes` of the dose, or `hours` and role of the time."
    key, delay = f"arms.{arm.name}.dose.delay_h", arm.dose.delay_h if arm.dose else None
    return issue("D07", PLAN_FILE, message, remedy, column=key, value=f"{delay:g}",
                 severity=severity or ERROR)  # fmt: skip


def check_doses(trial: Trial) -> Iterator[Issue]:
    """U05: temperatures of treatments are in degrees Celsius and have their sign."""
    for arm in trial.arms:
        degrees = arm.dose.temperature_c if arm.dose else None
        if degrees is None:
            continue
        what = _odd_temperature(arm, degrees)
        if what:
            message = f"The temperature of arm {quoted(arm.name)} is {degrees:g} °C: {what}"
            remedy = "Write it in degrees Celsius, with its sign."
            key = f"arms.{arm.name}.dose.temperature_c"
            yield issue("U05", PLAN_FILE, message, remedy, column=key, value=f"{degrees:g}")


def _odd_temperature(arm: Arm, degrees: float) -> str:
    words = " ".join((arm.name, arm.label, *arm.aliases))
    if degrees > 250:
        return f"perhaps in kelvin ({degrees - 273.15:.0f} °C)."
    if _COLD.search(words) and degrees > 45:
        return "the minus sign may be lost."
    if _COLD.search(words) and degrees > 30:
        return f"perhaps in degrees Fahrenheit ({(degrees - 32) / 1.8:.0f} °C)."
    if degrees > 95 or degrees < -200:
        return f"perhaps in degrees Fahrenheit ({(degrees - 32) / 1.8:.0f} °C)."
    return ""
