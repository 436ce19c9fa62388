"""Residual covariance structures: how the errors of one participant vary and correlate.

Errors of different units (a participant in a period) are independent. Within a unit the errors of
rows a and b, whose variance groups are g and h and whose visits are d steps of the schedule apart,
have covariance

    sqrt(v_g v_h) rho^d            none (rho = 0), ar1, exchangeable (d counts as 1)
    r_st                           unstructured: one parameter per pair of times s, t

A random intercept adds its variance to every pair of rows that share it. So the covariance of a
pair depends only on its class: which components it shares, its groups and its lag. `Law` maps the
parameters to the covariances of the classes, with first and second derivatives; everything else
follows from these few numbers.

The parameters are those of SAS PROC MIXED (SAS/STAT 15.1 User's Guide, The MIXED Procedure,
REPEATED statement, table of TYPE= structures): variances, not standard deviations (ARH(1), CSH),
and for the unstructured matrix its elements. Kenward and Roger's adjustment depends on that
choice wherever the covariance is not linear in its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.mixed.design import Array

IntArray = NDArray[np.int64]
Correlation = Literal["none", "ar1", "exchangeable", "unstructured"]
Role = Literal["component", "variance", "deviation", "element", "correlation"]

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
    """
    columns, correlation = KINDS[kind]
    position = {name: index for index, name in enumerate(schedule)}
    group, names = _variance_groups(frame, columns)
    return Structure(
        participant=_codes(frame, ["participant"]),
        unit=_codes(frame, unit),
        time=np.array([position[str(name)] for name in frame["time"]], np.int64),
        group=group,
        group_names=names,
        correlation=correlation,
    )


def _codes(frame: pd.DataFrame, by: Sequence[str]) -> IntArray:
    return np.asarray(frame.groupby(list(by), observed=True).ngroup(), np.int64)


def _variance_groups(
    frame: pd.DataFrame, columns: Sequence[str]
) -> tuple[IntArray, tuple[str, ...]]:
    if not columns:
        return np.zeros(len(frame), np.int64), ("",)
    groups = frame.groupby(list(columns), observed=True)
    levels = groups.size().index
    keys = levels if levels.nlevels > 1 else [(level,) for level in levels]
    names = tuple(", ".join(map(str, key)) for key in keys)
    return np.asarray(groups.ngroup(), np.int64), names


@dataclass(frozen=True)
class Covariances:
    """Covariance of every class at given parameters, with derivatives.

    Attributes
    ----------
    value : ndarray, (C,)
    first : ndarray, (C, K)
    second : ndarray, (C, K, K), or None
        None where the covariances are linear in the parameters.
    """

    value: Array
    first: Array
    second: Array | None


@dataclass(frozen=True)
class Curve:
    """Classes whose covariance is a product: s_g s_h rho^d.

    Attributes
    ----------
    one, other : ndarray, (C, G)
        Indicators of the groups g and h of the two rows; zero where their errors are independent.
    lag : ndarray of int, (C,)
        Visits between the two rows, d.
    """

    one: Array
    other: Array
    lag: IntArray

    def covariances(self, deviations: Array, rho: float) -> tuple[Array, Array, Array]:
        """Return value (C,), first (C, G + 1) and second derivatives (C, G + 1, G + 1).

        By the standard deviations s, in which the covariances are bilinear, and by rho.
        """
        d = self.lag
        power, slope = rho**d, d * rho ** np.maximum(d - 1, 0)
        bend = d * (d - 1) * rho ** np.maximum(d - 2, 0)
        one, other = self.one @ deviations, self.other @ deviations
        by_deviation = self.one * other[:, None] + self.other * one[:, None]
        first = np.column_stack([by_deviation * power[:, None], one * other * slope])
        n = len(deviations)
        second = np.empty((len(d), n + 1, n + 1))
        second[:, :n, :n] = self._pairs * power[:, None, None]
        second[:, :n, n] = second[:, n, :n] = by_deviation * slope[:, None]
        second[:, n, n] = one * other * bend
        return one * other * power, first, second

    @cached_property
    def _pairs(self) -> Array:
        """Second derivatives of s_g s_h, (C, G, G)."""
        pairs = self.one[:, :, None] * self.other[:, None, :]
        return np.asarray(pairs + pairs.transpose(0, 2, 1))


@dataclass(frozen=True)
class Law:
    """From K parameters to the covariances of C classes of pairs.

    Attributes
    ----------
    names : tuple of str
        Names of the parameters: components, then residual, then the correlation.
    roles : tuple of Role
        What each parameter is.
    linear : ndarray, (C, K)
        Coefficients of the parameters in which the covariances are linear.
    curve : Curve or None
        The residual part where it is not linear; its variances and correlation are the last
        parameters.
    """

    names: tuple[str, ...]
    roles: tuple[Role, ...]
    linear: Array
    curve: Curve | None

    def has_role(self, *roles: Role) -> NDArray[np.bool_]:
        """Return which parameters have one of the roles, (K,)."""
        return np.array([each in roles for each in self.roles])

    def covariances(self, phi: Array) -> Covariances:
        """Return the covariance of every class at `phi`, with its derivatives."""
        value = self.linear @ phi
        if self.curve is None:
            return Covariances(value, self.linear, None)
        n = self.curve.one.shape[1] + 1
        curved, slopes, bends = self.curve.covariances(phi[-n:-1], float(phi[-1]))
        first = self.linear.copy()
        first[:, -n:] += slopes
        second = np.zeros((len(value), len(phi), len(phi)))
        second[:, -n:, -n:] = bends
        return Covariances(value + curved, first, second)


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
