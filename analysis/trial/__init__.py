"""A trial and its analysis plan, as frozen dataclasses made from a validated ``trial.yaml``.

`Trial.from_mapping` expects a mapping that the schema has accepted (`analysis.intake.plan` reads
and checks the file); it only gives names and defaults, and never repairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from analysis.trial.parts import (
    Arm,
    Better,
    Claim,
    Columns,
    Comparison,
    DfMethod,
    Dialect,
    Dose,
    Margin,
    ModelSettings,
    Multiplicity,
    Outcome,
    Part,
    Plan,
    Replicates,
    Time,
    TimeRole,
    arm_of,
    outcome_of,
    plan_of,
    time_of,
)

__all__ = [
    "Arm",
    "Better",
    "Claim",
    "Columns",
    "Comparison",
    "Design",
    "DfMethod",
    "Dialect",
    "Dose",
    "Margin",
    "ModelSettings",
    "Multiplicity",
    "Outcome",
    "Part",
    "Plan",
    "Replicates",
    "Time",
    "TimeRole",
    "Trial",
]

Design = Literal["crossover", "parallel"]


@dataclass(frozen=True)
class Trial:
    """Everything trial.yaml says."""

    name: str
    title: str
    design: Design
    randomised: bool
    columns: Columns
    arms: tuple[Arm, ...]
    times: tuple[Time, ...]
    outcomes: tuple[Outcome, ...]
    description: str = ""
    registration: str | None = None
    blinded: bool = False
    washout_days: float | None = None
    missing_codes: tuple[str, ...] = ()
    plan: Plan = field(default_factory=Plan)
    model: ModelSettings = field(default_factory=ModelSettings)

    @property
    def control(self) -> Arm:
        """The arm every other arm is compared with first."""
        return next(arm for arm in self.arms if arm.is_control)

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms in the order of trial.yaml."""
        return tuple(arm.name for arm in self.arms)

    @property
    def time_names(self) -> tuple[str, ...]:
        """Names of the times in the order of trial.yaml."""
        return tuple(time.name for time in self.times)

    def times_with_role(self, *roles: TimeRole) -> tuple[Time, ...]:
        """Return the times that have one of `roles`, in order."""
        return tuple(time for time in self.times if time.role in roles)

    def arm(self, name: str) -> Arm:
        """Return the arm called `name`."""
        return next(arm for arm in self.arms if arm.name == name)

    def time(self, name: str) -> Time:
        """Return the time called `name`."""
        return next(time for time in self.times if time.name == name)

    def outcome(self, name: str) -> Outcome:
        """Return the outcome called `name`."""
        return next(outcome for outcome in self.outcomes if outcome.name == name)

    @classmethod
    def from_mapping(cls, name: str, raw: Mapping[str, Any]) -> Trial:
        """Build a trial from a mapping that the schema has accepted.

        Parameters
        ----------
        name : str
            Name of the trial's folder.
        raw : mapping
            Contents of trial.yaml with numbers and booleans already typed.
        """
        columns = Columns(**raw.get("columns", {}))
        written = {key: raw[key] for key in ("csv", "trim_blanks") if raw.get(key) is not None}
        return cls(
            name=name,
            title=raw["title"],
            design=raw["design"],
            randomised=raw["randomised"],
            columns=columns,
            arms=tuple(arm_of(key, value or {}) for key, value in raw["arms"].items()),
            times=tuple(time_of(key, value) for key, value in raw["times"].items()),
            outcomes=tuple(
                outcome_of(key, written | value, columns) for key, value in raw["outcomes"].items()
            ),
            description=(raw.get("description") or "").strip(),
            registration=raw.get("registration"),
            blinded=raw.get("blinded", False),
            washout_days=raw.get("washout_days"),
            missing_codes=tuple(raw.get("missing_codes") or ()),
            plan=plan_of(raw.get("plan") or {}),
            model=ModelSettings(**(raw.get("model") or {})),
        )
