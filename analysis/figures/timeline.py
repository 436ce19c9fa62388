"""The time axis of figures: one step per visit, exercise and treatment marked."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from analysis.figures import labels, style
from analysis.trial import Time

HEADROOM = 0.17  # share of the axis kept free above the data for the words


def axis_label(times: Sequence[Time]) -> str:
    """Return the label of the time axis."""
    dotted = "dotted line: exercise; " if labels.exercise_position(times) is not None else ""
    return f"Hours after exercise ({dotted}steps not to scale)"


def set_times(ax: Axes, times: Sequence[Time], right: float = 0.4) -> None:
    """Put one tick per time on the x axis; `right` is the room after the last one."""
    ax.set_xticks(range(len(times)), labels.time_ticks(times))
    ax.set_xlim(-0.4, len(times) - 1 + right)


def make_room(ax: Axes) -> None:
    """Extend the y axis upwards so that the words above stay clear of the data."""
    low, high = ax.get_ylim()
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
    ax.set_ylim(low, high + HEADROOM * (high - low))


def mark_moments(ax: Axes, times: Sequence[Time]) -> None:
    """Shade the times before treatment and mark exercise."""
    n_before = labels.before_treatment(times)
    if n_before:
        end = n_before - (0.5 if n_before < len(times) else 0.6)
        ax.axvspan(-0.4, end, color=style.SHADE, zorder=0, linewidth=0)
        ax.text(
            (end - 0.4) / 2,
            0.985,
            "before\ntreatment",
            transform=ax.get_xaxis_transform(),
            fontsize=8,
            color=style.ink(style.GREY),
            ha="center",
            va="top",
            linespacing=1.1,
        )
    exercise = labels.exercise_position(times)
    if exercise is not None:
        ax.axvline(
            exercise, ymax=0.84, color=style.GREY, linewidth=1, linestyle=(0, (1.5, 2)), zorder=0.5
        )
