"""Figures show what the tables say, the same way every time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from analysis.figures import Drawing, draw, style
from analysis.figures.labels import number
from analysis.figures.residuals import with_quantiles
from analysis.figures.trajectories import trajectories
from analysis.trial import Trial
from tests.unit.fake_trial import make_observations, make_tables, make_trial

TRIAL = make_trial()
OBSERVATIONS = make_observations(TRIAL)
TABLES = make_tables(TRIAL, OBSERVATIONS)


def by_name(
    trial: Trial = TRIAL, tables: Mapping[str, pd.DataFrame] = TABLES
) -> dict[str, Drawing]:
    return {
        drawing.name: drawing
        for outcome in trial.outcomes
        for drawing in draw(trial, outcome, OBSERVATIONS, tables)
    }


@pytest.fixture(scope="module")
def drawings() -> dict[str, Drawing]:
    return by_name()


def texts(drawing: Drawing) -> list[str]:
    found = [text.get_text() for ax in drawing.figure.axes for text in ax.texts]
    found += [ax.get_title("left") for ax in drawing.figure.axes]
    found += [ax.get_xlabel() for ax in drawing.figure.axes]
    return found


def test_every_outcome_gets_four_figures_with_words(drawings: dict[str, Drawing]) -> None:
    kinds = ("trajectories", "means", "forest", "residuals")
    assert list(drawings) == [f"{o}_{kind}" for o in ("soreness", "jump") for kind in kinds]
    for drawing in drawings.values():
        assert drawing.title and drawing.alt and drawing.caption
        assert len(drawing.data)
        every = f"{drawing.title} {drawing.alt} {drawing.caption} {texts(drawing)}"
        assert "nan" not in every.lower()
        assert not any(word in every for word in ("p =", "p-value", "signif", "*"))


def test_no_tables_no_figures() -> None:
    assert draw(TRIAL, TRIAL.outcomes[0], OBSERVATIONS, {}) == []


def test_same_drawing_same_bytes(drawings: dict[str, Drawing]) -> None:
    again = by_name()
    for name in ("soreness_forest", "soreness_residuals"):
        assert drawings[name].svg() == again[name].svg()
    assert drawings["soreness_means"].png() == again["soreness_means"].png()


def test_svg_has_no_date_and_keeps_text(drawings: dict[str, Drawing]) -> None:
    svg = drawings["soreness_forest"].svg().decode()
    assert "dc:date" not in svg
    assert "favours Far-infrared" in svg


def test_a_users_own_settings_change_nothing(drawings: dict[str, Drawing]) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert by_name()["jump_means"].svg() == drawings["jump_means"].svg()


def lines(ax: Axes, width: float) -> list[np.ndarray]:
    return [
        np.asarray(line.get_ydata(), float)
        for line in ax.lines
        if line.get_linewidth() == width and len(line.get_xdata()) == len(TRIAL.times)
    ]


def test_trajectories_show_everyone_with_gaps_and_the_mean(drawings: dict[str, Drawing]) -> None:
    panels = drawings["soreness_trajectories"].figure.axes
    assert len(panels) == 3
    own = [line for ax in panels for line in lines(ax, 0.9)]
    assert len(own) == 36
    assert sum(int(np.isnan(line).sum()) for line in own) == 3
    mean = TABLES["descriptives"].query("outcome == 'soreness' and arm == 'fir'")["mean"]
    fir = next(ax for ax in panels if ax.get_title("left") == "Far-infrared")
    np.testing.assert_allclose(lines(fir, 2.6)[0], mean)
    limits = {ax.get_ylim() for ax in panels}
    assert len(limits) == 1
    assert "before\ntreatment" in texts(drawings["soreness_trajectories"])


def test_means_draw_the_intervals_of_the_table(drawings: dict[str, Drawing]) -> None:
    drawing = drawings["jump_means"]
    table = TABLES["means"].query("outcome == 'jump'")
    drawn = [
        path.vertices[:, 1]
        for collection in drawing.figure.axes[0].collections
        for path in collection.get_paths()
        if len(path.vertices) == 2
    ]
    expected = table[["ci_low", "ci_high"]].to_numpy()
    np.testing.assert_allclose(sorted(map(tuple, drawn)), sorted(map(tuple, expected)))
    assert "Far-infrared\nn = 12" in texts(drawing)
    first = table.iloc[0]
    assert number(first["estimate"], 2) in drawing.alt


@pytest.mark.parametrize(
    ("outcome", "left", "right"),
    [("soreness", "Far-infrared", "Passive rest"), ("jump", "Passive rest", "Far-infrared")],
)
def test_forest_names_the_favoured_arm_on_the_right_side(
    drawings: dict[str, Drawing], outcome: str, left: str, right: str
) -> None:
    first = drawings[f"{outcome}_forest"].figure.axes[0]
    words = {text.get_text(): text.get_position()[0] for text in first.texts}
    assert words[f"← favours {left}"] < 0.5 < words[f"favours {right}\N{NO-BREAK SPACE}→"]
    low, high = first.get_xlim()
    assert low == -high  # zero lies in the middle


def test_forest_marks_roles_and_margin(drawings: dict[str, Drawing]) -> None:
    found = texts(drawings["soreness_forest"])
    assert "primary: 24 h" in found
    assert "secondary: 1 h" in found
    assert found.count("negative control: pre (−1 h)") == 3
    assert any("declared margin of ±10 mm" in text for text in found)
    row = TABLES["contrasts"].query("role == 'primary'").iloc[0]
    assert f"{number(row['estimate'], 1)} (" in " ".join(found)
    assert not any("margin" in text for text in texts(drawings["jump_forest"]))


def test_numbers_of_an_uncertified_model_are_marked() -> None:
    models = TABLES["models"].assign(converged=[False, True])
    found = by_name(tables={**TABLES, "models": models})
    assert style.WARNING in texts(found["soreness_means"])
    assert "not reliable: 24 h" in texts(found["soreness_forest"])
    assert style.WARNING not in texts(found["jump_means"])


def test_too_few_participants_get_no_figures_with_intervals() -> None:
    few = TABLES["contrasts"].assign(status="description only: fewer than 6 participants")
    assert list(by_name(tables={**TABLES, "contrasts": few})) == [
        "soreness_trajectories",
        "jump_trajectories",
    ]


def test_an_outcome_without_estimates_shows_its_data() -> None:
    cut = {
        name: table[table["outcome"] != "soreness"] if name != "descriptives" else table
        for name, table in TABLES.items()
    }
    assert [name for name in by_name(tables=cut) if name.startswith("soreness")] == [
        "soreness_trajectories"
    ]


def test_residuals_get_the_quantiles_of_their_ranks() -> None:
    data = with_quantiles(pd.DataFrame({"standardised": [0.3, -2.0, 1.7]}))
    np.testing.assert_allclose(data["normal_quantile"], [0, -0.967422, 0.967422], atol=1e-6)


def test_heat_is_warm_cold_is_cool_and_control_grey() -> None:
    colours = style.arm_colours(TRIAL)
    assert colours == {"passive": style.CONTROL, "fir": style.WARM[0], "cryo": style.COLD[0]}


def test_many_arms_stay_apart() -> None:
    arms = {f"a{k}": {"label": f"Arm {k}"} for k in range(6)}
    trial = make_trial(arms={"c": {"label": "Control", "role": "control"}, **arms}, plan={})
    assert len(set(style.arm_colours(trial).values())) == 7
    assert len(set(style.arm_markers(trial).values())) == 7


def test_labels_are_pushed_apart_in_order() -> None:
    heights = style.apart([1.0, 1.1, 5.0, 1.05], [1, 1, 1, 3])
    assert np.argsort(heights).tolist() == [0, 3, 1, 2]
    gaps = np.diff(sorted(heights))
    assert (gaps >= np.array([2, 2, 1]) - 1e-4).all()
    assert style.apart([], []) == []


@pytest.mark.parametrize("n_arms", [2, 5])
def test_any_number_of_arms_fits(n_arms: int) -> None:
    arms = {"c": {"label": "Control $10", "role": "control"}}
    arms |= {f"a{k}": {"label": f"Arm {k}"} for k in range(n_arms - 1)}
    trial = make_trial(arms=arms, plan={})
    observations = make_observations(trial)
    tables = make_tables(trial, observations)
    drawing = trajectories(trial, trial.outcomes[0], observations, tables["descriptives"])
    shown = [ax for ax in drawing.figure.axes if ax.get_visible()]
    assert len(shown) == n_arms
    assert drawing.svg()
