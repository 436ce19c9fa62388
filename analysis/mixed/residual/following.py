"""The state of searches from many starts at once, and which of them need not be followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.mixed.design import Array
from analysis.mixed.laws import IntArray
from analysis.mixed.residual.ends import KNOWN, NOWHERE, Known
from analysis.mixed.residual.factors import BoolArray
from analysis.mixed.residual.point import Evaluated

NEAR = 1.0  # decrement after which the exact Hessian takes over
# Two starts lead to the same place if, by the exact Hessian, they aim so close to one another; a
# start leads to a known minimum if it aims so close to it with a decrement so small. In local
# coordinates. Minima may be near one another, and aims from afar are rough.
SAME, THERE, ALMOST = 0.01, 0.02, 0.05


@dataclass
class Runs:
    """The state of all starts of R responses, S each; arrays of (b,) or (b, K), b = R S.

    `of` is the response of a start; `fresh` points are evaluated as they are, the others after
    `length` times `step`; a start is `near` once the exact Hessian is used; `landing` is where its
    next step leads, in coordinates, `aim` the same if its decrement is small, not a number before
    that; `points` says where the derivatives are where starts ended; `into` is the start that is
    followed instead, or `KNOWN` or `NOWHERE`; `exact` tells whether the step is by the Hessian;
    `kept` are parameters that stay at zero until the start is all but there.
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
    kept: BoolArray


def started(starts: Array, y: Array, of: IntArray, kept: BoolArray | None = None) -> Runs:
    """Return the state of starts, (b, K), that are followed all."""
    b = len(starts)
    return Runs(
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
        kept=np.zeros(starts.shape, bool) if kept is None else kept.copy(),
    )


def followed(into: IntArray) -> IntArray:
    """Follow starts that were given up for others, which may have been given up themselves."""
    while True:
        further = np.where(into >= 0, into[np.maximum(into, 0)], into)
        if (further == into).all():
            return into
        into = further


def merge(runs: Runs, alike: int) -> None:
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


def leave(runs: Runs, best: Known) -> None:
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
