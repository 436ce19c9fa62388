"""trial.yaml: bytes, lines, entries, and what YAML allows beyond a plan."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import yaml

from tests.data.make_faults import BASE, PLAN
from tests.fuzz.bases import pick_text
from tests.fuzz.case import Case
from tests.fuzz.texts import scrambled
from tests.fuzz.words import FORMULAS, LABELS, NUMBERS, PATHS, YAML

_PLAIN = re.compile(r"[A-Za-z0-9_.+-][A-Za-z0-9_.+ -]*")


def bytes_of_plan(rng: random.Random) -> Case:
    """Change bytes of trial.yaml."""
    plan, file, data = pick_text(rng)
    return Case({"trial.yaml": scrambled(rng, plan.encode()), file: data})


def lines_of_plan(rng: random.Random) -> Case:
    """Drop, double, indent, exchange or replace lines, or write an odd text behind a colon."""
    plan, file, data = pick_text(rng)
    lines = plan.splitlines()
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, kind = rng.randrange(len(lines)), rng.randrange(6)
        if kind == 0 and len(lines) > 1:
            del lines[at]
        elif kind == 1:
            lines.insert(rng.randrange(len(lines)), lines[at])
        elif kind == 2:
            lines[at] = rng.choice((" ", "  ", "\t", "- ", "? ")) + lines[at]
        elif kind == 3:
            lines[at] = lines[at].strip()
        elif kind == 4:
            lines[at] = lines[at].split(":")[0] + ": " + rng.choice(YAML)
        else:
            lines[at] = rng.choice(YAML)
    text = "\n".join(lines).encode("utf-8", "replace")
    return Case({"trial.yaml": text, file: data})


def entries_of_plan(rng: random.Random) -> Case:
    """Change the tree: drop, rename, replace, exchange and double entries; always sound YAML."""
    plan, file, data = pick_text(rng)
    tree = yaml.load(plan, Loader=yaml.BaseLoader)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _change(rng, tree)
    return Case({"trial.yaml": written(tree).encode("utf-8", "replace"), file: data})


def written(tree: Any) -> str:
    """Return a tree as YAML, on one line, with marks only around texts that need them."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(written, tree)) + "]"
    text = str(tree)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _change(rng: random.Random, tree: Any) -> None:
    parent, key = _place(rng, tree)
    if key is None:
        return
    kind = rng.randrange(7)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, dict):
        name = rng.choice((*LABELS, *YAML, "label", "time", "fir", "pre", f"{key}s"))
        parent[name] = parent.pop(key)
    elif kind == 2:
        other, name = _place(rng, tree)
        if name is not None:
            parent[key] = json.loads(json.dumps(other[name]))
    elif kind == 3:
        parent[key] = {str(parent[key])[:20]: "x"} if rng.random() < 0.5 else [parent[key]]
    elif kind == 4:
        parent[key] = f"{rng.choice((-1, 0, 0.5, 1, 2, 7, 100, 1e9))}"
    else:
        parent[key] = rng.choice(rng.choice((NUMBERS, LABELS, PATHS, FORMULAS, YAML)))


def _place(rng: random.Random, tree: Any) -> tuple[Any, Any]:
    """Return a collection somewhere in the tree and one of its keys."""
    node = tree
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return node, None
        key = rng.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or rng.random() < 0.15:
            return node, key
        node = node[key]


def bombs(rng: random.Random) -> Case:
    """Nest, alias, tag, repeat: YAML that fills the memory or runs code. All are refused."""
    n = rng.choice((3, 9, 30, 300, 3000, 20_000))
    levels = "\n".join(
        f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9 if i else ['x'] * 9)}]"
        for i in range(min(n, 12))
    )
    text = rng.choice((
        levels + "\n" + PLAN,
        "title: " + "[" * n + "]" * n + "\n" + PLAN.split("\n", 1)[1],
        "title: " + "{a: " * n + "}" * n + "\n" + PLAN.split("\n", 1)[1],
        PLAN + "model: " + "[" * n,
        "\n".join(" " * i + f"k{i}:" for i in range(min(n, 400))) + "\n",
        "".join("- " for _ in range(n)) + "x\n",
        PLAN + "x: &a {<<: *a}\n",
        PLAN.replace("title: Base", "title: !!python/object/apply:os.system ['true'] # "),
        PLAN.replace("title: Base", "title: !!python/name:os.system '' # "),
        PLAN + "---\n" + PLAN,
        "%YAML 9.9\n---\n" + PLAN + "...\nmore: x\n",
        PLAN + "".join(f"k{i}: {i}\n" for i in range(min(n, 5000))),
        PLAN + "title: twice\n" * min(n, 3000),
        PLAN + "? " * n + "x\n",
        PLAN + "!" * n + " x\n",
        PLAN + "'" * (2 * n + 1) + "\n",
    ))  # fmt: skip
    files = {"trial.yaml": text.encode(), "soreness.csv": BASE.encode()}
    return Case(files, invalid=True)
