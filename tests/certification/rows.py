"""Long runs in pieces, kept as files: what was done once is not done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

CHUNK = 500


def collect(
    folder: Path, name: str, total: int, job: Callable[[range], pd.DataFrame]
) -> pd.DataFrame:
    """Return the rows of trials 0 to `total`, made by `job` where no file of `folder` has them."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    started = time.monotonic()
    for first in range(0, total, CHUNK):
        last = min(first + CHUNK, total)
        path = folder / f"{name}_{first:06d}_{last:06d}.csv"
        if not path.is_file():
            part = path.with_suffix(".part")
            job(range(first, last)).to_csv(part, index=False)
            part.rename(path)
            print(f"{name} {last:,} of {total:,}, {time.monotonic() - started:.0f} s", flush=True)
        pieces.append(pd.read_csv(path))
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
