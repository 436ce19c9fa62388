"""What the model leaves unexplained: three views of the residuals."""

from __future__ import annotations

import math
from statistics import NormalDist

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis import rounding
from analysis.figures import labels, style
from analysis.figures.drawing import Drawing
from analysis.trial import Outcome, Time, Trial

COLUMNS = ["participant", "period", "arm", "time", "fitted", "residual", "standardised"]
KEY_COLUMNS = 3


def residual_plots(trial: Trial, outcome: Outcome, residuals: pd.DataFrame) -> Drawing:
    """Draw residuals against fitted values, against normal quantiles, and by time and arm.

    Parameters
    ----------
    residuals : DataFrame
        `columns.RESIDUALS`, any outcomes.
    """
    own = residuals.loc[residuals["outcome"] == outcome.name, COLUMNS]
    data = with_quantiles(own.dropna(subset=["standardised"]).reset_index(drop=True))
    times = labels.times_in(trial, data)
    with style.look():
        figure = _figure(trial, outcome, data, times)
    return Drawing(
        name=f"{outcome.name}_residuals",
        figure=figure,
        data=data,
        title=f"{outcome.label}: residuals of the model",
        alt=_alt(outcome, data),
        caption=_caption(outcome, data),
    )


def with_quantiles(data: pd.DataFrame) -> pd.DataFrame:
    """Return the residuals with the normal quantile that belongs to the rank of each."""
    rank = data["standardised"].rank(method="first")
    normal = NormalDist()
    quantile = [normal.inv_cdf((each - 0.5) / len(data)) for each in rank]
    return data.assign(normal_quantile=quantile)


def _figure(trial: Trial, outcome: Outcome, data: pd.DataFrame, times: tuple[Time, ...]) -> Figure:
    rows = math.ceil(data["arm"].nunique() / KEY_COLUMNS)
    height = 3.45 + 0.25 * rows
    figure = style.new_figure(height)
    fitted, quantiles, spread = figure.subplots(1, 3, width_ratios=[1, 1, 1.35])
    _against_fitted(fitted, trial, outcome, data)
    _against_normal(quantiles, data)
    _by_time(spread, trial, outcome, data, times)
    for ax in (fitted, quantiles, spread):
        style.light_grid(ax)
        sns.despine(ax=ax)
    style.fit_margins(figure, w_pad=1.6, rect=(0, 0.25 * rows / height, 1, 1))
    _key(trial, data, figure)
    return figure


def _scatter(ax: Axes, trial: Trial, data: pd.DataFrame, x: str, y: str) -> None:
    sns.scatterplot(
        data=data,
        x=x,
        y=y,
        hue="arm",
        style="arm",
        hue_order=list(trial.arm_names),
        style_order=list(trial.arm_names),
        palette=style.arm_colours(trial),
        markers=style.arm_markers(trial),
        s=18,
        alpha=0.6,
        linewidth=0,
        legend=False,
        ax=ax,
    )


def _against_fitted(ax: Axes, trial: Trial, outcome: Outcome, data: pd.DataFrame) -> None:
    _scatter(ax, trial, data, "fitted", "standardised")
    ax.axhline(0, color="#333333", linewidth=0.8)
    ax.set(xlabel=f"Fitted value, {outcome.analysis_unit}", ylabel="Standardised residual")
    ax.set_title("Against fitted values", loc="left", fontsize=9.5)


def _against_normal(ax: Axes, data: pd.DataFrame) -> None:
    ax.axline((0, 0), slope=1, color="#333333", linewidth=0.8)
    ax.plot(
        data["normal_quantile"],
        data["standardised"],
        linestyle="none",
        marker="o",
        markersize=3.6,
        markerfacecolor="#333333",
        markeredgewidth=0,
        alpha=0.55,
    )
    ax.set(xlabel="Quantile of a normal distribution", ylabel="Standardised residual")
    ax.set_title("Against a normal distribution", loc="left", fontsize=9.5)


def _by_time(
    ax: Axes, trial: Trial, outcome: Outcome, data: pd.DataFrame, times: tuple[Time, ...]
) -> None:
    # One column of points per arm and time, not jittered: the same data give the same picture.
    sns.stripplot(
        data=data,
        x="time",
        y="residual",
        hue="arm",
        order=[time.name for time in times],
        hue_order=list(trial.arm_names),
        palette=style.arm_colours(trial),
        dodge=True,
        jitter=False,
        size=3.6,
        alpha=0.55,
        linewidth=0,
        legend=False,
        ax=ax,
    )
    ax.axhline(0, color="#333333", linewidth=0.8)
    ax.set_xticks(range(len(times)), labels.time_ticks(times))
    ax.set(xlabel="Hours after exercise", ylabel=f"Residual, {outcome.analysis_unit}")
    ax.set_title("Spread by time and arm", loc="left", fontsize=9.5)


def _key(trial: Trial, data: pd.DataFrame, figure: Figure) -> None:
    """Name the colours in one line below the panels; three panels leave no room beside points."""
    colours, markers = style.arm_colours(trial), style.arm_markers(trial)
    arms = [arm for arm in trial.arms if arm.name in set(data["arm"])]
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=markers[arm.name],
            color=colours[arm.name],
            label=arm.label,
        )
        for arm in arms
    ]
    figure.legend(
        handles=handles, loc="lower center", ncols=min(len(arms), KEY_COLUMNS), frameon=False
    )


def _alt(outcome: Outcome, data: pd.DataFrame) -> str:
    low, high = data["standardised"].min(), data["standardised"].max()
    beyond = int((data["standardised"].abs() > 3).sum())
    return (
        f"Three scatter plots of the residuals of {labels.axis_label(outcome)}: against fitted "
        f"values, against normal quantiles, and by time and arm. {len(data)} values; standardised "
        f"residuals from {rounding.number(low, 1)} to {rounding.number(high, 1)}, {beyond} "
        "beyond 3."
    )


def _caption(outcome: Outcome, data: pd.DataFrame) -> str:
    return (
        f"Residuals (observed minus fitted) of {len(data)} values. Left: standardised residuals "
        "against fitted values; the cloud should show neither bend nor funnel. Middle: against the "
        "quantiles of a normal distribution; points should follow the line. Right: residuals in "
        f"{outcome.analysis_unit} by time and arm; where their spread differs, the model has to "
        "allow for it."
    )
