"""No sentence says more than its row: every cell of the truth table is asserted."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.report import plan, wording
from analysis.report.names import Names
from analysis.report.verdicts import Planned, verdict
from analysis.trial import Comparison
from tests.unit.fake_trial import make_observations, make_row, make_tables, make_trial

TRIAL = make_trial()
NAMES = Names(TRIAL, {"soreness": 1, "jump": 2})

NEVER = re.compile(
    r"\b(trend\w*|tend\w*|no effect|no difference|equivalen\w*|significan\w*|improv\w*|prove\w*"
    r"|nan|none|<na>|not differ|similar|comparable|marginal\w*|better outcome)\b",
    re.IGNORECASE,
)
CLAIMS = ("was superior", "was inferior", "was non-inferior", "which is better", "which is worse")

# Intervals as multiples of the margin, on the scale of benefit: where they lie and what they show.
INTERVALS = {
    "good, beyond the margin": (1.2, 2.0),
    "good, across the margin": (0.2, 1.4),
    "good, within the margin": (0.2, 0.8),
    "open, within the margin": (-0.6, 0.7),
    "open, across the good margin": (-0.5, 1.6),
    "open, across the bad margin": (-1.6, 0.5),
    "open, across both": (-1.5, 1.4),
    "bad, within the margin": (-0.8, -0.2),
    "bad, across the margin": (-1.4, -0.2),
    "bad, beyond the margin": (-2.0, -1.2),
}
VERDICTS = ("superior", "inferior", "noninferior", "inconclusive", "")
ROLES = ("primary", "secondary", "negative_control", "exploratory")


def row_for(
    interval: tuple[float, float], better: str, p: float, claimed: str, **changes: Any
) -> dict[str, Any]:
    low, high = (10 * each for each in interval)
    if better == "lower":
        low, high = -high, -low
    return make_row(
        estimate=(low + high) / 2,
        ci_low=low,
        ci_high=high,
        p_value=p,
        verdict=claimed,
        better=better,
        **changes,
    )


def all_words(planned: Planned) -> str:
    parts = (
        wording.question(planned, NAMES),
        wording.conclusion(planned, NAMES),
        wording.evidence(planned, NAMES),
        wording.margin_remark(planned, NAMES),
        wording.outcome_of_test(planned, NAMES),
        wording.claim_words(planned),
    )
    return " ".join(parts)


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("where", INTERVALS)
@pytest.mark.parametrize("claim", ["superiority", "noninferiority"])
def test_truth_table(where: str, better: str, claim: Any) -> None:
    low, high = INTERVALS[where]
    comparison = Comparison("soreness", "fir", "passive", "24h", claim)
    cells = itertools.product((0.011, 0.2), VERDICTS, ROLES, (None, 10.0), ("", "too few"), (1, 0))
    for p, claimed, role, margin, few, tested in cells:
        row = row_for((low, high), better, p, claimed, role=role)
        planned = Planned(comparison, row, margin, 0.05, few, bool(tested))
        text = all_words(planned)
        case = (where, better, claim, p, claimed, role, margin, few, tested, text)
        assert not NEVER.search(text), case
        may_claim = role in ("primary", "secondary") and not few and tested
        may = {
            "superior": claim == "superiority" and claimed == "superior" and p < 0.05 and low > 0,
            "inferior": claimed == "inferior"
            and high < 0
            and (p < 0.05 or claim == "noninferiority"),
            "noninferior": claim == "noninferiority"
            and claimed in ("noninferior", "superior")
            and margin is not None
            and low > -1,
        }
        allowed = [name for name, holds in may.items() if holds and may_claim]
        reached = verdict(planned)
        assert (reached in allowed) == bool(allowed), case
        made = [phrase for phrase in CLAIMS if phrase in text]
        if not allowed:
            assert not made, case
            assert reached in ("inconclusive", "description", "not tested"), case
        elif reached == "superior":
            side = "lower" if better == "lower" else "higher"
            assert f"was {side}, which is better, with Far-infrared than with Passive" in text, case
            assert "Far-infrared was superior" in text, case
        elif reached == "inferior":
            side = "higher" if better == "lower" else "lower"
            assert f"was {side}, which is worse, with Far-infrared than with Passive" in text, case
            assert "Far-infrared was inferior" in text, case
        else:
            assert "was not worse than with Passive rest by as much as the margin of 10 mm" in text


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            "open, across both",
            "from 14.0 mm in favour of Far-infrared to 15.0 mm in favour of Passive",
        ),
        ("good, within the margin", "from 2.0 mm to 8.0 mm, all in favour of Far-infrared, but"),
        ("bad, within the margin", "from 2.0 mm to 8.0 mm, all in favour of Passive rest, but"),
    ],
)
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_inconclusive_says_what_the_data_are_compatible_with(
    where: str, expected: str, better: str
) -> None:
    row = row_for(INTERVALS[where], better, 0.2, "inconclusive")
    text = wording.conclusion(Planned(TRIAL.plan.primary, row, 10.0), NAMES)  # type: ignore[arg-type]
    assert "inconclusive. The data are compatible with effects" in text
    assert expected in text


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("good, beyond the margin", "favours Far-infrared by at least that much"),
        ("bad, beyond the margin", "favours Passive rest by at least that much"),
        ("open, within the margin", "the whole interval lies within it, in both directions"),
        ("open, across the good margin", "in favour of Far-infrared, not in favour of Passive"),
        ("open, across the bad margin", "in favour of Passive rest, not in favour of Far-infrared"),
        ("open, across both", "in both directions, for Far-infrared and for Passive rest"),
    ],
)
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_margin_remark_says_where_the_interval_lies(where: str, expected: str, better: str) -> None:
    row = row_for(INTERVALS[where], better, 0.2, "inconclusive")
    planned = Planned(TRIAL.plan.primary, row, 10.0)  # type: ignore[arg-type]
    assert expected in wording.margin_remark(planned, NAMES)
    assert wording.margin_remark(Planned(TRIAL.plan.primary, row), NAMES) == ""  # type: ignore[arg-type]


def test_adjusted_p_decides_and_both_are_shown() -> None:
    row = make_row(p_value=0.03, p_adjusted=0.09, adjustment="holm", family_size=3)
    planned = Planned(TRIAL.plan.primary, row)  # type: ignore[arg-type]
    assert verdict(planned) == "inconclusive"
    assert "p = 0.030, adjusted for multiple testing p = 0.090 (Holm, 3 comparisons)" in all_words(
        planned
    )


def test_evidence_has_every_number_of_the_row() -> None:
    planned = Planned(TRIAL.plan.primary, make_row())  # type: ignore[arg-type]
    assert wording.evidence(planned, NAMES) == (
        "Estimated difference, Far-infrared minus Passive rest: −8.2 mm, 95 % confidence interval "
        "−14.3 to −2.1 mm, t = −2.83 on 18.3 degrees of freedom, p = 0.011, n = 12 participants. "
        "Lower values are better."
    )


def test_confidence_level_comes_from_the_row() -> None:
    planned = Planned(TRIAL.plan.primary, make_row(ci_level=0.9))  # type: ignore[arg-type]
    assert "90 % confidence interval" in wording.evidence(planned, NAMES)


def test_test_against_the_margin_is_named_as_such() -> None:
    row = make_row(analysis="noninferiority", verdict="noninferior")
    comparison = Comparison("soreness", "fir", "passive", "24h", "noninferiority")
    assert "tested against the margin: t =" in wording.evidence(Planned(comparison, row), NAMES)


NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high", "ci_level")


@pytest.mark.parametrize("gap", [np.nan, None, pd.NA])
@pytest.mark.parametrize("claim", ["superiority", "noninferiority"])
def test_missing_numbers_are_never_printed(gap: Any, claim: Any) -> None:
    comparison = Comparison("soreness", "fir", "passive", "24h", claim)
    for missing in [*NUMBERS, "n_participants", "p_adjusted", "family_size"]:
        row = make_row(**{missing: gap}, adjustment="holm")
        for claimed in VERDICTS:
            planned = Planned(comparison, {**row, "verdict": claimed}, 10.0)
            assert not NEVER.search(all_words(planned)), (missing, claimed, all_words(planned))
            if missing in ("estimate", "ci_low", "ci_high", "p_value"):
                assert verdict(planned) not in ("superior", "inferior") or claim != "superiority"
    everything = make_row(**dict.fromkeys(NUMBERS, gap))
    assert "could not be estimated" in all_words(Planned(comparison, everything, 10.0))
    assert "could not be estimated" in all_words(Planned(comparison, None, 10.0))


def test_unreliable_fit_gives_no_conclusion_and_marks_its_numbers() -> None:
    planned = Planned(TRIAL.plan.primary, make_row(status="uncertified"), 10.0)  # type: ignore[arg-type]
    text = all_words(planned)
    assert "no conclusion is drawn" in text
    assert "Not reliable: estimated difference" in text
    assert not any(phrase in text for phrase in CLAIMS)


def test_too_few_participants_are_described_without_interval_or_p() -> None:
    planned = Planned(TRIAL.plan.primary, make_row(), 10.0, few="fewer than 6 participants")  # type: ignore[arg-type]
    text = all_words(planned)
    assert "description only (fewer than 6 participants). No conclusion" in text
    assert "−8.2 mm" in text
    assert "confidence interval" not in text
    assert "p =" not in text


def outcome_of_sequence(verdicts: list[str]) -> list[str]:
    """Verdicts that are printed for the plan's three steps, given those of the table."""
    observations = make_observations(TRIAL)
    tables = make_tables(TRIAL, observations)
    contrasts = tables["contrasts"].copy()
    for comparison, claimed in zip(TRIAL.plan.comparisons, verdicts, strict=True):
        is_row = (
            (contrasts["outcome"] == comparison.outcome)
            & (contrasts["time"] == comparison.time)
            & (contrasts["arm"] == comparison.arm)
            & (contrasts["reference"] == comparison.reference)
            & contrasts["role"].isin(["primary", "secondary"])
        )
        contrasts.loc[is_row, "verdict"] = claimed
    found = plan.planned_comparisons(TRIAL, {**tables, "contrasts": contrasts})
    return [verdict(each) for each in found]


def test_fixed_sequence_stops_at_the_first_failure() -> None:
    assert outcome_of_sequence(["superior", "superior", "noninferior"]) == [
        "superior",
        "superior",
        "noninferior",
    ]
    assert outcome_of_sequence(["superior", "inconclusive", "noninferior"]) == [
        "superior",
        "inconclusive",
        "not tested",
    ]
    assert outcome_of_sequence(["inconclusive", "superior", "noninferior"]) == [
        "inconclusive",
        "not tested",
        "not tested",
    ]


def test_without_a_primary_nothing_counts_as_planned() -> None:
    tables = make_tables(TRIAL, make_observations(TRIAL))
    assert plan.planned_comparisons(make_trial(plan={}), tables) == []


def test_negative_controls_are_never_efficacy() -> None:
    tables = make_tables(TRIAL, make_observations(TRIAL))
    primary = TRIAL.plan.primary
    assert primary is not None
    contrasts = tables["contrasts"].copy()
    is_post = (contrasts["time"] == "post") & (contrasts["outcome"] == "soreness")
    contrasts.loc[is_post, ["ci_low", "ci_high"]] = [2.0, 9.0]
    text = " ".join(plan.negative_controls(NAMES, primary, {**tables, "contrasts": contrasts}))
    assert "These are negative controls" in text
    assert "At post (0 h) the interval excludes zero: the arms differed before any" in text
    assert not NEVER.search(text)
    assert not any(word in text for word in ("superior", "inferior", "better", "favour"))


@pytest.mark.parametrize("rule", ["fixed_sequence", "holm", "dunnett", "mvt", "none"])
def test_every_rule_for_several_tests_has_its_words(rule: str) -> None:
    trial = make_trial(plan={"multiplicity": rule, "alpha": 0.1})
    assert "0.1" in plan.rule_words(trial)
