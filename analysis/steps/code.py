"""Which of the project's own files a script rests on.

Asked before every run, hence by reading the lines that import: `modulefinder` compiles every file
and takes a third of a second. A test holds the two against each other.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from analysis import io

IMPORT = re.compile(
    r"^[ \t]*(?:from (analysis[\w.]*) import (\([^)]*\)|[^\n]*)|import (analysis[\w.]*))", re.M
)


def files_behind(script: str | Path, root: str | Path) -> list[Path]:
    """Return the project's own modules that a script imports, at whatever remove.

    Parameters
    ----------
    script : path
        The script, itself not in the list.
    root : path
        The folder that holds the package ``analysis``.
    """
    found: set[Path] = set()
    waiting = set(_imported(Path(script), Path(root)))
    while waiting:
        found |= waiting
        waiting = {file for path in waiting for file in _imported(path, Path(root))} - found
    return sorted(found)


@cache
def _imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Return the modules one file names: with their packages, which Python loads first."""
    names: set[str] = set()
    for package, members, module in IMPORT.findall(io.read_text(path)):
        names.add(package or module)
        names |= {f"{package}.{member}" for member in re.findall(r"\w+", members)}
    upwards = {name.rsplit(".", k)[0] for name in names for k in range(name.count(".") + 1)}
    return tuple(file for name in sorted(upwards) for file in _files(root, name))


@cache
def _files(root: Path, name: str) -> tuple[Path, ...]:
    stem = root.joinpath(*name.split("."))
    return tuple(path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file())
