"""A trial and its analysis plan, as frozen dataclasses made from a validated ``trial.yaml``.

`Trial.from_mapping` expects a mapping that the schema has accepted (`analysis.intake.plan` reads
and checks the file); it only gives names and defaults, and never repairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Design = Literal["crossover", "parallel"]
Better = Literal["lower", "higher"]
TimeRole = Literal["baseline", "before_treatment", "outcome"]
Claim = Literal["superiority", "noninferiority"]
Multiplicity = Literal["fixed_sequence", "holm", "dunnett", "mvt", "none"]
Replicates = Literal["mean", "best", "median", "error"]
DfMethod = Literal["kenward_roger", "satterthwaite"]


@dataclass(frozen=True)
class Columns:
    """Which column of a file holds what; None where the file has no such column."""

    participant: str | None = None
    arm: str | None = None
    time: str | None = None
    period: str | None = None
    sequence: str | None = None
    occasion: str | None = None

    def updated(self, override: Mapping[str, str | None]) -> Columns:
        """Return these columns with an outcome's own choices put over them."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return Columns(**(mine | dict(override)))


@dataclass(frozen=True)
class Dose:
    """What a treatment consisted of; descriptive only."""

    temperature_c: float | None = None
    minutes: float | None = None
    delay_h: float | None = None


@dataclass(frozen=True)
class Arm:
    """One treatment arm."""

    name: str
    label: str
    is_control: bool = False
    aliases: tuple[str, ...] = ()
    dose: Dose | None = None


@dataclass(frozen=True)
class Time:
    """One scheduled time of measurement, in hours after exercise."""

    name: str
    hours: float
    role: TimeRole = "outcome"
    label: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Margin:
    """The smallest difference that matters, in the outcome's (converted) unit, and why."""

    value: float
    source: str


@dataclass(frozen=True)
class Dialect:
    """How a file is written; None where that is found out or nothing is declared."""

    delimiter: str | None = None
    decimal: str = "."
    encoding: str | None = None
    header_row: int | None = None
    last_row: int | None = None
    trim_blanks: bool = False
    export: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One outcome, where it is read from and how it is to be judged."""

    name: str
    label: str
    file: str
    unit: str
    better: Better
    value: str | None = None
    pattern: str | None = None
    sheet: str | None = None
    columns: Columns = field(default_factory=Columns)
    where: Mapping[str, str] = field(default_factory=dict)
    convert_to: str | None = None
    range: tuple[float, float] | None = None
    margin: Margin | None = None
    replicates: Replicates = "error"
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def analysis_unit(self) -> str:
        """Unit of the analysed values: `convert_to` where given, else `unit`."""
        return self.convert_to or self.unit


@dataclass(frozen=True)
class Comparison:
    """One planned comparison: arm minus reference, at one time, of one outcome."""

    outcome: str
    arm: str
    reference: str
    time: str
    claim: Claim = "superiority"


@dataclass(frozen=True)
class Plan:
    """The analysis plan; `primary` is None where the user declared none."""

    primary: Comparison | None = None
    secondary: tuple[Comparison, ...] = ()
    multiplicity: Multiplicity = "none"
    alpha: float = 0.05

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All planned comparisons in order of testing."""
        return (() if self.primary is None else (self.primary,)) + self.secondary


@dataclass(frozen=True)
class ModelSettings:
    """The `model` section as written; `auto` is resolved in `analysis.inference.models`."""

    baseline: str = "auto"
    period: str = "auto"
    residual: str = "auto"
    df: DfMethod = "kenward_roger"


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
            arms=tuple(_arm(key, value or {}) for key, value in raw["arms"].items()),
            times=tuple(_time(key, value) for key, value in raw["times"].items()),
            outcomes=tuple(
                _outcome(key, written | value, columns) for key, value in raw["outcomes"].items()
            ),
            description=(raw.get("description") or "").strip(),
            registration=raw.get("registration"),
            missing_codes=tuple(raw.get("missing_codes") or ()),
            plan=_plan(raw.get("plan") or {}),
            model=ModelSettings(**(raw.get("model") or {})),
        )


def _arm(name: str, raw: Mapping[str, Any]) -> Arm:
    return Arm(
        name=name,
        label=raw.get("label", name),
        is_control=raw.get("role") == "control",
        aliases=tuple(raw.get("aliases", ())),
        dose=Dose(**raw["dose"]) if raw.get("dose") else None,
    )


def _time(name: str, raw: Mapping[str, Any]) -> Time:
    return Time(
        name=name,
        hours=float(raw["hours"]),
        role=raw.get("role", "outcome"),
        label=raw.get("label", name),
        aliases=tuple(raw.get("aliases", ())),
    )


def _outcome(name: str, raw: Mapping[str, Any], columns: Columns) -> Outcome:
    plain = ("file", "unit", "better", "value", "sheet", "convert_to", "replicates")
    bounds = raw.get("range")
    return Outcome(
        name=name,
        label=raw.get("label", name),
        pattern=raw["wide"]["pattern"] if raw.get("wide") else None,
        columns=columns.updated(raw.get("columns", {})),
        dialect=_dialect(raw),
        where=dict(raw.get("where", {})),
        range=(float(bounds[0]), float(bounds[1])) if bounds else None,
        margin=Margin(float(raw["margin"]["value"]), raw["margin"]["source"])
        if raw.get("margin")
        else None,
        **{key: raw[key] for key in plain if raw.get(key) is not None},
    )


def _dialect(raw: Mapping[str, Any]) -> Dialect:
    keys = ("header_row", "last_row", "trim_blanks", "export")
    return Dialect(**raw.get("csv", {}), **{key: raw[key] for key in keys if key in raw})


def _plan(raw: Mapping[str, Any]) -> Plan:
    return Plan(
        primary=Comparison(**raw["primary"]) if raw.get("primary") else None,
        secondary=tuple(Comparison(**each) for each in raw.get("secondary") or ()),
        multiplicity=raw.get("multiplicity", "none"),
        alpha=float(raw.get("alpha", 0.05)),
    )
