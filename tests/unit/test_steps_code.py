"""Which files a script rests on: held against Python's own modulefinder."""

from __future__ import annotations

from modulefinder import ModuleFinder
from pathlib import Path

import pytest

from analysis.steps.code import files_behind

ROOT = Path(__file__).parents[2]
SHIMS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))


@pytest.mark.parametrize("script", SHIMS, ids=lambda path: path.stem)
def test_the_same_files_as_modulefinder(script: Path) -> None:
    finder = ModuleFinder(path=[str(ROOT)])
    finder.run_script(str(script))
    known = {m.__file__ for name, m in finder.modules.items() if name != "__main__"}
    assert files_behind(script, ROOT) == sorted(Path(file) for file in known if file)


def test_every_way_to_import(tmp_path: Path) -> None:
    texts = {
        "analysis/__init__.py": "",
        "analysis/a.py": "def f():\n    from analysis.room import (\nb,\n c,\n )\n",
        "analysis/room/__init__.py": "import analysis.d\n",
        "analysis/room/b.py": "",
        "analysis/room/c.py": "from analysis import a  # in a circle\n",
        "analysis/d.py": "import re\n",
        "analysis/unused.py": "",
        "script.py": "from analysis import a\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = files_behind(tmp_path / "script.py", tmp_path)
    wanted = set(texts) - {"analysis/unused.py", "script.py"}
    assert {path.relative_to(tmp_path).as_posix() for path in found} == wanted
