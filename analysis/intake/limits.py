"""How much of a file is read: more than any trial has, and less than would hold the user up."""

from __future__ import annotations

from analysis.intake.tabulate import Reading, failed

MAX_BYTES = 50_000_000
MAX_ROWS = 100_000
MAX_CELLS = 5_000_000
_REMEDY = "Keep only the columns and rows of the trial."


def too_many_bytes(file: str, size: int) -> Reading | None:
    """Return what is wrong with a file of this size, if anything."""
    if size <= MAX_BYTES:
        return None
    message = f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read."
    return failed("F14", file, message, _REMEDY)


def too_many_rows(file: str, rows: int, columns: int = 1) -> Reading | None:
    """Return what is wrong with a table of this size, if anything."""
    if rows <= MAX_ROWS and rows * columns <= MAX_CELLS:
        return None
    size = f"{rows:,} rows" if columns == 1 else f"{rows:,} rows and {columns:,} columns"
    message = f"The file has {size}; at most {MAX_ROWS:,} rows and {MAX_CELLS:,} cells are read."
    return failed("F14", file, message, _REMEDY)
