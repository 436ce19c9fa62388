"""A draft -> a short table of counts: what was understood."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.draft.model import Draft, Entry
from analysis.intake.codes import listed

_SHOWN = 6


def summary(draft: Draft, questions: int) -> list[str]:
    """Return the lines that say what was understood, counts first.

    Parameters
    ----------
    draft : Draft
    questions : int
        How many questions its trial.yaml asks.
    """
    rows = list(_rows(draft, questions))
    wide = max(len(row[0]) for row in rows)
    return [f"{what:<{wide}}  {count:>5}  {how}".rstrip() for what, count, how in rows]


def _rows(draft: Draft, questions: int) -> Iterator[tuple[str, str, str]]:
    columns = draft.columns
    yield "participants", f"{draft.participants}", _column(columns.get("participant"))
    arms = listed((each.name for each in draft.arms), _SHOWN)
    yield "arms", f"{len(draft.arms)}", f"{arms}{_in(columns.get('arm'))}"
    times = [
        each.name + (" (?)" if each.hours is None else f" ({round(each.hours, 2):g} h)")
        for each in draft.times
    ]
    yield "times", f"{len(times)}", f"{listed(times, 9)}{_in(columns.get('time'))}"
    period = columns.get("period")
    if period is not None:
        known = period.value not in (None, "null")
        yield "period", "yes" if known else "no", _column(period) if known else "no column fits"
    design = draft.design
    yield "design", "", f"{design.value}: {design.why}" if design.value else "see the questions"
    for each in draft.outcomes:
        unit = each.entries["unit"].value or "unit ?"
        yield (
            "outcome", f"{each.filled}",
            f"visits of {each.possible} have {each.name} ({unit}), from {each.source}",
        )  # fmt: skip
    if draft.personal:
        named = listed((f"'{each.column}' ({each.code})" for each in draft.personal), _SHOWN)
        yield "personal data", f"{len(draft.personal)}", f"{named}: left out; see trial.yaml"
    yield "questions", f"{questions}", "in trial.yaml; answer them before the trial can run"


def _column(entry: Entry | None) -> str:
    return f"column {entry.value}" if entry is not None and entry.value else "no column found"


def _in(entry: Entry | None) -> str:
    known = entry is not None and entry.value not in (None, "null")
    return f", column {entry.value}" if entry is not None and known else ""
