"""Trial: the dataclasses made from a mapping that the schema has accepted."""

from copy import deepcopy
from typing import Any

import pytest

from analysis.trial import Columns, Comparison, Dose, Margin, Trial

RAW: dict[str, Any] = {
    "title": "A trial",
    "design": "crossover",
    "randomised": True,
    "columns": {"participant": "athlete", "arm": "condition", "time": "when", "period": None},
    "arms": {
        "passive": {"role": "control", "aliases": ["PAS"]},
        "fir": {"label": "Far-infrared", "dose": {"minutes": 20}},
    },
    "times": {"pre": {"hours": -1, "role": "baseline"}, "24": {"hours": 24}},
    "outcomes": {
        "soreness": {"file": "s.csv", "value": "vas", "unit": "mm", "better": "lower"},
        "jump": {
            "file": "j.xlsx",
            "sheet": "Data",
            "wide": {"pattern": "j_{time}"},
            "columns": {"participant": "id", "period": "week"},
            "where": {"test": "cmj"},
            "unit": "m",
            "convert_to": "cm",
            "range": [0, 1],
            "better": "higher",
            "margin": {"value": 2, "source": "a pilot"},
            "replicates": "best",
        },
    },
    "missing_codes": ["-9"],
    "plan": {
        "primary": {"outcome": "soreness", "arm": "fir", "reference": "passive", "time": "24"},
        "secondary": [
            {
                "outcome": "jump",
                "arm": "fir",
                "reference": "passive",
                "time": "24",
                "claim": "noninferiority",
            }
        ],
        "alpha": 0.1,
    },
}


def test_from_mapping_names_everything() -> None:
    trial = Trial.from_mapping("demo", RAW)
    assert trial.name == "demo"
    assert trial.arm_names == ("passive", "fir")
    assert trial.time_names == ("pre", "24")
    assert trial.control.name == "passive"
    assert trial.arm("fir").label == "Far-infrared"
    assert trial.arm("fir").dose == Dose(minutes=20)
    assert trial.arm("passive").label == "passive"
    assert trial.arm("passive").aliases == ("PAS",)
    assert trial.missing_codes == ("-9",)
    assert [time.name for time in trial.times_with_role("outcome")] == ["24"]


def test_an_outcome_overrides_columns() -> None:
    trial = Trial.from_mapping("demo", RAW)
    assert trial.outcome("soreness").columns == Columns("athlete", "condition", "when")
    assert trial.outcome("jump").columns == Columns("id", "condition", "when", "week")


def test_an_outcome_keeps_what_was_written() -> None:
    jump = Trial.from_mapping("demo", RAW).outcome("jump")
    assert (jump.pattern, jump.value, jump.sheet) == ("j_{time}", None, "Data")
    assert jump.where == {"test": "cmj"}
    assert jump.range == (0.0, 1.0)
    assert jump.margin == Margin(2.0, "a pilot")
    assert (jump.unit, jump.analysis_unit, jump.replicates) == ("m", "cm", "best")


def test_defaults() -> None:
    raw = deepcopy(RAW)
    del raw["plan"], raw["missing_codes"]
    trial = Trial.from_mapping("demo", raw)
    soreness = trial.outcome("soreness")
    assert (soreness.label, soreness.analysis_unit, soreness.replicates) == (
        "soreness",
        "mm",
        "error",
    )
    assert soreness.range is None
    assert trial.plan.primary is None
    assert trial.plan.comparisons == ()
    assert (trial.plan.multiplicity, trial.plan.alpha) == ("none", 0.05)
    assert (trial.model.baseline, trial.model.df) == ("auto", "kenward_roger")


def test_the_plan_lists_primary_first() -> None:
    plan = Trial.from_mapping("demo", RAW).plan
    assert plan.comparisons == (
        Comparison("soreness", "fir", "passive", "24"),
        Comparison("jump", "fir", "passive", "24", "noninferiority"),
    )
    assert plan.alpha == pytest.approx(0.1)
