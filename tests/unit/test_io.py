"""Reading and writing: whole files or none, the same bytes, and nothing lost in a table."""

from __future__ import annotations

import json
import math
import os
import warnings
from pathlib import Path

import pandas as pd
import pytest

from analysis import io
from analysis.columns import CONTRASTS, ISSUES, MODELS, OBSERVATIONS, TABLES, Column, Table
from analysis.errors import InputError

MIXED = Table(
    "mixed",
    "row",
    (
        Column("name", "text", ""),
        Column("size", "number", ""),
        Column("count", "integer", ""),
        Column("good", "flag", ""),
    ),
)
ROWS = [
    {"name": "NA", "size": 0.1, "count": 1, "good": True},
    {"name": "", "size": None, "count": None, "good": None},
    {"name": 'with "quotes", comma\nand line', "size": 1 / 3, "count": 2**53, "good": False},
    {"name": " 007 ", "size": 1e-300, "count": 0, "good": True},
]


def test_a_table_survives_being_written_and_read(tmp_path: Path) -> None:
    frame = MIXED.from_rows(ROWS)
    io.write_table(tmp_path / "mixed.csv", frame)
    pd.testing.assert_frame_equal(io.read_table(tmp_path / "mixed.csv", MIXED), frame)


def test_text_that_looks_like_a_flag_or_number_stays_text(tmp_path: Path) -> None:
    frame = MIXED.from_rows([ROWS[0] | {"name": name} for name in ("True", "1e3", "nan", "0024")])
    io.write_table(tmp_path / "mixed.csv", frame)
    assert [*io.read_table(tmp_path / "mixed.csv", MIXED)["name"]] == ["True", "1e3", "nan", "0024"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_without_rows_keeps_its_header(tmp_path: Path, table: Table) -> None:
    io.write_table(tmp_path / "empty.csv", table.from_rows([]))
    assert (tmp_path / "empty.csv").read_text() == ",".join(table.names) + "\n"
    read = io.read_table(tmp_path / "empty.csv", table)
    assert [*read.columns] == table.names
    assert read.empty


def test_an_empty_cell_is_missing_and_nothing_else_is(tmp_path: Path) -> None:
    io.write_table(tmp_path / "mixed.csv", MIXED.from_rows(ROWS))
    read = io.read_table(tmp_path / "mixed.csv", MIXED)
    assert [*read["name"].isna()] == [False] * 4
    assert [*read["size"].isna()] == [*read["count"].isna()] == [*read["good"].isna()]
    assert [*read["size"].isna()] == [False, True, False, False]


def test_an_optional_column_may_be_there_or_not(tmp_path: Path) -> None:
    row = {name: 1 if kind in ("float64", "Int64") else "x" for name, kind in _kinds().items()}
    for rows in ([row], [row | {"occasion": "2"}]):
        io.write_table(tmp_path / "o.csv", OBSERVATIONS.from_rows(rows))
        read = io.read_table(tmp_path / "o.csv", OBSERVATIONS)
        assert ("occasion" in read.columns) == ("occasion" in rows[0])


def _kinds() -> dict[str, str]:
    return {name: OBSERVATIONS.dtypes()[name] for name in OBSERVATIONS.names}


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    numbers = [math.pi * 10**power for power in range(-20, 20, 3)]
    io.write_table(tmp_path / "n.csv", MIXED.from_rows([ROWS[0] | {"size": n} for n in numbers]))
    assert [*io.read_table(tmp_path / "n.csv", MIXED)["size"]] == numbers


def test_a_folder_of_tables_is_read_by_name(tmp_path: Path) -> None:
    for table in (CONTRASTS, MODELS):
        io.write_table(tmp_path / f"{table.name}.csv", table.from_rows([]))
    (tmp_path / ".snakemake_timestamp").touch()
    assert [*io.read_tables(tmp_path)] == ["contrasts", "models"]


def test_rows_are_read_as_text(tmp_path: Path) -> None:
    issue = {name: "" for name in ISSUES.names} | {"row": None, "message": "a,\nb"}
    io.write_table(tmp_path / "issues.csv", ISSUES.from_rows([issue]))
    assert io.read_rows(tmp_path / "issues.csv") == [issue | {"row": ""}]


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file.txt"
    io.write_text(target, "old")
    monkeypatch.setattr(os, "replace", _fail)
    with pytest.raises(OSError, match="disk"):
        io.write_text(target, "new")
    assert [*tmp_path.iterdir()] == [target]
    assert target.read_text() == "old"


def _fail(*_: object) -> None:
    raise OSError("disk full")


def test_json_has_sorted_keys(tmp_path: Path) -> None:
    io.write_json(tmp_path / "a.json", {"b": 1, "a": "é"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "a": "é",\n  "b": 1\n}\n'
    assert io.read_json(tmp_path / "a.json") == json.loads('{"a": "é", "b": 1}')


def test_hidden_and_lock_files_are_not_the_users(tmp_path: Path) -> None:
    for name in ("a.csv", "sub/b.xlsx", ".DS_Store", "~$b.xlsx", ".git/config"):
        io.write_text(tmp_path / name, name)
    assert io.read_folder(tmp_path) == {"a.csv": b"a.csv", "sub/b.xlsx": b"sub/b.xlsx"}


def test_a_hidden_folder_above_does_not_hide_files(tmp_path: Path) -> None:
    io.write_text(tmp_path / ".cache" / "trial" / "a.csv", "x")
    assert [*io.read_folder(tmp_path / ".cache" / "trial")] == ["a.csv"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: cannot be read \(No such file"):
        io.read_bytes(tmp_path / "gone.csv")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("né".encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.txt: byte 2 is not UTF-8"):
        io.read_text(tmp_path / "a.txt")


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbftitle")
    assert io.read_text(tmp_path / "a.txt") == "title"


def test_the_code_has_one_sum() -> None:
    assert io.code_sha256() == io.code_sha256()
    assert len(io.code_sha256()) == 64


def test_what_is_made_of_the_code_does_not_change_its_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compiled file differs between machines; the C file that it is made of counts."""
    for folder in ("analysis", "workflow"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Snakefile").touch()
    monkeypatch.setattr(io, "ROOT", tmp_path)
    before = io.code_sha256()
    (tmp_path / "analysis" / "kernel.so").write_bytes(b"1")
    assert io.code_sha256() == before
    (tmp_path / "analysis" / "kernel.c").write_bytes(b"1")
    assert io.code_sha256() != before


def test_a_job_that_cannot_go_on_ends_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended, io.job_log(tmp_path / "logs" / "job.log"):
        raise InputError("a.csv: gone.")
    assert ended.value.code == "a.csv: gone."
    assert "a.csv: gone." in (tmp_path / "logs" / "job.log").read_text()


def test_a_bug_keeps_its_traceback_on_screen_and_in_the_log(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), io.job_log(tmp_path / "job.log"):
        raise ZeroDivisionError
    assert "Traceback" in (tmp_path / "job.log").read_text()


def test_warnings_go_to_the_log(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with io.job_log(tmp_path / "job.log"):
            warnings.warn("mind the gap", stacklevel=1)
    assert "mind the gap" in (tmp_path / "job.log").read_text()
