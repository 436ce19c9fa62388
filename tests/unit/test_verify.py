"""`python -m analysis verify`: what it compares, and what a report may quote of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import io
from analysis.mixed import residual as engine
from analysis.mixed.fit import Fit
from analysis.steps import report
from analysis.verify import record, residual
from analysis.verify.verdict import Verdict
from tests.reference.residual.oracle_cases import models

VERSIONS = {"numpy": "1", "scipy": "2", "pandas": "3", "seaborn": "4"}
KEPT = {
    "passed": True,
    "sentence": "Verified.",
    "sha256": "a",
    "packages": {"numpy": "1", "scipy": "2", "pandas": "3"},
}


def test_models_of_the_oracle_are_those_of_its_cases() -> None:
    kept = json.loads((residual.FOLDER / "oracle_models.json").read_text())
    assert kept == json.loads(json.dumps(models()))


def test_a_wrong_number_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard errors off by two parts in a million are out of tolerance, estimates are not."""

    def wrong(*given: object) -> Fit:
        fit = engine.fit_residual(*given)
        return replace(fit, moments=replace(fit.moments, phi=fit.moments.phi * (1 + 4e-6)))

    monkeypatch.setattr(residual, "fit_residual", wrong)
    verdict = next(residual._case("crossover_nine"))
    assert not verdict.passed
    assert verdict.line().startswith("FAIL")
    assert "standard error" in verdict.line()
    assert verdict.deviations["estimate"][0] < 1e-6


@pytest.mark.parametrize(
    ("kept", "quoted"),
    [
        (KEPT, True),
        (KEPT | {"sha256": "b"}, False),
        (KEPT | {"passed": False}, False),
        (KEPT | {"packages": {"numpy": "1", "scipy": "2", "pandas": "2.9"}}, False),
        (None, False),
    ],
)
def test_a_report_quotes_only_what_holds_for_it(
    kept: dict[str, object] | None,
    quoted: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "verified.json"
    if kept is not None:
        io.write_json(path, kept)
    monkeypatch.setattr(report, "VERIFIED", path)
    said = report._verified("a", VERSIONS)
    assert (said == "Verified.") is quoted
    assert quoted or "python -m analysis verify" in said


def test_the_record_names_code_and_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "verified.json"
    case = Verdict("case", "title", {"estimate": (2e-6, 1e-6)})
    monkeypatch.setattr(record, "KEPT", path)
    monkeypatch.setattr(record, "verify_components", lambda: ([case], "R"))
    monkeypatch.setattr(record, "verify_residual", lambda: ([], "nlme"))
    monkeypatch.setattr(record, "verify_oracle", lambda: ([], "digits"))
    verdicts, sentence = record.verify()
    kept = json.loads(path.read_text())
    assert verdicts == [case]
    assert kept["passed"] is False
    assert kept["sentence"] == sentence
    assert "0 of 1 cases against R" in sentence
    assert kept["sha256"] == io.code_sha256()
    assert set(kept["packages"]) == {"numpy", "scipy", "pandas"}
    assert Path(io.ROOT, "data", "processed", "verified.json") == report.VERIFIED
