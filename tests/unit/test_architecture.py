"""The house rules of CONTRIBUTING.md that code can check: who imports whom, who touches files."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "analysis").rglob("*.py"))
COMPILED = sorted(path.relative_to(ROOT) for path in (ROOT / "analysis").rglob("*.[ch]"))
SHIMS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))

# Room -> what else of the project it may import. A room is a module or package right in analysis/.
MAY_IMPORT = {
    "__init__": set(),
    "errors": set(),
    "columns": {"errors"},
    "trial": {"errors", "columns"},
    "io": {"errors", "columns"},
    "mixed": {"errors", "columns"},
    "intake": {"errors", "columns", "trial"},
    "draft": {"errors", "columns", "trial", "intake"},
    "inference": {"errors", "columns", "trial", "mixed"},
    "rounding": set(),
    "figures": {"errors", "columns", "trial", "rounding"},
    "report": {"errors", "columns", "trial", "rounding"},
    "simulate": {"errors", "columns", "trial"},
    "steps": {
        *("errors", "columns", "trial", "io", "intake", "draft", "inference", "figures", "report"),
    },
    "verify": {"errors", "io", "trial", "mixed", "inference"},
    "__main__": {"errors", "io", "intake", "simulate", "steps", "verify"},
}
HEAVY = {"matplotlib", "seaborn", "statsmodels", "pingouin", "scipy.stats"}

# Names that read or write files, wherever they are called.
FILE_CALLS = {
    *("open", "fdopen", "mkstemp", "NamedTemporaryFile", "TemporaryFile"),
    *("read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink"),
    *("rmdir", "rmtree", "makedirs", "listdir", "scandir", "iterdir", "glob", "rglob"),
    *("exists", "is_file", "is_dir", "loadtxt", "savetxt", "genfromtxt", "read_pickle"),
}
# Names that touch files only when their first argument is a path, not a buffer in memory.
TABLE_CALLS = {
    "read_csv",
    "read_excel",
    "read_table",
    "to_excel",
    "to_json",
    "savefig",
    "ExcelFile",
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, at the top or within functions."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    return path.parts[1].removesuffix(".py")


def called(path: Path) -> list[tuple[str, ast.Call]]:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [
        (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id, call)
        for call in calls
        if isinstance(call.func, ast.Attribute | ast.Name)
    ]


def loaded_by(statement: str) -> set[str]:
    """Return the names of the modules that a statement loads in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def heavy(modules: set[str]) -> set[str]:
    return {name for name in HEAVY if any(m == name or m.startswith(f"{name}.") for m in modules)}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    used = {name.split(".")[1] for name in imports(path) if name.startswith("analysis.")}
    used -= {room(path), "__version__"}
    # `from analysis import x` of a room not listed here is caught as an unknown room.
    assert used <= MAY_IMPORT[room(path)], f"{path} imports {sorted(used)}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_nothing_in_the_library_knows_snakemake(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] == "snakemake"]


@pytest.mark.parametrize("path", [file for file in FILES if room(file) != "io"], ids=str)
def test_only_io_touches_files(path: Path) -> None:
    assert not imports(path) & {"tempfile", "shutil", "os", "glob", "fileinput"}
    allowed = {"steps", "__main__"}  # they call analysis.io, and may ask whether a file exists
    for name, call in called(path):
        place = f"{path}:{call.lineno}: {name}"
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        through_io = isinstance(owner, ast.Name) and owner.id == "io"
        if name in FILE_CALLS and not through_io:
            assert room(path) in allowed and name == "is_file", place
        if name in TABLE_CALLS and call.args and not through_io:
            assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), place


def test_pingouin_is_imported_by_its_adapter_only() -> None:
    """See NOTICE: its licence is not ours."""
    users = {path for path in FILES if any(n.startswith("pingouin") for n in imports(path))}
    assert users <= {Path("analysis/inference/classical.py")}


@pytest.mark.parametrize("path", [*FILES, *COMPILED], ids=str)
def test_files_are_short(path: Path) -> None:
    length = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert length <= 300, f"{path} has {length} lines"


def test_functions_are_short() -> None:
    lengths = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name: length for name, length in lengths.items() if length > 40}
    assert len(long) <= 0.1 * len(lengths), long


@pytest.mark.parametrize("path", SHIMS, ids=lambda path: path.name)
def test_a_shim_only_names_paths(path: Path) -> None:
    """A script takes Snakemake's paths apart for the step of the same name, and no more."""
    source = path.read_text(encoding="utf-8")
    step = path.stem
    assert len(source.splitlines()) <= 20
    assert imports(path) == {"analysis.io", f"analysis.steps.{step}.{step}"}
    logic = (ast.If, ast.IfExp, ast.For, ast.While, ast.BinOp, ast.BoolOp, ast.Compare, ast.Try)
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, logic)]


def test_every_rule_has_one_name_everywhere() -> None:
    rules = {path.stem for path in SHIMS}
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "workflow/rules").glob("*.smk"))
    for name in rules:
        assert (ROOT / "analysis" / "steps" / f"{name}.py").is_file()
        assert f"rule {name}:" in text
        assert f'"../scripts/{name}.py"' in text
        assert f'"logs/{name}' in text
    assert text.count("\nrule ") == len(rules)


def test_importing_the_package_imports_nothing() -> None:
    assert loaded_by("import analysis") - loaded_by("pass") == {"analysis"}


@pytest.mark.parametrize(
    ("statement", "never"),
    [
        ("import analysis.intake.run, analysis.intake.plan", HEAVY | {"scipy"}),
        ("import analysis.steps.init", HEAVY | {"scipy", "openpyxl"}),
        ("import analysis.mixed.reml", HEAVY),
        ("import analysis.inference.analyse", HEAVY),
        ("import analysis.report.render", HEAVY | {"scipy"}),
        ("import analysis.steps.index", HEAVY | {"pandas", "numpy"}),
        ("import analysis.figures", {"pingouin"}),  # seaborn brings statsmodels along
        ("import analysis.__main__", HEAVY | {"pandas", "scipy", "numpy", "yaml"}),
        ("import analysis.steps.confirm, analysis.steps.discover", HEAVY | {"pandas", "numpy"}),
    ],
)
def test_imports_are_narrow(statement: str, never: set[str]) -> None:
    loaded = loaded_by(statement)
    assert not heavy(loaded) & never
    assert not {name.split(".")[0] for name in loaded} & never
