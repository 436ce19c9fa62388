"""One case: a trial's folder, what the project did with it, and what was wrong with that."""

from __future__ import annotations

import csv
import io as texts
import os
import random
import shutil
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis import io
from analysis.__main__ import main
from analysis.errors import RecoveryTrialError
from analysis.intake.codes import CHECKS
from analysis.intake.plan import read_plan
from analysis.steps.prepare import prepare
from tests.fuzz.guard import TooLongError, watch

Make = Callable[[random.Random], "Case"]
Files = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A folder's files and links (name -> target).

    `invalid` says that it must be refused, `never` which values must not come out of it, and
    `table` which numbers stand in its data file, where a second reader can tell.
    """

    files: Mapping[str, bytes]
    links: Mapping[str, str] = field(default_factory=dict)
    invalid: bool = False
    never: frozenset[float] = frozenset()
    numbers: Callable[[], set[float] | None] = lambda: None
    name: str = "trial"


@dataclass(frozen=True)
class Outcome:
    """What became of a case: `refused`, `read` or one of `WRONG`, with details."""

    verdict: str
    detail: str = ""
    codes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def wrong(self) -> bool:
        return self.verdict in WRONG


WRONG = (
    "traceback",
    "more than 10 s",
    "touched another file",
    "read though invalid",
    "a value that is not in the file",
    "an issue that is not one line",
    "a draft that breaks the schema",
)


FINE = ("refused", "read")


def lay_out(case: Case, root: Path) -> Path:
    """Write a case's folder below a working directory that is empty, and its raw files alone."""
    for old in root.iterdir():
        shutil.rmtree(old)
    folder = root / "data" / "raw" / case.name
    _write(case, folder)
    raw = {name: each for name, each in case.files.items() if name != "trial.yaml"}
    _write(replace(case, files=raw), root / "data" / "drafted")
    (root / "out").mkdir()
    return folder


def _write(case: Case, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, target in case.links.items():
        if target == "fifo":
            os.mkfifo(folder / name)
        else:
            (folder / name).symlink_to(target)


def run(case: Case, root: Path, talk: bool = False, deep: bool = False) -> Outcome:
    """Put a case into a working directory, do with it what the workflow does, and judge.

    Parameters
    ----------
    case : Case
    root : path
        An empty folder; the working directory.
    talk : bool
        Also run ``python -m analysis check`` and ``init``, and look at what they print.
    deep : bool
        Also analyse a trial that was read, and write its report.
    """
    folder, out = lay_out(case, root), root / "out"
    with watch(root, folder) as seen:
        try:
            found = _work(folder, out, talk, deep)
        except TooLongError:
            found = Outcome(WRONG[1], _where())
        except BaseException:
            found = Outcome(WRONG[0], traceback.format_exc())
    found = found or _judge(case, out)
    if seen.wrong and not found.wrong:
        found = Outcome(WRONG[2], "; ".join(seen.wrong[:5]))
    return replace(found, seconds=seen.seconds)


def _where() -> str:
    return "".join(traceback.format_exc().splitlines(keepends=True)[-12:])


def _work(folder: Path, out: Path, talk: bool, deep: bool) -> Outcome | None:
    written = {name: out / f"{name}.csv" for name in ("observations", "issues", "repairs")}
    try:
        prepare(plan=folder / "trial.yaml", schema=io.SCHEMA, **written, inputs=out / "inputs.json")
    except RecoveryTrialError as refusal:
        return _one_line(str(refusal)) or Outcome("refused", str(refusal))
    if talk:
        told = _commands(folder)
        if told is not None:
            return told
    if deep:
        from tests.fuzz.deep import analyse

        analyse(folder, out)
    return None


def _commands(folder: Path) -> Outcome | None:
    """Run `check` on a trial, and `init` on its files alone; return what is wrong, if anything."""
    alone = folder.parents[1] / "drafted"
    shown = texts.StringIO()
    with redirect_stdout(shown), redirect_stderr(shown):
        main(["check", str(folder)])
        refused = main(["init", str(alone)])
    if "Traceback" in shown.getvalue():
        return Outcome(WRONG[0], shown.getvalue())
    if refused:
        return None
    plan = io.read_folder(alone)["trial.yaml"]
    codes = {each.code for each in read_plan(plan, io.read_schema(), folder.name).issues}
    if codes <= {"C04", "C06"}:  # open questions
        return None
    return Outcome(WRONG[6], f"{codes}\n{plan.decode()}")


def _one_line(text: str) -> Outcome | None:
    bad = [each for each in text if not each.isprintable()]
    return Outcome(WRONG[5], repr(text)) if bad else None


def _judge(case: Case, out: Path) -> Outcome:
    issues = _rows(out / "issues.csv")
    for each in issues:
        wrong = _one_line(each["message"] + each["remedy"])
        if wrong is not None or each["code"] not in CHECKS:
            return wrong or Outcome(WRONG[5], repr(each))
    codes = tuple(sorted({each["code"] for each in issues}))
    observations = _rows(out / "observations.csv")
    if any(each["severity"] == "error" for each in issues):
        if observations:
            return Outcome(WRONG[3], f"{len(observations)} observations beside {codes}", codes)
        return Outcome("refused", codes=codes)
    if case.invalid:
        return Outcome(WRONG[3], f"only {codes}", codes)
    strange = _strange(case, observations)
    return Outcome(WRONG[4], strange, codes) if strange else Outcome("read", codes=codes)


def _strange(case: Case, observations: list[dict[str, str]]) -> str:
    """Return a value among the observations that does not stand in the file, as text."""
    alone = [each for each in observations if each["value"] and each["n_replicates"] == "1"]
    values = {float(each["value"]) for each in alone}
    if values & case.never:
        return f"{values & case.never}"
    numbers = case.numbers()
    more = values - numbers if numbers is not None else set()
    return f"{sorted(more)[:5]}" if more else ""


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
