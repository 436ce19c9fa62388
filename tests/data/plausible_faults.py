"""Faults that can be read without trouble: the fixtures of the checks of plausibility.

Each is one clean simulated trial with one thing changed; `make_faults` writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import numpy as np
import pandas as pd

from tests.clean_trials import two_arms_once
from tests.data.edits import with_texts

Change = Callable[[pd.DataFrame], pd.DataFrame | None]
Files = dict[str, str]

BASE: Files = {name: content.decode() for name, content in two_arms_once().files.items()}
PEOPLE = [f"P{number:02}" for number in range(1, 13)]


def plan(*pairs: tuple[str, str], files: Files | None = None) -> Files:
    """Return the trial with texts of its plan replaced."""
    return {**BASE, **(files or {}), "trial.yaml": with_texts(BASE["trial.yaml"], *pairs)}


def data(change: Change, *names: str) -> Files:
    """Return the trial with its files, or some of them, changed by a function."""
    files = dict(BASE)
    for name in names or ("soreness.csv", "jump.csv"):
        frame = pd.read_csv(StringIO(BASE[name]), dtype=str)
        changed = change(frame)
        files[name] = (frame if changed is None else changed).to_csv(
            index=False, lineterminator="\n"
        )
    return files


def values(change: Callable[[float], str], rows: str = "value == value") -> Change:
    """Return the change of the values in the rows that a query selects."""

    def apply(frame: pd.DataFrame) -> None:
        chosen = frame.query(rows).index
        assert len(chosen), rows
        frame.loc[chosen, "value"] = [change(float(v)) for v in frame.loc[chosen, "value"]]

    return apply


def column(name: str, content: Callable[[pd.Series], object]) -> Change:
    """Return the change that adds a column, computed row by row."""
    return lambda frame: frame.assign(**{name: frame.apply(content, axis=1)})


def copied(frame: pd.DataFrame) -> None:
    """Give P05 in period 1 the values of P02 in period 1."""
    source = frame.query("id == 'P02' and period == '1'")["value"]
    frame.loc[frame.query("id == 'P05' and period == '1'").index, "value"] = source.to_numpy()


def moved_down(frame: pd.DataFrame) -> None:
    """Move the values of thirty rows down by one."""
    rows = frame.index[30:60]
    frame.loc[rows, "value"] = np.roll(frame.loc[rows, "value"].to_numpy(), 1)


def swapped(frame: pd.DataFrame) -> pd.DataFrame:
    """Exchange the arms of two people who began with the same one; nobody wrote the sequence."""
    first = frame.query("period == '1'").drop_duplicates("id")
    chosen = first.loc[first["arm"] == "fir", "id"].iloc[:2]
    other = {"fir": "passive", "passive": "fir"}
    rows = frame["id"].isin(chosen)
    frame.loc[rows, "arm"] = frame.loc[rows, "arm"].map(other)
    return frame.drop(columns="sequence")


def wrong_sequence(frame: pd.DataFrame) -> None:
    """Exchange the arms of one person against the sequence."""
    rows = frame["id"] == "P03"
    other = {"fir": "passive", "passive": "fir"}
    frame.loc[rows, "arm"] = frame.loc[rows, "arm"].map(other)


def day(row: pd.Series) -> str:
    """Return the date of a visit: two weeks between periods."""
    hours = {"pre": 0, "0h": 0, "1h": 0, "24h": 1, "48h": 2, "72h": 3}[row["time"]]
    day = 1 + 14 * (int(row["period"]) - 1) + hours
    return f"2024-03-{day:02}"


def dated(change: Callable[[pd.Series], str | None]) -> Change:
    """Return the change that adds dates, some of them changed."""
    return column("date", lambda row: change(row) or day(row))


def temperature(row: pd.Series) -> str:
    """Return the temperature of the arm; P04's are those of the other arm."""
    return "43" if (row["arm"] == "fir") != (row["id"] == "P04") else "21"


def renamed(codes: list[str]) -> Change:
    """Return the change that gives the participants other codes."""
    return lambda frame: frame.assign(id=frame["id"].map(dict(zip(PEOPLE, codes, strict=True))))


NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal", "Ida", "Jan", "Kay", "Lea"]
DOSES = (
    ("passive: {role: control}", "passive: {role: control, dose: {temperature_c: 21}}"),
    ("fir: {}", "fir: {dose: {temperature_c: 43}}"),
)
JUMP = "unit: cm, range: [3, 110]"
SORENESS = "unit: mm, range: [0, 100]"
NO_SEQUENCE = ("  sequence: sequence\n", "")

PLAUSIBLE: dict[str, Files] = {
    "c01_unit_column": data(column("unit", lambda row: "m"), "jump.csv"),
    "d04_spelled_out": data(wrong_sequence),
    "d05_period_dates": data(
        dated(lambda row: "2024-03-01" if (row["id"], row["period"]) == ("P02", "2") else None),
        "jump.csv",
    ),
    "d06_other_temperature": plan(*DOSES, files=data(column("temperature", temperature))),
    "d07_off_schedule": data(
        dated(lambda r: "2024-03-06" if (r["id"], r["time"]) == ("P02", "24h") else None),
        "jump.csv",
    ),
    "d08_unbalanced": plan(NO_SEQUENCE, files=data(swapped)),
    "d09_drift": data(
        values(lambda v: f"{v + 18:.0f}", "time == 'pre' and period == '2'"), "soreness.csv"
    ),
    "d10_unequal_exercise": data(
        values(lambda v: f"{v + 30:.0f}", "time == '0h' and arm == 'fir'"), "soreness.csv"
    ),
    "p01_mail_address": data(column("contact", lambda row: f"{row['id']}@example.org")),
    "p01_names": data(renamed([f"{name} Example" for name in NAMES])),
    "p02_date_of_birth": data(column("birth_date", lambda row: f"19{row['id'][1:]}-05-04")),
    "p03_comments": data(
        column("comment", lambda row: f"felt tired on {row['time']}" if row["id"] < "P03" else "")
    ),
    "p04_initials": data(renamed([name[:2].upper() for name in NAMES])),
    "u01_metres": data(values(lambda v: f"{v / 100:.3f}"), "jump.csv"),
    "u01_some_inches": data(
        values(lambda v: f"{v / 2.54:.1f}", "id == 'P07' and period == '2'"), "jump.csv"
    ),
    "u02_declared_short": plan((SORENESS, "unit: mm, range: [0, 10]")),
    "u02_used_short": data(values(lambda v: f"{v / 10:.1f}"), "soreness.csv"),
    "u03_half_point": plan(
        (SORENESS, "unit: NRS, range: [0, 100]"),
        files=data(values(lambda v: "24.5", "id == 'P07' and time == '1h'"), "soreness.csv"),
    ),
    "u04_per_kilogram": plan((JUMP, "unit: W")),
    "u05_fahrenheit": plan(("fir: {}", "fir: {dose: {temperature_c: 109}}")),
    "u06_minutes": plan(
        *((f"{h}h: {{hours: {h}}}", f"{h}h: {{hours: {60 * h}}}") for h in (1, 24, 48, 72))
    ),
    "v03_zero": plan(
        (JUMP, "unit: cm, range: [0, 110]"),
        files=data(values(lambda v: "0", "id == 'P07' and time == '1h' and period == '1'"),
                   "jump.csv"),
    ),
    "v04_digits_swapped": data(
        values(lambda v: "63.9", "id == 'P07' and time == '24h' and arm == 'fir'"), "jump.csv"
    ),
    "v06_constant": data(values(lambda v: "38.4", "id == 'P07' and period == '1'"), "jump.csv"),
    "v06_copied": data(copied, "jump.csv"),
    "v07_fives": data(values(lambda v: f"{5 * round(v / 5)}"), "soreness.csv"),
    "v08_rounded": data(values(lambda v: f"{v:.0f}", "period == '2'"), "jump.csv"),
    "v11_moved_down": data(moved_down, "soreness.csv"),
    "v09_floor": data(
        values(lambda v: "0", "time == '24h' and id in @PEOPLE[:4]"), "soreness.csv"
    ),
}  # fmt: skip
