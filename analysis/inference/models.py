"""From an outcome and the model settings to one concrete model: data, terms, words.

What `auto` means is decided here, from the design and the baselines, never from a p-value, and
every decision leaves a sentence for models.csv and the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.errors import ModelError
from analysis.inference import baselines
from analysis.mixed.design import Design, Term, build_design
from analysis.trial import Outcome, Trial

PER_TIME = "per_time"
LEAST_IN_GROUP = 5  # participants in every arm of a parallel trial for a joint model


@dataclass(frozen=True)
class Specification:
    """One concrete model of one outcome.

    Attributes
    ----------
    frame : DataFrame
        One row per analysed value: participant, period, arm, time as ordered categoricals,
        `response`, and the baseline covariates where they enter.
    terms : tuple of Term
        Fixed effects.
    components : mapping
        Random intercepts: name and the columns whose combinations are its groups.
    units : tuple of str
        Columns whose combinations are the courses of treatment, within which errors correlate.
    baseline, period, residual : str
        What was used; never ``auto``. With residual `PER_TIME` there is no joint model: every
        comparison is analysed from its two arms at its time alone.
    notes : tuple of str
        What was chosen and why, and who had to be left out; sentences.
    """

    frame: pd.DataFrame
    terms: tuple[Term, ...]
    components: Mapping[str, tuple[str, ...]]
    units: tuple[str, ...]
    baseline: str
    period: str
    residual: str
    notes: tuple[str, ...]

    def design(self) -> Design:
        """Return the matrices of the model."""
        return build_design(self.frame, self.terms, self.components)

    @property
    def formula(self) -> str:
        """The model in lme4 notation."""
        response = "value - baseline" if self.baseline == "change" else "value"
        random = [f"(1 | {name})" for name in self.components]
        return f"{response} ~ " + " + ".join([*_compact(self.terms), *random])


def specify(trial: Trial, outcome: Outcome, observations: pd.DataFrame) -> Specification:
    """Return the model that trial.yaml asks for, with every ``auto`` resolved.

    Parameters
    ----------
    observations : DataFrame
        Rows of one outcome, as in `columns.OBSERVATIONS`.

    Raises
    ------
    ModelError
        If there are not two arms with values to compare, or no values remain.
    """
    frame = typed(trial, observations)
    notes: list[str] = []
    baseline, why = baselines.choose(trial, outcome, frame)
    notes += why
    frame, left_out = baselines.enter(trial, frame, baseline)
    notes += left_out
    frame = _without_unused(frame[frame["response"].notna()])
    if frame.empty or frame["arm"].nunique() < 2:
        raise ModelError(f"{outcome.name}: fewer than two arms have values that can be compared.")
    components, about = random_part(trial, frame)
    notes += about
    main = _main_terms(frame, baseline)
    period, terms, about = _period_terms(trial, frame, main, components)
    notes += about
    units = tuple(baselines.unit_columns(trial))
    residual, why = _residual(trial, frame, units)
    if residual == "unstructured":  # it holds the random intercept of its own unit already
        courses = _n_groups(frame, units)
        components = {k: by for k, by in components.items() if _n_groups(frame, by) < courses}
    return Specification(
        frame, terms, components, units, baseline, period, residual, (*notes, *why)
    )


def _n_groups(frame: pd.DataFrame, by: tuple[str, ...]) -> int:
    return int(frame.groupby(list(by), observed=True).ngroups)


def _residual(trial: Trial, frame: pd.DataFrame, units: tuple[str, ...]) -> tuple[str, list[str]]:
    """Resolve ``auto``: a variance for each arm at each time, neighbouring visits correlated.

    The default was chosen by calibration (docs/calibration.md): it keeps the level where spreads
    differ between times and between arms, which a treatment that works on a scale with a floor
    brings about. In parallel groups of fewer than `LEAST_IN_GROUP` it rejects too rarely; there
    each comparison is analysed from its two arms at its time, which is exact.
    """
    if trial.model.residual != "auto":
        return trial.model.residual, []
    if trial.design == "parallel":
        least = int(frame.groupby("arm", observed=True)["participant"].nunique().min())
        if least < LEAST_IN_GROUP:
            return PER_TIME, [
                "Residual: per_time, each comparison from its two arms at its time alone; the "
                f"smallest arm has {least} participants, a joint model needs {LEAST_IN_GROUP}."
            ]
    several = bool((frame.groupby(list(units), observed=True).size() > 1).any())
    chosen = "by_arm_time_ar1" if several else "by_arm_time"
    return chosen, [f"Residual: {chosen}, so that spreads may differ between arms and times."]


def typed(trial: Trial, observations: pd.DataFrame) -> pd.DataFrame:
    """Return observations with arms, times and units as ordered categoricals."""
    frame = observations.copy()
    frame["arm"] = pd.Categorical(frame["arm"], list(trial.arm_names), ordered=True)
    frame["time"] = pd.Categorical(frame["time"], list(trial.time_names), ordered=True)
    if "occasion" not in frame:
        frame["occasion"] = ""
    for name in ("participant", "period", "occasion"):
        levels = sorted(frame[name].unique(), key=natural_key)
        frame[name] = pd.Categorical(frame[name], levels, ordered=True)
    return frame


def natural_key(text: str) -> tuple[int, float, str]:
    """Sort numbers as numbers and before words: 2 before 10 before P1."""
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def has_period(frame: pd.DataFrame) -> bool:
    """Whether the data say which period every value belongs to."""
    return bool((frame["period"].astype(str) != "").all())


def random_part(trial: Trial, frame: pd.DataFrame) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return the random intercepts that the design demands and the data can tell from the error.

    Where each arm is given once, participant:period and participant:arm are the same term; where
    an arm is given again, both enter (Jones and Kenward 2014, Design and Analysis of Cross-Over
    Trials, 3rd ed.).
    """
    wanted: list[tuple[str, ...]] = [("participant",)]
    notes = []
    if trial.design == "crossover":
        wanted += _crossover_units(frame)
        if not has_period(frame):
            notes.append("No period is recorded, so that order cannot be adjusted for.")
    kept = {}
    for by in wanted:
        if frame.groupby(list(by), observed=True).size().max() > 1:
            kept[":".join(by)] = by
        elif trial.design == "crossover" or len(by) > 1:
            notes.append(f"{':'.join(by)} has one value per group and is part of the residual.")
    return kept, notes


def _crossover_units(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    unit = "period" if has_period(frame) else "occasion"
    given = frame[["participant", "arm", unit]].drop_duplicates()
    repeated = bool(given.duplicated(["participant", "arm"]).any())
    if unit == "period":
        arm_again: list[tuple[str, ...]] = [("participant", "arm")] if repeated else []
        return [*arm_again, ("participant", "period")]
    return [("participant", "arm"), *([("participant", "arm", "occasion")] if repeated else [])]


def _main_terms(frame: pd.DataFrame, baseline: str) -> tuple[Term, ...]:
    over_time: tuple[Term, ...] = (("time",), ("arm", "time")) if _several_times(frame) else ()
    if baseline == "within":
        extra: tuple[Term, ...] = (("baseline_within",), ("baseline_mean",))
    elif baseline == "covariate":
        extra = (("baseline",), *((("baseline", "time"),) if over_time else ()))
    else:
        extra = ()
    return (("arm",), *over_time, *extra)


def _several_times(frame: pd.DataFrame) -> bool:
    return frame["time"].nunique() > 1


def _period_terms(
    trial: Trial,
    frame: pd.DataFrame,
    main: tuple[Term, ...],
    components: Mapping[str, tuple[str, ...]],
) -> tuple[str, tuple[Term, ...], list[str]]:
    """Add the period effect asked for: by time where all of it can be estimated, else main."""
    asked = trial.model.period
    if trial.design == "parallel" or not has_period(frame) or frame["period"].nunique() < 2:
        return "none", main, []
    if asked == "none":
        return "none", main, ["The period effect was left out, as trial.yaml asks."]
    alone = (*main, ("period",))
    if asked == "main" or not _several_times(frame):
        return "main", alone, []
    by_time = (*alone, ("period", "time"))
    wide = build_design(frame, by_time, components)
    if wide.full_rank or wide.undetermined == build_design(frame, alone, components).undetermined:
        why = "The period effect may differ between times (repeated-bout effect)."
        return "by_time", by_time, [why]
    return "main", alone, ["Period by time cannot be estimated from these data: one period effect."]


def _without_unused(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    for name in ("participant", "period", "arm", "time", "occasion"):
        frame[name] = frame[name].cat.remove_unused_categories()
    return frame


def _compact(terms: tuple[Term, ...]) -> list[str]:
    """Write a, b and a:b as a*b, as lme4 users do."""
    words = [":".join(term) for term in terms]
    for product in [term for term in terms if len(term) == 2]:
        first, second = product
        shown = f"{first}*{second}"
        place = min(words.index(name) for name in words if name in (first, second) or name == shown)
        used = {first, ":".join(product)} | (
            {second} if f"*{second}" not in " ".join(words) else set()
        )
        words = [*words[:place], shown, *[name for name in words[place:] if name not in used]]
    return words
