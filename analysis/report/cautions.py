"""What has to stand beside a result before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import degrees, is_missing, number, plain
from analysis.trial import Outcome, Trial

MIN_PARTICIPANTS = 6
MIN_PER_ARM = 4  # parallel groups
AT_LIMIT = 0.20  # share of values at an end of the scale that is too many
SD_RATIO = 1.5
FEW_DF = 5


@dataclass(frozen=True)
class Caution:
    """A remark on an outcome: a caution limits what may be concluded, a note informs."""

    kind: Literal["caution", "note"]
    text: str


def of_outcome(
    trial: Trial, outcome: Outcome, tables: Mapping[str, pd.DataFrame], names: Names
) -> list[Caution]:
    """Return all cautions and notes on an outcome, the weightiest first."""
    own = {
        name: table[table["outcome"] == outcome.name]
        for name, table in tables.items()
        if "outcome" in table.columns
    }
    return [
        *_fit(own),
        *_few(trial, own),
        *_small_df(own),
        *_limits(outcome, own, names),
        *_spread_between_arms(own, names),
        *_spread_over_time(own),
    ]


def reliable(outcome: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether the fit of an outcome is certified and all its rows are in order."""
    models, contrasts = tables["models"], tables["contrasts"]
    converged = models.loc[models["outcome"] == outcome, "converged"]
    status = contrasts.loc[contrasts["outcome"] == outcome, "status"]
    return bool(converged.fillna(False).all()) and bool((status == "ok").all())


def row_reliable(row: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether a contrast is in order and comes from a certified model."""
    models = tables["models"]
    converged = models.loc[models["outcome"] == row["outcome"], "converged"]
    return row["status"] == "ok" and bool(converged.fillna(False).all())


def too_few(trial: Trial, row: Mapping[str, Any], descriptives: pd.DataFrame) -> str:
    """Return why a contrast has too few participants for inference; empty if it has enough."""
    n = row["n_participants"]
    if not is_missing(n) and int(n) < MIN_PARTICIPANTS:
        return f"only {int(n)} participants contribute and at least {MIN_PARTICIPANTS} are needed"
    if trial.design == "parallel":
        at_time = descriptives[
            (descriptives["outcome"] == row["outcome"])
            & (descriptives["time"] == row["time"])
            & descriptives["arm"].isin([row["arm"], row["reference"]])
        ]
        smallest = at_time["n"].min()
        if not is_missing(smallest) and int(smallest) < MIN_PER_ARM:
            return (
                f"one arm has only {int(smallest)} participants and at least {MIN_PER_ARM} per arm "
                "are needed"
            )
    return ""


def _fit(own: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    for model in own["models"].to_dict("records"):
        if is_missing(model["converged"]) or not model["converged"]:
            why = f" {model['note']}" if not is_missing(model["note"]) else ""
            yield Caution(
                "caution",
                "The model of this outcome could not be certified as the best fit. Numbers from "
                f"it, where shown, are marked † and must not be relied on.{why}",
            )
    bad = sorted(set(own["contrasts"]["status"]) - {"ok"})
    if bad:
        yield Caution(
            "caution",
            f"Some estimates come from a fit that is not in order ({'; '.join(bad)}). They are "
            "marked † and must not be relied on.",
        )


def _few(trial: Trial, own: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    rows = own["contrasts"].to_dict("records")
    few = [too_few(trial, {str(k): v for k, v in row.items()}, own["descriptives"]) for row in rows]
    reasons = list(dict.fromkeys(reason for reason in few if reason))
    if reasons:
        which = (
            "all comparisons" if all(few) else f"{sum(map(bool, few))} of {len(few)} comparisons"
        )
        yield Caution(
            "caution",
            f"Too few participants for inference in {which}: {'; '.join(reasons)}. These are "
            "described only, without intervals or p-values.",
        )


def _small_df(own: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    df = own["contrasts"]["df"].dropna()
    if (df < FEW_DF).any():
        yield Caution(
            "note",
            f"Some intervals rest on few degrees of freedom ({degrees(df.min())} at the least): "
            "their width comes mostly from not knowing the variance.",
        )


def _limits(outcome: Outcome, own: Mapping[str, pd.DataFrame], names: Names) -> Iterator[Caution]:
    if outcome.range is None:
        return
    cells = _compared(own)
    treated = cells["time"].isin([time.name for time in names.trial.times_with_role("outcome")])
    low, high = outcome.range
    for column, side, value in (("n_floor", "lower", low), ("n_ceiling", "upper", high)):
        many = (cells[column] > AT_LIMIT * cells["n"]).fillna(False)
        end = f"the {side} end of the scale ({plain(value)} {outcome.analysis_unit})"
        if (many & treated).any():
            yield Caution(
                "caution",
                f"More than 20 % of the values lie at {end}: "
                f"{_cells(cells[many & treated], column, names)}. Differences between arms then "
                "appear smaller than they are, and the normal distribution that the model assumes "
                "fits badly.",
            )
        if (many & ~treated).any():
            yield Caution(
                "note",
                f"Before treatment, more than 20 % of the values lie at {end}: "
                f"{_cells(cells[many & ~treated], column, names)}. Comparisons of the arms at "
                "these times say little about whether they started alike.",
            )


def _compared(own: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the descriptives of the times at which arms are compared."""
    return own["descriptives"][own["descriptives"]["time"].isin(set(own["contrasts"]["time"]))]


def _cells(rows: pd.DataFrame, column: str, names: Names) -> str:
    return "; ".join(
        f"{names.arm(row['arm'])} at {names.time(row['time'])} "
        f"({int(row[column])} of {int(row['n'])})"
        for row in rows.to_dict("records")
    )


def _spread_between_arms(own: Mapping[str, pd.DataFrame], names: Names) -> Iterator[Caution]:
    if own["models"]["residual"].str.startswith("by_arm").any():
        return  # the model allows for it
    cells = _compared(own)
    treated = [time.name for time in names.trial.times_with_role("outcome")]
    cells = cells[cells["time"].isin(treated) & (cells["sd"] > 0)]
    by_time = cells.groupby("time", sort=False)["sd"].agg(["min", "max"])
    unlike = by_time[by_time["max"] > SD_RATIO * by_time["min"]]
    if len(unlike):
        times = ", ".join(
            f"{names.time(str(time))} ({_fold(row['max'] / row['min'])})"
            for time, row in unlike.iterrows()
        )
        yield Caution(
            "note",
            f"The standard deviations of the arms differ more than {plain(SD_RATIO)}-fold at "
            f"{times}, while the model assumes the same spread in all arms at a time. Intervals "
            "and p-values of comparisons between such arms can be too optimistic or too cautious; read them "
            "with care.",
        )


def _fold(ratio: float) -> str:
    return f"{number(ratio, 1)}-fold"


def _spread_over_time(own: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    if not (own["models"]["residual"] == "iid").any():
        return
    by_time = own["descriptives"].groupby("time", sort=False)["sd"].max()
    known = by_time[by_time > 0]
    if len(known) and known.max() > SD_RATIO * known.min():
        yield Caution(
            "note",
            "The model assumes one residual spread for all times, but the standard deviations "
            f"differ {_fold(known.max() / known.min())} between times; intervals are too "
            "wide at quiet times and too narrow at others. Read with care.",
        )
