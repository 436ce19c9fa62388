"""Compare all cases, and keep what came of it for the reports."""

from __future__ import annotations

from importlib.metadata import version

from analysis import __version__, io
from analysis.mixed.residual.compiled import library
from analysis.verify.components import verify_components
from analysis.verify.residual import verify_oracle, verify_residual
from analysis.verify.verdict import Verdict

KEPT = io.ROOT / "data" / "processed" / "verified.json"
PACKAGES = ("numpy", "scipy", "pandas")


def verify() -> tuple[list[Verdict], str]:
    """Compare every case and return the verdicts and one sentence a report can quote.

    The sentence is kept in `KEPT` with the code and the packages it holds for, so that a report
    can tell whether it holds for what made the report.
    """
    parts = [job() for job in (verify_components, verify_residual, verify_oracle)]
    verdicts = [verdict for found, _ in parts for verdict in found]
    passed = [sum(verdict.passed for verdict in found) for found, _ in parts]
    against = "; ".join(
        f"{count} of {len(found)} cases against {software}"
        for count, (found, software) in zip(passed, parts, strict=True)
    )
    versions = {name: version(name) for name in PACKAGES}
    packages = ", ".join(f"{name} {number}" for name, number in versions.items())
    search = "compiled search" if library() is not None else "search by numpy"
    sentence = f"Verified: {against}; on analysis {__version__} with {packages}, {search}."
    record = {
        "passed": all(verdict.passed for verdict in verdicts),
        "sentence": sentence,
        "sha256": io.code_sha256(),
        "packages": versions,
    }
    io.write_json(KEPT, record)
    return verdicts, sentence
