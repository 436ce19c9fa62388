"""The files of a trial -> a draft of its trial.yaml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd

from analysis.draft.column_entries import column_entries, own_entries
from analysis.draft.labels.arms import Spelled, arms_of, letters
from analysis.draft.labels.times import Clocked, times_of
from analysis.draft.model import Draft, Entry, OutcomeDraft
from analysis.draft.outcomes import names_of, outcome_draft
from analysis.draft.people import personal
from analysis.draft.series import Series, left_out, series_of
from analysis.draft.summaries import one_of_each
from analysis.draft.tables.reading import DATA, Page, Pages, read_pages
from analysis.draft.tables.stacks import joined
from analysis.draft.text import items, scalar
from analysis.draft.understand import Understood, understood
from analysis.draft.unvalued import other_spellings
from analysis.draft.written import shared_written, written_entries
from analysis.errors import InputError
from analysis.intake.codes import counted, listed

Filled = list[tuple[Understood, Series]]


def drafted(name: str, files: Mapping[str, bytes]) -> Draft:
    """Return the draft of a trial.

    Parameters
    ----------
    name : str
        Name of the trial's folder.
    files : mapping
        Contents of the files in it, by name relative to it.

    Raises
    ------
    InputError
        If no file can be read, or none holds values at several times or of several people.
    """
    pages = read_pages(files)
    sheets = [sheet for page in joined(pages.pages) for sheet in _sheets(page, pages)]
    filled = _over_time(
        [(sheet, series) for sheet in sheets for series in one_of_each(series_of(sheet))]
    )
    if not filled:
        raise InputError(_nothing(name, pages))
    used = [sheet for sheet in sheets if any(sheet is each for each, _ in filled)]
    values = pd.concat([series.rows for _, series in filled], ignore_index=True)
    more = [other_spellings(sheet, values) for sheet in used]
    labels = pd.concat([values, *more], ignore_index=True)
    arms, times = _arms(labels), _times(labels, used)
    crossed, why = _design(values, arms)
    columns = column_entries(used, crossed)
    common = shared_written([sheet.page for sheet in used])
    outcomes = _outcomes(filled, columns, common)
    head = {
        "title": Entry(scalar(name.replace("_", " ")), "the name of the folder"),
        "design": _design_entry(crossed, why, arms),
        "randomised": Entry(None, question=_randomised(crossed)),
        **common,
    }
    people = values.loc[values["participant"] != "", "participant"].nunique()
    return Draft(
        name,
        head["design"],
        head,
        columns,
        tuple(arms),
        tuple(times),
        tuple(_counted(each, people, arms, times, crossed) for each in outcomes),
        _missing(filled),
        people,
        tuple(issue for sheet in used for issue in personal(sheet)),
        tuple(_remarks(pages, sheets, used, filled)),
    )


def _over_time(filled: Filled) -> Filled:
    """Return what was measured at several times; all of it where no table says the times.

    Left out are tables beside them: a row per participant, or a log of the treatments.
    """
    timed = [
        (sheet, series)
        for sheet, series in filled
        if "participant" in sheet.roles and ("time" in sheet.roles or sheet.patterns)
    ]
    return _of_the_trial(_without_rosters(timed)) or filled


def _without_rosters(filled: Filled) -> Filled:
    """Leave out tables with one row for each participant of the longest table."""
    if not filled:
        return filled
    longest = max((sheet for sheet, _ in filled), key=lambda sheet: len(sheet.page.frame))
    codes = set(longest.page.frame[longest.roles["participant"].column]) - {""}
    return [
        (sheet, each)
        for sheet, each in filled
        if sheet is longest or sheet.patterns or not _lists(sheet.page.frame, codes)
    ]


def _lists(frame: pd.DataFrame, codes: Collection[str]) -> bool:
    """Whether some column has every participant once."""
    columns = (each[each.isin(codes)] for _, each in frame.items())
    return any(len(each) > len(codes) / 2 and each.is_unique for each in columns)


def _of_the_trial(filled: Filled) -> Filled:
    """Leave out tables that say no arm and share no time with those that say it."""
    placed = [(sheet, each) for sheet, each in filled if (each.rows["arm"] != "").any()]
    known = {letters(label) for _, each in placed for label in each.rows["time"]}
    return [
        (sheet, each)
        for sheet, each in filled
        if not placed
        or (each.rows["arm"] != "").any()
        or known & {letters(label) for label in each.rows["time"]}
    ]


def _sheets(page: Page, pages: Pages) -> list[Understood]:
    """Return what a table holds; joined tables whose visits then stand there twice come apart."""
    whole = understood(page)
    if not page.parts or any(map(whole.named, whole.roles)) or not whole.values.doubled:
        return [whole]
    apart = [understood(each) for each in pages.pages if _is_part(each, page)]
    return [whole] if all(each.values.doubled for each in apart) else apart


def _is_part(page: Page, whole: Page) -> bool:
    return any((page.file, page.sheet) == (part.file, part.sheet) for part in whole.parts)


def _nothing(name: str, pages: Pages) -> str:
    if pages.problems and not pages.pages:
        return f"{name}: no file can be used. {' '.join(pages.problems)}"
    if pages.pages:
        found = ", ".join(
            f"{each.place} has {counted(each.frame.shape[1], 'column')}" for each in pages.pages
        )
        return (
            f"{name}: no table has columns of numbers that change from visit to visit "
            f"({found}). data/raw/README.md shows what a data file looks like."
        )
    return f"{name}: no data files here ({listed(DATA)})."


def _randomised(crossed: bool) -> str:
    what = "the order in which a participant got the arms" if crossed else "who got which arm"
    return f"Did chance decide {what}? Write true or false."


def _design(values: pd.DataFrame, arms: Sequence[Spelled]) -> tuple[bool, str]:
    """Return whether the trial is a crossover, and why."""
    rows = values[(values["participant"] != "") & (values["arm"] != "")]
    names = {text: each.name for each in arms for text in each.spellings}
    given = rows.assign(arm=rows["arm"].map(names)).groupby("participant")["arm"].nunique()
    if not len(given):
        return False, ""
    several = int((given > 1).sum())
    if 2 * several > len(given):
        return True, f"{several} of {len(given)} participants have several arms"
    return False, f"{len(given) - several} of {len(given)} participants have one arm"


def _design_entry(crossed: bool, why: str, arms: Sequence[Spelled]) -> Entry:
    if not arms or not why:
        ask = "Did every participant get several arms (crossover) or one (parallel)?"
        return Entry(None, question=ask)
    return Entry("crossover" if crossed else "parallel", why)


def _arms(values: pd.DataFrame) -> list[Spelled]:
    rows = values[values["arm"] != ""].rename(columns={"participant": "who"})
    return arms_of(rows[["who", "arm", "file", "period"]]) if len(rows) else []


def _times(labels: pd.DataFrame, used: Sequence[Understood]) -> list[Clocked]:
    """Return the times of all tables; labels that meet in one course are different times."""
    rows = labels[labels["time"] != ""]
    counts = Counter(rows["time"])
    together: set[frozenset[str]] = set()
    header: set[str] = set()
    hours: dict[str, float] = {}
    for _, course in rows.groupby(["file", "participant", "arm"])["time"].unique().items():
        together |= {frozenset(pair) for pair in combinations(course, 2)}
    for sheet in used:
        name = sheet.of("time")
        header |= sheet.columns[name].words if name is not None else set()
        hours |= sheet.hours
    if not counts:
        ask = "'time_1' (no column names the times: rename it and add the others)"
        return [Clocked("time_1", "time_1", ("time_1",), None, None, question=ask)]
    often = sorted(counts, key=lambda label: -counts[label])
    return times_of(often, header, together, hours)


def _outcomes(
    filled: Filled, columns: Mapping[str, Entry], common: Mapping[str, Entry]
) -> list[OutcomeDraft]:
    names = names_of([series.measure for _, series in filled])
    done = []
    for name, (sheet, series) in zip(names, filled, strict=True):
        own = own_entries(sheet, columns)
        written = written_entries(sheet.page, common)
        done.append(outcome_draft(sheet, series, name, own, written))
    return done


def _missing(filled: Filled) -> Entry | None:
    codes: dict[str, None] = {}
    words: Counter[str] = Counter()
    for sheet, _ in filled:
        names = [slot.header for pattern in sheet.patterns for slot in pattern.slots]
        names = names or [str(name) for name in sheet.values.columns]
        for name in names:
            column = sheet.columns.get(name)
            if column is not None:
                codes |= dict.fromkeys([*column.missing_words, *column.missing_numbers])
                words.update(column.odd_words)
    codes |= dict.fromkeys(text for text, count in words.items() if count > 1)
    if not codes:
        return None
    return Entry(items(codes, numbers=True), "no numbers, or far from all others")


def _counted(
    outcome: OutcomeDraft, people: int, arms: Sequence[Spelled], times: Sequence[Clocked],
    crossed: bool,
) -> OutcomeDraft:  # fmt: skip
    per_person = len(times) * (max(len(arms), 1) if crossed else 1)
    return replace(outcome, possible=people * per_person)


def _remarks(
    pages: Pages, sheets: Sequence[Understood], used: Sequence[Understood], filled: Filled
) -> Iterable[str]:
    for line in pages.problems:
        yield f"Not read: {line}"
    for sheet in sheets:
        if sheet not in used:
            yield f"{sheet.page.place}: no values that change from visit to visit; left out."
    for sheet in used:
        mine = [series for each, series in filled if each is sheet]
        names = left_out(sheet, mine)
        if names:
            what = "columns of numbers that are no outcome here"
            yield f"{sheet.page.place}: {what}: {listed(names)}."
        if sheet.values.doubled and not sheet.values.replicates:
            yield (
                f"{sheet.page.place}: {sheet.values.doubled} visits have several rows; see what "
                "`python -m analysis check` says."
            )
