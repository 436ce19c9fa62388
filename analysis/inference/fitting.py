"""One specification -> one certified fit, by a ladder of residual structures.

The structure asked for comes first. A simpler one is tried only where a fit cannot be certified
(a correlation that runs to one, parameters the data cannot tell apart, an optimum without
certificate), never for a p-value or an information criterion; every step down is reported. A
variance at zero stays in the model at zero. Below the last rung stand per-time analyses
(`separate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.errors import ModelError
from analysis.inference.models import Specification
from analysis.mixed.fit import Fit
from analysis.mixed.reml import fit_reml
from analysis.mixed.residual import fit_residual
from analysis.mixed.structures import make_structure
from analysis.trial import Trial

SIMPLER = {
    "by_arm_time_ar1": "by_time_ar1",
    "by_arm_time": "by_time",
    "unstructured": "by_time_ar1",
    "by_time_ar1": "by_time",
}


@dataclass(frozen=True)
class Fitted:
    """A certified fit, the residual structure it has, and the steps down that led to it.

    `steps` has one sentence per structure that could not be certified.
    """

    fit: Fit
    residual: str
    steps: tuple[str, ...]


def fit_certified(trial: Trial, spec: Specification) -> Fitted:
    """Return the first certified fit on the way down the ladder from ``spec.residual``.

    Raises
    ------
    ModelError
        If no structure on the way can be certified; the message says why for each.
    """
    steps: list[str] = []
    for residual in _way_down(spec.residual):
        try:
            fit = _fit(trial, spec, residual)
        except ModelError as problem:
            steps.append(f"Residual {residual} could not be fitted: {problem}")
            continue
        if fit.certificate.holds:
            return Fitted(fit, residual, tuple(steps))
        steps.append(f"Residual {residual}: the optimum could not be certified.")
    raise ModelError(" ".join(steps))


def _way_down(residual: str) -> Iterator[str]:
    yield residual
    while residual in SIMPLER:
        residual = SIMPLER[residual]
        yield residual


def _fit(trial: Trial, spec: Specification, residual: str) -> Fit:
    response = spec.frame["response"].to_numpy(float)
    if residual == "iid":
        return fit_reml(spec.design(), response)
    structure = make_structure(residual, spec.frame, trial.time_names, spec.units)
    return fit_residual(spec.design(), response, structure, zero_variances="keep")
