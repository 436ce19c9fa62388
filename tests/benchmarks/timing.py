"""Timing in this process, and an R process that answers on request."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent


def seconds(job: Callable[[], object], at_least: float = 0.3) -> float:
    """Return the time of one call, from as many calls as take `at_least` seconds."""
    job()
    calls, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < at_least:
        job()
        calls += 1
    return spent / calls


@dataclass
class Turns:
    """Times of one job by several programs that take turns."""

    times: dict[str, list[float]] = field(default_factory=dict)

    def add(self, program: str, spent: float) -> None:
        """Note one measurement."""
        self.times.setdefault(program, []).append(spent)

    def median(self, program: str) -> float:
        """Return the median time of a program."""
        return statistics.median(self.times[program])

    def ratio(self, slow: str, fast: str) -> str:
        """Return how many times the median of `slow` is that of `fast`, and the range of turns."""
        each = sorted(a / b for a, b in zip(self.times[slow], self.times[fast], strict=True))
        middle = self.median(slow) / self.median(fast)
        return f"{_three(middle)} ({_three(each[0])} to {_three(each[-1])})"


def _three(value: float) -> str:
    """Three significant digits."""
    if value >= 1000:
        return f"{round(value, -len(str(int(value))) + 3):,.0f}"
    return f"{value:.3g}"


def human(spent: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if spent >= size:
            return f"{_three(spent / size)} {unit}"
    return f"{_three(spent / 1e-6)} µs"


class NoRError(Exception):
    """R or one of its packages is not there."""


class REngine:
    """An R process with its packages loaded, see engine.R."""

    def __init__(self) -> None:
        if shutil.which("Rscript") is None:
            raise NoRError("Rscript was not found")
        self.process = subprocess.Popen(
            ["Rscript", "--vanilla", str(HERE / "engine.R")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.version = self._line()

    def ask(self, *words: object) -> float:
        """Return the seconds that R reports for a request."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None and self.process.stderr is not None
        line = self.process.stdout.readline()
        if not line:
            raise NoRError(" ".join(self.process.stderr.read().split())[-300:])
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.communicate()


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
