"""The series of values of the tables -> drafts of outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.draft.labels.arms import slug, unused
from analysis.draft.labels.measures import Measure
from analysis.draft.model import Entry, OutcomeDraft
from analysis.draft.series import Series
from analysis.draft.text import entries, items, scalar
from analysis.draft.understand import Understood

# Kinds that a trial of recovery measures as outcomes; others may stand in a file beside these.
_USUAL = frozenset(
    ("soreness", "vas", "pain", "pain_threshold", "jump", "ck", "power", "rsi", "sprint", "force",
     "torque", "fatigue", "recovery")
)  # fmt: skip


def names_of(measures: Sequence[Measure]) -> list[str]:
    """Return a name for each outcome: its kind where only one is of it, else its own words."""
    kinds = Counter(each.name for each in measures)
    names: list[str] = []
    for each in measures:
        name = each.name if kinds[each.name] == 1 else slug(each.label)
        names.append(unused(name, names))
    return names


def outcome_draft(
    sheet: Understood,
    series: Series,
    name: str,
    columns: Mapping[str, Entry],
    written: Mapping[str, Entry],
) -> OutcomeDraft:
    """Return the draft of one outcome.

    Parameters
    ----------
    sheet, series
        The table and the values.
    name : str
        Name of the outcome.
    columns : mapping
        Columns that differ from the trial's.
    written : mapping
        Entries that say how the file is written.
    """
    found, page = series.measure, sheet.page
    file = {"file": _file(sheet)}
    file |= {"sheet": Entry(scalar(page.sheet))} if page.sheet else {}
    rest = entries(
        {
            "unit": _unit_entry(found),
            "convert_to": _converted(found),
            "range": _range_entry(found, series.rows["number"]),
            "better": Entry(None, question=_direction(found, name, page.export)),
            "replicates": _replicates(series.replicates),
        }
    )  # fmt: skip
    label = {"label": Entry(scalar(found.label))} if " " in found.label else {}
    visits = series.rows.drop_duplicates(["participant", "arm", "time"])
    return OutcomeDraft(
        name,
        {**label, **file, **written, **series.keys, **rest},
        columns,
        filled=len(visits),
        source=page.place,
    )


def _direction(found: Measure, name: str, export: str | None) -> str:
    """Return the question for the good direction; what may be no outcome can be deleted."""
    ask = f"Which direction of {name} is the good one: lower or higher?"
    if found.kind in _USUAL or export == "pmsys":
        return ask
    return f"{ask} If {found.label} is no outcome of the trial, delete its lines from {name} on."


def _file(sheet: Understood) -> Entry:
    """Return the entry of the file; of several, with what their names say of all their rows."""
    page = sheet.page
    if not page.parts:
        return Entry(scalar(page.file))
    roles = {found.column: role for role, found in sheet.roles.items() if sheet.named(role)}
    lines = []
    for part in page.parts:
        said = {"name": part.file} | ({"sheet": part.sheet} if part.sheet else {})
        said |= {roles[name]: text for name, text in part.labels.items() if name in roles}
        pairs = ", ".join(f"{key}: {scalar(text, flow=True)}" for key, text in said.items())
        lines.append(f"{{{pairs}}}" if len(said) > 1 else scalar(part.file))
    return Entry(None, "they have the same columns", items=tuple(lines))


def _unit_entry(found: Measure) -> Entry:
    if found.unit is None:
        return Entry(None, question=f"In which unit is {found.label} in the file?")
    return Entry(scalar(found.unit), found.unit_why)


def _converted(found: Measure) -> Entry | None:
    metres = found.kind == "jump" and found.unit == "m"
    return Entry("cm", "usual for jumps in reports; the file stays in m") if metres else None


def _range_entry(found: Measure, numbers: pd.Series) -> Entry | None:
    if found.range is not None:
        return Entry(items((f"{limit:g}" for limit in found.range), True), found.range_why)
    if found.kind in ("soreness", "pain", "vas", "fatigue", "sleep_quality", "stress", "mood",
                      "recovery", "rpe"):  # fmt: skip
        ask = f"From which value to which does the scale of {found.label} run, for example [0, 10]?"
        return Entry(None, question=ask)
    if found.kind is None and found.unit is None and _could_rate(numbers):
        ask = (
            f"If {found.label} is a rating: from which value to which does its scale run, for "
            "example [0, 10]? Else delete this line."
        )
        return Entry(None, question=ask)
    return None


def _could_rate(numbers: pd.Series) -> bool:
    """Whether numbers can be ratings: whole ones from 0 to 100, or up to 10 with one decimal."""
    return bool(
        ((numbers == numbers.round()) & numbers.between(0, 100)).all()
        or ((numbers == numbers.round(1)) & numbers.between(0, 10)).all()
    )


def _replicates(why: str) -> Entry | None:
    return Entry("mean", why) if why else None
