"""trial.yaml as a tree of texts with line numbers.

YAML would turn the names `no`, `off`, `1e3` and `24` into booleans and numbers. Here every scalar
stays the text that was typed; `analysis.intake.typed` gives it a type where the schema asks for
one. Anchors, aliases and tags are refused: a plan needs none, and they can hide bombs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, issue, quoted

MAX_CHARACTERS = 100_000
MAX_DEPTH = 12


@dataclass(frozen=True)
class Text:
    """A scalar as typed; `plain` means without quotation marks."""

    line: int
    text: str
    plain: bool = True


@dataclass(frozen=True)
class Items:
    """A list."""

    line: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Pairs:
    """Keys and values in order; a key may occur twice."""

    line: int
    pairs: tuple[tuple[Node, Node], ...]


Node = Text | Items | Pairs


class UnreadableError(Exception):
    """trial.yaml is not YAML, or not the YAML a plan needs; carries the issue."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


@dataclass
class _Frame:
    event: Any
    children: list[Node] = field(default_factory=list)


def parse(content: str | bytes) -> Node:
    """Return the tree of a YAML text.

    Raises
    ------
    UnreadableError
        If the text is not UTF-8, too long, too deep, empty, or not plain YAML.
    """
    text = _decoded(content)
    if len(text) > MAX_CHARACTERS:
        raise _unreadable(
            None,
            "",
            f"The file has {len(text)} characters; a plan has at most {MAX_CHARACTERS}.",
            "Keep data in data files and only the plan in this file.",
        )
    try:
        node = _build(text)
    except yaml.MarkedYAMLError as problem:
        raise _syntax(problem, text) from None
    except yaml.reader.ReaderError as problem:
        raise _character(problem, text) from None
    if node is None:
        raise _unreadable(
            None,
            "",
            "The file is empty.",
            "Write title, design, columns, arms, times and outcomes; "
            "data/raw/README.md has an example.",
        )
    return node


def _decoded(content: str | bytes) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise _unreadable(
            line,
            "",
            f"Byte {problem.start + 1} is not UTF-8 text.",
            "Save the file as UTF-8 in a text editor.",
        ) from None


def _build(text: str) -> Node | None:
    stack: list[_Frame] = []
    root: Node | None = None
    documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        _refuse(event, len(stack), documents)
        if isinstance(event, yaml.ScalarEvent):
            done: Node = Text(_line(event), event.value, event.style is None)
        elif isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Frame(event))
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            done = _closed(stack.pop())
        else:
            continue
        if stack:
            stack[-1].children.append(done)
        else:
            root = done
    return None if isinstance(root, Text) and not root.text else root


def _closed(frame: _Frame) -> Node:
    children = tuple(frame.children)
    if isinstance(frame.event, yaml.SequenceStartEvent):
        return Items(_line(frame.event), children)
    return Pairs(_line(frame.event), tuple(zip(children[::2], children[1::2], strict=True)))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse(event: Any, depth: int, documents: int) -> None:
    line = _line(event)
    if getattr(event, "anchor", None):
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        raise _unreadable(
            line,
            sign + event.anchor,
            f"{quoted(sign + event.anchor)} is a YAML anchor or alias; a plan uses none.",
            "Write the entry out, or put the text in quotation marks.",
        )
    if getattr(event, "tag", None):
        raise _unreadable(
            line,
            event.tag,
            f"{quoted(event.tag)} is a YAML tag; a plan uses none.",
            "Remove the tag, or put the text in quotation marks.",
        )
    if depth > MAX_DEPTH:
        raise _unreadable(
            line, "", f"Entries are nested more than {MAX_DEPTH} deep.", "Close the open brackets."
        )
    if documents > 1:
        raise _unreadable(
            line, "---", "A second document starts here; one was expected.", "Remove the line ---."
        )


def _unreadable(line: int | None, value: str, message: str, remedy: str) -> UnreadableError:
    return UnreadableError(issue("C03", PLAN_FILE, message, remedy, row=line, value=value))


# What PyYAML says, and what that means for somebody who does not know YAML.
_SYNTAX = (
    ("\\t", "a tab, where only blanks may indent", "Replace every tab by blanks."),
    (
        "mapping values are not allowed",
        "a second colon, or a line that is indented differently from its neighbours",
        "Put texts that contain ': ' in quotation marks, and start all keys of one level in the "
        "same column.",
    ),
    (
        "could not find expected ':'",
        "a key without a colon",
        "Write key: value, and put texts of several lines in quotation marks.",
    ),
    (
        "unexpected end of stream",
        "a quotation mark that is opened and never closed",
        "Close the quotation mark.",
    ),
    ("expected ',' or ']'", "a bracket [ that is never closed", "Close it with ]."),
    ("expected ',' or '}'", "a brace { that is never closed", "Close it with }."),
    (
        "expected <block end>",
        "a line that is indented differently from its neighbours, or text after a closing mark",
        "Start all keys of one level in the same column, and put texts with { } [ ] # : in "
        "quotation marks.",
    ),
    (
        "cannot start any token",
        "a character that YAML reserves",
        "Put the text in quotation marks.",
    ),
)


def _syntax(problem: yaml.MarkedYAMLError, text: str) -> UnreadableError:
    said = str(problem.problem)
    opened = "end of stream" in said or "expected ','" in said
    mark = problem.context_mark if opened and problem.context_mark else problem.problem_mark
    line = mark.line + 1 if mark else None
    lines = text.splitlines()
    value = lines[line - 1].strip() if line and line <= len(lines) else ""
    unknown = "", "a line that cannot be read", "Put texts with signs in quotation marks."
    _, found, remedy = next((each for each in _SYNTAX if each[0] in said), unknown)
    shown = f": {quoted(value)}" if value else ""
    return _unreadable(line, value, f"Found {found}{shown}.", remedy)


def _character(problem: yaml.reader.ReaderError, text: str) -> UnreadableError:
    line = text[: problem.position].count("\n") + 1
    code = problem.character if isinstance(problem.character, int) else ord(problem.character)
    return _unreadable(
        line,
        "",
        f"The character U+{code:04X} is not allowed in a text file.",
        "Delete it; check that this is a text file and not a document or a spreadsheet.",
    )
