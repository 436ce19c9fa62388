"""Tables of a certification run, in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tests.benchmarks.timing import table
from tests.certification.components import BEATEN
from tests.certification.others import Comparison
from tests.certification.residual import STARTS

MISSES = (1e-6, 1e-3, 0.1)

ABOUT = """# Certification

`python -m tests.certification` wrote this page. Random small trials are analysed and every fit is
held against anything better that can be found. A trial is made from the seed ({seed}) and its
number: 4 to 20 participants, two to four arms, one to five visits, missing values and drop-outs,
values in units from 0.01 to 1000 and a fifth of them whole numbers; every second trial has a true
variance that is zero or below a hundredth of the residual's.

A fit is *certified* if its Newton decrement is below 1e-9, the Hessian of the parameters off the
boundary has no negative eigenvalue, no parameter at zero would rather leave it, and no start of the
fit led lower. It is *beaten* if anything else found a criterion (-2 log restricted likelihood)
lower by more than {beaten:g}."""

COMPONENTS = """## Variance components

Crossovers, parallel and replicate trials with one to three random intercepts. Sought besides: the
criterion on a grid of variances, Newton's method from the grid's lowest point and from four random
starts each, some of them at zero. *No optimum*: the data leave no residual variance, or cannot tell
the variances apart; the fit is refused with the reason."""

RESIDUAL = """## Residual structures

A residual variance per visit (by_time_ar1), or per arm and visit (by_arm_time_ar1), and AR(1);
trials of seeds {seeds}, with at least three values and four degrees of freedom for each variance.
Sought besides: {starts} random starts all over the space of the parameters. Only minima with
positive residual variances count: where one is zero the likelihood has spikes (see
`analysis/mixed/residual/limits.py`), so that small trials have several minima, and a fit with few
values per variance can miss a better one; still more starts would find a few more. *Kept at zero*:
no minimum with positive residual variances was found; the pipeline keeps the variance at zero and
names it. *Overlooked*: so it was, but a random start led to one."""

OTHERS = """## Other programs on the same trials

The restricted likelihood is evaluated at the variances each program reports, so that differences of
convention do not matter. Above ours: the share of trials it left higher by more than that, or could
not fit. Largest below ours: how far it got lower than the fit here."""


def summary(rows: pd.DataFrame, residual: pd.DataFrame) -> pd.DataFrame:
    """Return one line per kind of trial, near a boundary or not."""
    lines = [
        _line("variance components", kind, near, group)
        for (kind, near), group in rows.groupby(["kind", "near"])
    ]
    if len(residual):
        lines += [
            _line(structure, kind, near, group)
            for (structure, kind, near), group in residual.groupby(["structure", "kind", "near"])
        ]
    return pd.DataFrame(lines)


def _line(model: str, kind: str, near: bool, group: pd.DataFrame) -> dict[str, object]:
    refused = group["cause"].str.startswith("no fit")
    fitted = group[~refused]
    none_at_zero = 0 if model == "variance components" else ""  # read from a file: not a number
    zero = fitted["zeros"].fillna("") != none_at_zero
    none = pd.Series(False, fitted.index)
    inner, overlooked = fitted.get("interior", ~none), fitted.get("overlooked", none)
    return {
        "model": model,
        "design": kind,
        "true_variance": "zero or tiny" if near else "not small",
        "trials": len(group),
        "no_optimum": int(refused.sum()),
        "certified": int((fitted["cause"] == "certified").sum()),
        "uncertified": int((fitted["cause"] != "certified").sum()),
        "estimate_at_zero": int(zero.sum()),
        "kept_at_zero": int((~inner.astype(bool)).sum()),
        "overlooked": int(overlooked.astype(bool).sum()),
        "beaten": int((fitted["excess"] > BEATEN).sum()),
        "largest_excess": float(np.maximum(fitted["excess"].max(), 0.0)),
    }


def page(
    lines: pd.DataFrame,
    rows: pd.DataFrame,
    residual: pd.DataFrame,
    others: Sequence[Comparison],
    seeds: tuple[int, Sequence[int]],
) -> str:
    """Return docs/certification.md; `seeds` of the variance components and residual structures."""
    plain = lines["model"] == "variance components"
    parts = [ABOUT.format(seed=seeds[0], beaten=BEATEN), COMPONENTS]
    parts += [_share(rows), _table(lines[plain]), _causes(rows)]
    if len(residual):
        parts += [residual_text(seeds[1])]
        parts += [_share(residual), _table(lines[~plain]), _causes(residual)]
    if others:
        parts += [OTHERS, _others(others)]
    return "\n\n".join(part for part in parts if part) + "\n"


def residual_text(seeds: Sequence[int]) -> str:
    """Return what the trials of residual structures are and what they are held against."""
    return RESIDUAL.format(starts=STARTS, seeds=" and ".join(map(str, seeds)))


def _share(rows: pd.DataFrame) -> str:
    fitted = rows[~rows["cause"].str.startswith("no fit")]
    certified = int((fitted["cause"] == "certified").sum())
    beaten = int((fitted["excess"] > BEATEN).sum())
    return (
        f"**{len(rows):,} trials, {len(fitted):,} with an optimum: {certified:,} certified "
        f"({certified / len(fitted):.4%}), {beaten} beaten{_overlooked(fitted)}; largest excess "
        f"{max(fitted['excess'].max(), 0.0):.1e}.**"
    )


def _overlooked(fitted: pd.DataFrame) -> str:
    if "overlooked" not in fitted:
        return ""
    return f", {int(fitted['overlooked'].astype(bool).sum())} overlooked"


def _table(lines: pd.DataFrame) -> str:
    shown = lines.copy()
    shown["largest_excess"] = [f"{value:.1e}" for value in lines["largest_excess"]]
    if not lines["kept_at_zero"].any():
        shown = shown.drop(columns=["kept_at_zero", "overlooked"])
    header = [name.replace("_", " ") for name in shown.columns]
    return table(header, [[_text(value) for value in row] for row in shown.to_numpy()])


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _causes(rows: pd.DataFrame) -> str:
    """Return why fits were refused or not certified, with the trials."""
    bad = rows[rows["cause"] != "certified"]
    if bad.empty:
        return ""
    causes = bad["cause"].str.replace(r"residual\[[^\]]*\](, )?", "residual[..] ", regex=True)
    lines = []
    for cause, group in bad.groupby(causes):
        numbers = ", ".join(map(str, group["number"].head(5)))
        lines.append([str(cause), f"{len(group):,}", numbers])
    return table(["not certified, or no fit", "trials", "for example number"], lines)


def _others(others: Sequence[Comparison]) -> str:
    header = ["program", "trials", *(f"above ours by {gap:g}" for gap in MISSES)]
    lines = [
        [
            each.program,
            f"{len(each.excess):,}",
            *(f"{each.share_above(gap):.1%}" for gap in MISSES),
            f"{max(-np.nanmin(each.excess), 0.0):.1e}",
        ]
        for each in others
    ]
    return table([*header, "largest below ours"], lines)
