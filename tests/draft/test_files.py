"""From files to drafts: how files are written, wide headers, files that continue each other."""

from __future__ import annotations

import random

import pytest
import yaml

from analysis import io
from analysis.draft.build import drafted
from analysis.draft.tables.letters import encoding_of
from analysis.draft.text import scalar, trial_yaml
from analysis.errors import InputError
from tests.draft.answering import SCHEMA
from tests.draft.cases import CASES
from tests.draft.made import Rows, delimited

FAULTS = io.folders_in(io.ROOT / "tests" / "data" / "faults")


def draft(files: dict[str, bytes]) -> dict[str, object]:
    """Return a draft as plain data: only texts, as the workflow's reader sees it."""
    text = trial_yaml(drafted("x", files))[0]
    found: dict[str, object] = yaml.load(text, Loader=yaml.BaseLoader)
    return found


def long(arms: tuple[str, ...] = ("fir", "rest"), times: tuple[str, ...] = ("pre", "24h")) -> Rows:
    rows: Rows = [["id", "week", "arm", "time", "vas"]]
    for who in range(8):
        for week, arm in enumerate(arms[::-1] if who % 2 else arms, 1):
            start = [f"P{who}", week, arm]
            rows += [[*start, time, 7 * who + 9 * n + week] for n, time in enumerate(times)]
    return rows


def only(column: str, label: str) -> bytes:
    header, *body = long()
    place = header.index(column)
    kept = [header, *(row for row in body if row[place] == label)]
    return delimited([[*row[:place], *row[place + 1 :]] for row in kept])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Müller;Größe;Kälte", "windows-1252"),
        ("Müller;Größe;Kälte", "mac-roman"),
        ("après;élève;forêt", "cp850"),
        ("Müller", "utf-16"),
        ("Müller", None),
    ],
)
def test_the_encoding_is_the_one_that_gives_letters(text: str, encoding: str | None) -> None:
    codec = {"mac-roman": "mac_roman", None: "utf-8"}.get(encoding, encoding)
    assert encoding_of("a.csv", text.encode(codec or ""))[0] == encoding


@pytest.mark.parametrize(("column", "labels"), [("arm", ("fir", "rest")), ("time", ("pre", "24h"))])
def test_a_file_per_arm_or_time_says_so_by_its_name(column: str, labels: tuple[str, ...]) -> None:
    files = {f"doms_{label}.csv": only(column, label) for label in labels}
    found = draft(files)
    (outcome,) = found["outcomes"].values()  # type: ignore[attr-defined]
    said = [{"name": f"doms_{label}.csv", column: label} for label in labels]
    assert outcome["file"] == said
    assert column not in found["columns"]  # type: ignore[operator]


def test_a_file_per_participant_says_so_by_its_name() -> None:
    files = {f"P{who}.csv": only("id", f"P{who}") for who in range(8)}
    (outcome,) = draft(files)["outcomes"].values()  # type: ignore[attr-defined]
    assert outcome["file"][3] == {"name": "P3.csv", "participant": "P3"}


def test_files_of_two_outcomes_stay_apart() -> None:
    found = draft({"soreness.csv": delimited(long()), "jump.csv": delimited(long())})
    outcomes = found["outcomes"]
    assert {each["file"] for each in outcomes.values()} == {"soreness.csv", "jump.csv"}  # type: ignore[attr-defined]


def test_batches_are_listed() -> None:
    header, *body = long()
    files = {"batch1.csv": delimited([header, *body[:16]]), "batch2.csv": delimited([header, *body[16:]])}  # fmt: skip # noqa: E501
    (outcome,) = draft(files)["outcomes"].values()  # type: ignore[attr-defined]
    assert outcome["file"] == ["batch1.csv", "batch2.csv"]


@pytest.mark.parametrize(
    ("headers", "pattern"),
    [
        (["sor_fir_pre", "sor_fir_24h", "sor_rest_pre", "sor_rest_24h"], "sor_{arm}_{time}"),
        (["preFIR_VAS", "24hFIR_VAS", "preCON_VAS", "24hCON_VAS"], "{time}{arm}_VAS"),
        (["A.pre.vas", "A.24h.vas", "B.pre.vas", "B.24h.vas"], "{arm}.{time}.vas"),
    ],
)
def test_patterns_of_wide_headers(headers: list[str], pattern: str) -> None:
    rows: Rows = [["id", *headers]]
    rows += [[f"P{who}", *[20 + 3 * who + 5 * n for n in range(4)]] for who in range(8)]
    (outcome,) = draft({"wide.csv": delimited(rows)})["outcomes"].values()  # type: ignore[attr-defined]
    assert outcome["wide"] == {"pattern": pattern}


def test_measures_beside_each_other_are_not_arms() -> None:
    rows: Rows = [["id", "group", "vas_pre", "vas_24h", "cmj_pre", "cmj_24h"]]
    rows += [[f"P{who}", "ab"[who % 2], who, 3 * who, 30 + who, 28 + who] for who in range(8)]
    outcomes = draft({"wide.csv": delimited(rows)})["outcomes"]
    patterns = {each["wide"]["pattern"] for each in outcomes.values()}  # type: ignore[attr-defined]
    assert patterns == {"vas_{time}", "cmj_{time}"}


def test_columns_that_name_people_are_named_and_left_out() -> None:
    header, *body = long()
    rows = [[*header, "E-Mail", "Surname"], *([*row, f"{row[0]}@a.org", "Doe"] for row in body)]
    made = drafted("x", {"a.csv": delimited(rows)})
    assert {(each.code, each.column) for each in made.personal} == {
        ("P01", "E-Mail"), ("P01", "Surname"),
    }  # fmt: skip
    text = trial_yaml(made)[0]
    assert "'Surname' looks like personal data" in text
    assert "Doe" not in text
    assert "@a.org" not in text


def test_a_header_of_two_lines_stays_in_one() -> None:
    header, *body = long()
    rows = [[*header[:-1], "VAS\n(mm)\x1d"], *body]
    text, _ = trial_yaml(drafted("x", {"a.csv": delimited(rows)}))
    (outcome,) = yaml.load(text, Loader=yaml.BaseLoader)["outcomes"].values()
    assert outcome["value"] == "VAS\n(mm)\x1d".strip()


@pytest.mark.parametrize(
    "text", ["no", "24", "1e3", "a: b", "# x", "[cm]", "0h", "'", '"', "-", "~"]
)
@pytest.mark.parametrize("flow", [False, True])
def test_a_text_stays_the_text_it_is(text: str, flow: bool) -> None:
    written = scalar(text, flow)
    assert yaml.safe_load(f"[{written}]" if flow else f"a: {written}") in ([text], {"a": text})


@pytest.mark.parametrize("folder", FAULTS, ids=lambda folder: folder.name)
def test_faulty_files_give_a_draft_or_one_line(folder: object) -> None:
    files = {k: v for k, v in io.read_folder(str(folder)).items() if k != "trial.yaml"}
    try:
        text, _ = trial_yaml(drafted("x", files))
    except InputError as problem:
        assert "\n" not in str(problem)
    else:
        assert yaml.safe_load(text).keys() <= yaml.safe_load(SCHEMA)["properties"].keys()


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_give_a_draft_or_one_line(seed: int) -> None:
    rng = random.Random(seed)
    case = CASES[rng.choice(sorted(CASES))]
    files = dict(case.files)
    name = rng.choice(sorted(files))
    content = bytearray(files[name])
    match seed % 4:
        case 0:
            for _ in range(20):
                content[rng.randrange(len(content))] = rng.randrange(256)
        case 1:
            content = content[: rng.randrange(len(content))]
        case 2:
            lines = bytes(content).split(b"\n")
            content = bytearray(b"\n".join(line for line in lines if rng.random() < 0.4))
        case _:
            place = rng.randrange(len(content))
            content[place:place] = rng.choice([b'"', b"{x}", b";;,,", b"\n\n", b": #", b"\xff"]) * 3
    files[name] = bytes(content)
    try:
        trial_yaml(drafted("x", files))
    except InputError as problem:
        assert "\n" not in str(problem)
