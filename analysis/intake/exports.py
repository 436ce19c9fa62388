"""Files as known systems export them: what tells them apart and what in them is no measurement.

Which column of them holds what, and a trial.yaml that reads each, stands in docs/exports.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.intake.codes import either, quoted

Words = frozenset[str]

_NO = frozenset({"", "false", "no", "0"})
_YES = frozenset({"true", "yes", "1", "x", "excluded"})


@dataclass(frozen=True)
class Mark:
    """A column in which the system says whether a row is to be used; texts in small letters."""

    column: str
    used: Words
    unused: Words
    means: str


@dataclass(frozen=True)
class Sentinel:
    """A number that stands for none, and what it makes doubtful in its row."""

    column: str
    number: int
    means: str


@dataclass(frozen=True)
class Export:
    """One format: `signature` are headers that together occur in no other file.

    `below` is the number of rows under the header that describe it. `units` are those of columns
    whose header does not say its unit.
    """

    label: str
    signature: Words
    below: int = 0
    mark: Mark | None = None
    sentinel: Sentinel | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def row_of_header(self, records: Sequence[Sequence[str]]) -> int | None:
        """Return the row that has the signature, counted from 1."""
        for row, record in enumerate(records, start=1):
            if self.signature <= {text.strip() for text in record}:
                return row
        return None

    def unit_of(self, header: str) -> str | None:
        """Return the unit of a column, from its header or as documented; None where unknown."""
        name = header.strip()
        bracket = re.search(r"\[([^\[\]]+)\]$", name)
        return bracket[1] if bracket else self.units.get(name)


_HAWKIN_UNITS = {
    "Jump Height": "m",
    "Countermovement Depth": "m",
    "Flight Time": "s",
    "Time To Takeoff": "s",
    "Takeoff Velocity": "m/s",
    "Peak Velocity": "m/s",
    "Peak Propulsive Force": "N",
    "Avg. Propulsive Force": "N",
    "Peak Propulsive Power": "W",
    "Avg. Propulsive Power": "W",
    "Peak Relative Propulsive Power": "W/kg",
    "Avg. Relative Propulsive Power": "W/kg",
    "System Weight": "N",
    "Time to Stabilization": "ms",
}
_HAWKIN_API_UNITS = {
    name.lower().replace(". ", "_").replace(" ", "_") + "_" + unit.lower().replace("/", "_"): unit
    for name, unit in _HAWKIN_UNITS.items()
}
_NO_WEIGHT = "no body weight was taken; jump height by impulse and values per kg rest on it"

EXPORTS = {
    "vald_trials": Export(
        "VALD ForceDecks, trials (xlsx)",
        frozenset({"Athlete", "Test Type", "Test Date", "Body Weight [kg]", "Trial"}),
        sentinel=Sentinel("Body Weight [kg]", -1, _NO_WEIGHT),
    ),
    "vald_summary": Export(
        "VALD ForceDecks, summary (csv)",
        frozenset({"ID", "Test Type", "Date", "Time", "BW [KG]", "Reps"}),
        sentinel=Sentinel("BW [KG]", -1, _NO_WEIGHT),
    ),
    "hawkin_cloud": Export(
        "Hawkin Dynamics, cloud (csv)",
        frozenset({"TestId", "Name", "Segment", "Type", "Excluded", "Tags"}),
        mark=Mark("Excluded", _NO, _YES, "excluded"),
        units=_HAWKIN_UNITS,
    ),
    "hawkin_api": Export(
        "Hawkin Dynamics, API",
        frozenset({"active", "jump_height_m", "takeoff_velocity_m_s"}),
        mark=Mark("active", frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"}), "not "
                  "active"),
        units=_HAWKIN_API_UNITS,
    ),
    "qualtrics": Export(
        "Qualtrics (csv)",
        frozenset({"StartDate", "EndDate", "Status", "Progress", "ResponseId"}),
        below=2,
        mark=Mark(
            "Status",
            frozenset({"ip address", "imported", "offline", "0", "4", "16"}),
            frozenset({"survey preview", "survey test", "spam", "survey preview spam"})
            | {"possible spam", "possible spam survey preview", "offline survey preview"}
            | {"1", "2", "8", "9", "17"},
            "previews, tests or spam",
        ),
    ),
    "redcap": Export("REDCap, longitudinal (csv)", frozenset({"redcap_event_name"})),
    "smartabase": Export(
        "Smartabase (csv)", frozenset({"about", "user_id", "form", "start_date", "event_id"})
    ),
    "pmsys": Export(
        "PMSys wellness (csv)",
        frozenset({"effective_time_frame", "fatigue", "mood", "readiness", "soreness", "stress"}),
    ),
}  # fmt: skip


def recognised(records: Sequence[Sequence[str]]) -> str | None:
    """Return the name of the export that has its signature in one of these rows, or None."""
    return next((name for name, each in EXPORTS.items() if each.row_of_header(records)), None)


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings mean one unit: N s and N.s, KG and kg."""
    return _bare(one) == _bare(other)


def _bare(unit: str) -> str:
    return re.sub(r"[\s.·*]", "", unit).casefold()


def choice(headers: Sequence[str], name: str) -> str:
    """Return the sentence that offers the jump heights of a file, where it has several."""
    heights = [each for each in headers if "jump height" in each.casefold()]
    if len(heights) < 2 or not re.search("jump|height", name, re.IGNORECASE):
        return ""
    named = either(quoted(each) for each in heights)
    return (
        f"The file has {len(heights)} jump heights, which differ: {named}. Choose one for the "
        "whole trial, before you see results. "
    )
