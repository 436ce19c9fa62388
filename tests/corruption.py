"""How many single slips in clean data are noticed: a bounded experiment.

    python -m tests.corruption [--cases 1000] [--seed 1] [--write docs/checks.md]

A case takes one of the clean simulated trials (`tests.clean_trials`), makes one random slip in the
file of the primary outcome, and asks two things. Does it matter: does the primary estimate, as if
nobody had looked (cells that are no number are left out), move by more than a tenth of the margin?
Is it noticed: does the check raise anything that it did not raise before? The estimate is the
contrast of the two arms at the planned time, with fixed participants and periods.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import io
from analysis.errors import Issue
from analysis.intake.plan import read_plan
from analysis.intake.run import take_in
from analysis.intake.schema_docs import insert
from analysis.trial import Trial
from tests.clean_trials import Clean, clean_trials

SCHEMA = io.read_schema()
TENTH = 0.1
MARKER = "corruption"
Change = Callable[[pd.DataFrame, np.random.Generator], str]


@dataclass(frozen=True)
class Case:
    """One slip: what it was, how far the primary estimate moved in margins, what was raised."""

    trial: str
    outcome: str
    kind: str
    what: str
    moved: float
    raised: tuple[str, ...]

    @property
    def matters(self) -> bool:
        return self.moved > TENTH


# --- The slips: each changes a table in place and says what it did ---


def _row(table: pd.DataFrame, rng: np.random.Generator) -> int:
    return int(rng.integers(len(table)))


def _put(table: pd.DataFrame, row: int, text: str) -> str:
    before = str(table.at[row, "value"])
    table.at[row, "value"] = text
    who = " ".join(str(table.at[row, name]) for name in ("id", "arm", "time"))
    return f"{who}: {before} -> {text}"


def rows_swapped(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Exchange the values of two rows."""
    one, two = (int(row) for row in rng.choice(len(table), 2, replace=False))
    values = str(table.at[one, "value"]), str(table.at[two, "value"])
    return f"{_put(table, one, values[1])}; {_put(table, two, values[0])}"


def rows_shifted(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Move the values of five to twelve rows down by one, as after a cell was inserted."""
    length = min(int(rng.integers(5, 13)), len(table))
    start = int(rng.integers(len(table) - length + 1))
    place = table.index[start : start + length]
    table.loc[place, "value"] = np.roll(table.loc[place, "value"].to_numpy(), 1)
    return f"{length} values from row {start + 2} down by one"


def label_of_a_row(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Write another arm, time or participant in one row."""
    return _relabel(table, rng, [_row(table, rng)], ["arm", "time", "id"])


def arms_of_a_person(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Exchange two arms in all rows of a person (parallel: give the person another arm)."""
    person = str(rng.choice(table["id"].unique()))
    rows = table.index[table["id"] == person]
    own = list(table.loc[rows, "arm"].unique())
    if len(own) == 1:
        return _relabel(table, rng, list(rows), ["arm"])
    one, two = rng.choice(own, 2, replace=False)
    table.loc[rows, "arm"] = table.loc[rows, "arm"].replace({one: two, two: one})
    return f"{person}: {one} and {two} exchanged"


def times_of_a_course(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Exchange two times in all rows of a person's period."""
    row = _row(table, rng)
    rows = (table["id"] == table.at[row, "id"]) & (table["arm"] == table.at[row, "arm"])
    one, two = rng.choice(table["time"].unique(), 2, replace=False)
    table.loc[rows, "time"] = table.loc[rows, "time"].replace({one: two, two: one})
    return f"{table.at[row, 'id']} {table.at[row, 'arm']}: {one} and {two} exchanged"


def _relabel(
    table: pd.DataFrame, rng: np.random.Generator, rows: Sequence[int], names: Sequence[str]
) -> str:
    name = str(rng.choice(list(names)))
    before = table.at[rows[0], name]
    after = str(rng.choice([each for each in table[name].unique() if each != before]))
    table.loc[list(rows), name] = after
    return f"{name} {before} -> {after} in {len(rows)} rows"


def digits(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Swap, lose, double or change a digit, or lose the decimal point."""
    row = _row(table, rng)
    text = str(table.at[row, "value"])
    place = int(rng.integers(len(text)))
    kinds = {
        "swapped": text[: max(place - 1, 0)] + text[max(place - 1, 0) : place + 1][::-1]
        + text[place + 1 :],
        "lost": text[:place] + text[place + 1 :],
        "doubled": text[: place + 1] + text[place:],
        "changed": text[:place] + str(rng.integers(10)) + text[place + 1 :],
        "no point": text.replace(".", ""),
    }  # fmt: skip
    kind = str(rng.choice(list(kinds)))
    return f"{kind}, {_put(table, row, kinds[kind])}"


def unit(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Write a value, a course or a person in another unit."""
    row = _row(table, rng)
    rows = pd.Series(table.index == row, index=table.index)
    extent = str(rng.choice(["value", "course", "person"]))
    if extent != "value":
        rows = table["id"] == table.at[row, "id"]
    if extent == "course":
        rows &= table["arm"] == table.at[row, "arm"]
    factor = float(rng.choice([100, 0.01, 10, 0.1, 1 / 2.54]))
    numbers = pd.to_numeric(table.loc[rows, "value"]) * factor
    table.loc[rows, "value"] = [f"{each:.4g}" for each in numbers]
    return f"{extent} of {table.at[row, 'id']} times {factor:.3g}"


def missing_code(table: pd.DataFrame, rng: np.random.Generator) -> str:
    """Write a missing code that is not declared, or zero, in one cell."""
    code = str(rng.choice(["-9", "-99", "99", "999", "0", "NA", "."]))
    return _put(table, _row(table, rng), code)


SINGLE: dict[str, Change] = {
    "values of two rows swapped": rows_swapped,
    "label of one row": label_of_a_row,
    "arms of a person exchanged": arms_of_a_person,
    "digits of one value": digits,
    "unit of a value, course or person": unit,
    "missing code in one cell": missing_code,
}
BLOCKS: dict[str, Change] = {  # harder: every value stays one that could have been measured
    "values of 5 to 12 rows moved down by one": rows_shifted,
    "two times of a course exchanged": times_of_a_course,
}
KINDS = SINGLE | BLOCKS


# --- What a slip does ---


def estimate(trial: Trial, table: pd.DataFrame) -> float:
    """Return arm - reference at the planned time: participants and periods fixed, least squares."""
    primary = trial.plan.primary
    assert primary is not None
    value = pd.to_numeric(table["value"], errors="coerce")
    rows = (table["time"] == primary.time) & table["arm"].isin([primary.arm, primary.reference])
    keys = [name for name in ("id", "period", "arm") if name in table]
    cells = table.assign(value=value)[rows].groupby(keys)["value"].mean().dropna().reset_index()
    treated = (cells["arm"] == primary.arm).to_numpy(float)
    if trial.design == "parallel":
        by_arm = cells.groupby("arm")["value"].mean()
        return float(by_arm[primary.arm] - by_arm[primary.reference])
    dummies = [pd.get_dummies(cells[name]).to_numpy(float)[:, 1:] for name in keys[:-1]]
    design = np.column_stack([treated, np.ones(len(cells)), *dummies])
    return float(np.linalg.lstsq(design, cells["value"].to_numpy(float), rcond=None)[0][0])


def _signature(issue: Issue) -> tuple[object, ...]:
    return issue.code, issue.severity, issue.file, issue.row, issue.message


def run(cases: int, seed: int, trials: Sequence[Clean] | None = None) -> list[Case]:
    """Make `cases` slips, each in one of the trials in turn, all kinds equally often."""
    bases = list(clean_trials(900)) if trials is None else list(trials)
    rng = np.random.default_rng(seed)
    found: list[Case] = []
    kinds = list(KINDS)
    prepared = {}
    for number in range(cases):
        base = bases[int(rng.integers(len(bases)))]
        if base.name not in prepared:
            trial = read_plan(base.files["trial.yaml"], SCHEMA, base.name).trial
            assert trial is not None
            clean = {_signature(each) for each in take_in(trial, base.files).issues}
            prepared[base.name] = trial, clean
        trial, clean = prepared[base.name]
        found.append(_case(base, trial, clean, kinds[number % len(kinds)], rng))
    return found


def _case(
    base: Clean,
    trial: Trial,
    clean: set[tuple[object, ...]],
    kind: str,
    rng: np.random.Generator,
) -> Case:
    primary = trial.plan.primary
    assert primary is not None
    outcome = trial.outcome(primary.outcome)
    before = pd.read_csv(StringIO(base.files[outcome.file].decode()), dtype=str)
    before = before.rename(columns=_names(trial, outcome.name))
    after = before.copy()
    what = KINDS[kind](after, rng)
    assert outcome.margin is not None
    arms = {text: arm.name for arm in trial.arms for text in (arm.name, *arm.aliases)}
    tidy = [frame.assign(arm=frame["arm"].map(arms)) for frame in (before, after)]
    codes = {code: np.nan for code in trial.missing_codes}
    tidy = [frame.assign(value=frame["value"].replace(codes)) for frame in tidy]
    moved = abs(estimate(trial, tidy[1]) - estimate(trial, tidy[0])) / outcome.margin.value
    back = {ours: theirs for theirs, ours in _names(trial, outcome.name).items()}
    text = after.rename(columns=back).to_csv(index=False, lineterminator="\n")
    issues = take_in(trial, {**base.files, outcome.file: text.encode()}).issues
    raised = sorted({each.code for each in issues if _signature(each) not in clean})
    return Case(base.name, outcome.name, kind, what, float(moved), tuple(raised))


def _names(trial: Trial, name: str) -> dict[str, str]:
    """Return our name of every column of an outcome's file."""
    outcome = trial.outcome(name)
    columns = outcome.columns
    known = {columns.participant: "id", columns.arm: "arm", columns.time: "time"}
    known |= {columns.period: "period", outcome.value: "value"}
    return {str(theirs): ours for theirs, ours in known.items() if theirs is not None}


# --- What came out ---


def table(cases: Sequence[Case]) -> str:
    """Return the Markdown table: by kind, how many mattered and how many of these were noticed."""
    lines = [
        "| slip | made | matter | of these noticed | share |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    groups = [(kind, [each for each in cases if each.kind == kind]) for kind in KINDS]
    single = [each for each in cases if each.kind in SINGLE]
    groups += [("all but the last two kinds", single), ("all", list(cases))]
    for name, group in groups:
        matter = [each for each in group if each.matters]
        noticed = sum(bool(each.raised) for each in matter)
        share = f"{noticed / len(matter):.0%}" if matter else ""
        lines.append(f"| {name} | {len(group)} | {len(matter)} | {noticed} | {share} |")
    return "\n".join(lines) + "\n"


def escaped(cases: Sequence[Case]) -> list[Case]:
    """Return the slips that mattered and were not noticed, the worst first."""
    missed = [each for each in cases if each.matters and not each.raised]
    return sorted(missed, key=lambda each: -each.moved)


def report(cases: Sequence[Case], seed: int) -> str:
    """Return the table and what escaped, for docs/checks.md."""
    missed = escaped(cases)
    kinds = ", ".join(
        f"{sum(each.kind == kind for each in missed)} {kind}"
        for kind in KINDS
        if any(each.kind == kind for each in missed)
    )
    lines = [
        f"{len(cases)} slips, seed {seed}:",
        "",
        table(cases),
        f"What escaped: {kinds}. The largest, in margins:",
        "",
        *(f"- {each.moved:.2f}, {each.trial}: {each.kind}, {each.what}" for each in missed[:15]),
    ]
    return "\n" + "\n".join(lines) + "\n\n"


def main() -> None:
    """Run the experiment and print or write what came out."""
    parser = argparse.ArgumentParser(description="Make single slips in clean data and count.")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="a text with a place marked for the table")
    chosen = parser.parse_args()
    cases = run(chosen.cases, chosen.seed)
    text = table(cases)
    print(text)
    for each in escaped(cases):
        print(f"{each.moved:6.2f} margins  {each.trial:28} {each.kind}: {each.what}")
    if chosen.write is not None:
        page = insert(io.read_text(chosen.write), report(cases, chosen.seed), MARKER)
        io.write_text(chosen.write, page)


if __name__ == "__main__":
    main()
