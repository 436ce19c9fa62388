"""What has to stand beside a result before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import degrees, is_missing, plain
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
    treated = [time.name for time in names.trial.times if time.role == "outcome"]
    compared = set(own["contrasts"]["time"])
    cells = own["descriptives"][own["descriptives"]["time"].isin(compared)]
    ends = (("n_floor", "lower", outcome.range[0]), ("n_ceiling", "upper", outcome.range[1]))
    for column, side, value in ends:
        many = cells[cells[column] > AT_LIMIT * cells["n"]]
        after = many[many["time"].isin(treated)]
        if len(many):
            listed = "; ".join(_cell(row, column, names) for row in many.to_dict("records"))
            yield Caution(
                "caution" if len(after) else "note",
                f"More than {AT_LIMIT:.0%} of the values".replace("%", " %")
                + f" lie at the {side} end of the scale ({plain(value)} {outcome.analysis_unit}): "
                f"{listed}. There, differences between arms appear smaller than they are, and the "
                "normal distribution that the model assumes fits badly.",
            )


def _cell(row: Mapping[Any, Any], column: str, names: Names) -> str:
    where = f"{names.arm(row['arm'])} at {names.time(row['time'])}"
    return f"{where} ({int(row[column])} of {int(row['n'])})"


def _spread_between_arms(own: Mapping[str, pd.DataFrame], names: Names) -> Iterator[Caution]:
    compared = set(own["contrasts"]["time"])
    cells = own["descriptives"][own["descriptives"]["time"].isin(compared)]
    by_time = cells[cells["sd"] > 0].groupby("time", sort=False)["sd"].agg(["min", "max"])
    unlike = by_time[by_time["max"] > SD_RATIO * by_time["min"]]
    if len(unlike):
        times = ", ".join(
            f"{names.time(str(time))} ({plain(round(row['max'] / row['min'], 1))}-fold)"
            for time, row in unlike.iterrows()
        )
        yield Caution(
            "note",
            f"Standard deviations differ more than {plain(SD_RATIO)}-fold between arms at {times}. "
            "Unless its residual structure says otherwise, the model assumes the same spread in "
            "all arms at a time; read intervals at these times with care.",
        )


def _spread_over_time(own: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    if not (own["models"]["residual"] == "iid").any():
        return
    by_time = own["descriptives"].groupby("time", sort=False)["sd"].max()
    known = by_time[by_time > 0]
    if len(known) and known.max() > SD_RATIO * known.min():
        yield Caution(
            "note",
            "The model assumes one residual spread for all times, but the standard deviations "
            f"range {plain(round(known.max() / known.min(), 1))}-fold between times; intervals are "
            "too wide at quiet times and too narrow at others. Read with care.",
        )
