"""Draft every data set and renew the table of questions in docs/init.md: python -m tests.draft."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from analysis import io
from analysis.draft.build import drafted
from analysis.draft.text import trial_yaml
from analysis.intake.exports import EXPORTS
from tests.draft.answering import read
from tests.draft.case import Case
from tests.draft.cases import CASES

PAGE = io.ROOT / "docs" / "init.md"
START, END = "<!-- questions: python -m tests.draft -->", "<!-- end of questions -->"
HEAD = "| shape | data sets | questions, median (range) |\n|---|---:|---:|\n"


def shape(case: Case) -> str:
    """Return what kind of files a data set has, by the trial.yaml that is right."""
    outcomes = read(case.right.lstrip(), case.name).outcomes
    export = next((each.dialect.export for each in outcomes if each.dialect.export), None)
    if export:
        return EXPORTS[export].label.split(",")[0].split(" (")[0]
    if len({each.file for each in outcomes}) > 1:
        return "several files"
    if any("{time}" in (each.pattern or "") for each in outcomes):
        return "wide"
    if any(each.where for each in outcomes):
        return "outcomes below each other"
    return "one long table, or a web form"


def draft(case: Case) -> tuple[str, int]:
    """Return the text of a draft and the number of its questions."""
    return trial_yaml(drafted(case.name, case.files))


def table(draft: Callable[[Case], tuple[str, int]] = draft) -> str:
    """Return the table of questions, by the shapes of the data sets."""
    asked: dict[str, list[int]] = {}
    for case in CASES.values():
        asked.setdefault(shape(case), []).append(draft(case)[1])
    rows = (
        f"| {name} | {len(each)} | {median(each):g} ({min(each)} to {max(each)}) |\n"
        for name, each in sorted(asked.items())
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    text = io.read_text(PAGE)
    before, after = text.split(START)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{START}\n{table()}{END}{after}", encoding="utf-8")
