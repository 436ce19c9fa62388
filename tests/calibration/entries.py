"""Result files that grow cell by cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def enter(table: pd.DataFrame, file: Path, keys: list[str]) -> None:
    """Put the rows of one cell into a result file, in place of those the cell had."""
    if file.exists():
        old = pd.read_csv(file)
        same = old.merge(table[keys].drop_duplicates(), on=keys, how="left", indicator=True)
        table = pd.concat([old[(same["_merge"] == "left_only").to_numpy()], table])
    table.sort_values(keys, kind="stable").to_csv(file, index=False, float_format="%.6g")
