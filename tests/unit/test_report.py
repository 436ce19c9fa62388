"""Pages: complete, honest, self-contained, and the same every time."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import Issue
from analysis.figures import draw
from analysis.report.index import render_index
from analysis.report.methods import order_banner
from analysis.report.render import headline, render_report
from analysis.trial import Columns, Part, Plan, Trial
from tests.unit.fake_trial import make_observations, make_tables, make_trial

TRIAL = make_trial()
OBSERVATIONS = make_observations(TRIAL)
TABLES = make_tables(TRIAL, OBSERVATIONS)
FACTS = {"inputs": {"trial.yaml": "9f86d081"}, "packages": {"numpy": "2.3.1"}, "seed": None}
WARNING = Issue(
    "V04", "warning", "jump.csv", 88, "height", "58.1", "Far from the others.", "Check the source."
)
ERROR = Issue(
    "S02", "error", "soreness.csv", 14, "condition", "Cryo2", "Not an arm.", "Add it as an alias."
)
INLINE = {"span", "strong", "code", "a"}
VOID = {"meta", "br", "link", "img", "path", "use", "line", "rect", "circle"}


class Page(HTMLParser):
    """Reads a page: its text, its elements, and whether they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._space(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
        self._space(tag)

    def _space(self, tag: str) -> None:
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@cache
def pictures() -> list[dict[str, str]]:
    found = [each for own in TRIAL.outcomes for each in draw(TRIAL, own, OBSERVATIONS, TABLES)]
    return [{**each.words(), "svg": each.svg().decode()} for each in found]


def report(
    trial: Trial | None = TRIAL,
    tables: dict[str, pd.DataFrame] | None = None,
    issues: tuple[Issue, ...] = (),
    drawings: list[dict[str, str]] | None = None,
) -> str:
    shown = TABLES if tables is None else tables
    return render_report(trial, "fake", issues, shown, drawings or [], FACTS)


def changed(**new: Any) -> dict[str, pd.DataFrame]:
    return {**TABLES, **new}


@pytest.fixture(scope="module")
def full() -> str:
    return report(issues=(WARNING,), drawings=pictures())


def test_page_is_well_formed_and_self_contained(full: str) -> None:
    page = Page(full)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [str(attrs.get("href") or attrs.get("xlink:href")) for _, attrs in page.elements]
    assert all(link[1:] in ids for link in links if link.startswith("#"))
    assert not [link for link in links if link.startswith(("http", "//", "file"))]
    assert not any(attrs.get("src") for _, attrs in page.elements)
    assert not page.all("script") and not page.all("link")
    assert not re.search(r"url\((?!#)", full)


def test_page_is_accessible(full: str) -> None:
    page = Page(full)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))
    assert len(page.all("h1")) == 1
    assert len(page.all("svg")) == 8
    for svg in page.all("svg"):
        assert svg["role"] == "img"
        assert len(str(svg["aria-label"])) > 50
        assert "width" not in svg


def test_same_input_same_page(full: str) -> None:
    assert report(issues=(WARNING,), drawings=pictures()) == full


def test_nothing_missing_is_printed_as_nan(full: str) -> None:
    assert not re.search(r"\b(nan|None|NaT|<NA>)\b", Page(full).text)


def test_answer_stands_first_with_its_numbers(full: str) -> None:
    text = Page(full).text
    row = TABLES["contrasts"].query("role == 'primary'").iloc[0]
    assert "Answer to the planned question" in text
    assert f"p = {row['p_value']:.3f}" in text
    assert f"n = {row['n_participants']} participants" in text
    assert text.index("Answer to the planned question") < text.index("Problems found in the data")
    assert "These are negative controls" in text
    assert "heat and cold cannot be disguised" in text
    assert "Registration: NOT PROVIDED" in text
    assert "Randomised crossover trial: 3 arms, 6 times, 12 participants" in text


def test_exploratory_rows_are_kept_apart(full: str) -> None:
    text = Page(full).text
    assert "Estimation only: exploratory comparisons, not adjusted for their number" in text
    assert "Negative controls: differences before treatment, where nothing is an effect" in text
    assert "(non-inferiority)" in text


@pytest.mark.parametrize(
    "word", ["no effect", "trend", "significant", "equivalen", "statistically", "***"]
)
def test_words_that_never_appear(full: str, word: str) -> None:
    assert word not in Page(full).text.lower()


def test_without_a_plan_everything_is_exploratory() -> None:
    text = Page(report(make_trial(plan={}))).text
    assert "exploratory: no analysis plan was declared" in text
    assert "superior" not in text
    assert "Planned comparisons" not in text
    assert headline(make_trial(plan={}), (), TABLES).startswith("Exploratory")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"randomised": False}, "non-randomised order: condition and order are confounded"),
        (
            {"columns": {"participant": "id", "period": None}},
            "non-randomised order: condition and order are confounded",
        ),
        ({"design": "parallel", "randomised": False}, "condition and group are confounded"),
    ],
)
def test_confounded_order_stands_in_the_title(changes: dict[str, Any], expected: str) -> None:
    page = report(make_trial(**changes))
    title = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert title and expected in title[1]
    assert "confounded" not in report()


def test_errors_show_problems_and_no_results() -> None:
    page = report(tables={}, issues=(WARNING, ERROR))
    text = Page(page).text
    assert "Not analysed: 1 error in the data or the plan." in text
    for part in ("S02", "soreness.csv, row 14, condition", "Cryo2", "Not an arm.", "alias"):
        assert part in text
    assert text.index("S02") < text.index("V04")  # errors first
    assert "p =" not in text and "CI" not in text and "superior" not in text
    # Even with tables at hand, an error keeps results out.
    assert "superior" not in report(issues=(ERROR,))


def test_repairs_are_counted_with_the_problems() -> None:
    made = [
        Issue("F18", "note", "a.csv", 3, "vas", "12", "12 cells were not read as typed.", "Fine."),
        Issue("F18", "note", "b.csv", 2, "arm", "1", "1 cell was not read as typed.", "Fine."),
    ]
    words = "13 cells were not read as typed, because the plan asks for it; each is listed in "
    assert f"{words}repairs.csv." in Page(report(issues=tuple(made))).text
    assert words not in Page(report(issues=(WARNING,))).text


def test_a_trial_that_cannot_be_read_has_a_page() -> None:
    text = Page(report(trial=None, tables={}, issues=(ERROR,))).text
    assert "fake" in text and "Cryo2" in text


def test_users_text_is_text_not_markup() -> None:
    evil = "<script>alert(1)</script> & 'co'"
    trial = make_trial(title=evil, description=evil)
    issue = Issue("S02", "warning", "a.csv", 1, evil, evil, evil, evil)
    page = report(trial, issues=(issue,))
    assert "<script>" not in page
    assert evil in Page(page).text
    assert "<script>" not in render_index(
        [
            {
                "trial": "a",
                "title": evil,
                "status": "ok",
                "headline": evil,
                "n_errors": 0,
                "n_warnings": 0,
            }
        ]
    )


def test_unreliable_numbers_are_never_unmarked() -> None:
    models = TABLES["models"].assign(converged=[False, True], note=["Optimum not certified.", ""])
    page = report(tables=changed(models=models), drawings=pictures())
    soreness = page[page.index('id="outcome-soreness"') : page.index('id="outcome-jump"')]
    assert "could not be certified as the best fit" in soreness
    assert "Optimum not certified." in soreness
    for table in re.findall(r"<table class=\"contrasts.*?</table>", soreness, re.S):
        for line in re.findall(r"<tr.*?</tr>", table, re.S)[1:]:
            assert "†" in line
    assert "Not reliable: the fit behind this figure" in soreness
    assert "no conclusion is drawn" in page
    assert "superior on the planned test" not in page


def test_outcome_without_estimates_says_why_and_leaves_the_rest_alone() -> None:
    cut = {
        name: table if name == "descriptives" else table[table["outcome"] != "soreness"]
        for name, table in TABLES.items()
    }
    failed = (
        TABLES["models"]
        .iloc[[0]]
        .assign(converged=False, n_observations=0, formula="", note="Not analysed: one arm only.")
    )
    cut["models"] = pd.concat([failed, cut["models"]], ignore_index=True)
    text = Page(report(tables=cut)).text
    assert "There are no estimates for this outcome. Not analysed: one arm only." in text
    assert "the planned comparison could not be estimated" in text
    assert "Observed values, mm" in text
    assert "Estimated marginal means, cm" in text


@pytest.mark.parametrize(
    "few",
    [
        {"n_participants": 5},
        {"status": "description only: fewer than 6 participants"},
    ],
)
def test_too_few_participants_are_only_described(few: dict[str, Any]) -> None:
    contrasts = TABLES["contrasts"].assign(**few)
    page = report(tables=changed(contrasts=contrasts), drawings=pictures())
    text = Page(page).text
    assert "Too few participants for inference in all comparisons: fewer than 6" in text
    assert "description only" in text
    assert not re.search(r"p [=<] 0", text)
    for table in re.findall(r"<table class=\"contrasts.*?</table>", page, re.S):
        assert not re.search(r"\d to [−\d]", table)
    assert "soreness_forest" not in page
    assert "soreness_trajectories" in page


def test_few_per_arm_in_a_parallel_trial_are_only_described() -> None:
    trial = make_trial(design="parallel")
    describe = TABLES["descriptives"].assign(n=3)
    text = Page(report(trial, tables=changed(descriptives=describe))).text
    assert "an arm has fewer than 4 participants" in text


def test_floor_and_spread_are_pointed_out() -> None:
    text = Page(report()).text
    assert "More than 20 % of the values lie at the lower end of the scale (0 mm)" in text
    assert "Far-infrared at 72 h (5 of 12)" in text
    assert "differ more than 1.5-fold at" in text
    assert "one residual spread for all times" not in text
    alike = TABLES["models"].assign(residual="iid")
    assert (
        "The model assumes one residual spread for all times"
        in Page(report(tables=changed(models=alike))).text
    )
    own = TABLES["models"].assign(residual="by_arm_time")
    assert (
        "the model assumes the same spread in all arms"
        not in Page(report(tables=changed(models=own))).text
    )


def test_few_degrees_of_freedom_are_pointed_out() -> None:
    contrasts = TABLES["contrasts"].assign(df=3.4)
    text = Page(report(tables=changed(contrasts=contrasts))).text
    assert "few degrees of freedom (3.4 at the least)" in text


def test_boundary_is_explained() -> None:
    assert "A variance is at its boundary of zero (participant:period)" in Page(report()).text


def test_other_ways_to_ask_are_shown_beside_the_answer() -> None:
    row = TABLES["contrasts"].query("role == 'primary'").iloc[0].to_dict()
    kept = ("outcome", "time", "hours", "arm", "reference", "role", "unit", "ci_level")
    other = {name: row[name] for name in kept} | {
        "analysis": "per_time",
        "estimate": -9.0,
        "std_error": 5.0,
        "df": 9.0,
        "statistic": -1.8,
        "p_value": 0.105,
        "ci_low": -20.3,
        "ci_high": 2.3,
        "n_participants": 11,
        "left_out": "A08",
        "agreement": "differs: only the main analysis has p of at most 0.05",
        "note": "",
    }
    text = Page(report(tables=changed(sensitivity=pd.DataFrame([other])))).text
    assert "this time alone −9.0 mm (95 % CI −20.3 to 2.3; p = 0.105), differs: only the" in text
    assert "a less certain one" in text
    assert "The same questions asked in other ways" in text


def test_remarks_on_rows_become_footnotes() -> None:
    notes = np.where(TABLES["contrasts"]["time"] == "48h", "Borrowed.", "")
    text = Page(report(tables=changed(contrasts=TABLES["contrasts"].assign(note=notes)))).text
    assert "(a) Borrowed." in text
    assert "Far-infrared − Passive rest (a)" in text


def test_missing_values_are_counted() -> None:
    assert "3 of 216 scheduled values are missing" in Page(report()).text


def test_provenance_is_printed(full: str) -> None:
    text = Page(full).text
    for part in ("trial.yaml", "9f86d081", "numpy", "2.3.1", "seed none"):
        assert part in text


def test_headline_is_the_answer_or_the_obstacle() -> None:
    assert headline(TRIAL, (), TABLES).startswith("Muscle soreness at 24 h was lower")
    assert headline(None, (ERROR, ERROR), {}) == "Not analysed: 2 errors in the data or the plan."


def test_index_lists_trials_with_links() -> None:
    entries = [
        {"trial": name, "title": title, "headline": f"Said {name}.", "status": "ok"}
        | {"n_errors": n, "n_warnings": n}
        for name, title, n in (("b", "Second", 0), ("a", "", 1))
    ]
    page = Page(render_index(entries))
    assert [attrs["href"] for attrs in page.all("a")] == ["a/report.html", "b/report.html"]
    assert "not analysed, 1 error, 1 warning" in page.text
    assert "Said b." in page.text
    assert "There are no trials yet" in render_index([])


def test_a_blinded_run_says_what_it_is_for() -> None:
    text = Page(report(replace(TRIAL, plan=Plan(), blinded=True))).text
    assert "This is a blinded run" in text and "none of the results below is to be reported" in text
    assert "No primary comparison was declared" not in text


@pytest.mark.parametrize(
    "told",
    [{"columns": Columns(period="week")}, {"several": (Part("a.csv", constants={"period": "1"}),)}],
)
def test_a_period_may_be_told_by_any_outcome(told: dict[str, Any]) -> None:
    without = replace(
        TRIAL,
        columns=replace(TRIAL.columns, period=None),
        outcomes=tuple(replace(each, columns=Columns()) for each in TRIAL.outcomes),
    )
    assert order_banner(without).startswith("no period is recorded")
    outcome = replace(without.outcomes[0], **told)
    assert order_banner(replace(without, outcomes=(outcome,))) == ""
