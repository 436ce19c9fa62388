"""Data sets as labs keep them: wide, with semicolons, below each other, in several files."""

from __future__ import annotations

from tests.draft.answering import Answers
from tests.draft.case import Case
from tests.draft.made import (
    Numbers,
    Rows,
    Visit,
    comma,
    crossover,
    delimited,
    parallel,
    workbook,
)


def wide_by_arm() -> Case:
    """One row per participant; measure, time and arm in the header; no column of periods."""
    numbers = Numbers(31)
    arms, times = ["FIR", "CON"], ["pre", "24h", "48h", "72h"]
    header = ["Subj", "sex", "age", "seq"]
    header += [f"{m}.{t}.{a}" for m in ("sor", "mvc") for t in times for a in arms]
    rows: Rows = [header]
    for who in range(9):
        row = [f"VP{who + 1:02}", "mf"[who % 2], 20 + who, ["FC", "CF"][who % 2]]
        visits = [Visit(who, (arm + who) % 2, arm, t) for t in range(4) for arm in range(2)]
        row += [round(numbers.rating(each)) for each in visits]
        row += [round(520 + 60 * (who % 3) + 4 * numbers.height(each)) for each in visits]
        rows.append(row)
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Subj, period: null, sequence: seq}
arms: {FIR: , CON: {role: control}}
times:
  pre: {hours: -1, role: baseline}
  24h: {hours: 24}
  48h: {hours: 48}
  72h: {hours: 72}
outcomes:
  soreness: {file: master.csv, wide: {pattern: "sor.{time}.{arm}"}, unit: points, range: [0, 100],
    better: lower}
  mvc: {file: master.csv, wide: {pattern: "mvc.{time}.{arm}"}, unit: N, better: higher}
"""
    answers = Answers(
        "CON", {"sor.": "lower", "mvc": "higher"}, ("sor.", "FIR", "CON", "48h"),
        units={"mvc": "N", "sor.": "points"}, ranges={"sor.": "[0, 100]"},
    )  # fmt: skip
    return Case("wide_by_arm", {"master.csv": delimited(rows)}, answers, right)


def wide_trials() -> Case:
    """German, semicolons, decimal commas, Windows letters; two jumps a visit in columns."""
    numbers = Numbers(32)
    arms = ["Wärme", "Kälte", "Kontrolle"]
    times = ["vor", "nach", "24h"]
    header = ["Proband", "Bedingung", "Durchgang"]
    header += [f"CMJ{trial}_{time} [cm]" for time in times for trial in (1, 2)]
    rows: Rows = [header]
    for visit in crossover(9, 3, 1):
        row = [f"P{visit.who + 1}", arms[visit.arm], visit.period + 1]
        for time in range(3):
            here = Visit(visit.who, visit.period, visit.arm, time)
            row += [comma(numbers.height(here)) for _ in range(2)]
        rows.append(row)
    right = """
title: t
design: crossover
randomised: true
csv: {decimal: ",", encoding: windows-1252}
columns: {participant: Proband, arm: Bedingung, period: Durchgang}
arms: {Wärme: , Kälte: , Kontrolle: {role: control}}
times:
  vor: {hours: -1, role: baseline}
  nach: {hours: 0, role: before_treatment}
  24h: {hours: 24}
outcomes:
  jump: {file: Sprünge.csv, wide: {pattern: "CMJ{trial}_{time} [cm]"}, unit: cm, better: higher,
    replicates: mean}
"""
    answers = Answers("Kontrolle", {"CMJ": "higher"}, ("CMJ", "Wärme", "Kontrolle", "24h"))
    files = {"Sprünge.csv": delimited(rows, ";", "cp1252", "\r\n")}
    return Case("wide_trials", files, answers, right)


def french() -> Case:
    """Long, semicolons and decimal commas, two outcomes side by side, one empty cell."""
    numbers = Numbers(33)
    arms, times = ["Cryo", "Repos", "Placebo"], ["avant", "après", "+24 h", "+48 h"]
    rows: Rows = [["Sujet", "Traitement", "Période", "Moment", "Douleur (EVA, mm)", "Détente (cm)"]]
    for place, visit in enumerate(crossover(12, 3, 4)):
        pain = "" if place == 50 else comma(numbers.rating(visit))
        rows.append([visit.who + 1, arms[visit.arm], visit.period + 1, times[visit.time], pain,
                     comma(numbers.height(visit))])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
csv: {decimal: ","}
columns: {participant: Sujet, arm: Traitement, time: Moment, period: Période}
arms: {Cryo: , Repos: {role: control}, Placebo: }
times:
  avant: {hours: -1, role: baseline}
  après: {hours: 0, role: before_treatment}
  +24 h: {hours: 24}
  +48 h: {hours: 48}
outcomes:
  pain: {file: données.csv, value: "Douleur (EVA, mm)", unit: mm, range: [0, 100], better: lower}
  jump: {file: données.csv, value: Détente (cm), unit: cm, better: higher}
"""
    answers = Answers(
        "Repos", {"Douleur": "lower", "Détente": "higher"}, ("Douleur", "Cryo", "Repos", "+24 h")
    )
    return Case("french", {"données.csv": delimited(rows, ";")}, answers, right)


def stacked() -> Case:
    """Two outcomes below each other with a column of units; tabs; jumps three times a visit."""
    numbers = Numbers(34)
    arms, times = ["active", "passive", "massage"], ["pre", "post", "post24", "post48"]
    rows: Rows = [
        ["runner", "session", "modality", "stage", "measure", "attempt", "result", "unit"]
    ]
    for visit in crossover(6, 3, 4):
        start = [f"R{visit.who + 1}", visit.period + 1, arms[visit.arm], times[visit.time]]
        rows.append([*start, "soreness_vas", 1, round(numbers.rating(visit)), "mm"])
        for attempt in (1, 2, 3):
            lost = (visit.who, visit.period, visit.time, attempt) == (2, 1, 1, 3)
            value = "NA" if lost else round(numbers.height(visit), 1)
            rows.append([*start, "cmj_height", attempt, value, "cm"])
    right = """
title: t
design: crossover
randomised: true
columns: {participant: runner, arm: modality, time: stage, period: session}
arms: {active: , passive: {role: control}, massage: }
times:
  pre: {hours: -1, role: baseline}
  post: {hours: 0, role: before_treatment}
  post24: {hours: 24}
  post48: {hours: 48}
outcomes:
  soreness: {file: tidy.tsv, value: result, where: {measure: soreness_vas}, unit: mm,
    range: [0, 100], better: lower}
  jump: {file: tidy.tsv, value: result, where: {measure: cmj_height}, unit: cm, better: higher,
    replicates: mean}
missing_codes: [NA]
"""
    answers = Answers(
        "passive", {"soreness_vas": "lower", "cmj_height": "higher"},
        ("soreness_vas", "massage", "passive", "post24"),
    )  # fmt: skip
    return Case("stacked", {"tidy.tsv": delimited(rows, "\t")}, answers, right)


def three_files() -> Case:
    """Three files of three kinds, other headers and spellings in each, and a missing code."""
    numbers = Numbers(35)
    visits = list(crossover(10, 2, 4))
    sore: Rows = [["Participant ID", "Period", "Treatment", "Time", "Soreness VAS (mm)"]]
    jump: Rows = [["subject", "period", "group", "time_h", "trial", "height_cm"]]
    ck: Rows = [["ID", "visit", "cond", "timepoint", "CK [U/L]"]]
    hours = (-1, 0, 24, 72)
    times = ["pre", "0 h", "24 h", "72 h"]
    for place, visit in enumerate(visits):
        code = f"X{visit.who + 1:02}"
        label = ["Far infrared", "Passive rest"][visit.arm]
        short = ["FIR", "PAS"][visit.arm]
        sore.append(
            [code, visit.period + 1, label, times[visit.time], round(numbers.rating(visit))]
        )
        for trial in (1, 2):
            jump.append([code, visit.period + 1, short, hours[visit.time], trial,
                         round(numbers.height(visit), 1)])  # fmt: skip
        value = -99 if place == 13 else round(numbers.enzyme(visit))
        ck.append([code, visit.period + 1, short.lower(), times[visit.time], value])
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Participant ID, arm: Treatment, time: Time, period: Period}
arms:
  fir: {label: Far infrared, aliases: [FIR]}
  pas: {label: Passive rest, role: control, aliases: [PAS]}
times:
  pre: {hours: -1, role: baseline, aliases: ["-1"]}
  0h: {hours: 0, role: before_treatment, aliases: [0 h, "0"]}
  24h: {hours: 24, aliases: [24 h, "24"]}
  72h: {hours: 72, aliases: [72 h, "72"]}
outcomes:
  soreness: {file: soreness.xlsx, value: Soreness VAS (mm), unit: mm, range: [0, 100],
    better: lower}
  jump: {file: jump.csv, value: height_cm, unit: cm, better: higher, replicates: mean,
    columns: {participant: subject, arm: group, time: time_h, period: period}}
  ck: {file: ck.txt, value: "CK [U/L]", unit: U/L, better: lower,
    columns: {participant: ID, arm: cond, time: timepoint, period: visit}}
missing_codes: [-99]
"""
    answers = Answers(
        "Passive rest", {"Soreness": "lower", "height": "higher", "CK": "lower"},
        ("Soreness", "Far infrared", "Passive rest", "24 h"),
    )  # fmt: skip
    files = {
        "soreness.xlsx": workbook({"Sheet1": sore}),
        "jump.csv": delimited(jump),
        "ck.txt": delimited(ck, "\t"),
    }
    return Case("three_files", files, answers, right)


def two_sheets() -> Case:
    """A parallel trial in a workbook: a sheet per outcome and one that explains; times T0 to T3."""
    numbers = Numbers(36)
    vas: Rows = [["Study 12, thigh soreness"], [], ["ID", "Group", "Test", "VAS 0-100"]]
    power: Rows = [["ID", "Group", "Test", "Peak power (W)"]]
    for visit in parallel(18, 2, 4):
        start = [f"{visit.who + 201}", "AB"[visit.arm], f"T{visit.time}"]
        vas.append([*start, round(numbers.rating(visit))])
        power.append([*start, round(2600 + 40 * numbers.height(visit))])
    vas += [[], ["T0 before, T1 right after the run, then every 24 h"]]
    legend: Rows = [["Sheet", "What"], ["VAS", "soreness"], ["Power", "Wingate"]]
    right = """
title: t
design: parallel
randomised: true
columns: {participant: ID, arm: Group, time: Test}
arms: {A: , B: {role: control}}
times:
  T0: {hours: -1, role: baseline}
  T1: {hours: 0, role: before_treatment}
  T2: {hours: 24}
  T3: {hours: 48}
outcomes:
  soreness: {file: results.xlsx, sheet: VAS, header_row: 3, value: VAS 0-100, unit: mm,
    range: [0, 100], better: lower}
  power: {file: results.xlsx, sheet: Power, value: Peak power (W), unit: W, better: higher}
"""
    hours = {"T0": (-1.0, "baseline"), "T1": (0.0, "before_treatment"), "T2": (24.0, None),
             "T3": (48.0, None)}  # fmt: skip
    answers = Answers(
        "B", {"VAS 0-100": "lower", "power": "higher"}, ("VAS 0-100", "A", "B", "T2"), hours=hours
    )
    files = {"results.xlsx": workbook({"VAS": vas, "Power": power, "Legend": legend})}
    return Case("two_sheets", files, answers, right)


def calendar_weeks() -> Case:
    """A column called week holds calendar weeks and one called period numbers the visits."""
    numbers = Numbers(37)
    rows: Rows = [["athlete", "week", "period", "arm", "time", "soreness_0_10"]]
    for visit in crossover(8, 2, 4):
        rows.append([
            f"a{visit.who + 1}", 10 + visit.who + 2 * visit.period, visit.time + 1,
            ["sham", "cwi"][visit.arm], ["pre", "0h", "24h", "48h"][visit.time],
            round(numbers.rating(visit, 10)),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: athlete, arm: arm, time: time, period: null}
arms: {sham: {role: control}, cwi: }
times:
  pre: {hours: -1, role: baseline}
  0h: {hours: 0, role: before_treatment}
  24h: {hours: 24}
  48h: {hours: 48}
outcomes:
  soreness: {file: doms.csv, value: soreness_0_10, unit: points, range: [0, 10], better: lower}
"""
    answers = Answers("sham", {"soreness": "lower"}, ("soreness", "cwi", "sham", "24h"))
    return Case("calendar_weeks", {"doms.csv": delimited(rows)}, answers, right)
