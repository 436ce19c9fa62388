"""trial.yaml: names stay text, every slip is found at once and said in words."""

import copy
import random
from typing import Any

import jsonschema
import pytest
import yaml

from analysis import io
from analysis.errors import Issue
from analysis.intake.plan import PlanReading, read_plan
from analysis.intake.schema import resolve
from analysis.intake.typed import type_tree
from analysis.intake.yaml_text import parse
from analysis.trial import Comparison, Trial
from tests.data.edits import with_texts

SCHEMA = io.read_schema()

PLAN = """\
title: Far-infrared and cryotherapy
design: crossover
randomised: true
description: |
  Two lines,
  never interpreted: really.
registration: null
columns:
  participant: athlete
  arm: condition
  time: timepoint
  period: week
  occasion: null
arms:
  passive: {label: Passive rest, role: control, aliases: [PAS, rest]}
  fir:
    label: Far-infrared
    dose: {temperature_c: 45, minutes: 20, delay_h: 0}
  cryo: {aliases: [WBC]}
times:
  pre: {hours: -1, role: baseline}
  post: {hours: 0, role: before_treatment}
  1h: {hours: 1}
  24h: {hours: 24, label: next day}
outcomes:
  soreness:
    label: Muscle soreness
    file: soreness.csv
    value: vas
    unit: mm
    range: [0, 100]
    better: lower
    margin: {value: 10, source: "a convention"}
  jump:
    file: jump.csv
    value: height
    unit: cm
    range: [3, 110]
    better: higher
    replicates: mean
missing_codes: [-9, 999]
plan:
  primary: {outcome: soreness, arm: fir, reference: passive, time: 24h}
  secondary:
    - {outcome: jump, arm: fir, reference: passive, time: 24h}
    - {outcome: soreness, arm: fir, reference: cryo, time: 1h, claim: noninferiority}
  multiplicity: fixed_sequence
  alpha: 0.05
model:
  baseline: auto
"""


def read(text: str | bytes) -> PlanReading:
    return read_plan(text, SCHEMA, "demo")


def accepted(text: str) -> Trial:
    reading = read(text)
    assert reading.issues == ()
    assert reading.trial is not None
    return reading.trial


def edited(*pairs: tuple[str, str]) -> str:
    return with_texts(PLAN, *pairs)


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_complete_plan_is_read() -> None:
    trial = accepted(PLAN)
    assert trial.arm_names == ("passive", "fir", "cryo")
    assert trial.control.name == "passive"
    assert trial.times[0].hours == -1
    assert trial.description == "Two lines,\nnever interpreted: really."
    assert trial.registration is None
    assert trial.missing_codes == ("-9", "999")
    assert trial.plan.primary == Comparison("soreness", "fir", "passive", "24h")
    assert trial.columns.occasion is None


def test_names_and_labels_stay_as_typed() -> None:
    text = """\
title: no
design: parallel
randomised: false
columns: {participant: 1, arm: 1e3, time: on}
arms:
  no: {role: control, label: off, aliases: [yes, 0x10, 007, null, ~]}
  1e3:
  12:30: {}
times:
  0h: {hours: 0}
  24: {hours: 24}
  2024-01-02: {hours: 1e2}
outcomes:
  off: {file: a.csv, value: y, unit: 1, better: lower, where: {true: 1.0}}
missing_codes: [-9, .5, NA, no]
plan:
  primary: {outcome: off, arm: 1e3, reference: no, time: 24}
"""
    trial = accepted(text)
    assert trial.title == "no"
    assert trial.columns.participant == "1"
    assert (trial.columns.arm, trial.columns.time) == ("1e3", "on")
    assert trial.arm_names == ("no", "1e3", "12:30")
    assert trial.arm("no").label == "off"
    assert trial.arm("no").aliases == ("yes", "0x10", "007", "null", "~")
    assert trial.time_names == ("0h", "24", "2024-01-02")
    assert trial.time("2024-01-02").hours == 100
    assert trial.outcome("off").where == {"true": "1.0"}
    assert trial.outcome("off").unit == "1"
    assert trial.missing_codes == ("-9", ".5", "NA", "no")
    assert trial.plan.primary == Comparison("off", "1e3", "no", "24")


def test_null_means_the_default_except_for_columns() -> None:
    text = edited(
        ("  24h: {hours: 24, label: next day}", "  24h: {hours: 24, label: null, role: ~}"),
        ("model:\n  baseline: auto\n", "model: null\n"),
        ("claim: noninferiority", "claim: null"),
        ("period: week", "period: null"),
    )
    trial = accepted(text)
    assert trial.time("24h").label == "24h"
    assert trial.time("24h").role == "outcome"
    assert trial.model.baseline == "auto"
    assert trial.columns.period is None
    assert trial.plan.secondary[1].claim == "superiority"


# What is changed, the code, the key it is reported at, the text by which its line is found, and
# something the message or the remedy must say.
SLIPS = [
    ("  better: lower", "  beter: lower", "C02", "outcomes.soreness.beter", "beter:", "'better'"),
    ("  alpha: 0.05", "alpha: 0.05", "C02", "alpha", "alpha:", "plan.alpha"),
    ("title: Far-infrared and cryotherapy\n", "", "C04", "title", "design:", "`title:`"),
    ("    unit: cm\n", "", "C04", "outcomes.jump.unit", "  jump:", "`unit:`"),
    ("{hours: 24, label", "{label", "C04", "times.24h.hours", "24h:", "number"),
    ("design: crossover", "design: cross-over", "C05", "design", "design:", "crossover"),
    ("randomised: true", "randomised: yes", "C05", "randomised", "randomised:", "Write true."),
    ("randomised: true", "randomised: maybe", "C05", "randomised", "randomised:", "true or false"),
    ("{hours: 1}", "{hours: 1 h}", "C05", "times.1h.hours", "1h:", "digits only"),
    ("{hours: 1}", '{hours: "1"}', "C05", "times.1h.hours", "1h:", "without quotation marks"),
    ("{hours: 1}", "{hours: 1e999}", "C05", "times.1h.hours", "1h:", "expected a number"),
    ("alpha: 0.05", "alpha: 0,05", "C05", "plan.alpha", "alpha:", "0.05, with a decimal point"),
    ("alpha: 0.05", "alpha: 5", "C05", "plan.alpha", "alpha:", "below 0.5"),
    ("value: 10,", "value: 0,", "C05", "outcomes.soreness.margin.value", "margin", "above 0"),
    ("minutes: 20", "minutes: -20", "C05", "arms.fir.dose.minutes", "dose", "at least 0"),
    ("[0, 100]", "[0]", "C05", "outcomes.soreness.range", "[0]", "expected 2"),
    ("[0, 100]", "100", "C05", "outcomes.soreness.range", "range: 100", "a list"),
    ("[WBC]", "WBC", "C05", "arms.cryo.aliases", "cryo:", "Write [WBC]."),
    ("file: jump.csv", "file: jump.pdf", "C05", "outcomes.jump.file", "jump.pdf", ".xlsx"),
    ("  jump:\n", "  my/jump:\n", "C05", "outcomes.my/jump", "my/jump", "names files"),
    ("title: Far-infrared and cryotherapy", "title:", "C05", "title", "title:", "no value"),
    ("baseline: auto", "baseline: ancova", "C05", "model.baseline", "ancova", "covariate"),
    ("label: Passive rest, role: control,", "", "C06", "arms", "arms:", "exactly one"),
    ("cryo: {", "cryo: {role: control, ", "C06", "arms", "arms:", "passive, cryo"),
    ("[WBC]", "[PAS]", "C06", "arms.cryo", "cryo:", "'PAS' means both 'passive' and 'cryo'"),
    ("label: next day", "label: 1h", "C06", "times.24h", "24h:", "'1h' and '24h'"),
    ("{hours: 1}", "{hours: 25}", "C06", "times.24h", "24h:", "in order"),
    ("{hours: 1}", "{hours: 1, role: baseline}", "C06", "times.1h", "1h:", "before_treatment"),
    ("  period: week\n", "", "C04", "columns.period", "columns:", "`period: null`"),
    ("  arm: condition\n", "", "C04", "columns.arm", "columns:", "soreness, jump"),
    ("arm: condition", "arm: athlete", "C06", "columns", "columns:", "participant and for arm"),
    ("value: vas", "value: week", "C06", "outcomes.soreness", "soreness:", "period and for value"),
    ("    value: vas\n", "", "C04", "outcomes.soreness", "soreness:", "Neither"),
    ("value: height", "wide: {pattern: h}", "C06", "outcomes.jump.wide.pattern", "{pat", "{time}"),
    ("file: soreness.csv", "file: ../s.csv", "C06", "outcomes.soreness.file", "../", "folder"),
    ("value: vas", "value: vas\n    sheet: A", "C06", "outcomes.soreness.sheet", "sheet", ".xlsx"),
    ("[3, 110]", "[110, 3]", "C06", "outcomes.jump.range", "[110", "Write [3, 110]."),
    ("unit: cm", "unit: cm\n    convert_to: W", "C06", "outcomes.jump.convert_to", "to: W", "mm"),
    ("unit: cm", "unit: AU\n    convert_to: W", "C06", "outcomes.jump.convert_to", "to: W", "AU"),
    ("arm: fir, reference: cryo", "arm: fir, reference: fir", "C06", "plan.secondary[2]", "1h, c",
     "itself"),
    ("reference: cryo", "reference: kryo", "C06", "plan.secondary[2].reference", "kryo", "'cryo'"),
    ("time: 1h,", "time: post,", "C06", "plan.secondary[2].time", "time: post", "cannot affect"),
    (", source: \"a convention\"}", "}", "C04", "outcomes.soreness.margin.source", "margin:",
     "source"),
    ("    margin: {value: 10, source: \"a convention\"}\n", "", "C06", "plan.secondary[2].claim",
     "noninf", "margin"),
    ("{outcome: jump, arm", "{outcome: soreness, arm", "C06", "plan.secondary[1]", "- {outcome: s",
     "twice"),
    ("fixed_sequence", "dunnett", "C06", "plan.secondary[2].reference", "noninf", "control"),
    ("baseline: auto", "baseline: covariate", "C06", "model.baseline", "covariate", "biased"),
    ("baseline: auto", "period: by_time\n  df: kr", "C05", "model.df", "df:", "kenward_roger"),
    ("  multiplicity: fixed_sequence\n", "", "C07", "plan", "plan:", "none is adjusted"),
    ("[-9, 999]", "[-9, 99]", "C07", "missing_codes", "missing_codes", "99"),
    ("[PAS, rest]", "[PAS, PAS2]}\n  fir2: {aliases: [rest, rest2]", None, "", "", ""),
    ("    unit: cm\n", "    unit: cm\n    unit: m\n", "C03", "outcomes.jump.unit", "unit: m\n",
     "second time"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "key", "where", "says"), SLIPS)
def test_a_slip_is_found_where_it_is(
    old: str, new: str, code: str | None, key: str, where: str, says: str
) -> None:
    text = edited((old, new))
    reading = read(text)
    if code is None:
        assert reading.issues == ()
        return
    found = [each for each in reading.issues if each.code == code and each.column == key]
    assert len(found) == 1, [each.line() for each in reading.issues]
    assert says in found[0].message + " " + found[0].remedy
    assert found[0].file == "trial.yaml"
    assert where.rstrip("\n") in text.splitlines()[(found[0].row or 0) - 1]
    assert (reading.trial is None) == (found[0].severity == "error")


# A slip makes one message, unless it contradicts several entries.
SEVERAL = {
    "alpha: 0.05": 1,
    "dunnett": 3,  # another reference, a claim it cannot adjust, several families
    "  my/jump:\n": 2,  # the plan still says jump
    "{hours: 1, role: baseline}": 2,  # out of order, and planned
}


@pytest.mark.parametrize("slip", [each for each in SLIPS if each[2]])
def test_a_slip_is_said_once(slip: tuple[str, ...]) -> None:
    old, new, *_ = slip
    issues = [each.line() for each in read(edited((old, new))).issues]
    assert len(issues) == SEVERAL.get(new, 1), issues


def test_everything_is_found_at_once() -> None:
    text = edited(
        ("randomised: true", "randomised: yes"),
        ("better: lower", "beter: lower"),
        ("  cryo:", "  fir:"),
        ("alpha: 0.05", "alpha: 0,05"),
        ("time: 24h}\n  secondary", "time: 48h}\n  secondary"),
        ("[3, 110]", "[110, 3]"),
    )
    issues = read(text).issues
    assert [each.column for each in issues] == [
        "randomised",
        "arms.fir",
        "outcomes.soreness.beter",
        "outcomes.jump.range",
        "plan.primary.time",
        "plan.secondary[2].reference",  # cryo, whose name was taken by the second fir
        "plan.alpha",
    ]
    assert [each.row for each in issues] == sorted(each.row or 0 for each in issues)


PARALLEL = PLAN.replace("design: crossover", "design: parallel")


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (PARALLEL.replace("baseline: auto", "baseline: within"), "model.baseline", "covariate"),
        (PARALLEL.replace("baseline: auto", "period: main"), "model.period", "no periods"),
        (
            PLAN.replace("baseline: auto", "period: main").replace("period: week", "period: null"),
            "model.period",
            "no column",
        ),
        *(
            (
                text.replace("baseline: auto", f"baseline: {setting}").replace(
                    "pre: {hours: -1, role: baseline}", "pre: {hours: -1, role: before_treatment}"
                ),
                "model.baseline",
                "no time has `role: baseline`",
            )
            for text, setting in ((PLAN, "within"), (PLAN, "change"), (PARALLEL, "covariate"))
        ),
    ],
)
def test_the_model_fits_the_trial(text: str, key: str, says: str) -> None:
    (issue,) = read(text).issues
    assert (issue.code, issue.column) == ("C06", key)
    assert says in issue.message + issue.remedy


def test_settings_that_fit_are_accepted() -> None:
    accepted(PLAN.replace("baseline: auto", "baseline: within\n  period: by_time"))
    accepted(PARALLEL.replace("baseline: auto", "baseline: covariate"))
    accepted(PARALLEL.replace("  period: week\n", ""))


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("j_{tim}", "{tim} is not known"),
        ("j_{time}_{time}", "twice"),
        ("j_{time", "brace"),
        ("height", "{time} is missing"),
        ("{trial}{time}", "touches"),
        ("j{trial}_{time}", "`replicates` is error"),
    ],
)
def test_a_pattern_that_cannot_be_read(pattern: str, says: str) -> None:
    old = (
        "value: height\n    unit: cm\n    range: [3, 110]\n    better: higher\n    replicates: mean"
    )
    new = f'wide: {{pattern: "{pattern}"}}\n    unit: cm\n    better: higher'
    messages = [each.message for each in read(edited((old, new))).issues]
    assert any(says in message for message in messages), messages


def test_two_outcomes_do_not_read_the_same_values() -> None:
    text = edited(("file: jump.csv\n    value: height", "file: soreness.csv\n    value: vas"))
    (issue,) = read(text).issues
    assert (issue.code, issue.column) == ("C06", "outcomes.jump")
    accepted(text.replace("    unit: cm", "    where: {test: jump}\n    unit: cm"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n- b\n", "a list"),
        ("just text", "keys with values"),
        ("a: &x 1\n", "anchor"),
        ("a: 1\nb: *x\n", "alias"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("<<: *x\n", "alias"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: [1, 2\nb: 3\n", "never closed"),
        ("a: {b: 1\nc: 3\n", "never closed"),
        ("a:\n\tb: 1\n", "tab"),
        ("a: b: c\n", "colon"),
        ("a:\n  b: 1\n c: 2\n", "indented"),
        ("a: 'open\n", "never closed"),
        ("a\n b\nc: d\n", "colon"),
        ("a: \x00\n", "U+0000"),
        ("[" * 2000, "nested"),
        ("a: " * 20 + "b", "colon"),
        ("? [a, b]\n: c\n", "not a text"),
        ("x" * 200_000, "characters"),
        (b"title: M\xfcller\n", "not UTF-8"),
        (bytes(range(256)) * 40, "UTF-8"),
        (b"PK\x03\x04", "U+0003"),
    ],
)
def test_a_file_that_is_no_plan(text: str | bytes, says: str) -> None:
    reading = read(text)
    assert reading.trial is None
    said = [each.message for each in reading.issues]
    assert any(says in message for message in said), said
    assert all("yaml" not in message.lower() or "YAML" in message for message in said)


def test_a_byte_order_mark_is_no_part_of_the_plan() -> None:
    assert read(b"\xef\xbb\xbf" + PLAN.encode()).trial is not None
    assert read("\ufeff" + PLAN).trial is not None


def test_messages_hold_one_line_and_no_jargon() -> None:
    issues: list[Issue] = []
    for old, new, *_ in SLIPS:
        issues += read(edited((old, new))).issues
    for each in issues:
        line = each.line()
        assert "\n" not in line
        assert each.message.endswith(".")
        assert each.remedy.endswith(".")
        for word in ("additionalProperties", "schema", "instance", "$ref", "None", "dict("):
            assert word not in line


def test_many_problems_are_capped() -> None:
    text = PLAN + "".join(f"key{number}: 1\n" for number in range(50))
    issues = read(text).issues
    assert len(issues) == 21
    assert "30 more" in issues[-1].message


ROOT: dict[str, Any] = yaml.safe_load(SCHEMA)
UNDERSTOOD = {
    *("$ref", "type", "enum", "minLength", "pattern"),
    *("properties", "required", "additionalProperties", "propertyNames", "minProperties"),
    *("items", "minItems", "maxItems", "minimum", "exclusiveMinimum", "exclusiveMaximum"),
}
ANNOTATIONS = {
    *("$schema", "$defs", "title", "description", "default"),
    *("x-unit", "x-name", "x-required", "x-default", "x-pattern", "x-question"),
}


def all_schemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [
        schema[key]
        for key in ("items", "additionalProperties")
        if isinstance(schema.get(key), dict)
    ]
    return [schema, *(each for one in inner for each in all_schemas(one))]


def test_the_schema_is_valid_and_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(ROOT)
    for schema in all_schemas(ROOT):
        assert set(schema) <= UNDERSTOOD | ANNOTATIONS
        assert schema["description"].strip()
        whole = resolve(schema, ROOT)
        if "object" in whole["type"]:
            assert whole["additionalProperties"] is False or "x-name" in whole
        if "pattern" in schema:
            assert schema["x-pattern"]


def test_every_optional_key_says_its_default() -> None:
    for schema in all_schemas(ROOT):
        for name, inner in schema.get("properties", {}).items():
            whole = resolve(inner, ROOT)
            if name not in schema.get("required", ()):
                assert {"default", "x-default", "x-required"} & set(whole) or name == "participant"


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if not isinstance(value, dict) or "where" in path:
        return [path]
    return [path, *(each for key in value for each in paths(value[key], (*path, key)))]


def mutated(raw: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    raw = copy.deepcopy(raw)
    *above, last = rng.choice([path for path in paths(raw) if path])
    place: Any = raw
    for key in above:
        place = place[key]
    kind = rng.choice(["delete", "add", "replace"])
    if kind == "delete":
        del place[last]
    elif kind == "add":
        place["zzz"] = rng.choice([{"hours": 1}, "a", None])
    else:
        place[last] = copy.deepcopy(rng.choice(["zzz", [], ["a"], {"a": "b"}, {}, None, -7.5]))
    return raw


def test_our_reader_agrees_with_a_complete_validator() -> None:
    """Another implementation of JSON Schema calls the same plans legal.

    -7.5 where a text belongs is left out: here it is the text that was typed.
    """
    validator = jsonschema.Draft202012Validator(ROOT)
    plain = yaml.safe_load(PLAN)
    plain["missing_codes"] = ["-9"]
    rng = random.Random(1)
    verdicts = []
    for _ in range(400):
        raw = mutated(mutated(plain, rng), rng) if rng.random() < 0.3 else mutated(plain, rng)
        theirs = list(validator.iter_errors(raw))
        if any(error.instance == -7.5 and "'string'" in error.message for error in theirs):
            continue
        ours = type_tree(parse(yaml.safe_dump(raw, sort_keys=False)), ROOT).issues
        assert bool(ours) == bool(theirs), (ours, theirs)
        verdicts.append(bool(ours))
    assert 50 < sum(verdicts) < len(verdicts) - 50
