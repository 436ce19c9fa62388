"""From contrasts to claims: families, adjusted p-values, verdicts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.columns import CONTRASTS
from analysis.inference.contrasts import Contrasts, Row, planned
from analysis.inference.multiplicity import fixed_sequence, holm, multivariate_t
from analysis.trial import Comparison, Trial


def adjust_within_outcome(trial: Trial, contrasts: Contrasts) -> list[Row]:
    """Fill in the Dunnett or multivariate t adjustment, whose families lie within an outcome.

    `dunnett`: every arm against the control at one time. `mvt`: every arm against the control at
    every time after treatment. The multivariate t divides all estimates by one estimate of one
    variance. Where the model has a variance for every visit, their estimates err apart and the
    largest |t| of several visits is larger than it lets expect: 6 % of the families had a false
    finding at 9 athletes. With the smallest degrees of freedom of the family it holds its level
    (docs/calibration.md).
    """
    for name, members in _families(trial, contrasts.rows).items():
        _simultaneous(contrasts, members, trial.plan.multiplicity, name)
    return contrasts.rows


def adjust_apart(trial: Trial, rows: list[Row]) -> list[Row]:
    """Fill in the adjustment of the same families where no joint model tells the correlations.

    Holm's, which holds whatever they are.
    """
    for name, members in _families(trial, rows).items():
        adjusted = holm(np.array([rows[index]["p_value"] for index in members], float))
        for index, p in zip(members, adjusted, strict=True):
            rows[index] |= {
                "p_adjusted": p,
                "adjustment": "holm",
                "family": name,
                "family_size": len(members),
            }
    return rows


def _families(trial: Trial, rows: list[Row]) -> dict[str, list[int]]:
    """Return the families of a Dunnett or multivariate t adjustment: name and places of rows."""
    families: dict[str, list[int]] = {}
    if not trial.plan.simultaneous:
        return families
    kind = trial.plan.multiplicity
    control = trial.control.name
    outcome_times = {time.name for time in trial.times_with_role("outcome")}
    for index, row in enumerate(rows):
        counted = row["reference"] == control and row["analysis"] != "noninferiority"
        if counted and row["time"] in outcome_times and row["status"] == "ok":
            where = f" at {row['time']}" if kind == "dunnett" else " at every time after treatment"
            name = f"{row['outcome']}{where}: every arm against {control}"
            families.setdefault(name, []).append(index)
    return families


def _simultaneous(contrasts: Contrasts, members: list[int], kind: str, name: str) -> None:
    rows = [contrasts.rows[index] for index in members]
    statistic = np.array([row["statistic"] for row in rows], float)
    df = np.array([row["df"] for row in rows], float)
    if kind == "mvt" and not contrasts.inference.one_variance:
        df[:] = df.min()
    correlation = contrasts.inference.correlation(contrasts.combinations[members])
    for row, p in zip(rows, multivariate_t(statistic, df, correlation), strict=True):
        row |= {"p_adjusted": p, "adjustment": kind, "family": name, "family_size": len(rows)}


def settle(trial: Trial, rows: list[Row]) -> pd.DataFrame:
    """Return contrasts.csv: planned rows adjusted across outcomes, and every claim judged.

    A planned comparison that could not be estimated has a row that says so, and counts as not
    shown.
    """
    rows = rows + [_absent(trial, each, role) for each, role in _missing(trial, rows)]
    table = CONTRASTS.from_rows(rows)
    order = [_find(table, each) for each, _ in planned(trial)]
    if trial.plan.multiplicity in ("fixed_sequence", "holm") and order:
        raw = table.loc[order, "p_value"].fillna(1.0).to_numpy()
        ordered = trial.plan.multiplicity == "fixed_sequence"
        table.loc[order, "p_adjusted"] = fixed_sequence(raw) if ordered else holm(raw)
        table.loc[order, "adjustment"] = trial.plan.multiplicity
        table.loc[order, "family"] = "planned comparisons" + (" in order" if ordered else "")
        table.loc[order, "family_size"] = len(order)
    verdicts = [_verdict(row, trial.plan.alpha) for row in table.to_dict("records")]
    return CONTRASTS.conform(table.assign(verdict=verdicts))


def answers(row: Mapping[Any, Any], comparison: Comparison) -> bool:
    """Whether a row of contrasts.csv is the answer to a planned comparison."""
    asked = (comparison.outcome, comparison.time, comparison.arm, comparison.reference)
    same = (row["outcome"], row["time"], row["arm"], row["reference"]) == asked
    return same and (row["analysis"] == "noninferiority") == (comparison.claim == "noninferiority")


def _missing(trial: Trial, rows: list[Row]) -> list[tuple[Comparison, str]]:
    return [
        (comparison, role)
        for comparison, role in planned(trial)
        if not any(answers(row, comparison) for row in rows)
    ]


def _find(table: pd.DataFrame, comparison: Comparison) -> int:
    return next(i for i, row in enumerate(table.to_dict("records")) if answers(row, comparison))


def _absent(trial: Trial, comparison: Comparison, role: str) -> Row:
    outcome = trial.outcome(comparison.outcome)
    blank: Row = {column.name: np.nan for column in CONTRASTS.columns if column.kind == "number"}
    blank |= {column.name: "" for column in CONTRASTS.columns if column.kind == "text"}
    return blank | {
        "outcome": outcome.name,
        "time": comparison.time,
        "hours": trial.time(comparison.time).hours,
        "arm": comparison.arm,
        "reference": comparison.reference,
        "role": role,
        "ci_level": 1 - trial.plan.alpha,
        "family_size": pd.NA,
        "n_participants": 0,
        "adjustment": "none",
        "unit": outcome.analysis_unit,
        "better": outcome.better,
        "analysis": "noninferiority" if comparison.claim == "noninferiority" else "joint",
        "status": "not estimable",
        "note": "This planned comparison could not be estimated; see models.csv.",
    }


def _verdict(row: dict[Hashable, Any], alpha: float) -> str:
    """Judge a planned row; rows that were not planned make no claim."""
    if row["role"] not in ("primary", "secondary"):
        return ""
    p = row["p_value"] if np.isnan(row["p_adjusted"]) else row["p_adjusted"]
    if row["status"] != "ok" or not p <= alpha:
        return "inconclusive"
    if row["analysis"] == "noninferiority":
        return "noninferior"
    lower = row["estimate"] < 0
    return "superior" if lower == (row["better"] == "lower") else "inferior"
