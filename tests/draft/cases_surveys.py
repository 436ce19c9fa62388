"""Data sets as questionnaires and athlete monitoring export them; numbers are made up."""

from __future__ import annotations

from typing import Any

from tests.draft.answering import Answers
from tests.draft.case import Case
from tests.draft.made import Numbers, Rows, crossover, delimited, filled, parallel

QUALTRICS = [
    "StartDate",
    "EndDate",
    "Status",
    "IPAddress",
    "Progress",
    "Duration (in seconds)",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "RecipientLastName",
    "RecipientFirstName",
    "RecipientEmail",
    "ExternalReference",
    "LocationLatitude",
    "LocationLongitude",
    "DistributionChannel",
    "UserLanguage",
]


def redcap() -> Case:
    """Raw values: the arm is coded 1 and 2; three scores; an instrument's complete column."""
    events = ["baseline", "post_exercise", "24_hours", "48_hours"]
    numbers = Numbers(21)
    header = ["record_id", "redcap_event_name", "redcap_repeat_instrument",
              "redcap_repeat_instance", "trt_code", "period_nr", "doms_vas", "ck",
              "recovery_form_complete"]  # fmt: skip
    rows: Rows = [header]
    for visit in crossover(10, 2, 4):
        event = f"p{visit.period + 1}_{events[visit.time]}_arm_1"
        rows.append([
            visit.who + 1, event, "", "", visit.arm + 1, visit.period + 1,
            round(numbers.rating(visit)), round(numbers.enzyme(visit)), 2,
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: record_id, arm: trt_code, time: redcap_event_name, period: period_nr}
arms: {"1": , "2": {role: control}}
times:
  pre: {hours: -1, role: baseline, aliases: [p1_baseline_arm_1, p2_baseline_arm_1]}
  0h: {hours: 0, role: before_treatment,
    aliases: [p1_post_exercise_arm_1, p2_post_exercise_arm_1]}
  24h: {hours: 24, aliases: [p1_24_hours_arm_1, p2_24_hours_arm_1]}
  48h: {hours: 48, aliases: [p1_48_hours_arm_1, p2_48_hours_arm_1]}
outcomes:
  soreness: {file: RecoveryStudy_DATA.csv, export: redcap, value: doms_vas, unit: mm,
    range: [0, 100], better: lower}
  ck: {file: RecoveryStudy_DATA.csv, export: redcap, value: ck, unit: U/L, better: lower}
"""
    answers = Answers(
        "2", {"doms": "lower", "ck": "lower"}, ("doms", "1", "2", "p1_24_hours_arm_1")
    )
    return Case("redcap", {"RecoveryStudy_DATA.csv": delimited(rows)}, answers, right)


def qualtrics() -> Case:
    """Two sliders in one survey, long answers, a preview; visits are words."""
    arms = ["Far-infrared sauna", "Resting in a chair"]
    times = ["Just before exercise", "Straight after exercise", "One day after", "Two days after"]
    numbers = Numbers(22)
    header = [*QUALTRICS, "Q2", "Q3", "Q4", "Q5", "Q6_1", "Q7_1"]
    said = {
        "Q2": "Please enter your study code",
        "Q3": "Which recovery did you get in this visit block?",
        "Q4": "When are you answering?",
        "Q5": "Is this your first or second block?",
        "Q6_1": "How sore are your thighs right now? - Soreness (0 to 100)",
        "Q7_1": "How tired do you feel? - Fatigue (0 to 10)",
    }
    described = [said.get(name, name) for name in header]
    imports = [f'{{"ImportId":"{name.lower()}"}}' for name in header]
    rows: Rows = [header, described, imports]
    for place, visit in enumerate(crossover(12, 2, 4)):
        minute = f"2024-02-{1 + 7 * visit.period + visit.time:02} 1{visit.time}:{place % 60:02}:00"
        values: dict[str, Any] = {
            "StartDate": minute,
            "EndDate": minute,
            "Status": "Survey Preview" if place == 0 else "IP Address",
            "Progress": 100,
            "Duration (in seconds)": round(numbers.around(50, 9)),
            "Finished": "True",
            "RecordedDate": minute,
            "ResponseId": f"R_{place:04}",
            "DistributionChannel": "anonymous",
            "UserLanguage": "EN",
            "Q2": f"{visit.who + 11}",
            "Q3": arms[visit.arm],
            "Q4": times[visit.time],
            "Q5": ["First", "Second"][visit.period],
            "Q6_1": round(numbers.rating(visit)),
            "Q7_1": round(numbers.rating(visit, 10)),
        }
        rows.append(filled(header, values))
    right = """
title: t
design: crossover
randomised: true
columns: {participant: Q2, arm: Q3, time: Q4, period: Q5}
arms: {Far-infrared sauna: , Resting in a chair: {role: control}}
times:
  Just before exercise: {hours: -1, role: baseline}
  Straight after exercise: {hours: 0, role: before_treatment}
  One day after: {hours: 24}
  Two days after: {hours: 48}
outcomes:
  soreness: {file: survey.csv, export: qualtrics, value: Q6_1, unit: points, range: [0, 100],
    better: lower}
  fatigue: {file: survey.csv, export: qualtrics, value: Q7_1, unit: points, range: [0, 10],
    better: lower}
"""
    answers = Answers(
        "Resting in a chair",
        {"Q6_1": "lower", "Q7_1": "lower"},
        ("Q6_1", "Far-infrared sauna", "Resting in a chair", "One day after"),
    )
    return Case("qualtrics", {"survey.csv": delimited(rows)}, answers, right)


def google_forms() -> Case:
    """Questions as headers, answers as sentences, a scale from 0 to 10."""
    arms, times = ["Cold water", "Nothing (control)"], ["Before", "1 hour later", "Next morning"]
    numbers = Numbers(23)
    rows: Rows = [[
        "Timestamp", "Participant code", "Which recovery did you have?",
        "Which time point is this?", "Which test week is it?",
        "Rate your muscle soreness right now (0 = none, 10 = worst)",
    ]]  # fmt: skip
    for visit in crossover(8, 2, 3):
        stamp = f"{1 + 7 * visit.period + visit.time // 2}/6/2024 {9 + visit.time}:15:00"
        rows.append([
            stamp, f"RT{visit.who + 1:02}", arms[visit.arm], times[visit.time],
            f"Week {visit.period + 1}", round(numbers.rating(visit, 10)),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: false
columns:
  participant: Participant code
  arm: Which recovery did you have?
  time: Which time point is this?
  period: Which test week is it?
arms: {Cold water: , Nothing (control): {role: control}}
times:
  Before: {hours: -1, role: baseline}
  1 hour later: {hours: 1}
  Next morning: {hours: 24}
outcomes:
  soreness:
    file: Soreness form (Responses).csv
    value: Rate your muscle soreness right now (0 = none, 10 = worst)
    unit: points
    range: [0, 10]
    better: lower
"""
    answers = Answers(
        "Nothing (control)", {"sore": "lower"},
        ("sore", "Cold water", "Nothing (control)", "Next morning"), randomised=False,
        hours={"Next morning": (24, None)},
    )  # fmt: skip
    return Case("google_forms", {"Soreness form (Responses).csv": delimited(rows)}, answers, right)


def smartabase() -> Case:
    """Two outcomes in one form; the arm goes by abbreviations; codes in `about`, too."""
    arms, times = ["CT", "IR"], ["PRE", "P0", "P24", "P48", "P72"]
    numbers = Numbers(24)
    rows: Rows = [[
        "about", "user_id", "form", "start_date", "Condition", "Timepoint", "Trial Week",
        "Soreness (0-10)", "Jump Height (cm)", "entered_by_user_id", "event_id",
    ]]  # fmt: skip
    for visit in crossover(10, 2, 5):
        rows.append([
            f"A{visit.who + 1:02}", 3100 + 7 * visit.who, "Recovery",
            f"{3 + visit.time:02}/07/2024",
            arms[visit.arm], times[visit.time], visit.period + 1,
            round(numbers.rating(visit, 10), 1), round(numbers.height(visit), 1), 12,
            88000 + len(rows),
        ])  # fmt: skip
    right = """
title: t
design: crossover
randomised: true
columns: {participant: user_id, arm: Condition, time: Timepoint, period: Trial Week}
arms: {CT: {role: control}, IR: }
times:
  PRE: {hours: -1, role: baseline}
  P0: {hours: 0, role: before_treatment}
  P24: {hours: 24}
  P48: {hours: 48}
  P72: {hours: 72}
outcomes:
  soreness: {file: events.csv, export: smartabase, value: Soreness (0-10), unit: points,
    range: [0, 10], better: lower}
  jump: {file: events.csv, export: smartabase, value: Jump Height (cm), unit: cm, better: higher}
"""
    hours = {"P0": (0.0, "before_treatment"), "P24": (24.0, None), "P48": (48.0, None),
             "P72": (72.0, None)}  # fmt: skip
    answers = Answers(
        "CT", {"Sore": "lower", "Jump": "higher"}, ("Sore", "IR", "CT", "P24"), hours=hours
    )
    return Case("smartabase", {"events.csv": delimited(rows)}, answers, right)


def pmsys() -> Case:
    """A parallel trial in daily wellness scores from 1 to 5, days from the match."""
    numbers = Numbers(25)

    def steps(middle: float) -> int:
        return min(max(round(numbers.around(middle, 0.7)), 1), 5)

    names = ["fatigue", "mood", "readiness", "sleep_duration_h", "sleep_quality", "soreness"]
    rows: Rows = [["effective_time_frame", *names, "soreness_area", "stress", "player",
                   "intervention", "match_day"]]  # fmt: skip
    for visit in parallel(16, 2, 5):
        sore = 5 - round(numbers.rating(visit, 4))
        day = ["MD-1", "MD", "MD+1", "MD+2", "MD+3"][visit.time]
        rows.append([
            f"2024-09-{10 + visit.time}T07:{10 + visit.who}:00Z",
            5 - round(numbers.rating(visit, 4)),
            steps(3.5), round(numbers.around(7, 1)), round(numbers.around(7.5, 0.6), 1), steps(3.6),
            sore, "legs", steps(3.4), f"PL{visit.who + 1}", ["compression", "none"][visit.arm],
            day,
        ])  # fmt: skip
    right = """
title: t
design: parallel
randomised: true
columns: {participant: player, arm: intervention, time: match_day}
arms: {compression: , none: {role: control}}
times:
  MD-1: {hours: -24, role: baseline}
  MD: {hours: 0, role: before_treatment}
  MD+1: {hours: 24}
  MD+2: {hours: 48}
  MD+3: {hours: 72}
outcomes:
  soreness: {file: wellness.csv, export: pmsys, value: soreness, unit: points, range: [1, 5],
    better: higher}
  fatigue: {file: wellness.csv, export: pmsys, value: fatigue, unit: points, range: [1, 5],
    better: higher}
  mood: {file: wellness.csv, export: pmsys, value: mood, unit: points, range: [1, 5],
    better: higher}
  readiness: {file: wellness.csv, export: pmsys, value: readiness, unit: points, range: [1, 10],
    better: higher}
  sleep: {file: wellness.csv, export: pmsys, value: sleep_duration_h, unit: h, better: higher}
  sleep_quality: {file: wellness.csv, export: pmsys, value: sleep_quality, unit: points,
    range: [1, 5], better: higher}
  stress: {file: wellness.csv, export: pmsys, value: stress, unit: points, range: [1, 5],
    better: higher}
"""
    answers = Answers(
        "none",
        dict.fromkeys([*names, "stress"], "higher"),
        ("soreness", "compression", "none", "MD+1"),
        hours={"MD-1": (-24, "baseline"), "MD": (0, "before_treatment"), "MD+1": (24, None),
               "MD+2": (48, None), "MD+3": (72, None)},
        ranges={"readiness": "[1, 10]", **dict.fromkeys(
            ["soreness", "fatigue", "mood", "sleep_quality", "stress"], "[1, 5]")},
        units={"sleep_duration_h": "h"},
    )  # fmt: skip
    return Case("pmsys", {"wellness.csv": delimited(rows)}, answers, right)
