"""The roles of columns -> entries of trial.yaml: the trial's, and what a table has of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from analysis.draft.model import Entry
from analysis.draft.text import scalar
from analysis.draft.understand import Understood

ROLES = ("participant", "arm", "time", "period", "sequence", "occasion")


def column_entries(used: Sequence[Understood], crossed: bool) -> dict[str, Entry]:
    """Return the columns that most tables share; what is needed and not there is asked."""
    found: dict[str, Entry] = {}
    for role in ROLES:
        headers = Counter(each for each in (sheet.header(role) for sheet in used) if each)
        if headers:
            header = headers.most_common(1)[0][0]
            why = next(sheet.roles[role].why for sheet in used if sheet.header(role) == header)
            found[role] = Entry(scalar(header), why)
    if "participant" not in found and all(sheet.named("participant") for sheet in used):
        found["participant"] = Entry("participant", "in no column: the files say it by their names")
    elif "participant" not in found:
        found["participant"] = Entry(None, question="Which column holds the participants?")
    if "arm" not in found and any(_needs(sheet, "arm") for sheet in used):
        ask = "Which column holds the arm? If none does, add one to the file."
        found["arm"] = Entry("null", question=ask)
    if "time" not in found and any(_needs(sheet, "time") for sheet in used):
        ask = "Which column holds the time of measurement? If none does, add one to the file."
        found["time"] = Entry("null", question=ask)
    if crossed and "period" not in found and not all(sheet.named("period") for sheet in used):
        found["period"] = Entry("null", question=_no_period(used))
    order = [role for role in ROLES if role in found]
    return {role: found[role] for role in order}


def _needs(sheet: Understood, role: str) -> bool:
    if sheet.named(role):
        return False
    if role == "time":
        return not sheet.patterns
    return not any(f"{{{role}}}" in each.pattern for each in sheet.patterns)


def _no_period(used: Sequence[Understood]) -> str:
    against = "; ".join(dict.fromkeys(text for sheet in used for text in sheet.against))
    found = f" Not taken: {against}." if against else ""
    return (
        "Which column says in which of their periods (1, 2, 3) a participant was? None is "
        f"consistent with that in the data.{found} With null, order cannot be adjusted for."
    )


def own_entries(sheet: Understood, columns: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the columns of a table that differ from the trial's."""
    own: dict[str, Entry] = {}
    for role, entry in columns.items():
        header = sheet.header(role)
        if header is not None and scalar(header) != entry.value:
            own[role] = Entry(scalar(header), sheet.roles[role].why)
        elif header is None and not sheet.named(role) and entry.value not in (None, "null"):
            if role in ("participant", "arm", "time") and not _needs(sheet, role):
                continue
            if role == "participant":
                ask = f"Which column of {sheet.page.place} holds the participants?"
                own[role] = Entry(None, question=ask)
            elif role in ("arm", "time"):
                ask = f"Which column of {sheet.page.place} holds the {role}? If none does, add one."
                own[role] = Entry("null", question=ask)
            else:
                own[role] = Entry("null", "this file has no such column")
    return own
