"""The look that all figures share: sizes, fonts, colours and markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import TightLayoutEngine

from analysis.trial import Arm, Outcome, Trial

WIDTH = 9.0  # inches; an SVG of this width fills a page of 900 px with 9 pt = 12 px text

# Okabe & Ito's palette, which colour-blind readers can tell apart. Heat gets warm colours and
# cold gets cool ones, so that no figure has to be read against the grain.
CONTROL = "#4D4D4D"
WARM = ("#D55E00", "#E69F00")
COLD = ("#0072B2", "#56B4E9")
OTHER = ("#009E73", "#CC79A7")
WARM_FROM, COLD_TO = 30.0, 20.0  # degrees Celsius of a session
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

GREY = "#767676"
FAINT = "#BDBDBD"
SHADE = "#F0F0F0"
BAND = "#E3EEF6"

WARNING = "Not reliable: the model could not be certified."

_LOOK: dict[Any, Any] = {
    # Text stays text in the SVG: small, sharp and searchable. Verdana has nearly the same widths.
    "svg.fonttype": "none",
    "svg.hashsalt": "recovery-trials",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Lucida Grande", "Arial", "sans-serif"],
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.edgecolor": "#333333",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "text.usetex": False,
    "text.parse_math": False,  # a `$` in a label is a `$`
    "axes.unicode_minus": True,
}


@contextmanager
def look() -> Iterator[None]:
    """Draw or save inside this context; nothing outside it is changed."""
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change a report
        mpl.rcParams.update(sns.axes_style("ticks"))
        mpl.rcParams.update(_LOOK)
        yield


def new_figure(height: float) -> Figure:
    """Return an empty figure of the page's width, independent of any display."""
    return Figure(figsize=(WIDTH, height))


def fit_margins(
    figure: Figure,
    w_pad: float | None = None,
    rect: tuple[float, float, float, float] = (0, 0, 1, 1),
) -> None:
    """Move the axes so that every label has room, once.

    `Figure.tight_layout` does the same and then makes every saving draw the figure twice.

    Parameters
    ----------
    w_pad : float, optional
        Room between columns, in font sizes; that of the margin when not given.
    rect : tuple
        Left, bottom, right and top of the part of the figure to use, as fractions.
    """
    TightLayoutEngine(pad=0.6, w_pad=w_pad, rect=rect).execute(figure)


def arm_colours(trial: Trial) -> dict[str, str]:
    """Return the colour of every arm: grey for the control, warm for heat, cool for cold."""
    free = [*OTHER, *COLD, *WARM]
    chosen = {trial.control.name: CONTROL}
    treated = [arm for arm in trial.arms if not arm.is_control]
    # Arms of known temperature choose first; the rest takes what is left.
    for arm in sorted(treated, key=lambda arm: not _wishes(arm)):
        left = [colour for colour in (*_wishes(arm), *free) if colour in free] or [*OTHER, *COLD]
        chosen[arm.name] = left[0]
        free = [colour for colour in free if colour != left[0]]
    return chosen


def _wishes(arm: Arm) -> tuple[str, ...]:
    temperature = arm.dose.temperature_c if arm.dose else None
    if temperature is None:
        return ()
    return WARM if temperature >= WARM_FROM else COLD if temperature <= COLD_TO else ()


def arm_markers(trial: Trial) -> dict[str, str]:
    """Return the marker of every arm, so that colour is never the only difference."""
    return {name: MARKERS[k % len(MARKERS)] for k, name in enumerate(trial.arm_names)}


def ink(colour: str) -> str:
    """Return a darker shade of `colour` in which small text is readable on white."""
    red, green, blue = to_rgb(colour)
    return to_hex((0.72 * red, 0.72 * green, 0.72 * blue))


def apart(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Return places near `wanted` at which labels of these sizes do not overlap, order kept."""
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    placed = [float(wanted[k]) for k in order]
    gaps = [(sizes[i] + sizes[j]) / 2 for i, j in pairwise(order)]
    for _ in range(500):  # push neighbours apart, each half of the way, until all have room
        shortest = 0.0
        for k, gap in enumerate(gaps):
            short = gap - (placed[k + 1] - placed[k])
            if short > 0:
                placed[k] -= short / 2
                placed[k + 1] += short / 2
                shortest = max(shortest, short / gap)
        if shortest < 1e-6:
            break
    places = dict(zip(order, placed, strict=True))
    return [places[k] for k in range(len(wanted))]


def light_grid(ax: Axes, axis: str = "y") -> None:
    """Draw a faint grid behind the data along one axis."""
    ax.set_axisbelow(True)
    ax.grid(True, axis=axis, color="#EAEAEA", linewidth=0.6)  # type: ignore[arg-type]


def certified(models: pd.DataFrame, outcome: Outcome) -> bool:
    """Tell whether the model of an outcome reached a certified optimum."""
    converged = models.loc[models["outcome"] == outcome.name, "converged"]
    return bool(converged.fillna(False).all())


def warn(ax: Axes) -> None:
    """Write into the figure that its numbers must not be relied on."""
    ax.text(
        0.985,
        0.965,
        WARNING,
        transform=ax.transAxes,
        color="#A3201A",
        fontsize=10,
        fontweight="bold",
        ha="right",
        va="top",
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "#A3201A", "alpha": 0.9, "pad": 5},
    )
