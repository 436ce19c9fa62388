"""From sufficient statistics to certified fits: where to start, the search, and the tests.

Designs whose table is exact are fitted from it alone; the others start from it and finish with the
exact functions, as do all where Kenward-Roger is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np

from analysis.mixed.batch.check import is_exact
from analysis.mixed.batch.coordinates import make_coordinates
from analysis.mixed.batch.criterion import Criterion, Direct
from analysis.mixed.batch.newton import Bools, Ends, Indices, Local, eliminate, newton, search
from analysis.mixed.batch.reduce import Reduction
from analysis.mixed.batch.solutions import Solutions, join, replace_rows
from analysis.mixed.batch.start import Start, make_start
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.batch.table import Cubes, Table, make_table
from analysis.mixed.batch.tests import (
    Combinations,
    kenward_roger_df,
    kenward_roger_v,
    satterthwaite,
)
from analysis.mixed.design import Array, Component
from analysis.mixed.reml import ENDLESS

# Points a side of the tables to try, by number of components.
SIDES = {1: (4, 16, 24), 2: (4, 8, 12, 14, 16), 3: (4, 8)}
LOST = 1e-7
CERTAIN, SETTLED = 1e-9, 1e-20  # Newton decrement that a certificate asks for, and rounding


@dataclass(frozen=True)
class Engine:
    """Everything needed to fit responses to one design with at least one component.

    Attributes
    ----------
    reduction : Reduction
        The design.
    table : Table
        Its functions, tabulated.
    exact : bool
        Whether the table is exact.
    start : Start or None
        Where to start, if that is known.
    criterion : Criterion
        The exact functions.
    combinations : Combinations
        The exact variances.
    """

    reduction: Reduction
    table: Table
    exact: bool
    start: Start | None
    criterion: Criterion
    combinations: Combinations

    @property
    def constant(self) -> float:
        """What the criterion has besides log|W| + nu log pw."""
        nu = self.reduction.nu
        return self.reduction.log_det_xx + nu * (1 + log(2 * pi / nu))

    @np.errstate(all="ignore")  # what overflows is not certified
    def fit(self, statistics: Statistics, kenward_roger: bool) -> Solutions:
        """Fit responses whose statistics are all finite."""
        cubes = self.table.cubes(statistics)
        if self.exact and not kenward_roger:
            return self._tabulated(cubes, statistics)
        c, lost = self._optimum(cubes)
        direct = Direct(self.criterion, self.table.coordinates.scale)
        ends = search(direct, direct.t(self.table.coordinates.g(c)), statistics)
        parts = [
            self._from_matrices(direct, ends.t[each], statistics.take(each), kenward_roger)
            for each in self.criterion.blocks(len(lost))
        ]
        found = join(parts)
        found.certified[lost | ~np.isfinite(ends.value)] = False
        return found

    def _tabulated(self, cubes: Cubes, statistics: Statistics) -> Solutions:
        """Fit from the table; where the start is the optimum to the last digit, without search."""
        if self.start is None or not self.start.alone:
            return self._searched(cubes, statistics)
        found = self._from_table(self.start.points(cubes), cubes, statistics, SETTLED)
        rest = np.flatnonzero(~found.certified)
        if len(rest):
            replace_rows(found, rest, self._searched(cubes.take(rest), statistics.take(rest)))
        return found

    def _searched(self, cubes: Cubes, statistics: Statistics) -> Solutions:
        c, lost = self._optimum(cubes)
        found = self._from_table(c, cubes, statistics, CERTAIN)
        found.certified[lost] = False
        return found

    def _optimum(self, cubes: Cubes) -> tuple[Array, Bools]:
        """Return the lowest minimum from any start, and for which responses there is none.

        Starts are the point of a balanced experiment, and the points of the table that are lower
        than all around them: the lowest where that did not suffice, the others always.
        """
        if self.start and self.start.alone:
            ends = search(self.table, self.start.points(cubes), cubes)
            return ends.t, ~np.isfinite(ends.value)
        grid = self.table.criterion(cubes)
        lowest = grid.argmin(axis=1)
        floor = grid[np.arange(len(lowest)), lowest] + LOST
        points = self.table.points
        ends = search(self.table, self._first(cubes, lowest), cubes)
        above = np.flatnonzero(~(ends.value <= floor))
        self._search_again(ends, cubes, above, points[lowest[above]])
        others = self.table.valleys(grid)
        others[np.arange(len(lowest)), lowest] = False
        while others.any():
            rows = np.flatnonzero(others.any(axis=1))
            start = others[rows].argmax(axis=1)
            others[rows, start] = False
            self._search_again(ends, cubes, rows, points[start])
        if self.start is None:
            self._search_again(ends, cubes, np.arange(len(lowest)), np.zeros_like(ends.t))
        return ends.t, ~(ends.value <= floor)

    def _first(self, cubes: Cubes, lowest: Indices) -> Array:
        return self.start.points(cubes) if self.start else self.table.points[lowest]

    def _search_again(self, ends: Ends, cubes: Cubes, rows: Indices, start: Array) -> None:
        """Search some rows from other points, and keep what is lower."""
        if len(rows) == 0:
            return
        again = search(self.table, start, cubes.take(rows))
        lower = again.value < ends.value[rows]
        ends.t[rows[lower]], ends.value[rows[lower]] = again.t[lower], again.value[lower]

    def _from_table(
        self, c: Array, cubes: Cubes, statistics: Statistics, decrement: float
    ) -> Solutions:
        bases = self.table.bases(c)
        local, pw, relative = self.table.evaluate_with(bases, c, cubes)
        v, slopes = self.table.variances(bases, c)
        free = c > 0
        df = satterthwaite(self.reduction.nu, local.hessian, relative, v, slopes, free)
        g = self.table.coordinates.g(c)
        blocks = self.criterion.blocks(len(g))
        woodbury = self.criterion.woodbury
        p = [woodbury.solve_once(g[each], statistics.eta[each]) for each in blocks]
        none = np.zeros((len(g), 0))
        return Solutions(
            estimate=self._estimates(g, statistics, np.concatenate(p)),
            v=v,
            df=df,
            kr_v=none,
            kr_df=none,
            g=g,
            s2=pw / self.reduction.nu,
            criterion=local.value + self.constant,
            certified=_certified(local, c, g, decrement),
        )

    def _from_matrices(
        self, direct: Direct, t: Array, statistics: Statistics, kenward_roger: bool
    ) -> Solutions:
        g, nu = direct.g(t), self.reduction.nu
        inner = self.criterion.woodbury.inner(g)
        values, p = self.criterion.at(g, statistics, inner)
        local = direct.local(t, values)
        found = self.combinations.variances(g, inner)
        v, slopes = found.v, found.slopes
        kr_v = kr_df = np.zeros((len(g), 0))
        certified = _certified(local, t, g, CERTAIN)
        if kenward_roger:
            certified &= eliminate(values.information, slopes).positive(values.information)
            inflation = self.combinations.inflation(g, inner, found.image)
            kr_v, kr_df = kenward_roger_v(values, v, inflation), kenward_roger_df(values, v, slopes)
        return Solutions(
            estimate=self._estimates(g, statistics, p),
            v=v,
            df=satterthwaite(nu, values.hessian, values.relative, v, slopes, t > 0),
            kr_v=kr_v,
            kr_df=kr_df,
            g=g,
            s2=values.pw.value / nu,
            criterion=values.criterion + self.constant,
            certified=certified,
        )

    def _estimates(self, g: Array, statistics: Statistics, p: Array) -> Array:
        total = statistics.ols
        if p.shape[1]:
            for k, c in enumerate(self.reduction.targets.c):
                total = total - g[:, k, None] * (p @ c)
        return total


def _certified(local: Local, t: Array, g: Array, decrement: float) -> Bools:
    """Whether points are minima: decrement, curvature, and multipliers where t is zero.

    One at an endless ratio of variances is left to `reml`, which tells whether there is an optimum.
    """
    direction = newton(local, t)
    outward = ((t > 0) | (local.gradient >= -1e-9)).all(axis=1)
    ended = (g <= ENDLESS).all(axis=1)
    return (direction.decrement <= decrement) & direction.positive & outward & ended


@np.errstate(all="ignore")
def make_engine(reduction: Reduction, components: tuple[Component, ...]) -> Engine:
    """Return the engine of a design, with the smallest table that is exact, if any is."""
    coordinates = make_coordinates(reduction, components)
    criterion = Criterion(reduction)
    combinations = Combinations(reduction.targets, criterion.woodbury)
    for n in SIDES.get(len(components), (4,)):
        table = make_table(reduction, coordinates, n)
        if is_exact(table, criterion, combinations):
            break
    exact = is_exact(table, criterion, combinations)
    return Engine(
        reduction, table, exact, make_start(table, reduction.axes.n_dense), criterion, combinations
    )
