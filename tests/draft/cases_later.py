"""Data sets made after the first measurement had been looked at: a second one, just as blind."""

from __future__ import annotations

import random

from tests.draft.answering import Answers
from tests.draft.case import Case
from tests.draft.made import Numbers, Rows, Visit, comma, crossover, delimited, parallel
from tests.unit.test_intake_dialects import ods


def portuguese_ods() -> Case:
    """LibreOffice, Portuguese, parallel groups, pain from 0 to 10 and jumps in metres."""
    numbers = Numbers(41)
    rows: Rows = [["Atleta", "Grupo", "Momento", "Dor muscular (0-10)", "Salto CMJ (m)"]]
    for visit in parallel(15, 3, 4):
        rows.append([
            f"AT{visit.who + 1:02}", ["Crioterapia", "Controle", "Sauna"][visit.arm],
            ["antes", "depois", "24h", "48h"][visit.time], round(numbers.rating(visit, 10)),
            round(numbers.height(visit) / 100, 3),
        ])  # fmt: skip
    right = """
title: t
design: parallel
randomised: true
columns: {participant: Atleta, arm: Grupo, time: Momento}
arms: {Crioterapia: , Controle: {role: control}, Sauna: }
times:
  antes: {hours: -1, role: baseline}
  depois: {hours: 0, role: before_treatment}
  24h: {hours: 24}
  48h: {hours: 48}
outcomes:
  soreness: {file: dados.ods, value: Dor muscular (0-10), unit: points, range: [0, 10],
    better: lower}
  jump: {file: dados.ods, value: Salto CMJ (m), unit: m, convert_to: cm, better: higher}
"""
    answers = Answers(
        "Controle", {"Dor": "lower", "Salto": "higher"},
        ("Dor", "Crioterapia", "Controle", "24h"), hours={"depois": (0, "before_treatment")},
        units={"Dor": "points"},
    )  # fmt: skip
    return Case("portuguese_ods", {"dados.ods": ods(rows)}, answers, right)


def replicate_design() -> Case:
    """Each arm twice in four periods, with a column that counts the times."""
    numbers = Numbers(42)
    rows: Rows = [["ID", "period", "treatment", "rep_of_arm", "time", "vas_mm"]]
    for who in range(10):
        for period, arm in enumerate((0, 1, 0, 1) if who % 2 else (1, 0, 1, 0)):
            for time, label in enumerate(["pre", "post", "24h"]):
                visit = Visit(who, period, arm, time)
                rows.append([
                    f"Z{who}", period + 1, ["heat", "rest"][arm], period // 2 + 1, label,
                    round(numbers.rating(visit)),
                ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: ID, arm: treatment, time: time, period: period, occasion: rep_of_arm}
arms: {heat: , rest: {role: control}}
times:
  pre: {hours: -1, role: baseline}
  post: {hours: 0, role: before_treatment}
  24h: {hours: 24}
outcomes:
  soreness: {file: soreness.csv, value: vas_mm, unit: mm, range: [0, 100], better: lower}
"""
    answers = Answers("rest", {"vas": "lower"}, ("vas", "heat", "rest", "24h"))
    return Case("replicate_design", {"soreness.csv": delimited(rows)}, answers, right)


def days_in_headers() -> Case:
    """Wide by day, one row per participant and condition; a baseline column of its own."""
    numbers = Numbers(43)
    rows: Rows = [["Subject No", "Trial", "Condition", "Baseline DOMS (mm)", "Day 1 DOMS (mm)",
                   "Day 2 DOMS (mm)", "Day 3 DOMS (mm)", "Notes"]]  # fmt: skip
    for visit in crossover(8, 2, 1):
        own = [round(numbers.rating(Visit(visit.who, visit.period, visit.arm, t))) for t in
               (0, 1, 2, 3)]  # fmt: skip
        note = "slept badly" if visit.who == 4 else ""
        rows.append([visit.who + 1, visit.period + 1, ["Pneumatic boots", "Sham boots"][visit.arm],
                     *own, note])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Subject No, arm: Condition, period: Trial}
arms: {Pneumatic boots: , Sham boots: {role: control}}
times:
  Baseline: {hours: -1, role: baseline}
  Day 1: {hours: 24}
  Day 2: {hours: 48}
  Day 3: {hours: 72}
outcomes:
  soreness: {file: doms.csv, wide: {pattern: "{time} DOMS (mm)"}, unit: mm, range: [0, 100],
    better: lower}
"""
    answers = Answers(
        "Sham boots", {"DOMS": "lower"}, ("DOMS", "Pneumatic boots", "Sham boots", "Day 1")
    )
    return Case("days_in_headers", {"doms.csv": delimited(rows)}, answers, right)


def unicode_text() -> Case:
    """Excel's Unicode text: UTF-16 with tabs; rows above and notes below; Polish labels."""
    numbers = Numbers(44)
    rows: Rows = [["Badanie regeneracji"], ["2024"], [],
                  ["Kod", "Sesja", "Metoda", "Czas", "Ból [mm]", "CK [U/L]"]]  # fmt: skip
    for visit in crossover(9, 3, 3):
        rows.append([
            f"Z{visit.who + 1:02}", visit.period + 1, ["krio", "sauna", "kontrola"][visit.arm],
            ["przed", "po", "24h"][visit.time], round(numbers.rating(visit)),
            round(numbers.enzyme(visit)),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
csv: {encoding: utf-16}
columns: {participant: Kod, arm: Metoda, time: Czas, period: Sesja}
arms: {krio: , sauna: , kontrola: {role: control}}
times:
  przed: {hours: -1, role: baseline}
  po: {hours: 0, role: before_treatment}
  24h: {hours: 24}
outcomes:
  pain: {file: wyniki.txt, header_row: 4, value: "Ból [mm]", unit: mm, better: lower}
  ck: {file: wyniki.txt, header_row: 4, value: "CK [U/L]", unit: U/L, better: lower}
"""
    answers = Answers(
        "kontrola", {"Ból": "lower", "CK": "lower"}, ("Ból", "krio", "kontrola", "24h"),
        hours={"przed": (-1, "baseline"), "po": (0, "before_treatment"), "24h": (24, None)},
        units={"Ból": "mm"}, ranges={"Ból": "[0, 100]"}, columns={"time": "Czas"},
    )  # fmt: skip
    return Case("unicode_text", {"wyniki.txt": delimited(rows, "\t", "utf-16")}, answers, right)


def spelled_many_ways() -> Case:
    """One arm in several spellings, blanks after labels, 999 for missing."""
    numbers = Numbers(45)
    draw = random.Random(45)
    ways = [["FIR", "fir", "FIR ", "Far-infrared"], ["Placebo", "placebo", "PLACEBO"]]
    rows: Rows = [["id", "visit", "group", "tp", "DOMS (VAS, 0-100 mm)"]]
    for place, visit in enumerate(crossover(12, 2, 4)):
        value = 999 if place in (17, 40) else round(numbers.rating(visit))
        rows.append([
            visit.who + 1, visit.period + 1, draw.choice(ways[visit.arm]),
            ["pre", "1h", "24h", "48h"][visit.time], value,
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
trim_blanks: true
columns: {participant: id, arm: group, time: tp, period: visit}
arms:
  FIR: {aliases: [fir, Far-infrared]}
  Placebo: {role: control, aliases: [placebo, PLACEBO]}
times:
  pre: {hours: -1, role: baseline}
  1h: {hours: 1}
  24h: {hours: 24}
  48h: {hours: 48}
outcomes:
  soreness: {file: paper.csv, value: "DOMS (VAS, 0-100 mm)", unit: mm, range: [0, 100],
    better: lower}
missing_codes: [999]
"""
    answers = Answers("Placebo", {"DOMS": "lower"}, ("DOMS", "FIR", "Placebo", "24h"))
    return Case("spelled_many_ways", {"paper.csv": delimited(rows)}, answers, right)


def italian_minutes() -> Case:
    """Minutes in one column, names of months apart; semicolons with decimal commas; BOM."""
    numbers = Numbers(46)
    minutes = [-10, 10, 60, 1440]
    rows: Rows = [["Soggetto", "Prova", "Condizione", "Tempo (min)", "Lattato (mmol/L)",
                   "Indolenzimento (mm)"]]  # fmt: skip
    for visit in crossover(10, 2, 4):
        rows.append([
            f"S{visit.who + 1:02}", visit.period + 1, ["immersione", "controllo"][visit.arm],
            minutes[visit.time], comma(1.2 + numbers.rating(visit, 6)),
            comma(numbers.rating(visit), 0),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
csv: {decimal: ","}
columns: {participant: Soggetto, arm: Condizione, time: Tempo (min), period: Prova}
arms: {immersione: , controllo: {role: control}}
times:
  "-10": {hours: -0.1667, role: baseline}
  "10": {hours: 0.1667}
  "60": {hours: 1}
  "1440": {hours: 24}
outcomes:
  lactate: {file: prove.csv, value: Lattato (mmol/L), unit: mmol/L, better: lower}
  soreness: {file: prove.csv, value: Indolenzimento (mm), unit: mm, better: lower}
"""
    answers = Answers(
        "controllo", {"Lattato": "lower", "Indolenzimento": "lower"},
        ("Indolenzimento", "immersione", "controllo", "1440"),
        ranges={"Indolenzimento": "[0, 100]"},
    )  # fmt: skip
    files = {"prove.csv": delimited(rows, ";", "utf-8-sig")}
    return Case("italian_minutes", files, answers, right)


def parallel_wide() -> Case:
    """Three groups, one row each, measure before time, personal traits beside."""
    numbers = Numbers(47)
    rows: Rows = [["Code", "Sex", "Age (y)", "Body mass (kg)", "Group", "CMJ pre (cm)",
                   "CMJ post 1h (cm)", "CMJ post 24h (cm)", "CK pre", "CK post 1h",
                   "CK post 24h"]]  # fmt: skip
    for who in range(21):
        visits = [Visit(who, 0, who % 3, time) for time in range(3)]
        rows.append([
            f"N{who + 1}", "MF"[who % 2], 20 + who % 9, round(numbers.around(72, 6), 1),
            ["Massage gun", "Stretching", "Usual cool-down"][who % 3],
            *[round(numbers.height(each), 1) for each in visits],
            *[round(numbers.enzyme(each)) for each in visits],
        ])  # fmt: skip
    right = """
title: t
design: parallel
randomised: true
columns: {participant: Code, arm: Group}
arms: {Massage gun: , Stretching: , Usual cool-down: {role: control}}
times:
  pre: {hours: -1, role: baseline}
  post 1h: {hours: 1}
  post 24h: {hours: 24}
outcomes:
  jump: {file: groups.csv, wide: {pattern: "CMJ {time} (cm)"}, unit: cm, better: higher}
  ck: {file: groups.csv, wide: {pattern: "CK {time}"}, unit: U/L, better: lower}
"""
    answers = Answers(
        "Usual cool-down", {"CMJ": "higher", "CK": "lower"},
        ("CMJ", "Massage gun", "Usual cool-down", "post 24h"),
    )  # fmt: skip
    return Case("parallel_wide", {"groups.csv": delimited(rows)}, answers, right)


def unknown_words() -> Case:
    """Nothing has a telling name: columns V1 to V6, arms A, B and C, pipes between them."""
    numbers = Numbers(48)
    rows: Rows = [["V1", "V2", "V3", "V4", "V5", "V6"]]
    for visit in crossover(12, 3, 3):
        rows.append([
            f"{visit.who + 501}", "ABC"[visit.arm], visit.period + 1,
            ["before", "1 h", "1 day"][visit.time], round(numbers.rating(visit)),
            round(numbers.height(visit), 1),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: V1, arm: V2, time: V4, period: V3}
arms: {A: {role: control}, B: , C: }
times:
  before: {hours: -1, role: baseline}
  1 h: {hours: 1}
  1 day: {hours: 24}
outcomes:
  first: {file: out.txt, value: V5, unit: mm, better: lower}
  second: {file: out.txt, value: V6, unit: cm, better: higher}
"""
    answers = Answers(
        "A", {"V5": "lower", "V6": "higher"}, ("V5", "B", "A", "1 day"),
        units={"V5": "mm", "V6": "cm"},
    )  # fmt: skip
    return Case("unknown_words", {"out.txt": delimited(rows, "|")}, answers, right)
