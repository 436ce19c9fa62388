"""Checks of the analysis plan and the model settings against the rest of trial.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.errors import Issue
from analysis.intake.codes import listed, quoted, suggestion
from analysis.intake.plan_names import at, entries, placeholders_of
from analysis.intake.schema import Path
from analysis.intake.typed import Typed
from analysis.trial.parts import SIMULTANEOUS

_SECTION = {"outcome": "outcomes", "arm": "arms", "reference": "arms", "time": "times"}


def comparisons(typed: Typed) -> list[tuple[Path, dict[str, Any]]]:
    """Return the planned comparisons that could be read, with their paths, primary first."""
    plan = entries(typed, "plan")
    primary = [(("plan", "primary"), plan.get("primary"))]
    secondary = [
        (("plan", "secondary", f"[{place}]"), each)
        for place, each in enumerate(plan.get("secondary") or (), start=1)
    ]
    return [(path, each) for path, each in primary + secondary if isinstance(each, dict)]


def check_plan_names(typed: Typed) -> Iterator[Issue]:
    """The plan names outcomes, arms and times that exist."""
    for path, comparison in comparisons(typed):
        for key, section in _SECTION.items():
            known = entries(typed, section)
            name = comparison.get(key)
            if name is None or name in known or not known:
                continue
            message = f"{quoted(name)} is not one of the {section}: {listed(known)}."
            remedy = suggestion(name, known) + f"Write a name from `{section}`."
            yield at(typed, (*path, key), message, remedy, name)


def check_comparisons(typed: Typed) -> Iterator[Issue]:
    """Every comparison is one of two arms, after treatment, and stands there once."""
    seen: dict[tuple[Any, ...], Path] = {}
    for path, each in comparisons(typed):
        if each.get("arm") is not None and each.get("arm") == each.get("reference"):
            message = f"{quoted(each['arm'])} is compared with itself."
            yield at(typed, path, message, "Name two different arms.", each["arm"])
        yield from _check_time(typed, path, each)
        yield from _check_claim(typed, path, each)
        key = tuple(each.get(name) for name in (*_SECTION, "claim"))
        if None not in key[:4] and seen.setdefault(key, path) != path:
            message = "The same comparison stands in the plan twice."
            yield at(typed, path, message, "Keep one of the two.")


def _check_time(typed: Typed, path: Path, comparison: Mapping[str, Any]) -> Iterator[Issue]:
    name = comparison.get("time")
    time = entries(typed, "times").get(str(name))
    role = time.get("role") if isinstance(time, Mapping) else None
    if role in ("baseline", "before_treatment"):
        message = (
            f"{quoted(name)} has role {role}: it lies before the treatment, which cannot affect it."
        )
        remedy = "Plan a time after the treatment, or correct the role of this time."
        yield at(typed, (*path, "time"), message, remedy, name)


def _check_claim(typed: Typed, path: Path, comparison: Mapping[str, Any]) -> Iterator[Issue]:
    name = comparison.get("outcome")
    outcome = entries(typed, "outcomes").get(str(name))
    if comparison.get("claim") != "noninferiority" or not isinstance(outcome, Mapping):
        return
    if outcome.get("margin") is None and typed.sound("outcomes", str(name), "margin"):
        message = f"Noninferiority of {quoted(name)} is claimed, but this outcome has no margin."
        remedy = (
            "Add `margin: {value: ..., source: ...}` to the outcome: the largest loss that would "
            "not matter, and why. Decide it before you see the data."
        )
        yield at(typed, (*path, "claim"), message, remedy, "noninferiority")


def check_multiplicity(typed: Typed) -> Iterator[Issue]:
    """The adjustment covers the comparisons that are planned."""
    plan = entries(typed, "plan")
    kind = plan.get("multiplicity")
    planned = comparisons(typed)
    if kind is None and len(planned) > 1 and typed.sound("plan", "multiplicity"):
        message = f"There are {len(planned)} comparisons but no `multiplicity`: none is adjusted."
        remedy = "Write fixed_sequence, holm, dunnett or mvt; write none to say that this is meant."
        yield at(typed, ("plan",), message, remedy, code="C07")
    if kind in SIMULTANEOUS:
        yield from _check_simultaneous(typed, kind, planned)


def _check_simultaneous(
    typed: Typed, kind: str, planned: list[tuple[Path, dict[str, Any]]]
) -> Iterator[Issue]:
    control = [
        name for name, arm in entries(typed, "arms").items() if (arm or {}).get("role") == "control"
    ]
    for path, each in planned:
        reference = each.get("reference")
        if len(control) == 1 and reference is not None and reference != control[0]:
            message = (
                f"{kind} adjusts comparisons with the control {quoted(control[0])} only, and the "
                f"reference here is {quoted(reference)}."
            )
            remedy = "Use holm or fixed_sequence, or compare with the control."
            yield at(typed, (*path, "reference"), message, remedy, reference)
        if each.get("claim") == "noninferiority":
            message = f"{kind} does not adjust claims of noninferiority."
            yield at(typed, (*path, "claim"), message, "Use holm or fixed_sequence.", each["claim"])
    keys = ("outcome", "time") if kind == "dunnett" else ("outcome",)
    families = {tuple(each.get(key) for key in keys) for _, each in planned}
    if len(families) > 1:
        what = " and ".join(keys)
        message = (
            f"{kind} adjusts within one {what}; the plan has {len(families)} of them, and the "
            "error rate over all of them is not controlled."
        )
        remedy = "Use holm or fixed_sequence to cover the whole plan."
        yield at(typed, ("plan", "multiplicity"), message, remedy, kind, "C07")


def check_washout(typed: Typed) -> Iterator[Issue]:
    """A washout belongs to a crossover."""
    days = typed.raw.get("washout_days")
    if days is not None and typed.raw.get("design") == "parallel":
        message = (
            "`washout_days` is given, but a parallel trial has no periods to wash out between."
        )
        yield at(typed, ("washout_days",), message, "Remove it, or correct `design`.", days, "C07")


def check_baseline(typed: Typed) -> Iterator[Issue]:
    """The baseline setting fits the design and a baseline exists."""
    setting = entries(typed, "model").get("baseline")
    path = ("model", "baseline")
    design = typed.raw.get("design")
    if setting == "covariate" and design == "crossover":
        message = (
            "A baseline covariate with random participants is not offered for a crossover: one "
            "slope would have to serve differences between and within participants, and the "
            "comparison of arms would be biased (Kenward and Roger 2010)."
        )
        remedy = "Write within, which separates the two, or auto."
        yield at(typed, path, message, remedy, setting)
    if setting == "within" and design == "parallel":
        message = (
            "`within` needs a baseline per period, and a participant of a parallel trial has one."
        )
        yield at(typed, path, message, "Write covariate or auto.", setting)
    times = entries(typed, "times").values()
    roles = [time.get("role") for time in times if isinstance(time, Mapping)]
    needed = setting in ("within", "change", "covariate", "post_only")
    if needed and "baseline" not in roles and typed.sound("times"):
        message = f"{quoted(setting)} needs a baseline, but no time has `role: baseline`."
        remedy = "Give `role: baseline` to the time before the exercise, or write none."
        yield at(typed, path, message, remedy, setting)


def check_period(typed: Typed) -> Iterator[Issue]:
    """A period effect is asked for only where there are periods."""
    setting = entries(typed, "model").get("period")
    path = ("model", "period")
    if setting not in ("by_time", "main"):
        return
    if typed.raw.get("design") == "parallel":
        message = f"{quoted(setting)} asks for a period effect; a parallel trial has no periods."
        yield at(typed, path, message, "Write auto or none.", setting)
        return
    shared = entries(typed, "columns")
    outcomes = [each for each in entries(typed, "outcomes").values() if isinstance(each, Mapping)]
    without = [each for each in outcomes if not _has_period(each, shared)]
    if outcomes and len(without) == len(outcomes) and typed.sound("columns"):
        message = f"{quoted(setting)} asks for a period effect, but no column holds the period."
        yield at(typed, path, message, "Name the column under `columns`, or write none.", setting)


def _has_period(outcome: Mapping[str, Any], shared: Mapping[str, Any]) -> bool:
    own = {**shared, **(outcome.get("columns") or {})}
    return own.get("period") is not None or "period" in placeholders_of(outcome)


CHECKS_OF_MODEL = (
    check_plan_names,
    check_comparisons,
    check_multiplicity,
    check_washout,
    check_baseline,
    check_period,
)
