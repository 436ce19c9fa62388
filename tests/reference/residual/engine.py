"""Fit the small models of tests/reference/residual/oracle.py with the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit
from analysis.mixed.residual import fit_residual
from analysis.mixed.structures import Structure, make_structure

if TYPE_CHECKING:
    from tests.reference.residual.oracle_cases import Case

LEVELS = {"arm": ("passive", "fir", "cryo"), "time": ("pre", "1h", "24h", "48h", "72h")}


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the data of a case with its factors as ordered categoricals."""
    out = frame.copy()
    for name, levels in LEVELS.items():
        out[name] = pd.Categorical(out[name], [each for each in levels if each in set(out[name])])
    out["period"] = pd.Categorical(out["period"].astype(str))
    return out


def structure_of(kind: str, frame: pd.DataFrame) -> Structure:
    """Return the structure of a case; ``csh`` is by_time with one correlation."""
    if kind == "csh":
        by_time = make_structure("by_time", frame, LEVELS["time"])
        return replace(by_time, correlation="exchangeable")
    return make_structure(kind, frame, LEVELS["time"])


def engine_fit(case: Case, frame: pd.DataFrame) -> Fit:
    """Return the engine's fit of a case."""
    data = typed(frame)
    design = build_design(data, case.terms, case.components)
    zero = "keep" if case.keep else "error"
    response = data["response"].to_numpy(float)
    return fit_residual(design, response, structure_of(case.kind, data), zero, second_order=True)
