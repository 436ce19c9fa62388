"""Trials side by side in a row per visit; made after `init` had learnt to read them."""

from __future__ import annotations

from tests.draft.answering import Answers
from tests.draft.case import Case
from tests.draft.made import Numbers, Rows, comma, crossover, delimited


def trials_side_by_side() -> Case:
    """German, three jumps in a row per visit, one of them sometimes not valid; soreness beside."""
    numbers = Numbers(51)
    rows: Rows = [["Proband", "Bedingung", "Woche", "Zeitpunkt", "Sprunghöhe 1 [cm]",
                   "Sprunghöhe 2 [cm]", "Sprunghöhe 3 [cm]", "Muskelkater (0-10)"]]  # fmt: skip
    for number, visit in enumerate(crossover(11, 3, 4)):
        jumps = [comma(numbers.height(visit)) for _ in range(3)]
        if number % 17 == 5:
            jumps[2] = ""
        rows.append([
            f"P{visit.who + 1:02}", ["Passiv", "Infrarot", "Kälte"][visit.arm], visit.period + 1,
            ["vorher", "1 h", "24 h", "48 h"][visit.time], *jumps, round(numbers.rating(visit, 10)),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
csv: {decimal: ","}
columns: {participant: Proband, arm: Bedingung, time: Zeitpunkt, period: Woche}
arms: {Passiv: {role: control}, Infrarot: , Kälte: }
times:
  vorher: {hours: -1, role: baseline}
  1 h: {hours: 1}
  24 h: {hours: 24}
  48 h: {hours: 48}
outcomes:
  soreness: {file: alle.csv, value: Muskelkater (0-10), unit: points, range: [0, 10], better: lower}
  jump: {file: alle.csv, wide: {pattern: "Sprunghöhe {trial} [cm]"}, unit: cm, range: [3, 110],
    better: higher, replicates: mean}
"""
    answers = Answers(
        "Passiv", {"Muskelkater": "lower", "Sprung": "higher"},
        ("Muskelkater", "Infrarot", "Passiv", "24 h"), units={"Muskelkater": "points"},
    )  # fmt: skip
    return Case("trials_side_by_side", {"alle.csv": delimited(rows, ";")}, answers, right)
