"""The tables in data/raw/README.md: every key of trial.yaml, every check code.

Both are made from what the program itself uses, so that the documentation cannot go out of step;
a test fails where it has, with the command that makes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from analysis.intake.codes import CHECKS
from analysis.intake.schema import Path, Schema, dotted, legal_values, resolve, types

KEYS = "keys"
CODES = "codes"
COMMAND = "python -m analysis schema-docs"

_KINDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true, false",
    "array": "list",
    "object": "keys",
}


def table(schema_text: str) -> str:
    """Return the Markdown table of every key of trial.yaml.

    Parameters
    ----------
    schema_text : str
        Text of ``workflow/schemas/trial.schema.yaml``.
    """
    root: Schema = yaml.safe_load(schema_text)
    header = ("key", "needed", "legal values", "unit", "default", "meaning")
    return _markdown(header, [_row(*entry) for entry in _entries(root, root, ())])


def codes_table() -> str:
    """Return the Markdown table of the check codes."""
    rows = [(f"`{code}`", check.severity, check.meaning) for code, check in sorted(CHECKS.items())]
    return _markdown(("code", "severity", "found when"), rows)


def insert(readme: str, table: str, marker: str = KEYS) -> str:
    """Return a text with the table put between the two lines that mark its place.

    Raises
    ------
    ValueError
        If the text lacks the markers ``<!-- <marker>:begin -->`` and ``<!-- <marker>:end -->``.
    """
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(readme):
        raise ValueError(f"The text has no place marked by {begin} and {end}.")
    return pattern.sub(lambda found: found[1] + table + found[2], readme)


def refresh(readme: str, schema_text: str) -> str:
    """Return data/raw/README.md with both tables made anew."""
    return insert(insert(readme, table(schema_text)), codes_table(), CODES)


def _entries(schema: Schema, root: Schema, path: Path) -> Iterator[tuple[Path, Schema, bool]]:
    """Yield every key with its schema and whether it is always needed, parents first."""
    required = schema.get("required", ())
    for key, inner in schema.get("properties", {}).items():
        inner = resolve(inner, root)
        yield (*path, key), inner, key in required
        if not _explained(path, key):
            yield from _below(inner, root, (*path, key))


def _explained(path: Path, key: str) -> bool:
    """Whether the keys below are the same as those of an entry that stands above."""
    return path == ("outcomes", "<outcome>") and key in ("columns", "csv")


def _below(schema: Schema, root: Schema, path: Path) -> Iterator[tuple[Path, Schema, bool]]:
    yield from _entries(schema, root, path)
    items = schema.get("items", {})
    if "properties" in items:
        yield from _entries(items, root, (*path[:-1], f"{path[-1]}[]"))
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        here = (*path, f"<{schema['x-name']}>")
        yield here, resolve(extra, root), False
        yield from _entries(resolve(extra, root), root, here)


def _row(path: Path, schema: Schema, required: bool) -> tuple[str, ...]:
    needed = schema.get("x-required", "yes" if required else "")
    free = path[-1].startswith("<")
    default = schema.get("x-default")
    if default is None:
        default = "" if required or free or needed else _shown(schema.get("default"))
    return (
        f"`{dotted(path)}`",
        needed,
        _legal(schema),
        schema.get("x-unit", ""),
        default,
        " ".join(schema["description"].split()),
    )


def _shown(default: object) -> str:
    return "none" if default is None else f"{default}"


def _legal(schema: Schema) -> str:
    listed = legal_values(schema)
    if listed:
        return ", ".join(f"`{value}`" for value in listed)
    kinds = [_KINDS[each] for each in types(schema) if each != "null"]
    limits = {"minimum": "≥", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[key]}" for key, sign in limits.items() if key in schema]
    items = schema.get("items", {})
    if "minItems" in schema:
        return f"list of {schema['minItems']} numbers"
    shape = schema.get("x-pattern", "")
    if items:
        return f"{shape}, or a list of them" if shape else "list"
    return shape or " ".join([" or ".join(kinds), ", ".join(bounds)]).strip()


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
