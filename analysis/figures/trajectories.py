"""Every participant's course in every arm, with the arm's mean."""

from __future__ import annotations

import math

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import rounding
from analysis.figures import labels, style, timeline
from analysis.figures.drawing import Drawing
from analysis.trial import Arm, Outcome, Time, Trial

COLUMNS = 3  # panels beside each other


def trajectories(
    trial: Trial, outcome: Outcome, observations: pd.DataFrame, descriptives: pd.DataFrame
) -> Drawing:
    """Draw one panel per arm: a thin line per participant (and period), a thick one for the mean.

    Parameters
    ----------
    observations : DataFrame
        `columns.OBSERVATIONS`, any outcomes.
    descriptives : DataFrame
        `columns.DESCRIPTIVES`, any outcomes; the source of means and counts.
    """
    data = _data(outcome, observations, descriptives)
    times = labels.times_in(trial, data)
    arms = [arm for arm in trial.arms if arm.name in set(data["arm"])]
    with style.look():
        figure = _figure(trial, outcome, data, times, arms)
    return Drawing(
        name=f"{outcome.name}_trajectories",
        figure=figure,
        data=data,
        title=f"{outcome.label}: every participant, by arm",
        alt=_alt(outcome, data, times, arms, rounding.decimals(descriptives, outcome.name)),
        caption=_caption(trial, outcome, data),
    )


def _data(outcome: Outcome, observations: pd.DataFrame, descriptives: pd.DataFrame) -> pd.DataFrame:
    keep = ["arm", "participant", "period", "time", "hours", "value", "unit"]
    keep += [name for name in ("occasion",) if name in observations.columns]
    own = observations.loc[observations["outcome"] == outcome.name, keep]
    mean = descriptives.loc[descriptives["outcome"] == outcome.name, ["arm", "time", "mean", "n"]]
    mean = mean.rename(columns={"mean": "arm_mean", "n": "arm_n"})
    return own.merge(mean, on=["arm", "time"], how="left", validate="many_to_one")


def _figure(
    trial: Trial,
    outcome: Outcome,
    data: pd.DataFrame,
    times: tuple[Time, ...],
    arms: list[Arm],
) -> Figure:
    n_rows = math.ceil(len(arms) / COLUMNS)
    n_columns = min(len(arms), COLUMNS)
    figure = style.new_figure(0.6 + 3.1 * n_rows)
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    panels = [ax for row in grid for ax in row]
    colours = style.arm_colours(trial)
    for ax, arm in zip(panels, arms, strict=False):
        _panel(ax, arm, data[data["arm"] == arm.name], times, colours[arm.name])
    for ax in panels[len(arms) :]:
        ax.set_visible(False)
    timeline.make_room(panels[0])  # the y axis is shared
    for ax in panels[: len(arms)]:
        timeline.mark_moments(ax, times)
        ax.tick_params(labelbottom=True)
    figure.supylabel(labels.wrapped(labels.axis_label(outcome), 40), fontsize=9, x=0.008)
    figure.supxlabel(timeline.axis_label(times), fontsize=9, y=0.02)
    style.fit_margins(figure, rect=(0.012, 0, 1, 1))
    return figure


def _panel(ax: Axes, arm: Arm, rows: pd.DataFrame, times: tuple[Time, ...], colour: str) -> None:
    order = [time.name for time in times]
    steps = range(len(order))
    for _, one in rows.groupby(["participant", "period"], sort=True, dropna=False):
        course = one.drop_duplicates("time").set_index("time")["value"].reindex(order)
        # Markers keep a visit between two missing ones visible; a gap stays a gap.
        ax.plot(
            steps,
            course.to_numpy(),
            color=colour,
            alpha=0.4,
            linewidth=0.9,
            marker="o",
            markersize=2.2,
            markeredgewidth=0,
        )
    mean = rows.drop_duplicates("time").set_index("time")["arm_mean"].reindex(order).to_numpy()
    ax.plot(steps, mean, color="white", linewidth=5, solid_capstyle="round", zorder=3)
    ax.plot(steps, mean, color=style.ink(colour), linewidth=2.6, marker="o", markersize=4, zorder=4)
    ax.set_title(
        labels.wrapped(arm.label, 30),
        color=style.ink(colour),
        fontweight="bold",
        loc="left",
        pad=18,
    )
    ax.text(
        0,
        1.015,
        f"{labels.counts(rows['arm_n'])}; thick line: mean",
        transform=ax.transAxes,
        fontsize=8.5,
        color="#333333",
        va="bottom",
    )
    timeline.set_times(ax, times)
    style.light_grid(ax)
    sns.despine(ax=ax)


def _alt(
    outcome: Outcome,
    data: pd.DataFrame,
    times: tuple[Time, ...],
    arms: list[Arm],
    digits: int,
) -> str:
    mean = data.drop_duplicates(["arm", "time"]).set_index(["arm", "time"])["arm_mean"].dropna()
    parts = []
    for arm in arms:
        course = [
            f"{labels.time_words(time)} {rounding.number(mean[arm.name, time.name], digits)}"
            for time in times
            if (arm.name, time.name) in mean.index
        ]
        parts.append(f"{arm.label}: {', '.join(course)}.")
    return (
        f"Line chart of {labels.axis_label(outcome)} over time, one panel per arm, one line per "
        f"participant. Means by time. {' '.join(parts)}"
    )


def _caption(trial: Trial, outcome: Outcome, data: pd.DataFrame) -> str:
    people = data.loc[data["value"].notna(), "participant"].nunique()
    whose = "of a participant in a period" if trial.design == "crossover" else "of a participant"
    return (
        f"{outcome.label} in {outcome.analysis_unit}; {people} participants, {outcome.better} is "
        f"better. Thin lines: observed values {whose}, interrupted where a visit is missing. "
        "Thick line: mean of the observed values of the arm. n: participants with a value (range "
        "over times). Shaded: before treatment, where no difference can be an effect."
    )
