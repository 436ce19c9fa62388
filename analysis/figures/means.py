"""Estimated marginal means over time with their confidence intervals."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import rounding
from analysis.figures import labels, style, timeline
from analysis.figures.drawing import Drawing
from analysis.trial import Arm, Outcome, Time, Trial

COLUMNS = [
    "arm",
    "time",
    "hours",
    "n",
    "estimate",
    "std_error",
    "df",
    "ci_low",
    "ci_high",
    "ci_level",
    "unit",
]
LINE = 0.045  # height of a line of text, as a share of the axis
DODGE = 0.36  # width that the arms share around each time


def marginal_means(
    trial: Trial,
    outcome: Outcome,
    means: pd.DataFrame,
    descriptives: pd.DataFrame,
    models: pd.DataFrame,
) -> Drawing:
    """Draw the estimated mean of every arm at every time, the arms beside each other.

    Parameters
    ----------
    means : DataFrame
        `columns.MEANS`, any outcomes.
    descriptives : DataFrame
        `columns.DESCRIPTIVES`, for the number of decimals.
    models : DataFrame
        `columns.MODELS`: whether the numbers can be relied on, and what they are means of.
    """
    data = means.loc[means["outcome"] == outcome.name, COLUMNS].reset_index(drop=True)
    times = labels.times_in(trial, data)
    arms = [arm for arm in trial.arms if arm.name in set(data["arm"])]
    certified = style.certified(models, outcome)
    with style.look():
        figure = _figure(trial, outcome, data, times, arms)
        figure.axes[0].set_ylabel(labels.wrapped(_what(outcome, models), 44))
        if not certified:
            style.warn(figure.axes[0])
        style.fit_margins(figure)
    return Drawing(
        name=f"{outcome.name}_means",
        figure=figure,
        data=data,
        title=f"{outcome.label}: estimated means over time",
        alt=_alt(outcome, data, times, arms, rounding.decimals(descriptives, outcome.name)),
        caption=_caption(outcome, data) + ("" if certified else f" {style.WARNING}"),
    )


def _figure(
    trial: Trial,
    outcome: Outcome,
    data: pd.DataFrame,
    times: tuple[Time, ...],
    arms: list[Arm],
) -> Figure:
    figure = style.new_figure(4.1)
    ax = figure.subplots()
    colours, markers = style.arm_colours(trial), style.arm_markers(trial)
    ends: list[tuple[Arm, float]] = []
    for k, arm in enumerate(arms):
        rows = data[data["arm"] == arm.name].set_index("time").reindex([t.name for t in times])
        shift = DODGE * (k - (len(arms) - 1) / 2) / max(len(arms) - 1, 1)
        _course(ax, rows, shift, colours[arm.name], markers[arm.name])
        known = rows["estimate"].dropna()
        if len(known):
            ends.append((arm, float(known.iloc[-1])))
    timeline.set_times(ax, times)
    timeline.make_room(ax)
    timeline.mark_moments(ax, times)
    _name_arms(ax, ends, data, colours, len(times) - 1 + 0.5)
    ax.set_xlabel(timeline.axis_label(times), loc="left")
    style.light_grid(ax)
    sns.despine(ax=ax)
    return figure


def _what(outcome: Outcome, models: pd.DataFrame) -> str:
    change = (models.loc[models["outcome"] == outcome.name, "baseline"] == "change").any()
    label = labels.axis_label(outcome)
    return f"Change from baseline: {label}" if change else label


def _course(ax: Axes, rows: pd.DataFrame, shift: float, colour: str, marker: str) -> None:
    x = [k + shift for k in range(len(rows))]
    # The line guides the eye from visit to visit; the intervals are what counts.
    ax.plot(x, rows["estimate"].to_numpy(), color=colour, linewidth=1.1, alpha=0.55, zorder=2)
    ax.vlines(x, rows["ci_low"], rows["ci_high"], color=colour, linewidth=1.8, zorder=3)
    ax.plot(
        x,
        rows["estimate"].to_numpy(),
        linestyle="none",
        marker=marker,
        markersize=6,
        markerfacecolor=colour,
        markeredgecolor="white",
        markeredgewidth=0.7,
        zorder=4,
    )


def _name_arms(
    ax: Axes,
    ends: list[tuple[Arm, float]],
    data: pd.DataFrame,
    colours: dict[str, str],
    x: float,
) -> None:
    low, high = ax.get_ylim()
    words = [_name(arm, data) for arm, _ in ends]
    sizes = [(LINE * (text.count("\n") + 1) + 0.02) * (high - low) for text in words]
    heights = style.apart([height for _, height in ends], sizes)
    for (arm, _), text, height in zip(ends, words, heights, strict=True):
        ax.text(
            x,
            height,
            text,
            color=style.ink(colours[arm.name]),
            fontweight="bold",
            va="center",
            ha="left",
            linespacing=1.15,
        )


def _name(arm: Arm, data: pd.DataFrame) -> str:
    count = labels.counts(data.loc[data["arm"] == arm.name, "n"])
    return f"{labels.wrapped(arm.label, 26)}\n{count}"


def _alt(
    outcome: Outcome,
    data: pd.DataFrame,
    times: tuple[Time, ...],
    arms: list[Arm],
    digits: int,
) -> str:
    parts = []
    for arm in arms:
        rows = {row["time"]: row for _, row in data[data["arm"] == arm.name].iterrows()}
        course = [
            f"{labels.time_words(time)} {labels.estimate(rows[time.name], digits)}"
            for time in times
            if time.name in rows
        ]
        parts.append(f"{arm.label}: {', '.join(course)}.")
    return (
        f"Estimated means of {labels.axis_label(outcome)} over time with "
        f"{labels.level(data)} confidence intervals. {' '.join(parts)}"
    )


def _caption(outcome: Outcome, data: pd.DataFrame) -> str:
    return (
        f"{outcome.label} in {outcome.analysis_unit}, {outcome.better} is better. Points: "
        "estimated marginal means from the model; vertical lines: "
        f"{labels.level(data)} confidence intervals. n: participants with a value (range over "
        "times). The arms are drawn side by side so that they do not hide each other. Whether two "
        "intervals overlap says little about the difference between two arms, which has a figure "
        "of its own."
    )
