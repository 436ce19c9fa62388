"""From the tree of texts to a typed mapping, by the schema, with every deviation as an issue.

This reads the part of JSON Schema that ``workflow/schemas/trial.schema.yaml`` uses; a test compares
it with a complete validator. It types and checks in one walk because the type of a scalar depends
on its place: ``24`` is a name under ``arms`` and a number under ``hours``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.errors import Issue, nearest
from analysis.intake.codes import PLAN_FILE, either, issue, listed, quoted, suggestion
from analysis.intake.schema import (
    Path,
    Schema,
    bound,
    dotted,
    expected,
    legal_values,
    places,
    resolve,
    types,
    within,
)
from analysis.intake.yaml_text import Items, Node, Pairs, Text

_FAULTY: Final = object()
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_MEANT = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Typed:
    """What could be read: the mapping, the line of every key, the problems.

    Attributes
    ----------
    raw : dict
        Contents with typed scalars; faulty entries are left out, names of arms, times and outcomes
        are kept even where their contents are faulty.
    lines : mapping
        Line of every key, by its path.
    faulty : frozenset of tuple
        Paths at which something is wrong.
    issues : tuple of Issue
    open : tuple of Issue
        Needed keys that stand there without a value: questions that a draft left to the user. The
        schema allows them; a trial cannot be made of them.
    """

    raw: dict[str, Any]
    lines: Mapping[Path, int]
    faulty: frozenset[Path]
    issues: tuple[Issue, ...]
    open: tuple[Issue, ...] = ()

    def sound(self, *path: str) -> bool:
        """Whether nothing is wrong at `path`, above it or below it."""
        return not any(bad[: len(path)] == path[: len(bad)] for bad in self.faulty)

    def line(self, path: Path) -> int | None:
        """Return the line of the key at `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def type_tree(root: Node, schema: Schema) -> Typed:
    """Return the typed contents of trial.yaml, and where it deviates from the schema."""
    walker = _Walker(schema)
    raw = walker.read(root, schema, ())
    return Typed(
        raw if isinstance(raw, dict) else {},
        walker.lines,
        frozenset(walker.faulty),
        tuple(walker.issues),
        tuple(walker.open),
    )


@dataclass
class _Walker:
    root: Schema
    lines: dict[Path, int] = field(default_factory=dict)
    faulty: set[Path] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)
    open: list[Issue] = field(default_factory=list)

    def read(self, node: Node, schema: Schema, path: Path, named: bool = True) -> Any:
        """Return the typed value of a node, or `_FAULTY`; `named` says that its key is ours."""
        schema = resolve(schema, self.root)
        self.lines.setdefault(path, node.line)
        if isinstance(node, Text):
            return self._scalar(node, schema, path, named)
        if isinstance(node, Pairs) and "object" in types(schema):
            return self._object(node, schema, path)
        if isinstance(node, Items) and "array" in types(schema):
            return self._array(node, schema, path)
        found = "a list" if isinstance(node, Items) else "keys with values"
        return self._fault(path, "", f"Found {found}; expected {expected(schema)}.", "Correct it.")

    def _fault(
        self, path: Path, value: str, message: str, remedy: str, code: str = "C05"
    ) -> object:
        self.faulty.add(path)
        line = next((self.lines[p] for p in _upwards(path) if p in self.lines), None)
        self.issues.append(
            issue(code, PLAN_FILE, message, remedy, row=line, column=dotted(path), value=value)
        )
        return _FAULTY

    def _scalar(self, node: Text, schema: Schema, path: Path, named: bool) -> Any:
        allowed = types(schema)
        null = node.plain and node.text in _NULLS
        if null and "null" in allowed:
            return self._asked(node, schema, path) if "x-question" in schema else None
        if node.text.strip() == "" or (null and named):
            message = f"There is no value; expected {expected(schema)}."
            return self._fault(path, node.text, message, "Write it.")
        if "string" in allowed:
            return self._string(node, schema, path)
        if "boolean" in allowed:
            return self._boolean(node, path)
        if "number" in allowed or "integer" in allowed:
            return self._number(node, schema, path)
        wanted = f"Write [{node.text}]." if "array" in allowed else "Put each key on its own line."
        message = f"Found the text {quoted(node.text)}; expected {expected(schema)}."
        return self._fault(path, node.text, message, wanted)

    def _asked(self, node: Text, schema: Schema, path: Path) -> object:
        self.faulty.add(path)
        message = f"This question is not answered: {schema['x-question']}"
        remedy = f"Write {expected(schema)} after `{path[-1]}:`."
        place = dotted(path)
        self.open.append(issue("C04", PLAN_FILE, message, remedy, row=node.line, column=place))
        return _FAULTY

    def _string(self, node: Text, schema: Schema, path: Path) -> Any:
        text = node.text
        legal = legal_values(schema)
        if legal and text not in legal:
            message = f"Found {quoted(text)}; expected {either(legal)}."
            remedy = suggestion(text, legal) + "Write one of these."
            return self._fault(path, text, message, remedy)
        if "pattern" in schema and not re.search(schema["pattern"], text):
            message = f"Found {quoted(text)}; expected {schema['x-pattern']}."
            return self._fault(path, text, message, "Correct it.")
        return text

    def _boolean(self, node: Text, path: Path) -> Any:
        if node.plain and node.text in _BOOLEANS:
            return _BOOLEANS[node.text]
        meant = _MEANT.get(node.text.casefold(), node.text.casefold())
        remedy = f"Write {meant}." if meant in _BOOLEANS else "Write true or false."
        message = f"Found {quoted(node.text)}; expected true or false."
        return self._fault(path, node.text, message, remedy)

    def _number(self, node: Text, schema: Schema, path: Path) -> Any:
        text = node.text
        if not node.plain or not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            message = f"Found {quoted(text)}; expected {expected(schema)}."
            return self._fault(path, text, message, _number_remedy(text))
        value = int(text) if re.fullmatch(r"[-+]?[0-9]{1,15}", text) else float(text)
        if "integer" in types(schema) and not isinstance(value, int):
            message = f"Found {text}; expected {expected(schema)}."
            return self._fault(path, text, message, "Write it with digits only.")
        if not within(value, schema):
            message = f"Found {text}; expected a number {bound(schema)}."
            return self._fault(path, text, message, "Correct it.")
        return value

    def _array(self, node: Items, schema: Schema, path: Path) -> Any:
        low, high = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        if not low <= len(node.nodes) <= high:
            message = f"Found {len(node.nodes)} entries; expected {low}."
            return self._fault(path, "", message, f"Write {low} entries in brackets.")
        values = [
            self.read(each, schema["items"], (*path, f"[{place}]"), named=False)
            for place, each in enumerate(node.nodes, start=1)
        ]
        return _FAULTY if any(value is _FAULTY for value in values) else values

    def _object(self, node: Pairs, schema: Schema, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        seen: set[str] = set()
        for key_node, value_node in node.pairs:
            key = self._key(key_node, schema, path, seen)
            if key is None:
                continue
            seen.add(key)
            named = key in schema.get("properties", {})
            inner = schema["properties"][key] if named else schema["additionalProperties"]
            value = self.read(value_node, inner, (*path, key), named)
            if value is not _FAULTY:
                result[key] = value
            elif not named and "object" in types(resolve(inner, self.root)):
                result[key] = {}  # the name is known, though not what stands under it
        self._check_keys(schema, path, seen)
        return result

    def _key(self, node: Node, schema: Schema, path: Path, seen: set[str]) -> str | None:
        """Return the key, or None where it is not one; repeated and unknown keys become issues."""
        if not isinstance(node, Text) or not node.text.strip():
            self.lines.setdefault(path, node.line)
            self._fault(
                path, "", "Found a key that is not a text.", "Write a name before the colon."
            )
            return None
        key, here = node.text, (*path, node.text)
        if key in seen:
            first = self.lines[here]
            self.lines[here] = node.line
            message = f"The key {quoted(key)} stands here a second time (first in line {first})."
            self._fault(here, key, message, "Keep one of the two.", "C03")
            return None
        self.lines[here] = node.line
        if key in schema.get("properties", {}):
            return key
        if schema.get("additionalProperties") is False:
            self._unknown(key, here, schema)
            return None
        names = schema.get("propertyNames", {})
        if "pattern" in names and not re.search(names["pattern"], key):
            message = f"The name {quoted(key)} cannot be used; expected {names['x-pattern']}."
            self._fault(here, key, message, "Rename it; texts for people go under `label`.")
        return key

    def _unknown(self, key: str, path: Path, schema: Schema) -> None:
        legal = list(schema["properties"])
        remedy = suggestion(key, legal)
        meant = nearest(key, legal)
        if meant is not None:  # the slip explains that the key which was meant is missing
            self.faulty.add((*path[:-1], meant))
        elsewhere = [place for place in places(self.root, self.root) if place[-1] == key]
        if not remedy and elsewhere:
            remedy = f"It belongs at {either(dotted(place) for place in elsewhere[:3])}. "
        message = f"The key {quoted(key)} does not exist here; legal are {listed(legal, 20)}."
        self._fault(path, key, message, remedy + "Correct or remove it.", "C02")

    def _check_keys(self, schema: Schema, path: Path, seen: set[str]) -> None:
        where = f" under `{dotted(path)}`" if path else ""
        for key in schema.get("required", ()):
            if key not in seen and (*path, key) not in self.faulty:
                message = f"The key `{key}` is missing{where}; it is needed."
                about = resolve(schema["properties"][key], self.root)
                remedy = f"Add `{key}:` with {expected(about)}. {about['description']}"
                self._fault((*path, key), "", message, remedy, "C04")
        least = schema.get("minProperties", 0)
        if len(seen) < least:
            name = schema.get("x-name", "entry")
            message = f"Found {len(seen)} entries{where}; expected at least {least}."
            self._fault(path, "", message, f"Add one entry per {name}.")


def _upwards(path: Path) -> Iterator[Path]:
    return (path[:length] for length in range(len(path), -1, -1))


def _number_remedy(text: str) -> str:
    if _NUMBER.fullmatch(text.strip()):
        return f"Write {text.strip()} without quotation marks."
    if _NUMBER.fullmatch(text.strip().replace(",", ".")):
        return f"Write {text.strip().replace(',', '.')}, with a decimal point."
    return "Write digits only, with a point before decimals."
