"""Residual covariance structures: how the errors of one participant vary and correlate.

Errors of different units (a participant in a period) are independent. Within a unit the errors of
rows a and b, whose variance groups are g and h and whose visits are d steps of the schedule apart,
have covariance

    sqrt(v_g v_h) rho^d            none (rho = 0), ar1, exchangeable (d counts as 1)
    r_st                           unstructured: one parameter per pair of times s, t

A random intercept adds its variance to every pair of rows that share it. So the covariance of a
pair depends only on its class: which components it shares, its groups and its lag (`laws`).

The parameters are those of SAS PROC MIXED (SAS/STAT 15.1 User's Guide, The MIXED Procedure,
REPEATED statement, table of TYPE= structures): variances, not standard deviations (ARH(1), CSH),
and for the unstructured matrix its elements. Kenward and Roger's adjustment depends on that
choice wherever the covariance is not linear in its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.mixed.design import combination_codes, factor
from analysis.mixed.laws import Curve, IntArray, Law, Role

Correlation = Literal["none", "ar1", "exchangeable", "unstructured"]

# Columns whose combinations have a variance of their own, and the correlation within a unit.
KINDS: dict[str, tuple[tuple[str, ...], Correlation]] = {
    "iid": ((), "none"),
    "ar1": ((), "ar1"),
    "by_time": (("time",), "none"),
    "by_time_ar1": (("time",), "ar1"),
    "by_arm_time": (("arm", "time"), "none"),
    "by_arm_time_ar1": (("arm", "time"), "ar1"),
    "unstructured": (("time",), "unstructured"),
}


@dataclass(frozen=True)
class Structure:
    """A residual covariance structure for the rows of one design.

    Attributes
    ----------
    participant : ndarray of int, (N,)
        Rows of different participants are independent.
    unit : ndarray of int, (N,)
        Errors correlate only within a unit: a participant's period.
    time : ndarray of int, (N,)
        Position of the visit in the full schedule; the lag of two rows is their distance, also
        where a visit between them is missing.
    group : ndarray of int, (N,)
        Variance group of each row, coded 0, 1, ...; the visit where unstructured.
    group_names : tuple of str
        Name of each group, empty for a single variance.
    correlation : {"none", "ar1", "exchangeable", "unstructured"}
        Correlation within a unit.
    """

    participant: IntArray
    unit: IntArray
    time: IntArray
    group: IntArray
    group_names: tuple[str, ...]
    correlation: Correlation

    @property
    def n_groups(self) -> int:
        """Number of variance groups."""
        return len(self.group_names)

    def variance_names(self) -> tuple[str, ...]:
        """Return the names of the residual parameters, without the correlation."""
        names = self.group_names
        if self.correlation == "unstructured":
            pairs = [(names[s], names[t]) for s, t in element_pairs(len(names))]
            return tuple(_residual(s if s == t else f"{s}, {t}") for s, t in pairs)
        return tuple(_residual(name) for name in names)


def _residual(name: str) -> str:
    return f"residual[{name}]" if name else "residual"


def element_pairs(n: int) -> list[tuple[int, int]]:
    """Return rows and columns of the elements of a symmetric matrix on and above the diagonal."""
    return [(s, t) for s in range(n) for t in range(s, n)]


def make_structure(
    kind: str,
    frame: pd.DataFrame,
    schedule: Sequence[str],
    unit: Sequence[str] = ("participant", "period"),
) -> Structure:
    """Return the residual structure that trial.yaml calls `kind`.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    frame : DataFrame
        One row per observation, with `participant`, `time`, and `arm` where it matters.
    schedule : sequence of str
        Every visit of the schedule in order, also those that were not analysed.
    unit : sequence of str
        Columns whose combinations are the units.

    Raises
    ------
    ValueError
        If a visit is not in the schedule.
    """
    columns, correlation = KINDS[kind]
    needed = dict.fromkeys(["participant", "time", *unit, *columns])
    factors = {name: factor(frame[name].array) for name in needed}
    group, names = _variance_groups([factors[name] for name in columns], len(frame))
    return Structure(
        participant=combination_codes([factors["participant"]]),
        unit=combination_codes([factors[name] for name in unit]),
        time=_positions(factors["time"], schedule),
        group=group,
        group_names=names,
        correlation=correlation,
    )


def _positions(time: pd.Categorical, schedule: Sequence[str]) -> IntArray:
    """Return the place of each row's visit in the schedule."""
    place = {name: index for index, name in enumerate(schedule)}
    of_level = [place.get(str(name), -1) for name in time.categories]
    found = np.array([*of_level, -1], np.int64).take(time.codes)
    if found.min(initial=0) < 0:
        raise ValueError(f"time: a value is not one of the schedule {tuple(schedule)}")
    return found


def _variance_groups(
    factors: Sequence[pd.Categorical], n_rows: int
) -> tuple[IntArray, tuple[str, ...]]:
    if not factors:
        return np.zeros(n_rows, np.int64), ("",)
    codes = combination_codes(factors)
    first = np.unique(codes, return_index=True)[1]
    levels = [[str(name) for name in each.categories] for each in factors]
    parts = ([own[i] for i in each.codes[first]] for own, each in zip(levels, factors, strict=True))
    return codes, tuple(", ".join(each) for each in zip(*parts, strict=True))


@dataclass(frozen=True)
class PairClasses:
    """What distinguishes the classes of pairs of rows.

    Attributes
    ----------
    shared : ndarray of bool, (C, k)
        Which components the two rows share.
    lag : ndarray of int, (C,)
        Visits between them; negative where their errors are independent.
    groups : ndarray of int, (C, 2)
        Their variance groups, the smaller first.
    """

    shared: NDArray[np.bool_]
    lag: IntArray
    groups: IntArray


def make_law(structure: Structure, components: Sequence[str], pairs: PairClasses) -> Law:
    """Return the map from parameters to the covariances of the classes."""
    names = (*components, *structure.variance_names())
    share = pairs.shared.astype(float)
    related = (pairs.lag >= 0)[:, None]
    one, other = (np.eye(structure.n_groups)[pairs.groups[:, i]] * related for i in (0, 1))
    n = len(names) - len(components)
    if structure.correlation in ("ar1", "exchangeable"):
        longest = 1 if structure.correlation == "exchangeable" else None
        return Law(
            names=(*names, structure.correlation),
            roles=(*_roles(components, n, "deviation"), "correlation"),
            linear=np.hstack([share, np.zeros((len(share), n + 1))]),
            curve=Curve(one, other, np.clip(pairs.lag, 0, longest)),
        )
    if structure.correlation == "unstructured":
        s, t = np.array(element_pairs(structure.n_groups)).T
        linear = np.hstack([share, one[:, s] * other[:, t]])
        return Law(names, _roles(components, n, "element"), linear, None)
    return Law(names, _roles(components, n, "variance"), np.hstack([share, one]), None)


def _roles(components: Sequence[str], n_residual: int, role: Role) -> tuple[Role, ...]:
    first: list[Role] = ["component"] * len(components)
    return (*first, *([role] * n_residual))
