"""A blinded run: the arms under letters everywhere behind the intake (B01)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from string import ascii_uppercase

from analysis.errors import Issue
from analysis.intake.codes import PLAN_FILE, issue, listed
from analysis.trial import Arm, Plan, Trial


def blinded(trial: Trial) -> Trial:
    """Return a trial whose arms are letters, in an order drawn from a hash of its arms.

    The first letter takes the place of the control, whatever it is, because one must. The plan is
    set aside, since which pairs it compares would tell the arms, and so are the doses. The files
    are still read by the names, labels and aliases of trial.yaml.
    """
    drawn = sorted(trial.arms, key=lambda arm: _draw(trial, arm))
    letter = dict(zip((arm.name for arm in drawn), _letters(trial.arms), strict=True))
    arms = [_arm(arm, letter[arm.name], arm is drawn[0]) for arm in drawn]
    return replace(trial, arms=tuple(arms), plan=Plan())


def _draw(trial: Trial, arm: Arm) -> str:
    return hashlib.sha256(f"{trial.name} {trial.title} {arm.name} {arm.label}".encode()).hexdigest()


def _letters(arms: Iterable[Arm]) -> list[str]:
    """Return as many letters as there are arms, none of which the files may mean otherwise."""
    arms = tuple(arms)
    used = {text.casefold() for arm in arms for text in (arm.name, arm.label, *arm.aliases)}
    names = [*ascii_uppercase, *(f"Arm {number}" for number in range(1, 1000))]
    return list(islice((name for name in names if name.casefold() not in used), len(arms)))


def _arm(arm: Arm, letter: str, first: bool) -> Arm:
    return Arm(letter, letter, first, (arm.name, arm.label, *arm.aliases))


def note(trial: Trial, row: int | None) -> Issue:
    """B01: what a blinded run hides, and what not."""
    message = (
        f"The arms are shown as {listed(trial.arm_names)}, in an order that says nothing; "
        f"{trial.arm_names[0]} takes the place of the control. Plan, doses and sequences are set "
        "aside. Title, description and file names are shown as they are."
    )
    remedy = (
        "Use this run to judge data and model, and report none of its results. When the plan is "
        "final, remove `blinded`."
    )
    return issue("B01", PLAN_FILE, message, remedy, row=row, column="blinded", value="true")
