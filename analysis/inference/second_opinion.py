"""The same model in statsmodels, as a second opinion on our own engine.

statsmodels' `MixedLM` is sound away from the boundary. Where the two differ, the restricted
likelihood says who is at the optimum: our criterion is evaluated at statsmodels' variances.
Its p-values use the normal distribution and never reach a report.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.inference.models import Specification
from analysis.mixed.criterion import evaluate, reduce
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Fit

Codes = NDArray[np.int64]
log = logging.getLogger(__name__)

# Agreement: no coefficient differs by more than this share of its standard error.
AGREE = 1e-3


@dataclass(frozen=True)
class Opinion:
    """What statsmodels found: coefficients, and variances relative to the residual."""

    beta: Array
    relative_variances: Array


def second_opinion(spec: Specification, fit: Fit) -> str:
    """Return one sentence: statsmodels agrees, or why it does not.

    Parameters
    ----------
    spec : Specification
        The model.
    fit : Fit
        Our fit of it.
    """
    if not spec.components:
        return ""
    try:
        found = _fit_statsmodels(spec, fit)
    except Exception as problem:  # statsmodels fails in many ways; all of them are an opinion
        log.info("statsmodels: %r", problem)
        return f"Second opinion: statsmodels MixedLM could not fit it ({type(problem).__name__})."
    return _sentence(spec, fit, found)


def _fit_statsmodels(spec: Specification, fit: Fit) -> Opinion:
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    frame = spec.frame.reset_index(drop=True)
    groups = frame["participant"].astype(str).to_numpy()
    design = fit.design
    names = [name for name in spec.components if name != "participant"]
    labels = sorted(set(groups.tolist()))  # the order in which MixedLM stores its groups
    rows = {label: np.flatnonzero(groups == label) for label in labels}
    blocks = [[_indicators(_groups(design, name), rows[g]) for g in labels] for name in names]
    columns = [[[str(i) for i in range(b.shape[1])] for b in block] for block in blocks]
    model = MixedLM(
        spec.frame["response"].to_numpy(float),
        design.x,
        groups,
        exog_re=np.ones((len(frame), 1)),
        exog_vc=VCSpec(names, columns, blocks) if names else None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = model.fit(reml=True)
        except np.linalg.LinAlgError:  # its default optimisers die where a variance is near zero
            result = model.fit(reml=True, method=["powell"])
    by_name = {"participant": float(np.asarray(result.cov_re)[0, 0])}
    by_name |= dict(zip(names, np.asarray(result.vcomp, float).tolist(), strict=True))
    relative = np.array([by_name[name] for name in spec.components]) / float(result.scale)
    return Opinion(np.asarray(result.fe_params, float), np.maximum(relative, 0))


def _groups(design: Design, name: str) -> Codes:
    return next(each.groups for each in design.components if each.name == name)


def _indicators(groups: Codes, rows: Codes) -> Array:
    own = groups[rows]
    return np.asarray(own[:, None] == np.unique(own)[None, :], float)


def _sentence(spec: Specification, fit: Fit, found: Opinion) -> str:
    gap = np.abs(found.beta - fit.beta) / np.sqrt(np.diag(fit.moments.phi))
    problem, *_ = reduce(fit.design, spec.frame["response"].to_numpy(float))
    theirs = evaluate(problem, found.relative_variances).value + problem.constant()
    excess = theirs - fit.criterion
    if gap.max() <= AGREE and excess < 1e-3:
        return (
            "Second opinion: statsmodels MixedLM agrees (largest difference of a coefficient "
            f"{gap.max():.1e} standard errors)."
        )
    if excess >= 0:
        where = " at or near a variance of zero" if fit.at_boundary else ""
        return (
            "Second opinion: statsmodels MixedLM stopped short of the optimum"
            f"{where} (its criterion is higher by {excess:.2g}; largest difference of a "
            f"coefficient {gap.max():.2g} standard errors)."
        )
    return (
        "Second opinion: statsmodels MixedLM found a better optimum (its criterion is lower by "
        f"{-excess:.2g}). Please report this trial as a bug."
    )
