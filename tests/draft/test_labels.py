"""What labels say: hours of times, spellings of arms, kinds and units of measures."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

from analysis.draft.build import drafted
from analysis.draft.labels.arms import arms_of
from analysis.draft.labels.clock import timed
from analysis.draft.labels.measures import measure
from analysis.draft.labels.times import times_of, without_course
from analysis.draft.text import trial_yaml


@pytest.mark.parametrize(
    ("labels", "hours"),
    [
        ("pre, post, 24h, 48 h", [-1, 0, 24, 48]),
        ("PRE, post, Post-24, POST-48", [-1, 0, 24, 48]),
        ("h0, h24, 30 min, +1h, -1h", [0, 24, 0.5, 1, -1]),
        ("Before the run, 1 hour after, The next day", [-1, 1, 24]),
        ("baseline, immediately post, 24 hours post-exercise, 72hrs", [-1, 0, 24, 72]),
        ("vorher, nachher, 24 Std, 2 Tage", [-1, 0, 24, 48]),
        ("avant, après, +24 h", [-1, 0, 24]),
        ("day 1 pre, day 1 post, day 2", [-1, 0, 24]),
        ("D0, D1, D2", [0, 24, 48]),
        ("pre, D+1, D+2", [-1, 24, 48]),
        ("MD-1, MD, MD+1, MD+2", [-24, 0, 24, 48]),
        ("week_1_pre_arm_1, week_2_24h_arm_1", [-1, 24]),
        ("0, 24, 48", [0, 24, 48]),
        ("T0, T24, T48", [0, 24, 48]),
        ("P0, P24, P48, P72", [0, 24, 48, 72]),
        ("T-1, T0, T24, T48", [-1, 0, 24, 48]),
        ("0 h (pre), 0 h (post), 24 h", [-1, 0, 24]),
    ],
)
def test_hours_that_labels_say(labels: str, hours: list[float]) -> None:
    assert [each.hours for each in timed(labels.split(", "))] == hours


@pytest.mark.parametrize(
    "labels", ["T0, T1, T2", "1, 2, 3", "D1, D2, D3", "mid, end", "VIS1, VIS2"]
)
def test_hours_that_nobody_can_know_are_not_guessed(labels: str) -> None:
    assert {each.hours for each in timed(labels.split(", "))} == {None}


def test_the_header_says_the_unit_of_bare_numbers() -> None:
    labels = ["-10", "0", "60", "1440"]
    assert [each.hours for each in timed(labels, {"tempo", "min"})] == [-10 / 60, 0, 1, 24]
    assert [each.hours for each in timed(["-1", "0", "2"], {"day"})] == [-24, 0, 48]


def test_times_are_joined_by_their_hours_unless_one_person_has_both() -> None:
    joined = times_of(["pre", "24h", "24 h", "H24"], (), set())
    assert [each.spellings for each in joined] == [("pre",), ("24h", "24 h", "H24")]
    apart = times_of(["pre", "24h", "next day"], (), {frozenset(("24h", "next day"))})
    assert [each.hours for each in apart] == [-1, 24, None]
    assert "like another one" in apart[2].question


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        ("pre, post, 24h", "'post' (right after the exercise, or after the treatment?)"),
        ("vor, nach, 24h", "'nach' (right after the exercise, or after the treatment?)"),
        ("pre, D0, D1", "'D0' (right after the exercise, or later that day?)"),
        ("pre, 30 min, 24h", "'30 min' (before the treatment, or after it?)"),
        ("pre, 0h, 30 min, 24h", ""),
        ("pre, immediately post, 1h", ""),
        ("pre, direkt nach Belastung, 1h", ""),
        ("before, right after the exercise (before treatment), 24h", ""),
    ],
)
def test_what_a_label_leaves_open_after_the_exercise_is_asked(labels: str, asked: str) -> None:
    times = times_of(labels.split(", "), (), set())
    assert "".join(each.question for each in times) == asked
    early = times[1]
    assert (early.hours, early.role) == ((None, None) if asked else (0, "before_treatment"))


def test_a_baseline_without_hours_is_that_with_hours_unless_somebody_has_both() -> None:
    labels = ["pre", "24h", "-30 min"]
    (baseline, _) = times_of(labels, (), set())
    assert (baseline.spellings, baseline.hours) == (("pre", "-30 min"), -0.5)
    assert len(times_of(labels, (), {frozenset(("pre", "-30 min"))})) == 3


def test_days_that_begin_with_the_second_are_asked() -> None:
    """Day 2 after `pre` and `post` is 24 h or 48 h after the exercise."""
    times = times_of(["pre", "0h", "Day 2", "Day 3"], (), set())
    assert [each.hours for each in times] == [-1, 0, None, None]


def test_unknown_labels_of_several_courses_are_one_time() -> None:
    labels = ["uke_1_fr_lp_arm_1", "uke_2_fr_lp_arm_1", "uke_1_24t_arm_1", "uke_2_24t_arm_1"]
    times = times_of(labels, (), set())
    assert [each.spellings for each in times] == [tuple(labels[:2]), tuple(labels[2:])]
    assert len(times_of(["V1", "V2"], (), set())) == 2


def test_words_for_days_are_not_taken_for_right_after() -> None:
    labels = ["De dag erna", "Två dagar efter", "Tre giorni dopo", "Half an hour post", "xyz after"]
    assert [each.hours for each in timed(labels)] == [24, 48, 72, 0.5, None]


def test_a_first_time_of_zero_is_asked_where_there_is_no_baseline() -> None:
    first = times_of(["0h", "24h"], (), set())[0]
    assert first.hours is None
    assert first.role is None
    assert "before the exercise, or right after it" in first.question


def rows(*cells: tuple[str, str], file: str = "a.csv", period: str = "") -> pd.DataFrame:
    table = [{"who": who, "arm": arm, "file": file, "period": period} for who, arm in cells]
    return pd.DataFrame(table)


def spelled(table: pd.DataFrame) -> list[set[str]]:
    return [set(each.spellings) for each in arms_of(table)]


def test_spellings_of_an_arm_are_joined_where_nobody_has_both() -> None:
    table = rows(("1", "FIR"), ("1", "rest"), ("2", "far-infrared"), ("2", "Rest"), ("3", "fir"))
    assert spelled(table) == [{"FIR", "far-infrared", "fir"}, {"rest", "Rest"}]


def test_arms_that_one_person_has_are_never_joined() -> None:
    table = rows(("1", "control"), ("1", "passive"), ("2", "control"), ("2", "passive"))
    assert spelled(table) == [{"control"}, {"passive"}]


def test_synonyms_prove_nothing_in_a_parallel_trial() -> None:
    table = rows(*[(str(n), ("sham", "placebo", "control", "rest")[n % 4]) for n in range(20)])
    assert len(spelled(table)) == 4


@pytest.mark.parametrize(
    "arms", [("FIR", "FIR + stretching"), ("placebo A", "placebo B"), ("CON", "contrast")]
)
def test_different_arms_of_a_parallel_trial_stay_two(arms: tuple[str, str]) -> None:
    assert len(spelled(rows(*[(str(n), arms[n % 2]) for n in range(20)]))) == 2


@pytest.mark.parametrize("arms", [("FIR", "Far infrared"), ("PAS", "Passive rest"),
                                  ("CWI", "cold water immersion")])  # fmt: skip
def test_abbreviations_are_spellings_of_one_arm(arms: tuple[str, str]) -> None:
    assert len(spelled(rows(*[(str(n), arms[n % 2]) for n in range(20)]))) == 1


def test_two_spellings_in_one_period_are_one_arm_and_in_two_periods_are_two() -> None:
    first = pd.concat(rows((str(n), arm), period="1") for n in range(4) for arm in ("X1", "alpha"))
    assert spelled(first) == [{"X1", "alpha"}]
    one = pd.concat(rows((str(n), "fir"), period="1", file="a.csv") for n in range(4))
    other = pd.concat(rows((str(n), "infrared"), period="2", file="b.csv") for n in range(4))
    assert spelled(pd.concat([one, other])) == [{"fir"}, {"infrared"}]


def test_signs_tell_arms_apart() -> None:
    assert spelled(rows(("1", "B+"), ("2", "B"), ("3", "B-"))) == [{"B+"}, {"B", "B-"}]


@pytest.mark.parametrize(
    ("header", "values", "kind", "unit", "limits"),
    [
        ("vas", [0, 41, 90], "vas", "mm", (0, 100)),
        ("DOMS VAS", [0, 4.1, 9.0], "soreness", "cm", (0, 10)),
        ("soreness (0-10)", [0, 4, 7], "soreness", "points", (0, 10)),
        ("Jump Height (Imp-Dis) [cm]", [30, 40], "jump", "cm", (3, 110)),
        ("jump_height_m", [0.31, 0.4], "jump", "m", (0.03, 1.1)),
        ("cmj", [310, 402], "jump", "mm", (30, 1100)),
        ("CK_UL", [100, 400], "ck", "U/L", None),
        ("peak_power_w_kg", [50, 55], "power", "W/kg", None),
        ("peak power", [2500, 4000], "power", "W", None),
        ("sprint_10m", [1.8, 1.9], "sprint", "s", None),
        ("Lattato (mmol/L)", [1.0, 4.0], "lactate", "mmol/L", None),
        ("mvc", [400, 600], "force", None, None),
        ("grip_kg", [30, 40], "force", "kg", None),
        ("something", [1, 2], None, None, None),
    ],
)
def test_what_a_column_of_values_is(
    header: str, values: list[float], kind: str | None, unit: str | None, limits: object
) -> None:
    found = measure(header, pd.Series(values, dtype=float))
    assert (found.kind, found.unit, found.range) == (kind, unit, limits)


def test_the_file_names_a_value_that_its_header_does_not() -> None:
    found = measure("value", pd.Series([30.0, 40.0]), ["jump"])
    assert (found.name, found.unit) == ("jump", "cm")


def test_a_scale_that_the_numbers_do_not_show_has_no_range() -> None:
    found = measure("soreness", pd.Series([1.0, 3.0, 5.0]))
    assert found.range is None
    assert found.unit == "points"


def test_times_in_an_unknown_language_are_found_by_their_place_and_asked() -> None:
    rows = ["id,arm,faza,vas"]
    for who in range(1, 7):
        for arm in ("FIR", "rest"):
            for n, label in enumerate(("zzaa", "zzbb", "zzcc")):
                rows.append(f"P{who},{arm},{label},{10 + 7 * n + who}")
    text, _ = trial_yaml(drafted("t", {"a.csv": "\n".join(rows).encode()}))
    assert "time: faza  # guessed: the only column of few words that tells the visits" in text
    assert "was 'zzaa', 'zzbb', 'zzcc'?" in " ".join(text.replace("#", " ").split())


def test_what_counts_courses_in_labels_is_no_part_of_the_time() -> None:
    """An unknown word and a number that is one per course; the letter of a pattern it is not."""
    labels = [f"besg_{k}_{time}_arm_1" for k in (1, 2) for time in ("fr", "efter", "24_timer")]
    courses = {frozenset(pair) for k in (0, 3) for pair in combinations(labels[k : k + 3], 2)}
    found = times_of(labels, (), courses)
    assert [set(each.spellings) for each in sorted(found, key=lambda each: each.label)] == [
        {labels[n], labels[n + 3]} for n in (2, 1, 0)
    ]
    assert without_course(["T0", "T1", "T2"], {frozenset(("T0", "T1"))}) == ("T0", "T1", "T2")


def test_a_tag_is_no_day_where_the_numbers_are_hours() -> None:
    found = timed(["Pre", "Post24", "Post48"], {"tag", "names"})
    assert [each.hours for each in found] == [-1, 24, 48]
    assert [each.hours for each in timed(["0", "1", "2"], {"tag"})] == [0, 24, 48]
