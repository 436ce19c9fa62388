"""Data sets in `folders/`: made by somebody who had read neither `analysis/draft` nor its tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from analysis import io
from tests.draft.answering import Answers
from tests.draft.case import Case

FOLDERS = Path(__file__).parent / "folders"


def folder_cases() -> Iterator[Case]:
    """Yield every data set of `folders/`: its raw files, its trial.yaml, what its user knows."""
    for folder in sorted(each for each in FOLDERS.iterdir() if each.is_dir()):
        known = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
        known["plan"] = tuple(known["plan"])
        right = (folder / "right.yaml").read_text(encoding="utf-8")
        yield Case(folder.name, io.read_folder(folder / "raw"), Answers(**known), right)
