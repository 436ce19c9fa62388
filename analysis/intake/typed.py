"""From the tree of texts to a typed mapping, by the schema, with every deviation as an issue.

This reads the part of JSON Schema that ``workflow/schemas/trial.schema.yaml`` uses (`KEYWORDS`; a
test holds the schema to it). It types and checks in one walk because the type of a scalar depends
on its place: ``24`` is a name under ``arms`` and a number under ``hours``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, either, issue, listed, quoted, suggestion
from analysis.intake.yaml_text import Items, Node, Pairs, Text

Path = tuple[str, ...]
Schema = Mapping[str, Any]

KEYWORDS: Final = frozenset(
    "$ref type properties required additionalProperties propertyNames minProperties items minItems "
    "maxItems enum minimum exclusiveMinimum exclusiveMaximum minLength pattern".split()
)
ANNOTATIONS: Final = frozenset(
    "$schema $defs title description default x-unit x-name x-required x-default x-pattern".split()
)

_FAULTY: Final = object()
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True} | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_MEANT = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_KINDS = {
    "string": "a text",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
}


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
    """

    raw: dict[str, Any]
    lines: Mapping[Path, int]
    faulty: frozenset[Path]
    issues: tuple[Issue, ...]

    def sound(self, *path: str) -> bool:
        """Whether nothing is wrong at `path`, above it or below it."""
        return not any(bad[: len(path)] == path[: len(bad)] for bad in self.faulty)

    def line(self, path: Path) -> int | None:
        """Return the line of the key at `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def dotted(path: Path) -> str:
    """Return a path as users read it: ``plan.secondary[2].arm``."""
    return ".".join(path).replace(".[", "[")


def resolve(schema: Schema, root: Schema) -> Schema:
    """Return a schema with its ``$ref`` replaced by what it points to."""
    if "$ref" not in schema:
        return schema
    target = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def types(schema: Schema) -> list[str]:
    """Return the types a schema allows."""
    named = schema["type"]
    return [named] if isinstance(named, str) else list(named)


def legal_values(schema: Schema) -> list[str]:
    """Return the values a schema lists, without null."""
    return [value for value in schema.get("enum", ()) if value is not None]


def type_tree(root: Node, schema: Schema) -> Typed:
    """Return the typed contents of trial.yaml and everything in which it deviates from the schema."""
    walker = _Walker(schema)
    raw = walker.read(root, schema, ())
    return Typed(
        raw if isinstance(raw, dict) else {},
        walker.lines,
        frozenset(walker.faulty),
        tuple(walker.issues),
    )


@dataclass
class _Walker:
    root: Schema
    lines: dict[Path, int] = field(default_factory=dict)
    faulty: set[Path] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

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
        return self._fault(path, "", f"Found {found}; expected {_expected(schema)}.", "Correct it.")

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
            return None
        if node.text.strip() == "" or (null and named):
            expected = _expected(schema)
            return self._fault(
                path, node.text, f"There is no value; expected {expected}.", "Write it."
            )
        if "string" in allowed:
            return self._string(node, schema, path)
        if "boolean" in allowed:
            return self._boolean(node, path)
        if "number" in allowed:
            return self._number(node, schema, path)
        wanted = f"Write [{node.text}]." if "array" in allowed else "Put each key on its own line."
        message = f"Found the text {quoted(node.text)}; expected {_expected(schema)}."
        return self._fault(path, node.text, message, wanted)

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
            message = f"Found {quoted(text)}; expected a number."
            return self._fault(path, text, message, _number_remedy(text))
        value = int(text) if re.fullmatch(r"[-+]?[0-9]{1,15}", text) else float(text)
        bound = _bound(schema)
        if not _within(value, schema):
            message = f"Found {text}; expected a number {bound}."
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
            self._fault(path, "", "Found a key that is not a text.", "Write a name before the colon.")
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
        elsewhere = [place for place in _places(self.root, self.root) if place[-1] == key]
        if not remedy and elsewhere:
            remedy = f"It belongs at {either(dotted(place) for place in elsewhere[:3])}. "
        message = f"The key {quoted(key)} does not exist; expected {listed(legal)}."
        self._fault(path, key, message, remedy + "Correct or remove it.", "C02")

    def _check_keys(self, schema: Schema, path: Path, seen: set[str]) -> None:
        where = f" under `{dotted(path)}`" if path else ""
        for key in schema.get("required", ()):
            if key not in seen:
                about = resolve(schema["properties"][key], self.root)
                meaning = about["description"].split(". ")[0].rstrip(".")
                message = f"The key `{key}` is missing{where}; it is needed."
                remedy = f"Add `{key}:` ({meaning[0].lower()}{meaning[1:]})."
                self._fault((*path, key), "", message, remedy, "C04")
        least = schema.get("minProperties", 0)
        if len(seen) < least:
            name = schema.get("x-name", "entry")
            message = f"Found {len(seen)} entries{where}; expected at least {least}."
            self._fault(path, "", message, f"Add one entry per {name}.")


def _upwards(path: Path) -> Iterator[Path]:
    return (path[:length] for length in range(len(path), -1, -1))


def _expected(schema: Schema) -> str:
    legal = legal_values(schema)
    if legal:
        return either(legal)
    keys = f" ({listed(schema['properties'])})" if "properties" in schema else ""
    named = [_KINDS[each] + keys for each in types(schema) if each != "null"]
    return "a text" if "a text" in named else either(named)


def _number_remedy(text: str) -> str:
    plain = text.strip().replace(",", ".")
    if _NUMBER.fullmatch(plain):
        return f"Write {plain} without quotation marks."
    return "Write digits only, with a point before decimals."


def _within(value: float, schema: Schema) -> bool:
    return (
        value >= schema.get("minimum", -math.inf)
        and value > schema.get("exclusiveMinimum", -math.inf)
        and value < schema.get("exclusiveMaximum", math.inf)
    )


def _bound(schema: Schema) -> str:
    words = {"minimum": "of at least", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
    return " and ".join(f"{word} {schema[key]}" for key, word in words.items() if key in schema)


def _places(schema: Schema, root: Schema, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key of the schema; names that the user chooses as ``<name>``."""
    schema = resolve(schema, root)
    for key, inner in schema.get("properties", {}).items():
        yield (*path, key)
        yield from _places(inner, root, (*path, key))
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        yield from _places(extra, root, (*path, f"<{schema['x-name']}>"))
    if "items" in schema:
        yield from _places(schema["items"], root, path)
