"""Questions about the schema of trial.yaml: types, legal values, places of keys, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.intake.codes import either, listed

Path = tuple[str, ...]
Schema = Mapping[str, Any]

_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
}


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


def expected(schema: Schema) -> str:
    """Return in words what a schema allows."""
    legal = legal_values(schema)
    if legal:
        return either(legal)
    keys = f" ({listed(schema['properties'])})" if "properties" in schema else ""
    named = [_KINDS[each] + keys for each in types(schema) if each != "null"]
    return "a text" if "a text" in named else either(named)


def within(value: float, schema: Schema) -> bool:
    """Whether a number respects the limits of its schema."""
    low, above = schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf)
    return bool(low <= value and above < value < schema.get("exclusiveMaximum", math.inf))


def bound(schema: Schema) -> str:
    """Return the limits of a number in words."""
    words = {"minimum": "of at least", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
    return " and ".join(f"{word} {schema[key]}" for key, word in words.items() if key in schema)


def places(schema: Schema, root: Schema, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key of the schema; names that the user chooses as ``<name>``."""
    schema = resolve(schema, root)
    for key, inner in schema.get("properties", {}).items():
        yield (*path, key)
        yield from places(inner, root, (*path, key))
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        yield from places(extra, root, (*path, f"<{schema['x-name']}>"))
    if "items" in schema:
        yield from places(schema["items"], root, path)
