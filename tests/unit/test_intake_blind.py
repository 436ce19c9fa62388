"""A blinded run: letters for arms, everywhere behind the intake, and the same numbers."""

import pandas as pd

from analysis import io
from analysis.intake.plan import PlanReading, read_plan
from analysis.intake.run import take_in
from analysis.trial import Trial
from tests.data.make_faults import BASE, PLAN, SEQUENCED
from tests.data.plausible_faults import BASE as CLEAN

SCHEMA = io.read_schema()
SECRET = ("passive", "Passive rest", "fir", "Far-infrared")


def read(text: str = PLAN, name: str = "base") -> PlanReading:
    return read_plan(
        text.replace("randomised: true\n", "randomised: true\nblinded: true\n"), SCHEMA, name
    )


def trial_of(text: str = PLAN, name: str = "base") -> Trial:
    found = read(text, name).trial
    assert found is not None
    return found


def test_the_arms_are_letters_without_doses() -> None:
    trial = trial_of(PLAN.replace("{label: Far-infrared}", "{dose: {temperature_c: 45}}"))
    assert [(arm.name, arm.label, arm.dose) for arm in trial.arms] == [
        ("A", "A", None),
        ("B", "B", None),
    ]
    assert trial.control.name == "A"
    (note,) = read().issues
    assert (note.code, note.severity, note.row, note.column) == ("B01", "note", 4, "blinded")


def test_which_letter_is_which_depends_on_the_trial_and_stays() -> None:
    first = {name: trial_of(name=name).arms[0].aliases[0] for name in "abcdefgh"}
    assert set(first.values()) == {"passive", "fir"}
    assert first == {name: trial_of(name=name).arms[0].aliases[0] for name in "abcdefgh"}


def test_observations_are_the_same_under_other_names() -> None:
    plain = read_plan(PLAN, SCHEMA, "base").trial
    assert plain is not None
    files = {"soreness.csv": BASE.encode()}
    trial = trial_of()
    letters = {text: arm.name for arm in trial.arms for text in arm.aliases}
    open_, hidden = (take_in(each, files).observations for each in (plain, trial))
    named = open_.assign(arm=open_["arm"].map(letters))
    keys = ["participant", "period", "arm", "time"]
    pd.testing.assert_frame_equal(
        named.sort_values(keys, ignore_index=True), hidden.sort_values(keys, ignore_index=True),
        check_dtype=False,
    )  # fmt: skip


def test_sequences_do_not_spell_the_arms() -> None:
    plan = PLAN.replace("  period: week\n", "  period: week\n  sequence: order\n")
    sound = SEQUENCED.replace("P01,", "P07,")
    sound = "".join(line for line in sound.splitlines(keepends=True) if "P07" not in line)
    found = take_in(trial_of(plan), {"soreness.csv": sound.encode()})
    assert set(found.observations["sequence"]) == {"S1", "S2"}


def test_the_plan_is_set_aside() -> None:
    """Which pairs it compares would tell the arms; a faulty one is still an error."""
    assert trial_of().plan.comparisons == ()
    wrong = read(PLAN.replace("arm: fir, reference", "arm: FIR, reference"))
    assert [each.code for each in wrong.issues] == ["C06"]


def test_letters_that_the_files_use_are_not_drawn() -> None:
    plan = PLAN.replace("{label: Far-infrared}", "{label: Far-infrared, aliases: [a, B]}")
    assert trial_of(plan).arm_names == ("C", "D")


def test_no_message_names_an_arm() -> None:
    """A trial with many warnings and with labels that are not declared."""
    text = CLEAN["trial.yaml"].replace("randomised: true\n", "randomised: true\nblinded: true\n")
    trial = read_plan(text, SCHEMA, "x").trial
    assert trial is not None
    files = {name: each.encode() for name, each in CLEAN.items()}
    lines = CLEAN["soreness.csv"].splitlines(keepends=True)
    rows = [line.split(",") for line in lines]
    for row in rows[10:14]:
        row[-1] = f"{100 - int(row[-1])}\n"
    files["soreness.csv"] = "".join(",".join(row) for row in rows).encode()
    found = take_in(trial, files)
    assert {"V04", "V11"} & {each.code for each in found.issues}
    for each in found.issues:
        assert not any(
            text in f" {each.message} " for text in (" passive ", " fir ", "/ fir", "/ passive")
        )
    assert not set(SECRET) & set(found.observations.astype(str).to_numpy().ravel())
    unknown = take_in(
        trial, files | {"soreness.csv": files["soreness.csv"].replace(b"fir", b"FIR")}
    )
    (message,) = {each.message for each in unknown.issues if each.code == "S02"}
    assert message.endswith("is not one of the arms: fir, passive.")
