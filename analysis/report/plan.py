"""The planned comparisons with their rows, and what the plan's rule for testing means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from analysis.report import cautions, verdicts
from analysis.report.names import Names
from analysis.report.numbers import interval_of_difference, level, number, plain
from analysis.report.verdicts import Planned, Row
from analysis.report.views import rows_of
from analysis.trial import Comparison, Trial

PLANNED_ROLES = ("primary", "secondary")


def planned_comparisons(trial: Trial, tables: Mapping[str, pd.DataFrame]) -> list[Planned]:
    """Return the plan's comparisons in order of testing, each with its row.

    With a fixed sequence, everything after the first comparison that fails is not tested.
    """
    if trial.plan.primary is None:
        return []  # without a primary comparison everything is exploratory
    found = [_with_row(trial, comparison, tables) for comparison in trial.plan.comparisons]
    if trial.plan.multiplicity != "fixed_sequence":
        return found
    going_on, sequence = True, []
    for planned in found:
        sequence.append(replace(planned, tested=going_on))
        going_on = going_on and verdicts.passes(planned)
    return sequence


def _with_row(trial: Trial, comparison: Comparison, tables: Mapping[str, pd.DataFrame]) -> Planned:
    row = _find(comparison, tables["contrasts"])
    if row is not None and not cautions.row_reliable(row, tables) and verdicts.in_order(row):
        row = {**row, "status": "the model could not be certified"}
    margin = trial.outcome(comparison.outcome).margin
    return Planned(
        comparison=comparison,
        row=row,
        margin=margin.value if margin else None,
        alpha=trial.plan.alpha,
        few=cautions.too_few(trial, row, tables["descriptives"]) if row else "",
    )


def _find(comparison: Comparison, contrasts: pd.DataFrame) -> Row | None:
    wanted = (comparison.time, comparison.arm, comparison.reference)
    for row in rows_of(contrasts, comparison.outcome):
        same = (row["time"], row["arm"], row["reference"]) == wanted
        if same and row["role"] in PLANNED_ROLES and verdicts.claim(row) == comparison.claim:
            return row
    return None


def rule_words(trial: Trial) -> str:
    """Return what the plan's rule for several tests means."""
    alpha = f"{trial.plan.alpha:g}"
    return {
        "fixed_sequence": (
            "The comparisons are tested in this order, each at the full level of "
            f"{alpha}, and only as long as all before it succeeded. After the first failure "
            "nothing further is tested: later estimates are shown, but carry no formal conclusion."
        ),
        "holm": f"p-values are adjusted by Holm's method; together they keep the level of {alpha}.",
        "dunnett": (
            "p-values are adjusted by Dunnett's method for several comparisons with one control "
            "(by Holm's for outcomes without a joint model); together they keep the level of "
            f"{alpha}."
        ),
        "mvt": (
            "p-values are adjusted with the multivariate t distribution of the estimates (with the "
            "smallest degrees of freedom among them where each visit has its own variance), or by "
            "Holm's method for outcomes without a joint model; together they keep the level of "
            f"{alpha}."
        ),
        "none": (
            f"Each comparison is tested at the level of {alpha}; the plan does not adjust for "
            "their number, so the more of them there are, the likelier a false finding among them."
        ),
    }[trial.plan.multiplicity]


def negative_controls(
    names: Names, comparison: Comparison, tables: Mapping[str, pd.DataFrame]
) -> list[str]:
    """Return what the same pair of arms looked like before treatment, in sentences.

    Rows from a fit that is not in order, or with too few participants, are left to the table.
    """
    pair = (comparison.outcome, comparison.arm, comparison.reference)
    rows = [
        row
        for row in rows_of(tables["contrasts"], comparison.outcome)
        if row["role"] == "negative_control"
        and (row["outcome"], row["arm"], row["reference"]) == pair
        and verdicts.has_interval(row)
        and cautions.row_reliable(row, tables)
        and not cautions.too_few(names.trial, row, tables["descriptives"])
    ]
    if not rows:
        return []
    digits = names.digits[comparison.outcome]
    shown = ", ".join(f"{_short(row, digits)} at {names.time(row['time'])}" for row in rows)
    sentences = [
        f"Before treatment the same difference was {shown}. These are negative controls: the "
        "treatment cannot have caused them."
    ]
    early = [names.time(row["time"]) for row in rows if _excludes_zero(row)]
    if early:
        sentences.append(
            f"At {' and '.join(early)} the interval excludes zero: the arms differed before any "
            "treatment, by chance or because they were not treated alike until then. Later "
            "differences have to be read with that in mind."
        )
    return sentences


def _short(row: Row, digits: int) -> str:
    limits = interval_of_difference(row["ci_low"], row["ci_high"], digits)
    estimate = f"{number(row['estimate'], digits)} {row['unit']}"
    return f"{estimate} ({level(row['ci_level'])} CI {limits})"


def _excludes_zero(row: Row) -> bool:
    low, high = verdicts.benefit(row)
    return low > 0 or high < 0


def margin_source(trial: Trial, comparison: Comparison) -> str:
    """Return the margin of the outcome and where it comes from; empty without one."""
    outcome = trial.outcome(comparison.outcome)
    if outcome.margin is None:
        return ""
    return f"{plain(outcome.margin.value)} {outcome.analysis_unit}: {outcome.margin.source}"
