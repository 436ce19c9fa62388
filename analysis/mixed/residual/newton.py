"""Newton's method for the restricted likelihood of a residual-structure model.

Far from the minimum the Hessian is replaced by the average information, which costs a third and is
never indefinite (Gilmour, Thompson and Cullis 1995, Biometrics 51:1440-1450); nearer by itself.
Steps (`local`) are capped, and the criterion must fall enough (Nocedal and Wright 2006,
Numerical Optimization, section 3.1). Full Newton steps finish (`polish`).

All starts advance together, in the same array operations. A start that is about to arrive where
another is about to arrive, or has arrived, is not followed to the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.chart import Chart
from analysis.mixed.residual.ends import KNOWN, NOWHERE, End, Ends, Known
from analysis.mixed.residual.factors import BoolArray
from analysis.mixed.residual.point import Evaluated, Point
from analysis.mixed.residual.problem import Problem

KEPT = 4_000_000  # numbers, 32 MB
LONGEST_STEP = 1.5
MAX_STEPS = 60
MAX_HALVINGS = 30
PATIENCE = 4  # halvings after which the exact Hessian takes over
NEAR = 1.0  # decrement after which the exact Hessian takes over
SETTLED = 1e-9  # decrement at which a start has arrived: a valley's floor can be all but level
# Two starts lead to the same place if, by the exact Hessian, they aim so close to one another; a
# start leads to a known minimum if it aims so close to it with a decrement so small. In local
# coordinates. Minima may be near one another, and aims from afar are rough.
SAME, THERE, ALMOST = 0.01, 0.02, 0.05


@dataclass
class _Runs:
    """The state of all starts of R responses, S each; arrays of (b,) or (b, K), b = R S.

    `of` is the response of a start; `fresh` points are evaluated as they are, the others after
    `length` times `step`; a start is `near` once the exact Hessian is used; `landing` is where its
    next step leads, in coordinates, `aim` the same if its decrement is small, not a number before
    that; `points` says where the derivatives are where starts ended; `into` is the start that is
    followed instead, or `KNOWN` or `NOWHERE`; `exact` tells whether the step is by the Hessian.
    """

    y: Array
    of: IntArray
    phi: Array
    value: Array
    step: Array
    decrement: Array
    length: Array
    halvings: IntArray
    steps: IntArray
    fresh: BoolArray
    near: BoolArray
    active: BoolArray
    found: BoolArray
    landing: Array
    aim: Array
    points: dict[int, tuple[Evaluated, int]]
    into: IntArray
    exact: BoolArray


def _started(starts: Array, y: Array, of: IntArray) -> _Runs:
    b = len(starts)
    return _Runs(
        y=y,
        of=of,
        phi=starts.copy(),
        value=np.full(b, np.inf),
        step=np.zeros_like(starts),
        decrement=np.zeros(b),
        length=np.ones(b),
        halvings=np.zeros(b, np.int64),
        steps=np.zeros(b, np.int64),
        fresh=np.ones(b, bool),
        near=np.zeros(b, bool),
        active=np.ones(b, bool),
        found=np.zeros(b, bool),
        landing=np.full(starts.shape, np.nan),
        aim=np.full(starts.shape, np.nan),
        points={},
        into=np.arange(b),
        exact=np.zeros(b, bool),
    )


def search(
    problem: Problem, chart: Chart, starts: Array, y: Array, best: Known | None = None
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
    """
    _keep_memory()
    r, s, k = starts.shape
    flat, each = starts.reshape(-1, k), np.repeat(np.arange(r), s)
    wide = chart.take(each)
    if len(chart.law.elements) == 0:
        known = None if best is None else best.take(each)
        ends, into = _search(problem, wide, flat, y, each, s, known)
    else:
        ends, into = [], np.arange(r * s)
        for own in np.arange(r * s)[:, None]:
            ends += _search(problem, wide.take(own), flat[own], y, each[own], 1)[0]
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
    best: Known | None = None,
) -> tuple[list[End | None], IntArray]:
    """Where starts lead, (b, K); so many that follow one another have one response."""
    runs = _started(starts, y, of)
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
            _merge(runs, alike)
            if best is not None:
                _leave(runs, best)
    ends = [
        End(phi, float(value), *runs.points.get(i, ())) if found else None
        for i, (phi, value, found) in enumerate(zip(runs.phi, runs.value, runs.found, strict=True))
    ]
    return ends, _followed(runs.into)


def _followed(into: IntArray) -> IntArray:
    """Follow starts that were given up for others, which may have been given up themselves."""
    while True:
        further = np.where(into >= 0, into[np.maximum(into, 0)], into)
        if (further == into).all():
            return into
        into = further


def _shorten(runs: _Runs, who: IntArray) -> None:
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


def _advance(runs: _Runs, chart: Chart, who: IntArray, point: Evaluated) -> None:
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


def _find_steps(runs: _Runs, chart: Chart, who: IntArray, point: Evaluated) -> None:
    """Find the next steps, and end where they are too small to matter."""
    own = chart.take(who)
    near = runs.near[who]
    step, decrement = np.empty(point.phi.shape), np.empty(len(who))
    far, close = np.flatnonzero(~near), np.flatnonzero(near)
    if len(far):
        step[far], decrement[far] = own.take(far).roughly_at(point.some(far)).newton_step()
        runs.near[who[far]] = decrement[far] < NEAR
    if len(close):
        there = point.some(close)
        local = own.take(close).at(there)
        exact, size = local.newton_step()
        for i in np.flatnonzero(size < SETTLED).tolist():
            exact[i], size[i] = local.off_saddle(i, exact[i], size[i])
            if size[i] < SETTLED:
                runs.points[int(who[close[i]])] = there, i
        step[close], decrement[close] = exact, size
    ended = near & (decrement < SETTLED) | (runs.steps[who] > MAX_STEPS)
    runs.step[who], runs.decrement[who], runs.exact[who] = step, decrement, near
    runs.landing[who] = landing = own.coordinates(point.phi) + step
    runs.aim[who] = np.where((near & (decrement < NEAR))[:, None], landing, np.nan)
    runs.active[who[ended]], runs.found[who[ended]] = False, True
    longest = np.abs(step).max(axis=1, initial=1e-300)
    runs.length[who] = np.minimum(1.0, LONGEST_STEP / longest)
    runs.halvings[who] = 0


def _merge(runs: _Runs, alike: int) -> None:
    """Follow only one of the starts that aim at the same place: the one that is closer to it."""
    aiming = ~np.isnan(runs.aim[:, 0]).reshape(-1, alike)
    most = aiming.sum(axis=1).max()
    if most < 2:
        return
    first = np.argsort(~aiming, axis=1, kind="stable")[:, :most]
    who = first + alike * np.arange(len(first))[:, None]
    aim, decrement = runs.aim[who], runs.decrement[who]
    same = np.abs(aim[:, :, None, 0] - aim[:, None, :, 0]) < SAME  # few pairs
    response, one, other = np.nonzero(same)
    same[same] = np.abs(aim[response, one] - aim[response, other]).max(axis=1) < SAME
    order = np.argsort(np.argsort(decrement, axis=1, kind="stable"), axis=1)
    ahead = order[:, None, :] < order[:, :, None]
    given_up = runs.active[who] & (same & ahead).any(axis=2)
    instead = np.take_along_axis(who, (same & ahead).argmax(axis=2), axis=1)
    lost = who[given_up]
    runs.active[lost], runs.into[lost] = False, instead[given_up]
    runs.aim[lost] = np.nan


def minimise(problem: Problem, chart: Chart, start: Array) -> Point | None:
    """Return where Newton's method leads from a start, None where V is singular there."""
    (found,) = search(problem, chart, start[None, None], problem.data[1][None])
    (end,) = found.ends
    return None if end is None else problem.at(end.phi)


def _leave(runs: _Runs, best: Known) -> None:
    """Do not follow starts that aim at the best minimum, or lead to none that is lower.

    Newton's model expects the criterion to fall by half the decrement; as many times the decrement
    as `best` says is allowed for. Where the average information has become too small a model, the
    Hessian is waited for.
    """
    who = np.flatnonzero(runs.active)
    value, decrement, exact = runs.value[who], runs.decrement[who], runs.exact[who]
    apart = np.abs(runs.landing[who] - best.at[who]).max(axis=1, initial=0.0)
    there = (apart < THERE) & (decrement < ALMOST)
    falls = np.where(exact, best.falls.exact, best.falls.rough)
    hopeless = (value - falls * decrement > best.value[who]) & ~runs.fresh[who]
    hopeless &= exact | (decrement >= NEAR)
    left = there | hopeless
    runs.into[who[left]] = np.where(there, KNOWN, NOWHERE)[left]
    runs.active[who[left]] = False
