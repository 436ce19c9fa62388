"""The certification run in small, and that it would notice a bad fit (tests/certification)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.mixed import reml
from analysis.mixed.design import Design
from analysis.mixed.fit import Fit
from tests.certification import components, page
from tests.certification.rows import collect
from tests.certification.trials import draw_residual, draw_trial


def test_a_trial_is_made_from_its_number_alone() -> None:
    one, other = draw_trial(1, 17), draw_trial(1, 17)
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert draw_trial(1, 18).near
    assert not one.near
    assert draw_residual(1, 4, "by_time_ar1").near


def test_small_trials_are_certified_and_not_beaten() -> None:
    found = components.examine_many(3, range(25))
    fitted = found[~found["cause"].str.startswith("no fit")]
    assert len(fitted) >= 22
    assert (fitted["cause"] == "certified").all()
    assert fitted["excess"].max() < 1e-9


def test_second_minimum_far_from_zero_is_found() -> None:
    """One participant variance: minima at zero and at 15.7 residual variances, the lower one."""
    verdict = components.examine(1, 1527)
    assert verdict.cause == "certified"
    assert verdict.zeros == 0
    assert verdict.excess < 1e-9


def test_nothing_to_estimate_is_refused() -> None:
    """Four participants in four arms; whole numbers without error within participants."""
    assert "say nothing of participant" in components.examine(1, 893).cause
    assert "no error left" in components.examine(1, 264).cause
    assert "cannot tell apart participant and residual" in components.examine(1, 2007).cause


def test_a_fit_off_the_optimum_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def worse(design: Design, y: np.ndarray) -> Fit:
        fit = reml.fit_reml(design, y)
        return replace(fit, criterion=fit.criterion + 1e-5)

    monkeypatch.setattr(components, "fit_reml", worse)
    verdict = components.examine(3, 1)
    assert verdict.excess == pytest.approx(1e-5, rel=1e-3)
    line = page.summary(pd.DataFrame([vars(verdict)]), pd.DataFrame())
    assert line["beaten"].tolist() == [1]


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    asked: list[range] = []

    def job(numbers: range) -> pd.DataFrame:
        asked.append(numbers)
        return pd.DataFrame({"number": list(numbers)})

    assert len(collect(tmp_path, "x", 700, job)) == 700
    assert len(collect(tmp_path, "x", 1200, job)) == 1200
    assert asked == [range(0, 500), range(500, 700), range(500, 1000), range(1000, 1200)]
