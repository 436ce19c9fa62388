"""``python -m analysis init``: what it prints, what it refuses, and a run from files to report."""

from __future__ import annotations

import time
from pathlib import Path

import openpyxl
import pytest

from analysis.__main__ import main
from tests.draft.answering import answered, knowing, read
from tests.draft.cases import CASES
from tests.workflow.running import snakemake

RUN = ("french", "three_files")


def put(folder: Path, name: str) -> Path:
    trial = folder / "data" / "raw" / name
    trial.mkdir(parents=True)
    for file, content in CASES[name].files.items():
        (trial / file).write_bytes(content)
    return trial


def test_init_writes_a_draft_and_says_what_it_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = put(tmp_path, "french")
    start = time.perf_counter()
    assert main(["init", str(trial)]) == 0
    assert time.perf_counter() - start < 5  # 0.3 s on an idle machine, after the imports
    lines = capsys.readouterr().out.splitlines()
    table = {line.split()[0]: line.split()[1] for line in lines[:-1]}
    assert table["participants"] == "12"
    assert table["arms"] == "3"
    assert table["times"] == "4"
    assert table["questions"] == "6"
    assert "143  visits of 144 have pain (mm), from données.csv" in "\n".join(lines)
    assert lines[-1] == f"Written: {trial / 'trial.yaml'}"
    assert sorted(path.name for path in trial.iterdir()) == ["données.csv", "trial.yaml"]


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = put(tmp_path, "french")
    (trial / "trial.yaml").write_text("mine")
    assert main(["init", str(trial)]) == 1
    assert (trial / "trial.yaml").read_text() == "mine"
    error = capsys.readouterr().err
    assert "nothing is overwritten" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "no files here"),
        ({"notes.pdf": b"x"}, "no data files here"),
        ({"a.csv": b""}, "The file is empty"),
        ({"a.csv": b"\x00\x01"}, "null bytes"),
        ({"a.xlsx": b"PK"}, "not an .xlsx workbook"),
        ({"a.csv": b"a,b\nx,y\nz,w\n"}, "no table has columns of numbers"),
    ],
)
def test_what_cannot_be_drafted_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, bytes], said: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert main(["init", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "trial.yaml").exists()


def test_a_cell_in_the_last_row_and_column_takes_no_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "arm", "time", "vas"])
    sheet.cell(1_048_576, 16_384, "x")
    book.save(tmp_path / "far.xlsx")
    assert main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_table_without_any_role_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{n},{2.5 * n % 7},{n * n % 11}" for n in range(1, 7)]
    (tmp_path / "a.csv").write_text("\n".join(["k,b,c", *lines]) + "\n")
    assert main(["init", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "no/such/folder"]) == 1
    assert "no files here" in capsys.readouterr().err


def test_an_unanswered_draft_is_refused_question_by_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = put(tmp_path, "two_sheets")
    main(["init", str(trial)])
    capsys.readouterr()
    assert main(["check", str(trial)]) == 1
    lines = capsys.readouterr().out.splitlines()
    open_questions = [line for line in lines if "This question is not answered" in line]
    assert len(open_questions) == 1 + 4 + 2  # randomised, hours of four times, two directions
    assert all(line.startswith("[C04] error: trial.yaml, row ") for line in open_questions)
    assert any("No arm has `role: control`" in line for line in lines)


@pytest.mark.slow
def test_from_files_by_init_to_a_report(tmp_path: Path) -> None:
    for name in RUN:
        trial = put(tmp_path, name)
        assert main(["init", str(trial)]) == 0
        plan = trial / "trial.yaml"
        case = CASES[name]
        knows = knowing(case.answers, read(case.right.lstrip(), name))
        plan.write_text(answered(plan.read_text(), knows))
        assert main(["check", str(trial)]) == 0
    run = snakemake(tmp_path)
    assert run.code == 0, run.screen
    for name in RUN:
        page = (tmp_path / "reports" / name / "report.html").read_text()
        assert "Traceback" not in page
        assert CASES[name].answers.plan[2] in page
