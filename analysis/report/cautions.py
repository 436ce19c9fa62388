"""What has to stand beside a result before it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from analysis.report.names import Names
from analysis.report.numbers import degrees, is_missing, number, plain
from analysis.report.verdicts import DESCRIPTION, in_order
from analysis.report.views import UNRELIABLE, rows_of
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
    first = [*_fit(outcome, tables), *_few(trial, outcome, tables)]
    if described_only(trial, outcome, tables):
        return first  # there is no inference for the other remarks to qualify
    return [
        *first,
        *_small_df(own),
        *_limits(outcome, own, names),
        *_spread_between_arms(own, names),
        *_spread_over_time(own),
    ]


def described_only(trial: Trial, outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether every comparison of an outcome has too few participants for inference."""
    rows = rows_of(tables["contrasts"], outcome.name)
    return bool(rows) and all(too_few(trial, row, tables["descriptives"]) for row in rows)


def reliable(outcome: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether every number of an outcome comes from a fit that is in order."""
    rows = rows_of(tables["contrasts"], outcome)
    return _certified(outcome, tables) and not _statuses_not_in_order(rows)


def row_reliable(row: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> bool:
    """Tell whether a contrast is in order and comes from a certified model."""
    return in_order(row) and _certified(str(row["outcome"]), tables)


def _certified(outcome: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    return all(_holds(row["converged"]) for row in rows_of(tables["models"], outcome))


def _holds(flag: Any) -> bool:
    return not is_missing(flag) and bool(flag)


def _statuses_not_in_order(rows: list[dict[str, Any]]) -> list[str]:
    bad = {str(row["status"]) for row in rows if not is_missing(row["estimate"])}
    return sorted(each for each in bad if not in_order({"status": each}))


def too_few(trial: Trial, row: Mapping[str, Any], descriptives: pd.DataFrame) -> str:
    """Return why a contrast has too few participants for inference; empty if it has enough."""
    if is_missing(row["estimate"]):
        return ""
    status = str(row["status"])
    if status.startswith(DESCRIPTION):
        return status.removeprefix(DESCRIPTION).removeprefix(":").strip()
    n = row["n_participants"]
    if not is_missing(n) and int(n) < MIN_PARTICIPANTS:
        return f"fewer than {MIN_PARTICIPANTS} participants"
    if trial.design == "parallel":
        at_time = descriptives[
            (descriptives["outcome"] == row["outcome"])
            & (descriptives["time"] == row["time"])
            & descriptives["arm"].isin([row["arm"], row["reference"]])
        ]
        smallest = at_time["n"].min()
        if not is_missing(smallest) and int(smallest) < MIN_PER_ARM:
            return f"an arm has fewer than {MIN_PER_ARM} participants"
    return ""


def _fit(outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    for model in rows_of(tables["models"], outcome.name):
        why = "" if is_missing(model["note"]) else str(model["note"])
        certified = _holds(model["converged"])
        if not certified and not _holds(model["n_observations"]):
            yield Caution("caution", f"There are no estimates for this outcome. {why}".strip())
        elif not certified:
            yield Caution(
                "caution",
                "The model of this outcome could not be certified as the best fit. Numbers from "
                f"it are marked {UNRELIABLE} and must not be relied on. {why}".strip(),
            )
    bad = _statuses_not_in_order(rows_of(tables["contrasts"], outcome.name))
    if bad:
        yield Caution(
            "caution",
            f"Some estimates come from a fit that is not in order ({'; '.join(bad)}). They are "
            f"marked {UNRELIABLE} and must not be relied on.",
        )


def _few(trial: Trial, outcome: Outcome, tables: Mapping[str, pd.DataFrame]) -> Iterator[Caution]:
    rows = rows_of(tables["contrasts"], outcome.name)
    few = [too_few(trial, row, tables["descriptives"]) for row in rows]
    reasons = list(dict.fromkeys(reason for reason in few if reason))
    if reasons:
        n_few = sum(map(bool, few))
        which = "all comparisons" if all(few) else f"{n_few} of {len(few)} comparisons"
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
            "and p-values of comparisons between such arms can be too optimistic or too "
            "cautious; read them with care.",
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
            "wide at quiet times and too narrow at others. The analysis of one time alone, among "
            "the other ways to ask the same question, does not assume this.",
        )
