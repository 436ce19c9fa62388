"""What a trial consists of: its parts, and how each is made from its entry in trial.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Better = Literal["lower", "higher"]
TimeRole = Literal["baseline", "before_treatment", "outcome"]
Claim = Literal["superiority", "noninferiority"]
Multiplicity = Literal["fixed_sequence", "holm", "dunnett", "mvt", "none"]
SIMULTANEOUS = ("dunnett", "mvt")
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
    date: str | None = None
    clock: str | None = None

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
    window: float | None = None


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
class Part:
    """One of the files that an outcome is read from, and the labels that it has no column for."""

    file: str
    sheet: str | None = None
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One outcome, where it is read from and how it is to be judged.

    `file` names the file, or all of them with commas between; `parts` has them one by one. `beside`
    are headers that follow the pattern and hold something else.
    """

    name: str
    label: str
    file: str
    unit: str
    better: Better
    value: str | None = None
    pattern: str | None = None
    beside: tuple[str, ...] = ()
    sheet: str | None = None
    columns: Columns = field(default_factory=Columns)
    where: Mapping[str, str] = field(default_factory=dict)
    convert_to: str | None = None
    range: tuple[float, float] | None = None
    margin: Margin | None = None
    replicates: Replicates = "error"
    dialect: Dialect = field(default_factory=Dialect)
    several: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files that the outcome is read from, in order."""
        return self.several or (Part(self.file, self.sheet),)

    def tells(self, role: str) -> bool:
        """Whether the files say this of a value: in a column, a header, or as a whole."""
        named = getattr(self.columns, role) is not None or f"{{{role}}}" in (self.pattern or "")
        return named or any(role in part.constants for part in self.several)

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

    @property
    def simultaneous(self) -> bool:
        """Whether the estimates of an outcome are adjusted together, by their correlation."""
        return self.multiplicity in SIMULTANEOUS


@dataclass(frozen=True)
class ModelSettings:
    """The `model` section as written; `auto` is resolved in `analysis.inference.models`."""

    baseline: str = "auto"
    period: str = "auto"
    residual: str = "auto"
    df: DfMethod = "kenward_roger"


def arm_of(name: str, raw: Mapping[str, Any]) -> Arm:
    """Return an arm from its name and entry."""
    return Arm(
        name=name,
        label=raw.get("label", name),
        is_control=raw.get("role") == "control",
        aliases=tuple(raw.get("aliases", ())),
        dose=Dose(**raw["dose"]) if raw.get("dose") else None,
    )


def time_of(name: str, raw: Mapping[str, Any]) -> Time:
    """Return a time from its name and entry."""
    return Time(
        name=name,
        hours=float(raw["hours"]),
        role=raw.get("role", "outcome"),
        label=raw.get("label", name),
        aliases=tuple(raw.get("aliases", ())),
        window=raw.get("window"),
    )


def outcome_of(name: str, raw: Mapping[str, Any], columns: Columns) -> Outcome:
    """Return an outcome from its name and entry, with the trial's columns."""
    plain = ("unit", "better", "value", "sheet", "convert_to", "replicates")
    bounds = raw.get("range")
    several = () if isinstance(raw["file"], str) else tuple(_part(raw, e) for e in raw["file"])
    return Outcome(
        name=name,
        file=", ".join(dict.fromkeys(e.file for e in several)) if several else raw["file"],
        several=several,
        label=raw.get("label", name),
        pattern=raw["wide"]["pattern"] if raw.get("wide") else None,
        beside=tuple((raw.get("wide") or {}).get("except") or ()),
        columns=columns.updated(raw.get("columns", {})),
        dialect=_dialect(raw),
        where=dict(raw.get("where", {})),
        range=(float(bounds[0]), float(bounds[1])) if bounds else None,
        margin=Margin(float(raw["margin"]["value"]), raw["margin"]["source"])
        if raw.get("margin")
        else None,
        **{key: raw[key] for key in plain if raw.get(key) is not None},
    )


def _part(outcome: Mapping[str, Any], raw: str | Mapping[str, str]) -> Part:
    """Return one entry of a list of files: a name, or a name with sheet and labels."""
    if isinstance(raw, str):
        return Part(raw, outcome.get("sheet"))
    constants = {key: text for key, text in raw.items() if key not in ("name", "sheet")}
    return Part(raw["name"], raw.get("sheet", outcome.get("sheet")), constants)


def _dialect(raw: Mapping[str, Any]) -> Dialect:
    keys = ("header_row", "last_row", "trim_blanks", "export")
    return Dialect(**raw.get("csv", {}), **{key: raw[key] for key in keys if key in raw})


def plan_of(raw: Mapping[str, Any]) -> Plan:
    """Return the analysis plan from its entry."""
    return Plan(
        primary=Comparison(**raw["primary"]) if raw.get("primary") else None,
        secondary=tuple(Comparison(**each) for each in raw.get("secondary") or ()),
        multiplicity=raw.get("multiplicity", "none"),
        alpha=float(raw.get("alpha", 0.05)),
    )
