"""Step index: the trials' summaries -> the page that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analysis import io
from analysis.report.index import render_index


def index(*, summaries: Iterable[str | Path], page: str | Path) -> None:
    """Write the index.

    Parameters
    ----------
    summaries : paths
        One summary.json per trial, in the order of the list.
    page : path
        What is written.
    """
    io.write_text(page, render_index([io.read_json(path) for path in summaries]))
