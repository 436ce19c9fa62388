"""Newton's method for the restricted likelihood of a residual-structure model.

Far from the minimum the Hessian is replaced by the average information, which costs a third and is
never indefinite (Gilmour, Thompson and Cullis 1995, Biometrics 51:1440-1450); nearer by itself.
Steps (`local`) are capped, and the criterion must fall enough (Nocedal and Wright 2006,
Numerical Optimization, section 3.1). Full Newton steps finish (`polish`).

All starts advance together, in the same array operations. A start that is about to arrive where
another is about to arrive, or has arrived, is not followed to the end.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import NOWHERE, End, Ends, Known
from analysis.mixed.residual.factors import BoolArray
from analysis.mixed.residual.following import NEAR, Runs, followed, leave, merge, started
from analysis.mixed.residual.point import Evaluated
from analysis.mixed.residual.problem import Problem

KEPT = 4_000_000  # numbers, 32 MB
LONGEST_STEP = 1.5
MAX_STEPS = 60
MAX_HALVINGS = 30
PATIENCE = 4  # halvings after which the exact Hessian takes over
THAWED = 0.01  # decrement by the exact Hessian at which no parameter is kept at zero any longer
SETTLED = 1e-9  # decrement at which a start has arrived: a valley's floor can be all but level


def search(
    problem: Problem,
    chart: Chart,
    starts: Array,
    y: Array,
    best: Known | None = None,
    kept: BoolArray | None = None,
) -> list[Ends]:
    """Return where Newton's method leads from several starts for each of several responses.

    Parameters
    ----------
    problem : Problem
        The layout and X.
    chart : Chart
        Local coordinates, of all responses, (K,), or of each, (R, K).
    starts : ndarray, (R, S, K)
    y : ndarray, (R, n, T, 1)
        Responses.
    best : Known, optional
        A minimum of each response known before. Starts that lead to it, or of which it becomes
        plain that they lead to nothing lower, are not followed to the end.
    kept : ndarray of bool, (R, S, K), optional
        Parameters at zero that a start is to keep there until it is near a minimum of the model
        without them. From there it goes on with all of them.
    """
    _keep_memory()
    r, s, k = starts.shape
    flat, each = starts.reshape(-1, k), np.repeat(np.arange(r), s)
    wide = chart.take(each)
    own = np.zeros(flat.shape, bool) if kept is None else kept.reshape(-1, k)
    if len(chart.law.elements) == 0:
        known = None if best is None else best.take(each)
        ends, into = _search(problem, wide, flat, y, each, s, own, known)
    else:
        ends, into = [], np.arange(r * s)
        for i in np.arange(r * s)[:, None]:
            ends += _search(problem, wide.take(i), flat[i], y, each[i], 1, own[i])[0]
    local = np.where(into >= 0, into % max(s, 1), into)
    return [Ends(ends[i : i + s], local[i : i + s]) for i in range(0, r * s, s)]


@cache
def _keep_memory() -> None:
    """Have memory that is freed kept for the arrays that follow: up to a fifth of the time.

    The GNU C library returns more of it to the system the smaller the largest block is that was
    ever freed (mallopt(3), M_MMAP_THRESHOLD); pages then have to be asked for again and again.
    """
    np.empty(KEPT)


def _search(
    problem: Problem,
    chart: Chart,
    starts: Array,
    y: Array,
    of: IntArray,
    alike: int,
    kept: BoolArray,
    best: Known | None = None,
) -> tuple[list[End | None], IntArray]:
    """Where starts lead, (b, K); so many that follow one another have one response."""
    runs = started(starts, y, of, kept)
    while runs.active.any():
        who = np.flatnonzero(runs.active)
        own = chart.take(who)
        moves = np.where(runs.fresh, 0.0, runs.length)[who, None] * runs.step[who]
        trial = np.where(runs.fresh[who, None], runs.phi[who], own.move(runs.phi[who], moves))
        enough = (runs.value - 1e-4 * runs.length * runs.decrement)[who]
        enough[runs.fresh[who]] = np.inf
        point = problem.quickly(trial, runs.y, runs.of[who], runs.near[who], enough)
        accepted = (point.value <= enough) & np.isfinite(point.value)
        chosen = np.flatnonzero(accepted)
        if len(chosen) < len(who):
            _shorten(runs, who[~accepted])
        if len(chosen):
            _advance(runs, chart, who[chosen], point.some(chosen))
            merge(runs, alike)
            if best is not None:
                leave(runs, best)
    ends = [
        End(phi, float(value), *runs.points.get(i, ())) if found else None
        for i, (phi, value, found) in enumerate(zip(runs.phi, runs.value, runs.found, strict=True))
    ]
    return ends, followed(runs.into)


def _shorten(runs: Runs, who: IntArray) -> None:
    """Halve the steps after which the criterion had not fallen; give up where that is no use.

    The average information can point along a wall, where only tiny steps descend; the Hessian does
    not.
    """
    singular = who[runs.fresh[who]]
    runs.active[singular], runs.into[singular] = False, NOWHERE
    runs.length[who] /= 2
    runs.halvings[who] += 1
    most = np.where(runs.near[who], MAX_HALVINGS, PATIENCE)
    stuck = who[runs.halvings[who] >= most]
    ended = stuck[runs.near[stuck]]
    runs.active[ended], runs.found[ended] = False, True
    runs.near[stuck] = runs.fresh[stuck] = True


def _advance(runs: Runs, chart: Chart, who: IntArray, point: Evaluated) -> None:
    """Go to new points and find the steps from there; end where a matrix became singular."""
    runs.phi[who], runs.value[who], runs.fresh[who] = point.phi, point.value, False
    runs.steps[who] += 1
    try:
        _find_steps(runs, chart, who, point)
    except np.linalg.LinAlgError:
        if len(who) == 1:
            runs.active[who], runs.found[who] = False, True
        else:
            for i in range(len(who)):
                _advance(runs, chart, who[i : i + 1], point.take(np.array([i])))


def _find_steps(runs: Runs, chart: Chart, who: IntArray, point: Evaluated) -> None:
    """Find the next steps, and end where they are too small to matter."""
    own = chart.take(who)
    near = runs.near[who]
    step, decrement = np.empty(point.phi.shape), np.empty(len(who))
    far, close = np.flatnonzero(~near), np.flatnonzero(near)
    if len(far):
        rough = own.take(far).roughly_at(point.some(far)).keeping(runs.kept[who[far]])
        step[far], decrement[far] = rough.newton_step()
        runs.near[who[far]] = decrement[far] < NEAR
    if len(close):
        there = point.some(close)
        local = own.take(close).at(there).keeping(runs.kept[who[close]])
        exact, size = local.newton_step()
        for i in np.flatnonzero(size < SETTLED).tolist():
            exact[i], size[i] = local.off_saddle(i, exact[i], size[i])
            if size[i] < SETTLED:
                runs.points[int(who[close[i]])] = there, i
        step[close], decrement[close] = exact, size
    keeping = runs.kept[who].any(axis=1)
    runs.kept[who[near & (decrement < THAWED)]] = False
    ended = near & (decrement < SETTLED) & ~keeping | (runs.steps[who] > MAX_STEPS)
    runs.step[who], runs.decrement[who], runs.exact[who] = step, decrement, near
    runs.landing[who] = landing = own.coordinates(point.phi) + step
    runs.aim[who] = np.where((near & (decrement < NEAR))[:, None], landing, np.nan)
    runs.active[who[ended]], runs.found[who[ended]] = False, True
    longest = np.abs(step).max(axis=1, initial=1e-300)
    runs.length[who] = np.minimum(1.0, LONGEST_STEP / longest)
    runs.halvings[who] = 0
