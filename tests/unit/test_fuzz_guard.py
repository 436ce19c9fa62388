"""What the fuzzing run takes for a case that reaches beyond its own folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fuzz.guard import PROJECT, watch


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        (PROJECT / "analysis" / "mixed" / "residual" / "_kernel.so", True),
        (PROJECT / "data" / "raw" / "trial" / "kernel.so", False),
        (Path("libc.so.6"), False),
    ],
)
def test_only_the_projects_own_library_may_be_loaded(
    library: Path, allowed: bool, tmp_path: Path
) -> None:
    with watch(tmp_path, tmp_path / "inputs") as seen:
        sys.audit("ctypes.dlopen", str(library))
    assert (not seen.wrong) == allowed
