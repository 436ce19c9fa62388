"""Variance components: the cases of tests/reference, as R found them.

lme4, lmerTest, pbkrtest and emmeans, converged far beyond their defaults. No R is needed to compare
with their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import io
from analysis.errors import InputError
from analysis.inference.estimates import Inference
from analysis.mixed.design import Array, build_design
from analysis.mixed.hypotheses import reference_grid, type3_hypotheses
from analysis.mixed.reml import fit_reml
from analysis.trial import DfMethod
from analysis.verify.verdict import Verdict

FOLDER = io.ROOT / "tests" / "reference"
END = ".out.json"

# Relative to the value, and for estimates to their standard error where that is larger.
TOLERANCE = {
    "estimate": 1e-6,
    "standard error": 1e-6,
    "degrees of freedom": 1e-5,
    "F": 1e-6,
    "criterion": 1e-6,
}
METHODS: dict[DfMethod, str] = {"kenward_roger": "kr", "satterthwaite": "satt"}


def case_names() -> list[str]:
    """Return the cases whose data are part of the project.

    Raises
    ------
    InputError
        If there are none, as in an installation without the tests folder.
    """
    names = [name.removesuffix(END) for name in io.names_in(FOLDER) if name.endswith(END)]
    names = [name for name in names if name[0].isdigit()]
    own = [name for name in names if not read_expected(name)["data"]["shared"]]
    if not own:
        raise InputError(f"No reference cases in {FOLDER.name}/: verify from the project's folder.")
    return own


def read_expected(name: str) -> dict[str, Any]:
    """Return what R found in a case."""
    expected: dict[str, Any] = json.loads(io.read_text(FOLDER / f"{name}{END}"))
    return expected


def case_frame(expected: Mapping[str, Any], raw: pd.DataFrame) -> pd.DataFrame:
    """Return the rows R analysed, factors with R's order of levels, response in ``response``."""
    frame = raw.rename(columns={"value": "response"})
    frame = frame.dropna(subset=["response"]).reset_index(drop=True)
    for factor, levels in expected["levels"].items():
        frame[factor] = pd.Categorical(frame[factor].map(str), levels)
    return frame


def verify_case(name: str) -> Verdict:
    """Fit one case and compare everything R reported of it."""
    expected = read_expected(name)
    path = Path(FOLDER, expected["data"]["file"])
    frame = case_frame(expected, io.read_raw_csv(path))
    components = {":".join(by): by for by in expected["random"]}
    design = build_design(frame, [tuple(term) for term in expected["fixed_terms"]], components)
    fit = fit_reml(design, frame["response"].to_numpy(float))
    gaps = {quantity: 0.0 for quantity in TOLERANCE}
    gaps["criterion"] = abs(fit.criterion - expected["reml_criterion"])
    for method, suffix in METHODS.items():
        inference = Inference(fit, method)
        _widen(gaps, _contrast_gaps(expected, inference, suffix))
        _widen(gaps, _term_gaps(expected, inference, frame, suffix))
    return Verdict(
        name, expected["title"], {name: (gap, TOLERANCE[name]) for name, gap in gaps.items()}
    )


def _widen(gaps: dict[str, float], more: Mapping[str, float]) -> None:
    for quantity, gap in more.items():
        gaps[quantity] = max(gaps[quantity], gap)


def _contrast_gaps(
    expected: Mapping[str, Any], inference: Inference, suffix: str
) -> dict[str, float]:
    wanted = expected["contrasts"]
    found = inference.estimates(_combinations(inference, wanted))
    columns = {
        "estimate": (found.estimate, "estimate"),
        "standard error": (found.std_error, f"se_{suffix}"),
        "degrees of freedom": (found.df, f"df_{suffix}"),
    }
    gaps = {}
    for quantity, (values, name) in columns.items():
        known = np.array([each[name] for each in wanted], float)
        floor = found.std_error if quantity == "estimate" else 0.0
        gaps[quantity] = float((np.abs(values - known) / np.maximum(np.abs(known), floor)).max())
    return gaps


def _combinations(inference: Inference, wanted: list[Mapping[str, Any]]) -> Array:
    fixed = inference.fit.design.fixed
    by = [name for name in ("time", "arm") if name in fixed.levels]
    cells, rows = reference_grid(fixed, by)
    index = {tuple(cell): row for cell, row in zip(cells.to_numpy(), rows, strict=True)}

    def cell(contrast: Mapping[str, Any], side: str) -> Array:
        key = tuple(contrast[side if name == "arm" else name] for name in by)
        return np.asarray(index[key])

    return np.array([cell(each, "arm") - cell(each, "reference") for each in wanted])


def _term_gaps(
    expected: Mapping[str, Any], inference: Inference, frame: pd.DataFrame, suffix: str
) -> dict[str, float]:
    hypotheses = {
        frozenset(term): rows
        for term, rows in type3_hypotheses(inference.fit.design, frame).items()
    }
    gaps = {"F": 0.0, "degrees of freedom": 0.0}
    for term in expected["terms"]:
        found = inference.f_test(hypotheses[frozenset(term["term"].split(":"))])
        if found is None:
            return {"F": np.inf}
        known = term[f"F_{suffix}"], term[f"df_den_{suffix}"]
        gaps["F"] = max(gaps["F"], abs(found["statistic"] / known[0] - 1))
        gaps["degrees of freedom"] = max(
            gaps["degrees of freedom"], abs(found["df_den"] / known[1] - 1)
        )
    return gaps


def verify_components() -> tuple[list[Verdict], str]:
    """Compare every case; return the verdicts and what they were compared with, in words."""
    names = case_names()
    verdicts = [verify_case(name) for name in names]
    software = read_expected(names[0])["software"]
    against = ", ".join(f"{name} {software[name]}" for name in ("lme4", "lmerTest", "pbkrtest"))
    return verdicts, (
        f"{against} (R {software['R']}) at a relative tolerance of {TOLERANCE['estimate']:g} for "
        f"estimates, standard errors and F, {TOLERANCE['degrees of freedom']:g} for degrees of "
        "freedom"
    )
