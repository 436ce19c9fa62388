"""The contract of every table: its columns, their kinds, units and meanings, in one place.

Code that makes a table ends with `TABLE.conform(frame)`; code that reads one may rely on what
stands here. Numbers are never rounded in tables; an empty cell means missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "integer", "flag"]

_DTYPES = {"text": "str", "number": "float64", "integer": "Int64", "flag": "boolean"}


@dataclass(frozen=True)
class Column:
    """One column: name, kind of content, what it means and whether it may be absent."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """One table: file stem, what a row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns that are always there."""
        return [column.name for column in self.columns if not column.optional]

    def dtypes(self) -> dict[str, str]:
        """Pandas dtype of every column, optional ones included."""
        return {column.name: _DTYPES[column.kind] for column in self.columns}

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `frame` with exactly the declared columns, in order and typed.

        Raises
        ------
        KeyError
            If a column that is not optional is missing, or an undeclared one is there.
        """
        undeclared = [name for name in frame.columns if name not in self.dtypes()]
        missing = [name for name in self.names if name not in frame.columns]
        if undeclared or missing:
            raise KeyError(f"table {self.name}: undeclared {undeclared}, missing {missing}")
        present = [column.name for column in self.columns if column.name in frame.columns]
        dtypes = self.dtypes()
        return (
            frame[present].astype({name: dtypes[name] for name in present}).reset_index(drop=True)
        )

    def from_rows(self, rows: Sequence[dict[str, object]]) -> pd.DataFrame:
        """Return the table made of `rows`; with no rows, only its header."""
        import pandas as pd

        names = list(rows[0]) if rows else self.names
        return self.conform(pd.DataFrame(list(rows), columns=names))


def _text(name: str, meaning: str, optional: bool = False) -> Column:
    return Column(name, "text", meaning, optional)


def _number(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning)


def _integer(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning)


_OUTCOME = _text("outcome", "outcome, as named in trial.yaml")
_TIME = _text("time", "time of measurement, as named in trial.yaml")
_HOURS = _number("hours", "scheduled hours after exercise")
_ARM = _text("arm", "treatment arm, as named in trial.yaml")
_AT = (_OUTCOME, _TIME, _HOURS, _ARM)
_UNIT = _text("unit", "unit of the values")
_CI = (
    _number("ci_low", "lower confidence limit"),
    _number("ci_high", "upper confidence limit"),
    _number("ci_level", "confidence level, for example 0.95"),
)

OBSERVATIONS = Table(
    "observations",
    "participant x period x arm x time x outcome, replicates combined",
    (
        _text("trial", "trial, the name of its folder"),
        _OUTCOME,
        _text("participant", "participant, as typed"),
        _text("sequence", "order of the arms, as typed; empty where not given"),
        _text("period", "period, as typed; empty where not given"),
        _ARM,
        _TIME,
        _HOURS,
        _number("value", "value after conversion and combination of replicates"),
        _UNIT,
        _integer("n_replicates", "non-missing trials behind the value"),
        _text("source_file", "file the value was read from"),
        _text("source_rows", "rows of that file, separated by blanks; the header is row 1"),
        _text("occasion", "which time the participant gets this arm; where declared", True),
    ),
)

ISSUES = Table(
    "issues",
    "problem found in the data or plan",
    (
        _text("code", "stable code of the check"),
        _text("severity", "error, warning or note"),
        _text("file", "file in the trial's folder"),
        _integer("row", "row of that file, the header being row 1"),
        _text("column", "column header or key of trial.yaml"),
        _text("value", "value as typed"),
        _text("message", "what is wrong and what was expected"),
        _text("remedy", "what to do about it"),
    ),
)

REPAIRS = Table(
    "repairs",
    "cell that was not read as typed, because trial.yaml asks for it",
    (
        _text("file", "file in the trial's folder"),
        _integer("row", "row of that file"),
        _text("column", "column header"),
        _text("old", "text as typed"),
        _text("new", "text as read"),
        _text("repair", "byte-order mark, blanks or decimal comma"),
    ),
)

MEANS = Table(
    "means",
    "outcome x time x arm",
    (
        *_AT,
        _integer("n", "participants with a value"),
        _number("observed_mean", "mean of the observed values"),
        _number("observed_sd", "standard deviation of the observed values"),
        _number("estimate", "estimated marginal mean"),
        _number("std_error", "its standard error"),
        _number("df", "its denominator degrees of freedom"),
        *_CI,
        _UNIT,
    ),
)

CONTRASTS = Table(
    "contrasts",
    "outcome x time x pair of arms: each arm - control, then the other pairs",
    (
        *_AT,
        _text("reference", "arm that is subtracted"),
        _text("role", "primary, secondary, negative_control or exploratory"),
        _number("estimate", "arm - reference, in the unit of the outcome"),
        _number("std_error", "standard error of the estimate"),
        _number("df", "denominator degrees of freedom"),
        _text("df_method", "kenward_roger, satterthwaite, or residual (per_time)"),
        _number("statistic", "t statistic"),
        _number("p_value", "two-sided p-value, not adjusted"),
        _number("p_adjusted", "p-value adjusted within the family; empty where not adjusted"),
        _text("adjustment", "none, fixed_sequence, holm, dunnett or mvt"),
        _text("family", "what the adjustment ranges over"),
        _integer("family_size", "number of comparisons in the family"),
        *_CI,
        _integer("n_participants", "participants with a value in one of the two arms at the time"),
        _UNIT,
        _text("better", "direction of benefit: lower or higher"),
        _text("verdict", "planned rows: superior, inferior, noninferior or inconclusive"),
        _text("analysis", "joint, noninferiority, or per_time where there is no joint model"),
        _text("status", "ok, or what is wrong with the fit"),
        _text("note", "remarks in words"),
    ),
)

TERMS = Table(
    "terms",
    "outcome x model term, tested with all others in the model (type III)",
    (
        _OUTCOME,
        _text("term", "arm, time, arm:time, period, ..."),
        _number("df_num", "numerator degrees of freedom"),
        _number("df_den", "denominator degrees of freedom"),
        _number("statistic", "F statistic"),
        _number("p_value", "p-value"),
        _text("df_method", "kenward_roger or satterthwaite"),
    ),
)

VARIANCES = Table(
    "variances",
    "outcome x variance or correlation parameter",
    (
        _OUTCOME,
        _text("component", "participant, participant:period, residual, ..."),
        _text("time", "time the parameter belongs to; empty where it holds at all times"),
        _number("estimate", "REML estimate of the variance or correlation"),
        _number("sd", "its square root; empty for a correlation"),
        _text("note", "for example: at the boundary"),
    ),
)

MODELS = Table(
    "models",
    "outcome",
    (
        _OUTCOME,
        _text("formula", "model in lme4 notation"),
        _text("residual", "residual covariance structure"),
        _text("baseline", "baseline handling that was used"),
        _text("period", "period effect that was used"),
        _text("df_method", "kenward_roger or satterthwaite"),
        _integer("n_observations", "values in the model"),
        _integer("n_participants", "participants in the model"),
        _number("reml_criterion", "-2 log restricted likelihood"),
        Column("converged", "flag", "whether the optimum is certified"),
        Column("singular", "flag", "whether a variance is at its boundary of zero"),
        _text("simplified_from", "structure that was tried first and could not be certified"),
        _text("engine", "software that made the fit"),
        _text("note", "what auto chose and why; second opinion; remarks"),
    ),
)

DESCRIPTIVES = Table(
    "descriptives",
    "outcome x time x arm",
    (
        *_AT,
        _integer("n", "participants with a value"),
        _integer("n_missing", "participant-periods (or participants) without a value"),
        _number("mean", "mean"),
        _number("sd", "standard deviation"),
        _number("median", "median"),
        _number("q1", "lower quartile"),
        _number("q3", "upper quartile"),
        _number("min", "smallest value"),
        _number("max", "largest value"),
        _integer("n_floor", "values at the lower end of the declared range; empty without one"),
        _integer("n_ceiling", "values at the upper end of the declared range"),
        _UNIT,
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "contrast x other way to ask the same question",
    (
        *_AT,
        _text("reference", "arm that is subtracted"),
        _text("role", "role of the contrast, as in contrasts.csv"),
        _text(
            "analysis", "per_time: the two arms at this time alone; paired_t or welch_t: classical"
        ),
        _number("estimate", "arm - reference, in the unit of the outcome"),
        _number("std_error", "standard error of the estimate"),
        _number("df", "degrees of freedom of the error"),
        _number("statistic", "t statistic"),
        _number("p_value", "two-sided p-value, not adjusted"),
        *_CI,
        _integer("n_participants", "participants who inform the estimate"),
        _text("left_out", "participants with a value who do not inform it, separated by blanks"),
        _UNIT,
        _text("agreement", "agrees, or how it differs from contrasts.csv"),
        _text("note", "model or remarks in words"),
    ),
)

RESIDUALS = Table(
    "residuals",
    "analysed value",
    (
        _OUTCOME,
        _text("participant", "participant, as typed"),
        _text("period", "period, as typed"),
        _ARM,
        _TIME,
        _number("fitted", "fitted value, predicted participant effects included"),
        _number("residual", "observed - fitted"),
        _number("standardised", "residual divided by the residual standard deviation"),
    ),
)

TABLES = tuple(each for each in list(globals().values()) if isinstance(each, Table))
