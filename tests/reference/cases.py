"""The data of the reference cases, rebuilt from committed CSV files or from the shared data.

``load(name)`` returns the columns (factors as text, numbers as float), rows as R analysed them, and
the parsed ``<name>.out.json``. The standard library suffices. It raises FileNotFoundError where
the shared data are absent.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = sorted(p.name[: -len(".out.json")] for p in HERE.glob("[0-9]*.out.json"))


def shared(path: str) -> Path:
    root = os.environ.get("RECOVERY_SHARED_DATA")
    file = (Path(root) if root else HERE.parents[2] / "shared" / "data") / path
    if not file.exists():
        raise FileNotFoundError(f"{path} not found; set RECOVERY_SHARED_DATA")
    return file


def rows(file: Path) -> list[dict]:
    with open(file, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(line for line in handle if not line.startswith("#")))


def mean(values) -> float:
    values = list(values)
    return math.fsum(values) / len(values)


def rename(data, **names) -> list[dict]:
    return [{new: row[old] for new, old in names.items()} for row in data]


def arterial(after: bool) -> list[dict]:
    data = rename(
        rows(shared("reference_sets/crosscarry_arterial.csv")),
        participant="Subject",
        period="Period",
        arm="Treatment",
        time="Time",
        value="Pressure",
    )
    if not after:
        return data
    before = defaultdict(list)
    for row in data:
        if float(row["time"]) < 0:
            before[row["participant"], row["period"]].append(float(row["value"]))
    visit = {key: mean(values) for key, values in before.items()}
    own = {p: mean(v for (q, _), v in visit.items() if q == p) for p, _ in visit}
    data = [row for row in data if float(row["time"]) > 0]
    for row in data:
        row["baseline_mean"] = own[row["participant"]]
        row["baseline_within"] = visit[row["participant"], row["period"]] - row["baseline_mean"]
    return data


def bioequivalence(name: str) -> list[dict]:
    data = rename(
        rows(shared(f"reference_sets/{name}.csv")),
        participant="subject",
        sequence="sequence",
        period="period",
        arm="treatment",
        value="PK",
    )
    data = [row for row in data if row["value"] not in ("", "NA", ".")]
    for row in data:
        row["value"] = math.log(float(row["value"]))
    return data


def oats() -> list[dict]:
    deleted = {1, 2, 3, 5, 8, 13, 21, 34, 55}
    data = [
        row
        for i, row in enumerate(rows(shared("reference_sets/nlme_oats.csv")), 1)
        if i not in deleted
    ]
    return rename(data, participant="Block", variety="Variety", arm="nitro", value="yield")


def sprint(**names) -> list[dict]:
    return rename(
        rows(shared("cwi_sprint_hecksteden/Sprint_wide.csv")),
        participant="ID",
        arm="Condition",
        **names,
    )


def sprint_occasions() -> list[dict]:
    data = [
        row
        for row in rows(shared("cwi_sprint_hecksteden/long.csv"))
        if row["outcome"] == "sprint_30m"
    ]
    return rename(
        data,
        participant="subject",
        arm="condition",
        occasion="replicate",
        time="time",
        value="value",
    )


def jump() -> list[dict]:
    data = [
        row
        for row in rows(shared("exscidata_cyclingstudy_cmj/long_jump.csv"))
        if row["outcome"] == "cmj.max"
    ]
    before = {row["subject"]: row["value"] for row in data if row["timepoint"] == "pre"}
    data = [
        row | {"baseline": before.get(row["subject"], "")}
        for row in data
        if row["timepoint"] != "pre"
    ]
    return rename(
        data,
        participant="subject",
        arm="group",
        time="timepoint",
        value="value",
        baseline="baseline",
    )


def fev1() -> list[dict]:
    return [
        {"participant": row["patient"], "arm": row["drug"], "time": f"h{h}", "value": row[f"h{h}"]}
        for h in range(1, 9)
        for row in rows(shared("reference_sets/littell_fev1.csv"))
    ]


RECIPES = {
    "10a_arterial_all_times": lambda: arterial(after=False),
    "10b_arterial_split_baseline": lambda: arterial(after=True),
    "11_ds30": lambda: bioequivalence("DS30"),
    "12_ham": lambda: rename(
        rows(shared("reference_sets/lmertest_ham.csv")),
        participant="Consumer",
        arm="Product",
        information="Information",
        gender="Gender",
        value="Informed.liking",
    ),
    "13_oats": oats,
    "14a_sprint_30m_change": lambda: sprint(value="Diff_30_Sec"),
    "14b_sprint_5m_change": lambda: sprint(value="Diff_5_Sec"),
    "14c_sprint_30m_baseline": lambda: sprint(value="ThirtyPost", baseline="ThirtyPre"),
    "14d_sprint_5m_baseline": lambda: sprint(value="FivePost", baseline="FivePre"),
    "14e_sprint_30m_occasions": sprint_occasions,
    "15_licorice": lambda: rename(
        rows(shared("medicaldata_licorice_pain/long_throat_pain.csv")),
        participant="subject",
        arm="condition",
        time="time",
        value="value",
    ),
    "16_cmj_parallel": jump,
    "19_ds01": lambda: bioequivalence("DS01"),
    "20_ds17": lambda: bioequivalence("DS17"),
    "21_littell_fev1": fev1,
}


def load(name: str) -> tuple[dict[str, list], dict]:
    expected = json.loads((HERE / f"{name}.out.json").read_text(encoding="utf-8"))
    data = RECIPES[name]() if name in RECIPES else rows(HERE / f"{name}.csv")
    numbers = ["value", *expected["columns"]["covariates"]]
    used = list(
        dict.fromkeys(
            [
                "participant",
                *(v for term in expected["random"] + expected["fixed_terms"] for v in term),
                *numbers,
            ]
        )
    )
    data = [row for row in data if all(row[v] not in ("", "NA") for v in used)]
    columns = {v: [float(row[v]) if v in numbers else str(row[v]) for row in data] for v in used}
    return columns, expected


def check(name: str) -> None:
    """The data are those R analysed: numbers of rows and participants, levels, sums."""
    columns, expected = load(name)
    assert len(columns["value"]) == expected["n_obs"], name
    assert len(set(columns["participant"])) == expected["n_participants"], name
    for factor, levels in expected["levels"].items():
        assert set(columns[factor]) <= set(levels), (name, factor)
    for key, total in expected["data"]["sums"].items():
        got = (
            math.fsum(v * v for v in columns["value"])
            if key == "value_squared"
            else math.fsum(columns[key])
        )
        assert math.isclose(got, total, rel_tol=1e-10, abs_tol=1e-8), (name, key, got, total)


if __name__ == "__main__":
    for case in NAMES:
        check(case)
        print("ok", case)
