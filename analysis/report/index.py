"""The list of all trials, for which nothing heavy has to be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.report.page import page


def render_index(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return the page that lists all trials.

    Parameters
    ----------
    entries : iterable of mappings
        Each ``trial, title, status, headline, n_errors, n_warnings`` as in summary.json.
    """
    return page("index.html.j2", entries=sorted(entries, key=lambda entry: entry["trial"]))
