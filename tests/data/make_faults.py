"""Write tests/data/faults: one tiny trial per fault, each the base trial with one thing changed.

    python -m tests.data.make_faults

The folders are committed, so that the workflow can be run on them. A folder is named after the code
that it must raise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.data.edits import with_texts
from tests.data.plausible_faults import PLAUSIBLE

FOLDER = Path(__file__).parent / "faults"

PLAN = """\
title: Base trial of the fault fixtures
design: crossover
randomised: true
columns:
  participant: athlete
  arm: condition
  time: timepoint
  period: week
arms:
  passive: {label: Passive rest, role: control}
  fir: {label: Far-infrared}
times:
  pre: {hours: -1, role: baseline}
  1h: {hours: 1}
  24h: {hours: 24}
outcomes:
  soreness:
    label: Muscle soreness
    file: soreness.csv
    value: vas
    unit: mm
    range: [0, 100]
    better: lower
plan:
  primary: {outcome: soreness, arm: fir, reference: passive, time: 24h}
"""

TIMES = {"pre": 3, "1h": 24, "24h": 41}


def rows() -> list[list[str]]:
    """Return header and rows of the base trial: six athletes, two weeks, three times."""
    table = [["athlete", "condition", "timepoint", "week", "vas"]]
    for number in range(1, 7):
        order = ["passive", "fir"] if number % 2 else ["fir", "passive"]
        for week, arm in enumerate(order, start=1):
            for time, level in TIMES.items():
                value = level + 2 * number + (5 if arm == "passive" else 0)
                table.append([f"P{number:02}", arm, time, str(week), str(value)])
    return table


def text(table: list[list[str]], delimiter: str = ",") -> str:
    """Return a table as CSV."""
    return "".join(delimiter.join(row) + "\n" for row in table)


BASE = text(rows())


@dataclass(frozen=True)
class Fault:
    """Files of a faulty trial."""

    plan: str = PLAN
    files: dict[str, bytes] | None = None

    @classmethod
    def of(cls, files: dict[str, str]) -> "Fault":
        """Return a faulty trial given as texts, trial.yaml among them."""
        others = {name: text.encode() for name, text in files.items() if name != "trial.yaml"}
        return cls(files["trial.yaml"], others)

    def contents(self) -> dict[str, bytes]:
        """Return every file of the folder."""
        files = {"soreness.csv": BASE.encode()} if self.files is None else self.files
        return {"trial.yaml": self.plan.encode(), **files}


def plan(old: str, new: str, data: str = BASE) -> Fault:
    """Return the base trial with one text of its plan replaced."""
    return Fault(with_texts(PLAN, (old, new)), {"soreness.csv": data.encode()})


def data(old: str, new: str, every: bool = False) -> Fault:
    """Return the base trial with a text of its data replaced, once or everywhere."""
    assert old in BASE, old
    return csv(BASE.replace(old, new) if every else BASE.replace(old, new, 1))


def csv(content: str | bytes) -> Fault:
    """Return the base trial with other data."""
    return Fault(
        files={"soreness.csv": content if isinstance(content, bytes) else content.encode()}
    )


def edited(change: Callable[[list[str]], list[str] | None]) -> str:
    """Return the base data with every row changed by a function; None drops a row."""
    changed = [rows()[0], *(change(row) for row in rows()[1:])]
    return text([row for row in changed if row is not None])


def wide() -> str:
    """Return the base data with one column per time."""
    body = rows()[1:]
    table = [["athlete", "condition", "week", *(f"vas_{time}" for time in TIMES)]]
    for place in range(0, len(body), len(TIMES)):
        block = body[place : place + len(TIMES)]
        table.append([*block[0][:2], block[0][3], *(row[4] for row in block)])
    return text(table)


def two_rows() -> str:
    """Return the wide base data with the times in a second row of the header."""
    lines = wide().splitlines(keepends=True)
    return "athlete,condition,week,vas,,\n,,,pre,1h,24h\n" + "".join(lines[1:])


def appended(headers: str, *marked: str) -> str:
    """Return the base data with empty columns at the right; P02's row of 28 mm has texts there."""
    filled = {"P02 fir 1h": list(marked)}
    empty = [""] * len(headers.split(","))
    body = edited(lambda row: [*row, *filled.get(" ".join(row[:3]), empty)])
    return body.replace("week,vas", f"week,vas,{headers}", 1)


def sequences(row: list[str]) -> list[str]:
    """Return a row with the sequence in an additional column; P01's contradicts its weeks."""
    first = "passive-fir" if int(row[0][1:]) % 2 else "fir-passive"
    return [*row, "fir-passive" if row[0] == "P01" else first]


def one_arm(row: list[str]) -> list[str] | None:
    """Keep each athlete's first week: passive for the odd ones, fir for the even ones."""
    return row if row[3] == "1" else None


def by_time(drop: bool = True) -> dict[str, str]:
    """Return one file per time, without the column of the time if `drop`."""
    header, *body = rows()
    files = {time: [header, *(row for row in body if row[2] == time)] for time in TIMES}
    return {
        f"{time}.csv": text([[*row[:2], *row[3:]] if drop else row for row in table])
        for time, table in files.items()
    }


def several(entries: str, files: dict[str, str]) -> Fault:
    """Return the base trial with its data in several files."""
    content = {name: each.encode() for name, each in files.items()}
    return Fault(PLAN.replace("file: soreness.csv", f"file: [{entries}]"), content)


def when(row: list[str]) -> tuple[int, str]:
    """Return the day of March 2024 and the time of day of a row of the base trial."""
    first = 4 if row[3] == "1" else 11
    return first + (row[2] == "24h"), {"pre": "08:00", "1h": "10:05", "24h": "09:10"}[row[2]]


def timed(pairs: str, headers: str, change: Callable[[list[str], int, str], list[str]]) -> Fault:
    """Return the base trial with columns of dates or clocks, which trial.yaml names."""
    content = edited(lambda row: [*row, *change(row, *when(row))])
    added = "".join(f"  {pair}\n" for pair in headers.split(", "))
    names = ",".join(pair.split(": ")[1] for pair in headers.split(", "))
    fault = plan("  period: week\n", "  period: week\n" + added,
                 content.replace("week,vas", f"week,vas,{names}", 1))  # fmt: skip
    return Fault(fault.plan.replace("columns:\n", pairs + "columns:\n"), fault.files)


def of_p02(row: list[str], time: str) -> bool:
    """Whether a row is that of P02 under fir at a time."""
    return row[:3] == ["P02", "fir", time]


SEQUENCED = edited(sequences).replace("week,vas", "week,vas,order", 1)
TRIALS = text([rows()[0], *(row for row in rows()[1:] for _ in range(2))])
SEMICOLONS = text(rows(), ";")
LINES = BASE.splitlines(keepends=True)

FAULTS = {
    "b01_blinded": plan("randomised: true\n", "randomised: true\nblinded: true\n"),
    "c01_crossover_declared": csv(edited(one_arm)),
    "c01_parallel_declared": plan("design: crossover", "design: parallel"),
    "c01_file_of_another_time": several(
        "pre.csv, 1h.csv, {name: 24h.csv, time: 1h}", by_time(drop=False)
    ),
    "c02_unknown_key": plan("\nplan:", "\nplann:"),
    "c03_duplicate_key": plan("    unit: mm\n", "    unit: mm\n    unit: cm\n"),
    "c03_open_quote": plan("label: Muscle soreness", 'label: "Muscle soreness'),
    "c04_no_unit": plan("    unit: mm\n", ""),
    "c04_no_period": plan("  period: week\n", ""),
    "c05_illegal_value": plan("better: lower", "better: smaller"),
    "c06_plan_at_baseline": plan("time: 24h}", "time: pre}"),
    "c06_time_of_a_file": several(
        "{name: pre.csv, time: pre}, {name: 1h.csv, time: 1h}, {name: 24h.csv, time: 1d}",
        by_time(),
    ),
    "c06_two_controls": plan("fir: {label: Far-infrared}", "fir: {role: control}"),
    "c06_last_row": plan(
        "    value: vas\n", "    value: vas\n    header_row: 3\n    last_row: 3\n"
    ),
    "c07_code_in_range": plan("\nplan:", "\nmissing_codes: [99]\nplan:"),
    "d01_duplicate": data("P02,fir,24h,1,45\n", "P02,fir,24h,1,45\nP02,fir,24h,1,54\n"),
    "d01_in_two_files": several(
        "1.csv, 2.csv",
        {"1.csv": "".join(LINES[:20]), "2.csv": "".join([LINES[0], LINES[10], *LINES[20:]])},
    ),
    "d02_two_spellings": data("P03,fir", "P3,fir", every=True),
    "d03_two_periods": data("P01,fir,24h,2", "P01,fir,24h,3"),
    "d04_sequence": plan("  period: week\n", "  period: week\n  sequence: order\n", SEQUENCED),
    "d05_calendar_weeks": csv(
        edited(lambda row: [*row[:3], str(int(row[3]) + 2 * (row[0] > "P03")), row[4]])
    ),
    "d05_washout": timed(
        "washout_days: 7\n",
        "date: day",
        lambda row, day, clock: [f"2024-03-{day - 3 * (row[0] == 'P02' and row[3] == '2'):02}"],
    ),
    "d07_before": timed(
        "",
        "date: day",
        lambda row, day, clock: [f"2024-03-{day - 2 * of_p02(row, '24h'):02} {clock}"],
    ),
    "d07_clock": timed(
        "", "clock: at", lambda row, day, clock: ["15:05" if of_p02(row, "1h") else clock]
    ),
    "d07_late_treatment": plan(
        "fir: {label: Far-infrared}", "fir: {label: Far-infrared, dose: {minutes: 45, delay_h: 2}}"
    ),
    "d11_second_arm": plan(
        "design: crossover", "design: parallel", edited(one_arm) + "P01,fir,24h,1,40\n"
    ),
    "d12_empty_cell": csv(edited(lambda row: None if row[1:3] == ["fir", "24h"] else row)),
    "d12_missing_visit": data("P02,fir,24h,1,45\n", ""),
    "d13_five_participants": csv(edited(lambda row: None if row[0] == "P06" else row)),
    "d14_two_arms_in_a_week": data("P01,fir,24h,2", "P01,passive,24h,2"),
    "f01_empty": csv(""),
    "f01_header_only": csv(LINES[0]),
    "f02_cut_off": csv(BASE[:-12]),
    "f02_open_quote": data("P02,fir,1h", 'P02,"fir,1h'),
    "f03_byte_order_mark": csv(b"\xef\xbb\xbf" + BASE.encode()),
    "f04_declared_wrongly": plan(
        "columns:\n",
        "csv: {encoding: windows-1252}\ncolumns:\n",
        BASE.replace("P06", "P06\u00fc"),
    ),
    "f04_windows_1252": csv(BASE.replace("P06", "Müller").encode("cp1252")),
    "f05_extra_field": data("P02,fir,1h,1,28", "P02,fir,1h,1,28,5"),
    "f05_carets": csv(text(rows(), "^")),
    "f06_decimal_comma": csv(SEMICOLONS.replace("0\n", "0,5\n")),
    "f06_points": plan(
        "columns:\n", 'csv: {decimal: ","}\ncolumns:\n', SEMICOLONS.replace("0\n", "0.5\n")
    ),
    "f07_thousands": csv(SEMICOLONS.replace("28\n", "1.028,0\n", 1)),
    "f08_header_row": plan(
        "    value: vas\n", "    value: vas\n    header_row: 2\n", "Week 1 and 2\n\n\n" + BASE
    ),
    "f08_two_rows": csv(two_rows()),
    "f08_title_above": csv("Soreness after the run\n\n" + BASE),
    "f09_duplicate_column": csv(BASE.replace("week,vas", "vas,vas", 1)),
    "f10_empty_rows": csv("".join([*LINES[:7], ",,,,\n", *LINES[7:]])),
    "f10_note_below": csv(BASE + "\nPain when climbing stairs (0-100 mm)\n"),
    "f11_spreadsheet_error": data(",28\n", ",#DIV/0!\n"),
    "f12_date": data(",28\n", ",28-Feb\n"),
    "f13_day_or_month": timed("", "date: day", lambda row, day, clock: [f"{day}/03/2024"]),
    "f13_two_ways": timed(
        "",
        "date: day",
        lambda row, day, clock: [f"03/{day + 3}/2024" if row[0] == "P06" else f"{day + 9}/03/2024"],
    ),
    "f14_no_file": plan("file: soreness.csv", "file: sorenes.csv"),
    "f15_known_export": csv(appended("redcap_event_name", "week_1")),
    "f16_excluded_row": plan(
        "    value: vas\n",
        "    value: vas\n    export: hawkin_cloud\n",
        appended("TestId,Name,Segment,Type,Excluded,Tags", "", "", "", "", "TRUE", "")
        + "P02,fir,1h,1,28,,,,,FALSE,\n",
    ),
    "f17_no_weight": plan(
        "    value: vas\n",
        "    value: vas\n    export: vald_trials\n",
        appended("Athlete,Test Type,Test Date,Body Weight [kg],Trial", "", "", "", "-1", ""),
    ),
    "f18_declared_comma": plan(
        "columns:\n", 'csv: {decimal: ","}\ncolumns:\n', SEMICOLONS.replace("8\n", "8,5\n")
    ),
    "s01_no_column": csv(BASE.replace("condition", "Condition", 1)),
    "s01_no_time_in_a_file": several(
        "pre.csv, 1h.csv, 24h.csv", {**by_time(drop=False), "24h.csv": by_time()["24h.csv"]}
    ),
    "s02_unknown_arm": data("P02,fir,", "P02,FIR,", every=True),
    "s02_unknown_time": data(",24h,", ",1d,", every=True),
    "s03_cyrillic": data("P02,passive,1h", "P02,p\u0430ssive,1h"),
    "s03_trailing_blank": data("P02,fir,1h", "P02,fir ,1h"),
    "s04_wide": csv(wide()),
    "s05_no_row": plan("    value: vas\n", "    value: vas\n    where: {week: 9}\n"),
    "s06_no_arm": data("P02,fir,1h", "P02,,1h"),
    "s07_unused_rows": plan(
        "    value: vas\n",
        "    value: vas\n    where: {item: legs}\n",
        edited(lambda row: [*row, "legs"]).replace("week,vas", "week,vas,item", 1)
        + "P06,fir,24h,1,2,arms\n",
    ),
    "v01_out_of_range": data(",28\n", ",280\n"),
    "v02_number": data(",28\n", ",999\n"),
    "v02_word": data(",28\n", ",NA\n"),
    "v05_trial_counts": plan(
        "    value: vas\n",
        "    value: vas\n    replicates: best\n",
        TRIALS.replace("P02,fir,1h,1,28\n", "", 1),
    ),
    "v10_text": data(",28\n", ",28 mm\n"),
}

FAULTS |= {name: Fault.of(files) for name, files in PLAUSIBLE.items()}


def main() -> None:
    """Write every folder."""
    for name, fault in FAULTS.items():
        folder = FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in fault.contents().items():
            (folder / file).write_bytes(content)


if __name__ == "__main__":
    main()
