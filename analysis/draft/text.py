"""A draft -> the text of its trial.yaml: guesses and questions stand where they belong."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from analysis.draft.labels.arms import Spelled
from analysis.draft.labels.times import Clocked
from analysis.draft.model import Draft, Entry, OutcomeDraft

WIDTH = 100
_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]+)?")
NULL = "null"


def scalar(text: str, flow: bool = False) -> str:
    """Return a text as YAML writes it: in quotation marks where it would be read as another.

    Parameters
    ----------
    text : str
    flow : bool
        Whether it stands in brackets.
    """
    try:
        whole, key = (
            yaml.safe_load(f"[{text}]" if flow else f"a: {text}"),
            yaml.safe_load(f"{text}: 1"),
        )
    except yaml.YAMLError:
        return _marked(text)
    same = whole == ([text] if flow else {"a": text}) and key == {text: 1}
    return text if same and text == text.strip() else _marked(text)


def _marked(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _one_line(text: str) -> str:
    """Return a text that can stand in a comment."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())


def items(texts: Iterable[str], numbers: bool = False) -> str:
    """Return texts as a list in brackets; with `numbers`, those that are numbers without marks."""
    written = (
        text if numbers and _NUMBER.fullmatch(text) else scalar(text, flow=True) for text in texts
    )
    return f"[{', '.join(written)}]"


@dataclass
class _Page:
    """The lines of a trial.yaml as it grows, and how many questions they ask."""

    lines: list[str] = field(default_factory=list)
    questions: int = 0

    def add(self, line: str = "") -> None:
        self.lines.append(line)

    def remark(self, text: str, indent: int = 0) -> None:
        blank = " " * indent
        self.lines += textwrap.wrap(
            _one_line(text), WIDTH, initial_indent=f"{blank}# ", subsequent_indent=f"{blank}# ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip

    def ask(self, text: str, indent: int = 0) -> None:
        self.questions += 1
        self.remark(f"QUESTION {self.questions}: {text}", indent)

    def guessed(self, line: str, why: str) -> None:
        """Add a line with the reason of its guess, or below the reason where both are too long."""
        whole = f"{line}  # guessed: {_one_line(why)}"
        if not why:
            self.add(line)
        elif len(whole) <= WIDTH:
            self.add(whole)
        else:
            self.remark(f"guessed: {why}", len(line) - len(line.lstrip()))
            self.add(line)

    def put(self, key: str, entry: Entry, indent: int = 0) -> None:
        if entry.question:
            self.ask(entry.question, indent)
        value = "" if entry.value is None else f" {entry.value}"
        self.guessed(f"{' ' * indent}{key}:{value}", entry.why)
        for each in entry.items:
            self.add(f"{' ' * indent}  - {each}")


def trial_yaml(draft: Draft) -> tuple[str, int]:
    """Return the text of a draft's trial.yaml, and the number of its questions.

    Parameters
    ----------
    draft : Draft
    """
    page = _Page()
    for each in draft.remarks:
        page.remark(each)
    for issue in draft.personal:
        page.remark(f"{issue.file}: {issue.message} {issue.remedy}")
    page.add()
    for key, entry in draft.head.items():
        page.put(key, entry)
    page.add()
    page.add("columns:")
    for role, entry in draft.columns.items():
        page.put(role, entry, 2)
    page.add()
    _arms(page, draft.arms)
    page.add()
    _times(page, draft.times)
    page.add()
    page.add("outcomes:")
    for outcome in draft.outcomes:
        _outcome(page, outcome)
    page.add()
    if draft.missing_codes is not None:
        page.put("missing_codes", draft.missing_codes)
        page.add()
    _plan(page, draft)
    text = _opening(draft, page.questions) + "\n".join(page.lines) + "\n"
    return text, page.questions


def _opening(draft: Draft, questions: int) -> str:
    many = f"{questions} questions" if questions != 1 else "question"
    lines = [
        f"# A draft that `python -m analysis init` made from the files of {draft.name}.",
        "# Nothing was analysed. Lines with `guessed:` say what was concluded from the files, and",
        f"# why: correct what is wrong. The {many} ask what no file can say: write each answer",
        "# after the colon. data/raw/README.md explains every key. Then check the file:",
        f"#     python -m analysis check data/raw/{draft.name}",
        "",
    ]
    return "\n".join(lines)


def _arms(page: _Page, arms: Sequence[Spelled]) -> None:
    if arms:
        page.ask(
            "Which arm is the control, with which all others are compared? Write `role: control` "
            "under this one, and leave the other `role:` empty."
        )
    else:
        page.ask("No column names the arms. Which are there, and which is the control?")
    page.add("arms:")
    for name, arm in ((each.name, each) for each in arms):
        page.add(f"  {scalar(name)}:")
        _spellings(page, name, arm.label, arm.spellings, arm.why)
        page.add("    role:")
    for name in [] if arms else ["arm_1", "arm_2"]:
        page.add(f"  {name}:")
        page.add("    role:")


def _spellings(page: _Page, name: str, label: str, spellings: Sequence[str], why: str) -> None:
    readable = label != name and "_" not in label
    if readable:
        page.add(f"    label: {scalar(label)}")
    others = [each for each in spellings if each != name and not (readable and each == label)]
    if others:
        page.guessed(f"    aliases: {items(others)}", why or "spellings of one time")


def _times(page: _Page, times: Sequence[Clocked]) -> None:
    open_times = [each.question for each in times if each.question]
    if open_times:
        page.ask(
            f"How many hours after the end of the exercise was {', '.join(open_times)}? Write "
            "numbers after `hours:`, below 0 if before the exercise, then also `role: baseline`; "
            "for a time after the exercise and before the treatment write `role: "
            "before_treatment`. Put the times in order."
        )
    page.add("times:")
    for each in times:
        page.add(f"  {scalar(each.name)}:")
        _spellings(page, each.name, each.label, each.spellings, "")
        hours = None if each.hours is None else f"{round(each.hours, 4):g}"
        page.put("hours", Entry(hours, each.why if hours else ""), 4)
        if each.role is not None or each.question:
            page.put("role", Entry(each.role, each.role_why), 4)


def _outcome(page: _Page, outcome: OutcomeDraft) -> None:
    page.add(f"  {scalar(outcome.name)}:")
    for each in outcome.remarks:
        page.remark(each, 4)
    for key, entry in outcome.entries.items():
        page.put(key, entry, 4)
    if outcome.columns:
        page.add("    columns:")
        for role, entry in outcome.columns.items():
            page.put(role, entry, 6)


def _plan(page: _Page, draft: Draft) -> None:
    page.ask(
        "Which one comparison was the trial made for, decided before anybody saw the data? Take "
        "the signs # away and fill in. Without a plan every result is labelled exploratory."
    )
    page.add("# plan:")
    page.add("#   primary: {outcome: , arm: , reference: , time: }")
    names = [each.name for each in draft.outcomes]
    page.remark(f"Outcomes: {', '.join(names)}. Arms: {', '.join(a.name for a in draft.arms)}.")


def entries(pairs: Mapping[str, Entry | None]) -> dict[str, Entry]:
    """Return the entries that are there."""
    return {key: entry for key, entry in pairs.items() if entry is not None}
