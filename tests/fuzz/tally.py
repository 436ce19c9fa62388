"""What came out of many cases: counts by kind, kept from run to run, as a table."""

from __future__ import annotations

import json
import platform
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from tests.fuzz.case import FINE, WRONG, Outcome

PACKAGES = ("pandas", "openpyxl", "pyyaml", "hypothesis")


@dataclass
class Tally:
    """Outcomes by kind of case; `runs` says which cases of which seed were run."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    runs: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path | None) -> Tally:
        """Return the counts of earlier runs, or none."""
        if path is None or not path.is_file():
            return cls()
        kept = json.loads(path.read_text(encoding="utf-8"))
        counts = {kind: Counter(mine) for kind, mine in kept["counts"].items()}
        return cls(counts, Counter(kept["codes"]), kept["slowest"], kept["runs"])

    def write(self, path: Path) -> None:
        """Keep the counts for the next run."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")

    def add(self, kind: str, outcome: Outcome, deep: bool = False) -> None:
        """Count one case."""
        mine = self.counts.setdefault(kind, Counter())
        mine[outcome.verdict] += 1
        mine["analysed"] += deep
        self.codes.update(outcome.codes)
        self.slowest = max(self.slowest, outcome.seconds)

    @property
    def total(self) -> int:
        """How many cases there were."""
        return sum(mine[each] for mine in self.counts.values() for each in (*WRONG, *FINE))

    @property
    def wrong(self) -> Counter[str]:
        """How many cases failed, by the way they did."""
        return Counter({each: sum(mine[each] for mine in self.counts.values()) for each in WRONG})

    def table(self) -> str:
        """Return a Markdown table with one row per kind."""
        lines = [
            "| kind | cases | refused | read | analysed | wrong |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        every: Counter[str] = Counter()
        for kind, mine in [*sorted(self.counts.items()), ("all", every)]:
            wrong = sum(mine[each] for each in WRONG)
            cases = wrong + sum(mine[each] for each in FINE)
            numbers = (cases, mine["refused"], mine["read"], mine["analysed"], wrong)
            lines.append(f"| {kind} | {' | '.join(f'{each:,}' for each in numbers)} |")
            every.update(mine)
        return "\n".join(lines) + "\n"

    def report(self) -> str:
        """Return the part of docs/robustness.md."""
        used = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        failed = [f"{each}: {number:,}" for each, number in self.wrong.items()]
        return "\n".join([
            "",
            f"{self.total:,} cases ({'; '.join(self.runs)}); Python {platform.python_version()}, "
            f"{used}:",
            "",
            self.table(),
            f"{'; '.join(failed)}. The slowest case took {self.slowest:.1f} s of the processor. "
            f"The refusals and warnings came from {len(self.codes)} of the checks.",
            "",
            "",
        ])  # fmt: skip
