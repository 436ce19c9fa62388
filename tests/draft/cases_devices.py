"""Data sets as force plates export them; headers are those of real exports, numbers are made up."""

from __future__ import annotations

from typing import Any

from tests.draft.answering import Answers
from tests.draft.case import Case
from tests.draft.made import Numbers, Rows, Visit, crossover, delimited, filled, workbook

VALD_TRIALS = [
    "Athlete",
    "Test Type",
    "Test Date",
    "Body Weight [kg]",
    "Trial",
    "Athlete Standing Weight [kg]",
    "Effective Drop [cm]",
    "Contraction Time [ms]",
    "Contact Time [ms]",
    "Flight Time [ms]",
    "Jump Height (Imp-Dis) [cm]",
    "Jump Height (Flight Time) [cm]",
    "Eccentric Peak Power [W]",
    "Peak Power [W]",
    "Active Stiffness [N/m]",
    "Takeoff Peak Force (Right) [N]",
    "Takeoff Peak Force (Left) [N]",
    "Concentric Duration [ms]",
    "RSI (Flight Time/Contact Time)",
    "FlightTime:Eccentric Duration",
    "Countermovement Depth [cm]",
    "Concentric Peak Force [N]",
]
VALD_SUMMARY = [
    "Jugador",
    "ID",
    "Test Type",
    "Date",
    "Time",
    "BW [KG]",
    "Reps",
    "Peak Power / BM [W/kg] ",
    "Eccentric Peak Power / BM [W/kg] ",
    "Jump Height (Imp-Mom) [cm] ",
    "RSI-modified [m/s] ",
    "Flight Time:Contraction Time ",
    "Eccentric Peak Velocity [m/s] ",
    "Eccentric Duration [ms] ",
    "Concentric Peak Force [N] ",
    "Concentric Duration [ms] ",
]
HAWKIN = [
    "TestId",
    "Date",
    "Time",
    "Name",
    "Segment",
    "Position",
    "Type",
    "Excluded",
    "Tags",
    "System Weight",
    "Jump Height",
    "Jump Momentum",
    "Countermovement Depth",
    "Braking RFD",
    "Stiffness",
    "Avg. Braking Force",
    "Peak Braking Force",
    "Unweighting Phase",
    "Unweighting Phase %",
    "Braking Phase",
    "Flight Time",
    "Time To Takeoff",
    "Takeoff Velocity",
    "Peak Velocity",
    "Peak Relative Propulsive Power",
    "Peak Propulsive Power",
    "L|R Peak Braking Force",
    "Time to Stabilization",
    "Landing Stiffness",
    "RSI",
    "mRSI",
]
HAWKIN_API = [
    "active",
    "avg_braking_force_n",
    "avg_propulsive_power_w",
    "countermovement_depth_m",
    "flight_time_s",
    "impulse_ratio",
    "jump_height_m",
    "jump_momentum_kg_m_s",
    "m_rsi",
    "peak_propulsive_power_w",
    "peak_velocity_m_s",
    "rsi",
    "takeoff_velocity_m_s",
    "time_to_takeoff_s",
    "system_weight_n",
]


def _day(visit: Visit, days: int = 7) -> int:
    return 1 + days * visit.period + (0, 0, 1, 2, 3)[visit.time]


def vald_trials() -> Case:
    """Three jumps a visit, three arms, six rows above the header, two heights of the jump."""
    arms, times = ["Sauna", "CWI", "Control"], ["Baseline", "Post 0", "Post 24", "Post 48"]
    numbers = Numbers(11)
    header = [*VALD_TRIALS, "Intervention", "Session time", "Visit no"]
    rows: Rows = [
        ["VALD ForceDecks"],
        ["Group:", "Squad A"],
        ["Exported", "2024-05-02"],
        [],
        [],
        [],
    ]
    rows.append(header)
    for visit in crossover(10, 3, 4):
        for trial in (1, 2, 3):
            height = numbers.height(visit)
            values: dict[str, Any] = {
                "Athlete": f"ATH-{visit.who + 1:02}",
                "Test Type": "CMJ",
                "Test Date": f"{_day(visit):02}/05/2024",
                "Body Weight [kg]": round(70 + visit.who + numbers.around(0, 0.3), 1),
                "Trial": trial,
                "Athlete Standing Weight [kg]": 70 + visit.who,
                "Contraction Time [ms]": round(numbers.around(780, 40)),
                "Flight Time [ms]": round(2 * (2 * height / 981) ** 0.5 * 1000),
                "Jump Height (Imp-Dis) [cm]": round(height, 1),
                "Jump Height (Flight Time) [cm]": round(height + numbers.around(1.8, 0.2), 1),
                "Eccentric Peak Power [W]": round(numbers.around(1900, 120)),
                "Peak Power [W]": round(numbers.around(4200, 90)),
                "Takeoff Peak Force (Right) [N]": round(numbers.around(820, 30)),
                "Takeoff Peak Force (Left) [N]": round(numbers.around(815, 30)),
                "Concentric Duration [ms]": round(numbers.around(260, 15)),
                "Countermovement Depth [cm]": round(numbers.around(-31, 2), 1),
                "Concentric Peak Force [N]": round(numbers.around(1750, 60)),
                "Intervention": arms[visit.arm],
                "Session time": times[visit.time],
                "Visit no": visit.period + 1,
            }
            rows.append(filled(header, values))
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Athlete, arm: Intervention, time: Session time, period: Visit no}
arms: {Sauna: , CWI: , Control: {role: control}}
times:
  pre: {hours: -1, role: baseline, label: Baseline}
  0h: {hours: 0, role: before_treatment, label: Post 0}
  24h: {hours: 24, label: Post 24}
  48h: {hours: 48, label: Post 48}
outcomes:
  jump: {file: forcedecks_trials.xlsx, export: vald_trials,
    value: "Jump Height (Flight Time) [cm]", unit: cm, better: higher, replicates: mean}
"""
    answers = Answers(
        "Control",
        {"forcedecks": "higher"},
        ("forcedecks", "Sauna", "Control", "Post 24"),
        values={"forcedecks": '"Jump Height (Flight Time) [cm]"'},
    )
    files = {"forcedecks_trials.xlsx": workbook({"Tests": rows})}
    return Case("vald_trials", files, answers, right)


def vald_summary() -> Case:
    """A Spanish account, one row per test, headers that end in a blank."""
    arms, times = ["Reposo", "Infrarrojo"], ["Antes", "Después", "24 horas", "48 horas"]
    numbers = Numbers(12)
    header = [*VALD_SUMMARY, "Tratamiento", "Momento", "Semana"]
    rows: Rows = [header]
    for visit in crossover(9, 2, 4):
        height = numbers.height(visit)
        values: dict[str, Any] = {
            "Jugador": f"J{visit.who + 1}",
            "ID": 7000 + len(rows),
            "Test Type": "CMJ",
            "Date": f"{_day(visit):02}/03/2024",
            "Time": f"{9 + visit.time}:{10 + visit.who}",
            "BW [KG]": round(68 + visit.who + numbers.around(0, 0.3), 1),
            "Reps": 3,
            "Peak Power / BM [W/kg] ": round(numbers.around(52, 1.5), 1),
            "Jump Height (Imp-Mom) [cm] ": round(height, 1),
            "RSI-modified [m/s] ": round(numbers.around(0.45, 0.03), 2),
            "Concentric Peak Force [N] ": round(numbers.around(1700, 60)),
            "Concentric Duration [ms] ": round(numbers.around(255, 12)),
            "Tratamiento": arms[visit.arm],
            "Momento": times[visit.time],
            "Semana": visit.period + 1,
        }
        rows.append(filled(header, values))
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Jugador, arm: Tratamiento, time: Momento, period: Semana}
arms: {Reposo: {role: control}, Infrarrojo: }
times:
  Antes: {hours: -1, role: baseline}
  Después: {hours: 0, role: before_treatment}
  24 horas: {hours: 24}
  48 horas: {hours: 48}
outcomes:
  jump: {file: ForceDecks-export.csv, export: vald_summary,
    value: "Jump Height (Imp-Mom) [cm]", unit: cm, better: higher}
"""
    answers = Answers("Reposo", {"Jump": "higher"}, ("Jump", "Infrarrojo", "Reposo", "24 horas"))
    return Case("vald_summary", {"ForceDecks-export.csv": delimited(rows)}, answers, right)


def hawkin_cloud() -> Case:
    """Tags are the time, two jumps a visit, some excluded; the period is called Order."""
    arms, times = ["PLA", "FIR", "WBC"], ["Pre", "Post", "+24h", "+72h"]
    numbers = Numbers(13)
    header = [*HAWKIN, "Arm", "Order"]
    rows: Rows = [header]
    for visit in crossover(8, 3, 4):
        for trial in (1, 2):
            bad = (visit.who, visit.period, visit.time, trial) == (3, 1, 2, 1)
            rows.append(filled(header, _hawkin(numbers, visit, trial, bad, times[visit.time])
                               | {"Arm": arms[visit.arm], "Order": visit.period + 1}))  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Name, arm: Arm, time: Tags, period: Order}
arms: {PLA: {role: control}, FIR: , WBC: }
times:
  Pre: {hours: -1, role: baseline}
  Post: {hours: 0, role: before_treatment}
  +24h: {hours: 24}
  +72h: {hours: 72}
outcomes:
  jump: {file: hawkin.csv, export: hawkin_cloud, value: Jump Height, unit: m, convert_to: cm,
    better: higher, replicates: mean}
missing_codes: [N/A]
"""
    answers = Answers("PLA", {"Jump": "higher"}, ("Jump", "FIR", "PLA", "+24h"))
    return Case("hawkin_cloud", {"hawkin.csv": delimited(rows)}, answers, right)


def _hawkin(numbers: Numbers, visit: Visit, trial: int, excluded: bool, tag: str) -> dict[str, Any]:
    height = numbers.height(visit) / 100
    lost = (visit.who, visit.period, visit.time, trial) == (5, 0, 3, 2)
    return {
        "TestId": f"k{visit.who}{visit.period}{visit.time}{trial}x",
        "Date": f"2024-04-{_day(visit):02}",
        "Time": f"{8 + visit.time}:{30 + visit.who}:0{trial}",
        "Name": f"S-{visit.who + 101}",
        "Segment": f"Countermovement Jump:{trial}",
        "Type": "Countermovement Jump",
        "Excluded": str(excluded),
        "Tags": tag,
        "System Weight": round(numbers.around(720, 5), 1),
        "Jump Height": "N/A" if lost else round(height, 3),
        "Jump Momentum": round(numbers.around(190, 4), 1),
        "Countermovement Depth": round(numbers.around(-0.3, 0.02), 3),
        "Braking RFD": round(numbers.around(6800, 500)),
        "Peak Braking Force": round(numbers.around(1700, 60)),
        "Flight Time": round((8 * height / 9.81) ** 0.5, 3),
        "Time To Takeoff": round(numbers.around(0.77, 0.03), 3),
        "Takeoff Velocity": round((2 * 9.81 * height) ** 0.5, 2),
        "Peak Relative Propulsive Power": round(numbers.around(51, 1.5), 1),
        "Peak Propulsive Power": round(numbers.around(3900, 90)),
        "L|R Peak Braking Force": round(numbers.around(1, 3), 1),
        "RSI": round(numbers.around(0.62, 0.03), 2),
        "mRSI": round(numbers.around(0.46, 0.03), 2),
    }


def hawkin_api() -> Case:
    """The API's names; the time is days from the exercise, arms are numbers 0 and 1."""
    numbers = Numbers(14)
    header = [*HAWKIN_API, "athlete_id", "treat", "day", "period"]
    rows: Rows = [header]
    days = (-1, 0, 1, 2, 3)
    for visit in crossover(10, 2, 5):
        height = numbers.height(visit) / 100
        values: dict[str, Any] = {
            "active": "True",
            "avg_braking_force_n": round(numbers.around(1200, 40)),
            "countermovement_depth_m": round(numbers.around(-0.3, 0.02), 3),
            "flight_time_s": round((8 * height / 9.81) ** 0.5, 3),
            "impulse_ratio": round(numbers.around(1.4, 0.05), 2),
            "jump_height_m": round(height, 4),
            "m_rsi": round(numbers.around(0.46, 0.03), 3),
            "peak_propulsive_power_w": round(numbers.around(3900, 90)),
            "takeoff_velocity_m_s": round((2 * 9.81 * height) ** 0.5, 3),
            "athlete_id": f"{visit.who + 1:03}",
            "treat": visit.arm,
            "day": days[visit.time],
            "period": visit.period + 1,
        }
        rows.append(filled(header, values))
    right = """
title: t
design: crossover
randomised: true
columns: {participant: athlete_id, arm: treat, time: day, period: period}
arms: {"0": {role: control}, "1": }
times:
  "-1": {hours: -24, role: baseline}
  "0": {hours: 0, role: before_treatment}
  "1": {hours: 24}
  "2": {hours: 48}
  "3": {hours: 72}
outcomes:
  jump: {file: cmj.csv, export: hawkin_api, value: jump_height_m, unit: m, better: higher}
"""
    answers = Answers("0", {"jump": "higher"}, ("jump", "1", "0", "1"))
    return Case("hawkin_api", {"cmj.csv": delimited(rows)}, answers, right)
