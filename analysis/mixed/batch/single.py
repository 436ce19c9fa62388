"""The fits that need no search, and those that are made one at a time."""

from __future__ import annotations

from math import log, pi

import numpy as np

from analysis.errors import ModelError
from analysis.mixed.batch.reduce import Reduction
from analysis.mixed.batch.solutions import Solutions, join
from analysis.mixed.batch.statistics import Statistics
from analysis.mixed.design import Array, Design
from analysis.mixed.fit import Fit
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.reml import fit_reml
from analysis.mixed.satterthwaite import satterthwaite_df


def residual_only(reduction: Reduction, statistics: Statistics, kenward_roger: bool) -> Solutions:
    """Return linear regressions: s2 = rest / nu, and nu degrees of freedom for everything."""
    nu, b = reduction.nu, len(statistics)
    v = np.broadcast_to(reduction.targets.size, statistics.ols.shape).copy()
    df = np.full(v.shape, float(nu))
    s2 = statistics.rest / nu
    constant = reduction.log_det_xx + nu * (1 + log(2 * pi))
    return Solutions(
        estimate=statistics.ols,
        v=v,
        df=df,
        kr_v=v if kenward_roger else np.zeros((b, 0)),
        kr_df=df if kenward_roger else np.zeros((b, 0)),
        g=np.zeros((b, 0)),
        s2=s2,
        criterion=constant + nu * np.log(s2),
        certified=np.ones(b, bool),
    )


@np.errstate(all="ignore")  # what is not certified may be anything
def one_by_one(design: Design, rows: Array, responses: Array, kenward_roger: bool) -> Solutions:
    """Return the fits of `reml.fit_reml`, one response, (N,), after the other; rows are (m, p)."""
    parts = []
    for response in responses.T:
        try:
            parts.append(_present(fit_reml(design, response), rows, kenward_roger))
        except (ModelError, ValueError, np.linalg.LinAlgError):  # no optimum with s2 > 0
            parts.append(_nothing(len(rows), len(design.components), kenward_roger))
    return join(parts)


def _present(fit: Fit, rows: Array, kenward_roger: bool) -> Solutions:
    moments = fit.moments
    s2 = moments.values[-1]
    kr_v = kr_df = np.zeros(0)
    if kenward_roger:
        method = KenwardRoger(moments)
        kr_v, kr_df = method.std_errors(rows) ** 2 / s2, method.df(rows)
    return Solutions(
        estimate=(rows @ fit.beta)[None],
        v=np.einsum("mi,ij,mj->m", rows, moments.phi, rows)[None] / s2,
        df=satterthwaite_df(moments, rows)[None],
        kr_v=kr_v[None],
        kr_df=kr_df[None],
        g=moments.values[None, :-1] / s2,
        s2=np.array([s2]),
        criterion=np.array([fit.criterion]),
        certified=np.array([fit.certificate.holds]),
    )


def _nothing(m: int, k: int, kenward_roger: bool) -> Solutions:
    missing = np.full((1, m), np.nan)
    kr = missing if kenward_roger else np.zeros((1, 0))
    one = np.array([np.nan])
    return Solutions(
        missing, missing, missing, kr, kr, np.full((1, k), np.nan), one, one, np.zeros(1, bool)
    )
