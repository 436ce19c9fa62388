"""Differences between arms at every time, with their confidence intervals."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import rounding
from analysis.figures import labels, style
from analysis.figures.drawing import Drawing
from analysis.trial import Outcome, Trial

COLUMNS = [
    "arm",
    "reference",
    "time",
    "hours",
    "role",
    "estimate",
    "std_error",
    "df",
    "ci_low",
    "ci_high",
    "ci_level",
    "n_participants",
    "unit",
    "better",
    "status",
    "analysis",
]
ROW, HEAD, FOOT = 0.25, 0.66, 0.74  # inches: one time, the heading of a pair, the axis
LEFT, RIGHT = 2.15, 2.35  # inches beside the axes for names and numbers
ROLE_WORDS = {
    "negative_control": "negative control",
    "primary": "primary",
    "secondary": "secondary",
}


def forest(
    trial: Trial, outcome: Outcome, contrasts: pd.DataFrame, descriptives: pd.DataFrame
) -> Drawing:
    """Draw one block per pair of arms: comparisons with the control first, the others lighter.

    Parameters
    ----------
    contrasts : DataFrame
        `columns.CONTRASTS`, any outcomes.
    descriptives : DataFrame
        `columns.DESCRIPTIVES`, for the number of decimals.
    """
    data = contrasts.loc[contrasts["outcome"] == outcome.name, COLUMNS].reset_index(drop=True)
    digits = rounding.decimals(descriptives, outcome.name)
    with style.look():
        figure = _figure(trial, outcome, data, digits)
    return Drawing(
        name=f"{outcome.name}_forest",
        figure=figure,
        data=data,
        title=f"{outcome.label}: differences between arms",
        alt=_alt(trial, outcome, data, digits),
        caption=_caption(outcome, data),
    )


def _blocks(trial: Trial, data: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Return (arm, reference, rows by time) of every pair, those with the control first."""
    order = {time: k for k, time in enumerate(trial.time_names)}
    pairs = list(dict.fromkeys(zip(data["arm"], data["reference"], strict=True)))
    pairs.sort(key=lambda pair: pair[1] != trial.control.name)
    return [
        (
            arm,
            reference,
            data[(data["arm"] == arm) & (data["reference"] == reference)].sort_values(
                "time", key=lambda column: column.map(order), kind="stable"
            ),
        )
        for arm, reference in pairs
    ]


def _figure(trial: Trial, outcome: Outcome, data: pd.DataFrame, digits: int) -> Figure:
    blocks = _blocks(trial, data)
    height = FOOT + sum(HEAD + ROW * len(rows) for _, _, rows in blocks)
    figure = style.new_figure(height)
    reach = _reach(data, outcome)
    width = 1 - (LEFT + RIGHT) / style.WIDTH
    top = height
    axes = []
    for arm, reference, rows in blocks:
        tall = ROW * len(rows)
        bottom = top - HEAD - tall
        ax = figure.add_axes((LEFT / style.WIDTH, bottom / height, width, tall / height))
        _block(ax, trial, outcome, rows, reach, digits)
        _heading(ax, trial, outcome, (arm, reference), HEAD / tall)
        top = bottom
        axes.append(ax)
    _column_title(axes[0], outcome, data)
    _foot(axes[-1], outcome)
    return figure


def _reach(data: pd.DataFrame, outcome: Outcome) -> float:
    """Return the half width of the axis: symmetric, so that both directions get the same room."""
    ends = data[["estimate", "ci_low", "ci_high"]].abs().max().max()
    margin = outcome.margin.value if outcome.margin else 0.0
    return 1.08 * max(0.0 if pd.isna(ends) else float(ends), margin, 1e-9)


def _block(
    ax: Axes, trial: Trial, outcome: Outcome, rows: pd.DataFrame, reach: float, digits: int
) -> None:
    with_control = bool((rows["reference"] == trial.control.name).all())
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    if outcome.margin:
        limit = outcome.margin.value
        ax.axvspan(-limit, limit, color=style.BAND, zorder=0, linewidth=0)
        for edge in (-limit, limit):
            ax.axvline(edge, color="#7FA8C9", linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    ax.axvline(0, color="#333333", linewidth=0.9, zorder=1)
    colour = style.arm_colours(trial)[str(rows["arm"].iloc[0])]
    for y, (_, row) in enumerate(rows.iterrows()):
        _row(ax, y, row, trial, colour if with_control else style.GREY, digits)
    sns.despine(ax=ax, left=True, bottom=True)
    ax.set_yticks([])
    ax.tick_params(bottom=False, labelbottom=False)


def _row(ax: Axes, y: int, row: pd.Series, trial: Trial, colour: str, digits: int) -> None:
    primary = row["role"] == "primary"
    control = row["role"] == "negative_control"
    shade = style.FAINT if control else colour
    words = style.GREY if control else "#111111"
    weight = "bold" if primary else "normal"
    if not pd.isna(row["estimate"]):
        ax.hlines(y, row["ci_low"], row["ci_high"], color=shade, linewidth=3 if primary else 1.6)
        ax.plot(
            row["estimate"],
            y,
            marker="D" if primary else "o",
            markersize=8 if primary else 5.5,
            markerfacecolor="white" if row["status"] != "ok" else shade,
            markeredgecolor=shade,
            markeredgewidth=1.2,
        )
    left, right = _texts(row, trial, digits)
    for x, text, side in ((-0.02, left, "right"), (1.02, right, "left")):
        ax.text(
            x,
            y,
            text,
            ha=side,
            va="center",
            transform=ax.get_yaxis_transform(),
            color=words,
            fontweight=weight,
        )


def _texts(row: pd.Series, trial: Trial, digits: int) -> tuple[str, str]:
    role = ROLE_WORDS.get(str(row["role"]), "")
    if row["status"] != "ok":
        role = "not reliable"
    left = [role, labels.time_words(trial.time(str(row["time"])))]
    right = [labels.difference(row, digits), labels.counts([row["n_participants"]])]
    return ": ".join(part for part in left if part), ", ".join(right)


def _heading(ax: Axes, trial: Trial, outcome: Outcome, pair: tuple[str, str], head: float) -> None:
    """Write the pair and, above each half of the axis, which arm that side favours."""
    first, second = (trial.arm(name).label for name in pair)
    with_control = pair[1] == trial.control.name
    colour = style.ink(style.arm_colours(trial)[pair[0]] if with_control else style.GREY)
    edge = -(LEFT - 0.08) / (style.WIDTH - LEFT - RIGHT)
    ax.text(
        edge,
        1 + 0.68 * head,
        f"{first} {rounding.MINUS} {second}" + ("" if with_control else " (not with the control)"),
        transform=ax.transAxes,
        fontsize=10,
        fontweight="bold" if with_control else "normal",
        color=colour,
        va="center",
    )
    low_side, high_side = (first, second) if outcome.better == "lower" else (second, first)
    for x, text in (
        (0.25, f"← favours {low_side}"),
        (0.75, f"favours {high_side}\N{NO-BREAK SPACE}→"),
    ):
        ax.text(
            x,
            1 + 0.26 * head,
            labels.wrapped(text, 30),
            transform=ax.transAxes,
            fontsize=8.5,
            color="#444444",
            ha="center",
            va="center",
            linespacing=1.0,
        )


def _column_title(ax: Axes, outcome: Outcome, data: pd.DataFrame) -> None:
    """Name the numbers on the right once, above the first block."""
    ax.annotate(
        f"{outcome.analysis_unit} ({labels.level(data)} CI), participants",
        (1.02, 1),
        (0, 7),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        color="#444444",
    )


def _foot(ax: Axes, outcome: Outcome) -> None:
    ax.tick_params(bottom=True, labelbottom=True)
    ax.spines["bottom"].set_visible(True)
    text = f"Difference in {labels.axis_label(outcome)}"
    if outcome.margin:
        margin = f"±{labels.plain(outcome.margin.value)} {outcome.analysis_unit}"
        text += f"\nshaded: smaller than the declared margin of {margin}"
    ax.set_xlabel(text)


def _alt(trial: Trial, outcome: Outcome, data: pd.DataFrame, digits: int) -> str:
    parts = []
    for arm, reference, rows in _blocks(trial, data):
        course = [
            f"{labels.time_words(trial.time(str(row['time'])))} {labels.difference(row, digits)}"
            for _, row in rows.iterrows()
        ]
        pair = f"{trial.arm(arm).label} minus {trial.arm(reference).label}"
        parts.append(f"{pair}: {', '.join(course)}.")
    return (
        f"Differences between arms in {labels.axis_label(outcome)} with {labels.level(data)} "
        f"confidence intervals; {outcome.better} is better. {' '.join(parts)}"
    )


def _caption(outcome: Outcome, data: pd.DataFrame) -> str:
    roles = set(data["role"])
    text = (
        f"Differences in {outcome.label}, first arm minus second, in {outcome.analysis_unit}, with "
        f"{labels.level(data)} confidence intervals that are not adjusted for their number. "
        "n: participants with a value in one of the two arms."
    )
    if "primary" in roles:
        text += " Diamond and bold: the planned primary comparison."
    if "negative_control" in roles:
        text += " Grey: negative controls, measured before treatment, where nothing is an effect."
    if outcome.margin:
        text += " Shaded: differences smaller than the margin declared in the plan."
    if set(data["status"]) != {"ok"}:
        text += " Open markers: the fit behind the number is not reliable."
    return text
