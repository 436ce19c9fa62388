"""Write tests/data/exports: the base trial as known systems would have exported it.

    python -m tests.data.make_exports

Headers are those of real exports; the rest of each file is made up. Columns that a system does not
have (arm, period) are added as docs/exports.md says.
"""

import csv
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl

from tests.data.make_faults import rows

FOLDER = Path(__file__).parent / "exports"


def columns(header: str) -> list[str]:
    """Return the names in the header line of a file."""
    return header.split(",")


VALD_TRIALS = columns(
    "Athlete,Test Type,Test Date,Body Weight [kg],Trial,Athlete Standing Weight [kg],"
    "Effective Drop [cm],Contraction Time [ms],Contact Time [ms],Flight Time [ms],"
    "Jump Height (Imp-Dis) [cm],Jump Height (Flight Time) [cm],Eccentric Peak Power [W],"
    "Peak Power [W],Active Stiffness [N/m],Takeoff Peak Force (Right) [N],"
    "Takeoff Peak Force (Left) [N],Concentric Duration [ms],Countermovement Depth [cm]"
)
VALD_SUMMARY = columns(
    "Jugador,ID,Test Type,Date,Time,BW [KG],Reps,Peak Power / BM [W/kg] ,"
    "Eccentric Peak Power / BM [W/kg] ,Jump Height (Imp-Mom) [cm] ,RSI-modified [m/s] ,"
    "Flight Time:Contraction Time ,Concentric Peak Force [N] ,Concentric Duration [ms] "
)
HAWKIN = columns(
    "TestId,Date,Time,Name,Segment,Position,Type,Excluded,Tags,System Weight,Jump Height,"
    "Jump Momentum,Countermovement Depth,Braking RFD,Stiffness,Flight Time,Time To Takeoff,"
    "Takeoff Velocity,Peak Relative Propulsive Power,L|R Peak Braking Force,RSI,mRSI"
)
HAWKIN_API = columns("active,athlete,jump_height_m,takeoff_velocity_m_s,m_rsi")
REDCAP = columns("record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance")
QUALTRICS = columns(
    "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,"
    "ResponseId,RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,"
    "LocationLatitude,LocationLongitude,DistributionChannel,UserLanguage,Q1,Q2,Q3,Q4,Q5"
)
SMARTABASE = columns("about,user_id,form,start_date")
PMSYS = columns(
    "effective_time_frame,fatigue,mood,readiness,sleep_duration_h,sleep_quality,soreness,"
    "soreness_area,stress"
)
ADDED = ["Condition", "Timepoint", "Week"]
SMALL = ["condition", "timepoint", "week"]
CLOCK = {"pre": "08:00:00", "1h": "10:00:00", "24h": "09:00:00"}
LABELS = {"pre": "Before the run", "1h": "1 hour after", "24h": "The next day"}


def visits() -> list[tuple[str, str, str, str, int]]:
    """Return athlete, arm, time, week and soreness of every visit of the base trial."""
    return [(a, arm, time, week, int(vas)) for a, arm, time, week, vas in rows()[1:]]


def day(week: str, time: str) -> str:
    """Return the date of a visit."""
    return f"2024-03-{14 * int(week) - 10 + (time == '24h'):02}"


def moment(week: str, time: str) -> str:
    """Return date and time of day of a visit; the exercise ends at nine."""
    return f"{day(week, time)} {CLOCK[time]}"


def height(vas: int, trial: int = 0) -> float:
    """Return a made-up jump height in cm: the sorer, the lower."""
    return round(42.3 - vas / 10 + 0.4 * trial, 1)


def text(table: list[list[Any]]) -> bytes:
    """Return a table as CSV."""
    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    return stream.getvalue().encode()


def filled(header: list[str], values: dict[str, Any]) -> list[Any]:
    """Return a row with the columns of `values` filled and the others empty."""
    assert set(values) <= set(header), set(values) - set(header)
    return [values.get(name, "") for name in header]


def vald_trials() -> bytes:
    """Two jumps per visit; one athlete was not weighed once."""
    header = [*VALD_TRIALS, *ADDED]
    table: list[list[Any]] = [["ForceDecks"], ["Report", "Trials"], [], ["Tests", 36], [], []]
    table.append(header)
    for athlete, arm, time, week, vas in visits():
        for trial in (1, 2):
            values = {
                "Athlete": athlete,
                "Test Type": "CMJ",
                "Test Date": day(week, time),
                "Body Weight [kg]": -1 if (athlete, arm, time) == ("P02", "fir", "1h") else 71.4,
                "Trial": trial,
                "Jump Height (Imp-Dis) [cm]": height(vas, trial),
                "Jump Height (Flight Time) [cm]": height(vas, trial) + 1.7,
            }
            added = dict(zip(ADDED, (arm, time, int(week)), strict=True))
            table.append(filled(header, values | added))
    book = openpyxl.Workbook()
    for row in table:
        book.worksheets[0].append([None if value == "" else value for value in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def vald_summary() -> bytes:
    """One row per test."""
    header = [*VALD_SUMMARY, *ADDED]
    body = [
        filled(
            header,
            {
                "Jugador": athlete,
                "ID": 700 + int(athlete[1:]),
                "Test Type": "CMJ",
                "BW [KG]": 71.4,
                "Reps": 3,
                "Jump Height (Imp-Mom) [cm] ": height(vas),
                **dict(zip(ADDED, (arm, time, week), strict=True)),
            },
        )
        for athlete, arm, time, week, vas in visits()
    ]
    return text([header, *body])


def hawkin_cloud() -> bytes:
    """Two jumps per visit in metres, some of which were set aside; empty columns at the right."""
    header = [*HAWKIN, "Condition", "Week", *[""] * 20]
    body = []
    for number, (athlete, arm, time, week, vas) in enumerate(visits()):
        for trial in (1, 2, 3) if number == 4 else (1, 2):
            values = {
                "TestId": f"t{number}{trial}",
                "Name": athlete,
                "Segment": f"Countermovement Jump:{trial}",
                "Type": "Countermovement Jump",
                "Excluded": "TRUE" if trial == 3 else "FALSE",
                "Tags": time,
                "Jump Height": 0.12 if trial == 3 else round(height(vas, trial) / 100, 3),
                "RSI": "N/A",
                "Condition": arm,
                "Week": week,
            }
            body.append(filled(header, values))
    return text([header, *body])


def hawkin_api() -> bytes:
    """As the cloud's, with the names of the API."""
    header = [*HAWKIN_API, *SMALL]
    body = [
        filled(
            header,
            {
                "active": "true",
                "athlete": athlete,
                "jump_height_m": round(height(vas, trial) / 100, 3),
                **dict(zip(SMALL, (arm, time, week), strict=True)),
            },
        )
        for athlete, arm, time, week, vas in visits()
        for trial in (1, 2)
    ]
    return text([header, *body, ["false", "P01", 0.1, "", "", "passive", "pre", "1"]])


def redcap() -> bytes:
    """One row per record and event."""
    header = [*REDCAP, "treatment", "week", "soreness", "soreness_complete"]
    body = [
        [athlete, f"week_{week}_{time}_arm_1", "", "", arm, week, vas, 2]
        for athlete, arm, time, week, vas in visits()
    ]
    return text([header, *body])


def qualtrics() -> bytes:
    """Answers below two rows that describe the columns; the first answer is a preview."""
    asked = dict(zip(("Q1", "Q2", "Q3", "Q4", "Q5"), ("Code", "Arm", "Time", "Week", "Pain"),
                     strict=True))  # fmt: skip
    table = [
        QUALTRICS,
        [asked.get(name, name) for name in QUALTRICS],
        [f'{{"ImportId":"{name}"}}' for name in QUALTRICS],
    ]
    answers = [("Survey Preview", "test", "passive", "pre", "1", 50)]
    answers += [("IP Address", *visit) for visit in visits()]
    for status, athlete, arm, time, week, vas in answers:
        values = {
            "StartDate": moment(week, time),
            "Status": status,
            "Progress": 100,
            "Finished": "True",
            "DistributionChannel": "anonymous",
            **dict(zip(asked, (athlete, arm, LABELS[time], week, vas), strict=True)),
        }
        table.append(filled(QUALTRICS, values))
    return text(table)


def google_forms() -> bytes:
    """One column per question."""
    header = ["Timestamp", "Your code", "Treatment today", "When is it?", "Which week?"]
    body = [
        [moment(week, time), athlete, arm, LABELS[time], week, vas]
        for athlete, arm, time, week, vas in visits()
    ]
    return text([[*header, "How sore are your legs (0-100)?"], *body])


def smartabase() -> bytes:
    """One row per entry of a form; the names of the athletes are removed."""
    header = [*SMARTABASE, *SMALL, "soreness", "entered_by_user_id", "event_id"]
    body = [
        ["", int(athlete[1:]) + 4000, "Recovery", day(week, time), arm, time, week, vas, 17, place]
        for place, (athlete, arm, time, week, vas) in enumerate(visits())
    ]
    return text([header, *body])


def pmsys() -> bytes:
    """Five steps; higher is better."""
    header = ["athlete", *PMSYS, *SMALL]
    body = [
        filled(
            header,
            {
                "athlete": athlete,
                "soreness": max(1, 5 - vas // 12),
                **dict(zip(SMALL, (arm, time, week), strict=True)),
            },
        )
        for athlete, arm, time, week, vas in visits()
    ]
    return text([header, *body])


MADE = {
    "vald_trials.xlsx": vald_trials,
    "vald_summary.csv": vald_summary,
    "hawkin_cloud.csv": hawkin_cloud,
    "hawkin_api.csv": hawkin_api,
    "redcap.csv": redcap,
    "qualtrics.csv": qualtrics,
    "google_forms.csv": google_forms,
    "smartabase.csv": smartabase,
    "pmsys.csv": pmsys,
}


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in MADE.items():
        (FOLDER / name).write_bytes(make())


if __name__ == "__main__":
    main()
