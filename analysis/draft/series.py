"""Tables -> the series of values in them: where each outcome stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import pandas as pd

from analysis.draft.columns.column import Column
from analysis.draft.columns.derived import computed, says_change
from analysis.draft.columns.roles import Found
from analysis.draft.headers.abreast import abreast, is_count
from analysis.draft.headers.wide import Pattern
from analysis.draft.labels import words
from analysis.draft.labels.measures import Measure, measure
from analysis.draft.model import Entry
from analysis.draft.tables.stacks import is_of_names
from analysis.draft.text import scalar
from analysis.draft.understand import Understood
from analysis.intake.exports import EXPORTS
from analysis.intake.pattern import Matcher

_MOST = 6
_SERIES = 3
_DEVICES = ("vald_trials", "vald_summary", "hawkin_cloud", "hawkin_api")


@dataclass(frozen=True)
class Series:
    """The values of one outcome and where they stand.

    Attributes
    ----------
    keys : mapping
        The entries that say where: value, wide or where.
    rows : DataFrame
        Columns who, arm, time and number, one row per value.
    """

    measure: Measure
    keys: Mapping[str, Entry]
    rows: pd.DataFrame
    replicates: str
    choices: tuple[str, ...] = ()


def series_of(sheet: Understood) -> list[Series]:
    """Return the outcomes that a table holds."""
    if not sheet.useful:
        return []
    if sheet.patterns:
        found = list(_wide(sheet))
    elif sheet.values.item is not None:
        found = _below_each_other(sheet, sheet.values.item)
    else:
        found = _chosen([_long(sheet, name) for name in _selected(sheet)], sheet)
        found += [_abreast(sheet, *each) for each in _trials(sheet).items()]
    return [each for each in found if len(each.rows)]


def left_out(sheet: Understood, found: Sequence[Series]) -> list[str]:
    """Return the columns of numbers that no outcome uses."""
    text = " ".join(f"{each.keys.get('value', Entry('')).value} {each.choices}" for each in found)
    every = [*sheet.values.columns, *sheet.values.other]
    return [name for name in every if name not in text and not is_of_names(name)]


def _stem(sheet: Understood) -> str:
    return sheet.page.sheet or PurePosixPath(sheet.page.file).stem


def _selected(sheet: Understood) -> list[str]:
    """Return the columns to draft: the heights of a jump from a device, else what has a kind."""
    trials = {name for each in _trials(sheet).values() for name in each}
    single = [name for name in sheet.values.columns if name not in trials]
    kinds = {name: _measured(sheet, name).kind for name in single}
    known = [name for name in single if kinds[name]]
    if sheet.page.export != "pmsys" and set(kinds.values()) - {"sleep"}:
        single, known = ([n for n in each if kinds[n] != "sleep"] for each in (single, known))
    if sheet.page.export in _DEVICES:
        heights = [name for name in known if {"jump", "height"} <= sheet.columns[name].words]
        return heights or known[:_MOST]
    if len(single) <= _MOST:
        return single
    stems = Counter(re.sub("[0-9]+", "#", name) for name in single)
    apart = [name for name in known if stems[re.sub("[0-9]+", "#", name)] < _SERIES]
    return apart[: 2 * _MOST] or single[:_MOST]


def _trials(sheet: Understood) -> dict[str, tuple[str, ...]]:
    """Return the patterns of trials that stand side by side; a device has none."""
    if sheet.page.export in (*_DEVICES, "pmsys") or sheet.values.replicates:
        return {}
    return abreast(sheet.values.columns, sheet.columns)


def _abreast(sheet: Understood, pattern: str, names: Sequence[str]) -> Series:
    """Return the outcome whose trials stand side by side."""
    parts = [_rows(sheet, sheet.columns[name]) for name in names]
    rows = pd.concat(parts, ignore_index=True)
    text = "" if is_count(names[0]) else re.sub(r"[ _.-]*\{trial\}", "", pattern)
    found = measure(text, rows["number"], [_stem(sheet)], _unit(sheet, names[0], None))
    wide = Entry(f"{{pattern: {scalar(pattern, flow=True)}}}", "the headers differ by a count only")
    again = f"{len(names)} columns per visit"
    return Series(found, {"wide": wide}, rows, again, choices=tuple(names))


def _chosen(found: list[Series], sheet: Understood) -> list[Series]:
    """Return one outcome with a question where a device gives several heights of one jump."""
    if sheet.page.export is None or len(found) < 2:
        return found
    heights = [each for each in found if each.measure.kind == "jump"]
    if len(heights) < 2:
        return found
    names = tuple(str(each.keys["value"].value) for each in heights)
    ask = (
        f"The file has {len(names)} heights of the jump, which differ: {'; '.join(names)}. Which "
        "one for the whole trial? Choose before you see results."
    )
    first = heights[0]
    keys = {**first.keys, "value": Entry(None, question=ask)}
    test = first.measure.label if "where" in first.keys else "Jump"
    plain = replace(first.measure, label=f"{test} height")
    kept = replace(first, keys=keys, choices=names, measure=plain)
    return [kept, *[each for each in found if each not in heights]]


def _rows(sheet: Understood, column: Column, keep: pd.Series | None = None) -> pd.DataFrame:
    numbers = column.numbers if keep is None else column.numbers[keep[column.numbers.index]]
    return sheet.labels(numbers.index).assign(file=sheet.page.place, number=numbers)


def _measured(sheet: Understood, name: str) -> Measure:
    column = sheet.columns[name]
    said = column.question or name
    return measure(said, column.numbers, [_stem(sheet)], _unit(sheet, name, None))


def _long(sheet: Understood, name: str) -> Series:
    column = sheet.columns[name]
    rows = _rows(sheet, column)
    return Series(
        _measured(sheet, name), {"value": Entry(scalar(name))}, rows, sheet.values.replicates
    )


def _below_each_other(sheet: Understood, item: Found) -> list[Series]:
    """Return an outcome for every label of the column that tells them apart.

    A device gives several numbers of each test: its heights, of which one is asked for.
    """
    names = _selected(sheet)
    if sheet.page.export not in _DEVICES:
        names = sorted(names, key=lambda name: -sheet.columns[name].numbers.nunique())[:1]
    labels = sheet.columns[item.column].labels
    found = [[_stacked(sheet, name, item, label) for name in names] for label in labels]
    return [each for series in found for each in _chosen(series, sheet)]


def _stacked(sheet: Understood, value: str, item: Found, label: str) -> Series:
    keep = sheet.page.frame[item.column] == label
    rows = _rows(sheet, sheet.columns[value], keep)
    hints = [value, _stem(sheet)] if sheet.page.export is None else [value]
    found = measure(label, rows["number"], hints, _unit(sheet, value, keep))
    where = Entry(f"{{{scalar(item.column, flow=True)}: {scalar(label, flow=True)}}}", item.why)
    again = sheet.values.replicates if _several(rows) else ""
    return Series(found, {"value": Entry(scalar(value)), "where": where}, rows, again)


def _several(rows: pd.DataFrame) -> bool:
    sizes = rows.groupby(["participant", "arm", "time"]).size()
    return bool((sizes > 1).mean() > 0.5)


def _unit(sheet: Understood, name: str, keep: pd.Series | None) -> tuple[str, str] | None:
    """Return the unit by the exporting system, or by a column of units."""
    export = EXPORTS.get(sheet.page.export or "")
    known = export.unit_of(name) if export is not None else None
    if known is not None:
        return known, "as this system exports it"
    for each in sheet.columns.values():
        if each.words and each.words <= words.UNIT:
            texts = each.texts if keep is None else each.texts[keep]
            units = {text for text in texts if text}
            if len(units) == 1 and not re.fullmatch(r"[0-9]+ *[-–] *[0-9]+", next(iter(units))):
                return units.pop(), f"column '{each.name}' says so"
    return None


def _wide(sheet: Understood) -> Iterator[Series]:
    for pattern in sheet.patterns:
        parts = []
        for slot in pattern.slots:
            rows = _rows(sheet, sheet.columns[slot.header])
            rows["time"] = slot.time
            parts.append(rows.assign(arm=slot.arm) if slot.arm else rows)
        rows = pd.concat(parts, ignore_index=True)
        hints = [_stem(sheet)]
        found = measure(pattern.literal or "value", rows["number"], hints)
        times = len({slot.time for slot in pattern.slots})
        why = f"{len(pattern.slots)} headers follow it, {times} times"
        wide = Entry(f"{{{_followed(pattern, sheet)}}}", why)
        trials = len({slot.trial for slot in pattern.slots})
        again = f"{trials} columns per visit" if trials > 1 else sheet.values.replicates
        yield Series(found, {"wide": wide}, rows, again)


def _followed(pattern: Pattern, sheet: Understood) -> str:
    """Return the pattern, and the headers that follow it but are texts or were computed.

    Others that follow it may be times of an unknown name: the check asks about these.
    """
    text = f"pattern: {scalar(pattern.pattern, flow=True)}"
    slotted = {slot.header for slot in pattern.slots}
    courses = [
        [sheet.columns[slot.header].numbers for slot in pattern.slots if slot.arm == arm]
        for arm in {slot.arm for slot in pattern.slots}
    ]
    taken = slotted | {found.column for found in sheet.roles.values()}
    names = [str(name) for name in sheet.page.frame if name not in taken]
    others = Matcher(pattern.pattern, {}, {}).all_resembling(names)
    left = [scalar(name, flow=True) for name in others
            if not is_of_names(name) and _no_values(sheet.columns[name], courses)]  # fmt: skip
    return f"{text}, except: [{', '.join(left)}]" if left else text


def _no_values(column: Column, courses: Sequence[Sequence[pd.Series]]) -> bool:
    if not column.numeric or says_change(column):
        return True
    return any(computed(column.numbers, visits) for visits in courses)
