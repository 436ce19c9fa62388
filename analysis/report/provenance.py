"""Where a report comes from, as tables: whatever provenance.json holds, in its order of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.report.views import Line, View


def views(provenance: Mapping[str, Any]) -> list[View]:
    """Return one table for the single facts and one for each group of facts."""
    single = {key: value for key, value in provenance.items() if not _is_group(value)}
    groups = {key: value for key, value in provenance.items() if _is_group(value)}
    tables = [_view("This report", single)] if single else []
    return tables + [
        _view(_words(key).capitalize(), _flat(value)) for key, value in groups.items() if value
    ]


def _is_group(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _view(caption: str, facts: Mapping[str, Any]) -> View:
    return View(
        caption=caption,
        head=("What", "Value"),
        lines=tuple(Line((_words(key), _text(value))) for key, value in facts.items()),
        kind="facts",
        text_columns=(0, 1),
    )


def _flat(value: Any, above: str = "") -> dict[str, Any]:
    """Return nested facts under names joined by ``, ``."""
    if isinstance(value, Mapping):
        items = [(str(key), each) for key, each in value.items()]
    else:
        items = [(str(k), each) for k, each in enumerate(value, start=1)]
    facts: dict[str, Any] = {}
    for key, each in items:
        name = f"{above}, {key}" if above else key
        facts |= _flat(each, name) if _is_group(each) else {name: each}
    return facts


def _words(key: str) -> str:
    # File names keep their underscores; keys such as `code_version` become words.
    return key if "." in key or "/" in key else key.replace("_", " ")


def _text(value: Any) -> str:
    return "none" if value is None or value == "" else str(value)
