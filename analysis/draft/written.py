"""How files are written -> entries of trial.yaml, at the top where all tables agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.draft.model import Entry
from analysis.draft.tables.reading import Page
from analysis.draft.text import scalar

_CSV = ("delimiter", "decimal", "encoding")


def _csv(page: Page) -> Entry | None:
    dialect = page.dialect
    parts = {
        "delimiter": dialect.delimiter,
        "decimal": dialect.decimal if dialect.decimal != "." else None,
        "encoding": dialect.encoding,
    }
    said = [f"{key}: {scalar(text, flow=True)}" for key, text in parts.items() if text is not None]
    if not said:
        return None
    why = "; ".join(dict.fromkeys(page.reasons[key] for key in _CSV if key in page.reasons))
    return Entry(f"{{{', '.join(said)}}}", why)


def _trim(page: Page) -> Entry | None:
    return Entry("true", page.reasons["trim_blanks"]) if page.dialect.trim_blanks else None


def shared_written(pages: Sequence[Page]) -> dict[str, Entry]:
    """Return `csv` and `trim_blanks` where every table needs the same."""
    found = {}
    for key, make in (("csv", _csv), ("trim_blanks", _trim)):
        made = [make(page) for page in pages]
        first = made[0]
        if first is not None and all(each and each.value == first.value for each in made):
            found[key] = first
    return found


def written_entries(page: Page, shared: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries of one outcome that say how its file is written."""
    dialect, found = page.dialect, {}
    for key in ("export", "header_row", "last_row"):
        value = getattr(dialect, key)
        if value is not None:
            found[key] = Entry(f"{value}", page.reasons.get(key, ""))
    for key, made in (("csv", _csv(page)), ("trim_blanks", _trim(page))):
        if made is not None and key not in shared:
            found[key] = made
    return found
