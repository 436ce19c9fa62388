"""Residual structures: the cases of tests/reference/residual.

R's numbers (nlme and glmmTMB, polished) for estimates, standard errors and Satterthwaite's degrees
of freedom; a 60-digit evaluation of the textbook formulas for the same and for Kenward-Roger's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis import io
from analysis.mixed.design import Array, build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.residual import fit_residual
from analysis.mixed.satterthwaite import satterthwaite_df
from analysis.mixed.structures import make_structure
from analysis.verify.verdict import Verdict

FOLDER = io.ROOT / "tests" / "reference" / "residual"
CASES = ("crossover_complete", "crossover_missing", "crossover_nine", "parallel")
TERMS = [("arm",), ("time",), ("arm", "time")]
COMPONENTS = {"participant": ("participant",), "participant:period": ("participant", "period")}

TOLERANCE = {
    "estimate": 1e-6,
    "standard error": 1e-6,
    "degrees of freedom": 1e-5,
    "criterion": 1e-6,
}
DIGITS = 1e-9
ARMS, TIMES = ("passive", "fir", "cryo"), ("pre", "1h", "24h", "48h", "72h")
PERIODS = ("1", "2", "3")


def verify_residual() -> tuple[list[Verdict], str]:
    """Compare with R; return the verdicts and what they were compared with, in words."""
    verdicts = [verdict for name in CASES for verdict in _case(name)]
    software = io.read_json(FOLDER / f"{CASES[0]}.out.json")["software"]
    against = " and ".join(f"{name} {software[name]}" for name in ("nlme", "glmmTMB"))
    return verdicts, (
        f"{against} (R {software['R']}; residual structures) at {TOLERANCE['estimate']:g} for "
        f"estimates and standard errors, {TOLERANCE['degrees of freedom']:g} for Satterthwaite's "
        "degrees of freedom"
    )


def _case(name: str) -> Iterator[Verdict]:
    reference = io.read_json(FOLDER / f"{name}.out.json")
    frame = io.read_raw_csv(FOLDER / f"{name}.csv").dropna(subset=["value"])
    for factor, levels in reference["levels"].items():
        frame[factor] = pd.Categorical(frame[factor].map(str), levels)
    crossover = "period" in frame
    terms = [*TERMS, ("period",)] if crossover else TERMS
    design = build_design(frame, terms, COMPONENTS if crossover else {})
    unit = ("participant", "period") if crossover else ("participant",)
    for kind, known in reference["fits"].items():
        structure = make_structure(kind, frame, reference["schedule"], unit)
        fit = fit_residual(design, frame["value"].to_numpy(float), structure)
        gaps = {"criterion": abs(fit.criterion - known["criterion"])} | _gaps(fit, known)
        deviations = {quantity: (gaps[quantity], TOLERANCE[quantity]) for quantity in gaps}
        yield Verdict(f"{name}, {kind}", reference["formula"], deviations)


def _gaps(fit: Fit, known: Mapping[str, Any]) -> dict[str, float]:
    """Largest differences of means and contrasts, estimates in standard errors."""
    gaps = {"estimate": 0.0, "standard error": 0.0, "degrees of freedom": 0.0}
    for table in ("means", "contrasts"):
        wanted = pd.DataFrame(known[table])
        rows = _rows(fit, wanted, differences=table == "contrasts")
        std_error = np.sqrt(np.einsum("mi,ij,mj->m", rows, fit.moments.phi, rows))
        found = {
            "estimate": (rows @ fit.beta - wanted["estimate"]) / std_error,
            "standard error": std_error / wanted["se"] - 1,
            "degrees of freedom": satterthwaite_df(fit.moments, rows) / wanted["df_satterthwaite"]
            - 1,
        }
        for quantity, gap in found.items():
            gaps[quantity] = max(gaps[quantity], float(np.abs(gap).max()))
    return gaps


def _rows(fit: Fit, wanted: pd.DataFrame, differences: bool) -> Array:
    fixed = fit.design.fixed
    cells, rows = reference_grid(fixed, ["arm", "time"])
    index = dict(zip(zip(cells["arm"], cells["time"], strict=True), rows, strict=True))
    reference = fixed.levels["arm"][0]
    found = [
        index[arm, time] - (index[reference, time] if differences else 0)
        for arm, time in zip(wanted["arm"], wanted["time"], strict=True)
    ]
    return np.array(found)[:, fit.design.kept]


def verify_oracle() -> tuple[list[Verdict], str]:
    """Compare with 60 digits; return the verdicts and what they were compared with, in words."""
    data = io.read_raw_csv(FOLDER / "oracle.csv")
    known = io.read_json(FOLDER / "oracle.json")
    verdicts = [
        _oracle_case(name, model, data[data["case"] == name].reset_index(drop=True), known[name])
        for name, model in io.read_json(FOLDER / "oracle_models.json").items()
    ]
    return verdicts, (
        f"the formulas in 60 digits at {DIGITS:g} for everything, Kenward-Roger's degrees of "
        "freedom among it"
    )


def _oracle_case(
    name: str, model: Mapping[str, Any], frame: pd.DataFrame, known: Mapping[str, Any]
) -> Verdict:
    for factor, levels in (("arm", ARMS), ("time", TIMES), ("period", PERIODS)):
        present = [level for level in levels if level in set(frame[factor].map(str))]
        frame[factor] = pd.Categorical(frame[factor].map(str), present)
    design = build_design(frame, [tuple(term) for term in model["terms"]], model["components"])
    structure = make_structure(model["kind"], frame, TIMES)
    y, zero = frame["response"].to_numpy(float), model["zero_variances"]
    fit = fit_residual(design, y, structure, zero)
    method, each = KenwardRoger(fit.moments), np.eye(len(fit.beta))
    se = _numbers(known["se"])
    adjusted = known["kr"]
    gaps = {
        "estimate": (fit.beta - _numbers(known["beta"])) / se,
        "standard error": np.sqrt(np.diag(fit.moments.phi)) / se - 1,
        "Satterthwaite df": satterthwaite_df(fit.moments, each)
        / _numbers(known["df_satterthwaite"])
        - 1,
        "adjusted variance": np.diag(method.covariance) / _numbers(adjusted["variance_first_order"])
        - 1,
        "Kenward-Roger df": method.df(each) / _numbers(adjusted["df"]) - 1,
    }
    found = {name: (float(np.abs(gap).max()), DIGITS) for name, gap in gaps.items()}
    return Verdict(f"{name}, 60 digits", model["kind"], found)


def _numbers(values: list[str]) -> Array:
    return np.array([float(value) for value in values])
