"""Residual structures held to R: nlme and glmmTMB, polished (tests/reference/residual/*.R).

The scripts polish R's optimum with a restricted likelihood written out in dense matrices, since
nlme and glmmTMB stop up to 1e-7 above it. Tolerances: criterion 1e-7 absolute and never above
R's; variances, estimates and standard errors 1e-6; Satterthwaite's degrees of freedom, which the
scripts differentiate numerically, 1e-5. Kenward-Roger's are held to test_residual_oracle.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.mixed.design import build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.residual import fit_residual
from analysis.mixed.satterthwaite import satterthwaite_df
from analysis.mixed.structures import make_structure

FOLDER = Path(__file__).parents[1] / "reference" / "residual"
TERMS = [("arm",), ("time",), ("arm", "time")]
COMPONENTS = {"participant": ["participant"], "participant:period": ["participant", "period"]}
CASES = [
    (name, kind)
    for name in ("crossover_complete", "crossover_missing", "crossover_nine", "parallel")
    for kind in json.loads((FOLDER / f"{name}.out.json").read_text())["fits"]
]

Pair = tuple[dict[str, Any], Fit]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def pair(request: pytest.FixtureRequest) -> Pair:
    name, kind = request.param
    reference = json.loads((FOLDER / f"{name}.out.json").read_text())
    frame = pd.read_csv(FOLDER / f"{name}.csv", dtype=str).astype({"value": float})
    for factor, levels in reference["levels"].items():
        frame[factor] = pd.Categorical(frame[factor], levels)
    crossover = "period" in frame
    design = build_design(
        frame,
        [*TERMS, ("period",)] if crossover else TERMS,
        COMPONENTS if crossover else {},
    )
    unit = ["participant", "period"] if crossover else ["participant"]
    structure = make_structure(kind, frame, reference["schedule"], unit)
    return reference["fits"][kind], fit_residual(design, frame["value"].to_numpy(), structure)


def test_optimum(pair: Pair) -> None:
    known, fit = pair
    assert fit.certificate.holds
    assert fit.criterion == pytest.approx(known["criterion"], abs=1e-7)
    for engine in known["engines"].values():
        assert fit.criterion <= engine["criterion"] + 1e-8
        assert fit.criterion == pytest.approx(engine["criterion"], abs=1e-6)
    assert list(fit.at_boundary) == known["boundary"]
    assert set(fit.variances) == set(known["parameters"])
    size = max(known["parameters"].values())
    for name, value in known["parameters"].items():
        scale = 1.0 if name == "ar1" else size
        assert fit.variances[name] == pytest.approx(value, rel=1e-6, abs=1e-7 * scale)


@pytest.mark.parametrize("table", ["means", "contrasts"])
def test_means_and_contrasts(pair: Pair, table: str) -> None:
    known, fit = pair
    wanted = pd.DataFrame(known[table])
    rows = _rows(fit, wanted, differences=table == "contrasts")
    std_error = np.sqrt(np.einsum("mi,ij,mj->m", rows, fit.moments.phi, rows))
    np.testing.assert_allclose(std_error, wanted["se"], rtol=1e-6)
    assert (np.abs(rows @ fit.beta - wanted["estimate"]) / std_error).max() < 1e-6
    df = satterthwaite_df(fit.moments, rows)
    np.testing.assert_allclose(df, wanted["df_satterthwaite"], rtol=1e-5)
    assert (KenwardRoger(fit.moments).std_errors(rows) >= std_error * (1 - 1e-12)).all()


def _rows(fit: Fit, wanted: pd.DataFrame, differences: bool) -> np.ndarray:
    cells, rows = reference_grid(fit.design.fixed, ["arm", "time"])
    index = dict(zip(zip(cells["arm"], cells["time"], strict=True), rows, strict=True))
    reference = fit.design.fixed.levels["arm"][0]
    found = [
        index[arm, time] - (index[reference, time] if differences else 0)
        for arm, time in zip(wanted["arm"], wanted["time"], strict=True)
    ]
    return np.array(found)[:, fit.design.kept]
