"""The only module that touches files.

Everything is written to a temporary name in the same folder and then moved into place, so that
a killed run never leaves half a file under its final name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.columns import Table

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "trial.schema.yaml"
MADE_OF_CODE = {".pyc", ".so", ".pyd"}


def read_bytes(path: str | Path) -> bytes:
    """Return the contents of a file.

    Raises
    ------
    InputError
        If the file does not exist or may not be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror}).") from problem


def read_text(path: str | Path) -> str:
    """Return the contents of a UTF-8 text file.

    Raises
    ------
    InputError
        If the file cannot be read or is not UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(
            f"{path}: byte {problem.start + 1} is not UTF-8. Save the file as UTF-8."
        ) from problem


def read_schema() -> str:
    """Return the text of the schema of trial.yaml."""
    return read_text(SCHEMA)


def folders_in(folder: str | Path) -> list[Path]:
    """Return the folders directly in a folder, in order of name, without hidden ones."""
    root = Path(folder)
    inside = sorted(root.iterdir()) if root.is_dir() else []
    return [path for path in inside if path.is_dir() and not path.name.startswith(".")]


def files_below(folder: str | Path) -> list[Path]:
    """Return every file below `folder` in order of name.

    Hidden files and the lock files of spreadsheet programs (``~$name.xlsx``) are not the user's.
    """
    root = Path(folder)
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and not any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)
    ]


def read_folder(folder: str | Path) -> dict[str, bytes]:
    """Return the contents of `files_below` a folder, by path relative to it."""
    root = Path(folder)
    return {path.relative_to(root).as_posix(): read_bytes(path) for path in files_below(root)}


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a table as text; unlike `read_table`, without pandas."""
    return list(csv.DictReader(io.StringIO(read_text(path), newline="")))


def names_in(folder: str | Path) -> list[str]:
    """Return the names of the files right in a folder, sorted; none where there is no folder."""
    return sorted(path.name for path in Path(folder).glob("*") if path.is_file())


def read_table(path: str | Path, table: Table) -> pd.DataFrame:
    """Return a table written by `write_table`, typed as declared.

    Only an empty cell is missing; text columns have empty strings, never missing values.
    """
    import pandas as pd

    dtypes = table.dtypes()
    text = {name for name, dtype in dtypes.items() if dtype == "str"}
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False)
    for name in frame.columns.difference(list(text)):
        frame[name] = frame[name].replace({"": None, "True": True, "False": False})
        frame[name] = pd.to_numeric(frame[name]) if dtypes[name] != "boolean" else frame[name]
    return table.conform(frame)


def read_tables(folder: str | Path) -> dict[str, pd.DataFrame]:
    """Return every table in a folder by name."""
    from analysis.columns import TABLES

    declared = {table.name: table for table in TABLES}
    return {path.stem: read_table(path, declared[path.stem]) for path in files_below(folder)}


def read_raw_csv(path: str | Path) -> pd.DataFrame:
    """Return a CSV of our own making whose columns are not declared: reference cases."""
    import pandas as pd

    return pd.read_csv(path, comment="#")


def write_table(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table: UTF-8, commas, line feeds, and every digit of every number."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file in one step."""
    write_bytes(path, text.encode())


def write_json(path: str | Path, content: Any) -> None:
    """Write JSON with sorted keys."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Return the contents of a JSON file."""
    return json.loads(read_text(path))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file in one step: to a temporary name beside it, then moved into place."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_folder(path: str | Path) -> Path:
    """Create a folder where it is missing and return it."""
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def code_sha256() -> str:
    """Return one SHA-256 over the names and contents of the project's own code files."""
    files = [path for folder in ("analysis", "workflow") for path in files_below(ROOT / folder)]
    code = [ROOT / "Snakefile", *(path for path in files if path.suffix not in MADE_OF_CODE)]
    lines = [f"{path.relative_to(ROOT).as_posix()} {sha256(path)}\n" for path in code]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextmanager
def job_log(path: str | Path) -> Iterator[None]:
    """Put warnings and errors of a workflow job into its log file.

    A `RecoveryTrialError` ends the process with its one-line message and no traceback; any other
    exception is our bug and keeps its traceback, in the log as well as on the screen.
    """
    import logging
    import traceback

    from analysis.errors import RecoveryTrialError

    make_folder(Path(path).parent)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    except RecoveryTrialError as problem:
        root.error("%s", problem)
        raise SystemExit(str(problem)) from None
    except Exception:
        root.error("%s", traceback.format_exc())
        raise
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        handler.close()
