"""Put many broken, odd and hostile trials through the project: a bounded experiment.

    python -m tests.fuzz --cases 100000 --seed 1 [--start 0] [--minutes 120]
        [--save build/fuzz] [--counts build/fuzz/counts.json] [--write docs/robustness.md]

Case number n of a seed is always the same, so a run that was stopped goes on with `--start`. Each
case is a trial's folder in a new working directory. The prepare step reads it in this process, as
the workflow does; every tenth that has a plan is also checked as by ``python -m analysis check``,
and its files drafted anew by ``init``; some of those that were read are analysed up to the report.
Asserted of every case:

- no exception but the one line that the user is shown,
- no more than ten seconds of the processor (an alarm ends it),
- no file outside the working directory opened, listed or changed, no file of the trial's folder
  changed, no process started, no connection made (an audit hook listens; what Python itself imports
  is read),
- no observations beside an error, and an error wherever the case was made invalid,
- a draft that `init` writes keeps the schema and has no fault but its open questions,
- every value among the observations stands in the data file, by a second reader; the result of a
  formula never does.

Failing cases are cut down and saved.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from analysis import io
from analysis.intake.schema_docs import insert
from tests.fuzz import books, odd, plans, texts, traps
from tests.fuzz.case import WRONG, Case, Make, Outcome, run
from tests.fuzz.invented import invent
from tests.fuzz.tally import Tally

ODD = "odd trials, perhaps sound"
MAKERS: dict[str, tuple[int, Make]] = {  # how many of a hundred, and what makes them
    "text file: bytes": (13, texts.bytes_of_text),
    "text file: cells, rows, columns": (13, texts.cells_of_text),
    "text file: encodings": (5, texts.encodings),
    "text file: long, wide, full of one sign": (1, texts.large),
    "text file: formulas as values": (3, texts.formulas),
    "trial.yaml: bytes": (7, plans.bytes_of_plan),
    "trial.yaml: lines": (7, plans.lines_of_plan),
    "trial.yaml: entries": (9, plans.entries_of_plan),
    "trial.yaml: nesting, aliases, tags": (3, plans.bombs),
    "workbook: bytes": (6, books.bytes_of_archive),
    "workbook: members": (4, books.members_of_archive),
    "workbook: XML of xlsx": (5, books.xml_of_excel),
    "workbook: XML of ods": (5, books.xml_of_ods),
    "workbook: cells": (4, books.cells_of_excel),
    "workbook: formulas as values": (3, books.formulas_in_books),
    "workbook: packed large": (1, books.archive_bombs),
    "data file of Stata: bytes": (3, books.bytes_of_stata),
    ODD: (4, odd.sound),
    "paths, links, folders": (6, traps.paths),
    "name of the trial": (1, traps.names),
}
PLACES = [kind for kind, (share, _) in MAKERS.items() for _ in range(share)]
INVENTED = "invented by Hypothesis"
CHUNK, EVERY = 500, 5  # every fifth chunk of cases is invented
TALK, DEEP = 10, 40
MEMORY = 4 << 30
MARKER = "fuzz"


def make(number: int, seed: int) -> tuple[str, Case]:
    """Return kind and case of a number."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choice(PLACES)
    return kind, MAKERS[kind][1](rng)


class Runner:
    """Runs cases in one working directory, counts, and saves the failing ones."""

    def __init__(
        self, root: Path, save: Path, deep: int = DEEP, tally: Tally | None = None
    ) -> None:
        self.root, self.save, self.deep = root, save, deep
        self.tally = tally or Tally()
        self.done = self.read = 0

    def one(self, kind: str, case: Case, label: str) -> Outcome:
        """Run one case; analyse some of those that were read."""
        self.done += 1
        outcome = run(case, self.root, talk=self.done % TALK == 0)
        deep = False
        if outcome.verdict == "read" and self.deep:
            self.read += 10 if kind == ODD else 1
            deep = self.read % self.deep < (10 if kind == ODD else 1)
            outcome = run(case, self.root, deep=True) if deep else outcome
        self.tally.add(kind, outcome, deep)
        if outcome.wrong:
            self.keep(case, outcome, f"{label} {kind}".replace(" ", "-").replace(":", ""), deep)
        return outcome

    def keep(self, case: Case, outcome: Outcome, label: str, deep: bool) -> None:
        """Cut a failing case down and write it, with what happened."""
        small = smaller(case, outcome, self.root, deep)
        folder = self.save / label
        for name, content in small.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        text = f"{outcome.verdict}\n{outcome.detail}\nlinks {dict(small.links)}\n"
        (folder / "what.txt").write_text(text, encoding="utf-8", errors="replace")
        print(f"{label}: {outcome.verdict}: {outcome.detail.strip().splitlines()[-1:]}", flush=True)


def smaller(case: Case, outcome: Outcome, root: Path, deep: bool, tries: int = 120) -> Case:
    """Return a case from whose files parts were cut out as long as it fails in the same way."""
    last = outcome.detail.strip().splitlines()[-1:]
    if outcome.verdict not in WRONG[:2]:  # the others are judged by the files as they are
        return case
    for name in case.files:
        size = len(case.files[name]) // 2
        while size and tries and outcome.seconds < 1:
            at = 0
            while at < len(case.files[name]) and tries:
                tries -= 1
                content = case.files[name]
                less = replace(
                    case, files={**case.files, name: content[:at] + content[at + size :]}
                )
                again = run(less, root, deep=deep)
                same = again.detail.strip().splitlines()[-1:] == last
                if again.verdict == outcome.verdict and same:
                    case = less
                else:
                    at += size
            size //= 2
    return case


def fuzz(runner: Runner, cases: int, seed: int, start: int = 0, seconds: float = 1e9) -> int:
    """Run cases of a seed; return the number of the first that was not run.

    Every fifth chunk is invented by Hypothesis, and run as a whole.
    """
    deadline = time.monotonic() + seconds
    for number in range(start, start + cases):
        if time.monotonic() > deadline:
            print(f"Time is up; go on with --start {number}.")
            return number
        chunk, place = divmod(number, CHUNK)
        if chunk % EVERY != EVERY - 1:
            runner.one(*make(number, seed), f"{seed}-{number}")
        elif place == 0 or number == start:
            left = min(CHUNK - place, start + cases - number)
            invent(lambda case: judged(runner, case), left, 1000 * seed + chunk)
        if number % 5000 == 0:
            print(number, runner.tally.total, f"{runner.tally.slowest:.1f} s", flush=True)
    return start + cases


def judged(runner: Runner, case: Case) -> None:
    """Count an invented case; a failing one is saved, and not made known to Hypothesis."""
    runner.one(INVENTED, case, f"invented-{runner.done}")


def main() -> int:
    """Run the experiment and print what came out."""
    parser = argparse.ArgumentParser(description="Put broken, odd and hostile trials through it.")
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=1e6)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--deep", type=int, default=DEEP, help="analyse one of so many; 0: none")
    parser.add_argument("--counts", type=Path, help="file that adds up the counts of several runs")
    parser.add_argument("--write", type=Path, help="a text with a place marked for the table")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # a bomb fails here, not elsewhere
    tally = Tally.read(chosen.counts)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        runner = Runner(Path(folder).resolve(), chosen.save, chosen.deep, tally)
        stopped = fuzz(runner, chosen.cases, chosen.seed, chosen.start, 60 * chosen.minutes)
    if stopped > chosen.start:
        tally.runs.append(f"seed {chosen.seed}, cases {chosen.start:,} to {stopped - 1:,}")
    if chosen.counts is not None:
        tally.write(chosen.counts)
    if chosen.write is not None:
        page = insert(io.read_text(chosen.write), tally.report(), MARKER)
        io.write_text(chosen.write, page)
    print(tally.report())
    print(f"codes raised: {dict(sorted(tally.codes.items()))}")
    return int(any(tally.wrong.values()))


if __name__ == "__main__":
    sys.exit(main())
