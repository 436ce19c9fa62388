"""The small models of `oracle`: what they are, and their simulated data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TIMES = ("pre", "1h", "24h", "48h", "72h")
ARMS = ("passive", "fir", "cryo")
CROSSOVER = (("arm",), ("time",), ("arm", "time"), ("period",))
SHORT = (("arm",), ("time",), ("period",))
PARALLEL = (("arm",), ("time",), ("arm", "time"))
NESTED = {"participant": ("participant",), "participant:period": ("participant", "period")}
ONE = {"participant": ("participant",)}


@dataclass(frozen=True)
class Case:
    """One small data set and its model; `sd` and `rho` describe the simulated errors."""

    name: str
    kind: str
    terms: tuple[tuple[str, ...], ...]
    components: dict[str, tuple[str, ...]]
    seed: int
    n: int
    arms: int
    times: int
    crossover: bool = True
    missing: int = 0
    sd: tuple[float, ...] = (1.0, 1.4, 1.8, 1.5, 1.2)
    rho: float = 0.0
    sizes: tuple[float, float] = (1.5, 0.8)
    keep: bool = False


CASES = (
    Case("iid_none", "iid", PARALLEL, {}, 1, 8, 2, 2, False),
    Case("iid_one", "iid", PARALLEL, ONE, 2, 7, 2, 3, False, 3),
    Case("iid_two", "iid", SHORT, NESTED, 3, 5, 2, 3),
    Case("iid_two_missing", "iid", CROSSOVER, NESTED, 4, 6, 2, 3, True, 4),
    Case("iid_three_arms", "iid", SHORT, NESTED, 40, 5, 3, 2, True, 3),
    Case("iid_covariate", "iid", (*PARALLEL, ("baseline",)), ONE, 6, 8, 2, 3, False, 2),
    Case("iid_zero_period", "iid", SHORT, NESTED, 7, 6, 2, 3, True, 2, sizes=(1.5, 0.0)),
    Case("iid_zero_participant", "iid", SHORT, NESTED, 48, 6, 2, 3, True, 2, sizes=(0.0, 1.0)),
    Case("iid_zero_both", "iid", SHORT, NESTED, 43, 6, 2, 3, True, 0, sizes=(0.0, 0.0)),
    Case("by_time", "by_time", SHORT, NESTED, 10, 7, 2, 3),
    Case("by_time_missing", "by_time", CROSSOVER, NESTED, 11, 7, 2, 3, True, 4),
    Case("by_time_zero_period", "by_time", SHORT, NESTED, 12, 7, 2, 3, True, 3, sizes=(1.5, 0.0)),
    Case("by_time_parallel", "by_time", PARALLEL, ONE, 40, 9, 2, 3, False, 3),
    Case("by_arm_time", "by_arm_time", SHORT, NESTED, 40, 8, 2, 2, True, 1),
    Case("by_arm_time_three", "by_arm_time", SHORT, ONE, 40, 8, 2, 3, True, 3),
    Case("ar1", "ar1", PARALLEL, {}, 16, 8, 2, 4, False, 4, rho=0.5),
    Case("ar1_participant", "ar1", SHORT, ONE, 17, 6, 2, 3, True, 3, rho=0.5),
    Case("ar1_negative", "ar1", SHORT, ONE, 18, 6, 2, 3, True, 2, rho=-0.4),
    Case("ar1_nested", "ar1", SHORT, NESTED, 19, 5, 2, 4, True, 4, rho=0.5),
    Case("by_time_ar1", "by_time_ar1", SHORT, NESTED, 40, 7, 2, 3, rho=0.4),
    Case("by_time_ar1_missing", "by_time_ar1", CROSSOVER, NESTED, 44, 6, 2, 4, True, 6, rho=0.5),
    Case("by_time_ar1_zero", "by_time_ar1", SHORT, NESTED, 22, 7, 2, 3, True, 3, rho=0.5,
         sizes=(1.5, 0.0)),
    Case("by_time_ar1_parallel", "by_time_ar1", PARALLEL, {}, 23, 9, 2, 4, False, 5, rho=0.6),
    Case("by_arm_time_ar1", "by_arm_time_ar1", SHORT, ONE, 24, 8, 2, 3, True, 3, rho=0.5),
    Case("by_arm_time_ar1_nested", "by_arm_time_ar1", SHORT, NESTED, 25, 9, 2, 3, rho=0.4),
    Case("csh", "csh", PARALLEL, {}, 26, 9, 2, 3, False, 3, rho=0.4),
    Case("unstructured", "unstructured", PARALLEL, {}, 27, 9, 2, 3, False, 3, rho=0.6),
    Case("unstructured_covariate", "unstructured", (*PARALLEL, ("baseline",)), {}, 28, 10, 2, 3,
         False, 2, rho=0.4),
    Case("unstructured_period", "unstructured", SHORT, ONE, 29, 8, 2, 2, True, 1, rho=0.4),
    Case("kept_zero", "by_time", SHORT, NESTED, 43, 6, 2, 3, True, 0, (1.0, 0.05, 1.5), keep=True),
    Case("kept_zero_ar1", "by_time_ar1", SHORT, NESTED, 106, 6, 2, 3, True, 0, (1.0, 0.05, 1.5),
         rho=0.3, keep=True),
)  # fmt: skip


def simulate(case: Case) -> pd.DataFrame:
    """Return the data of a case, the response rounded to three decimals."""
    rng = np.random.default_rng(case.seed)
    visits = range(case.times)
    decay = np.array([[case.rho ** abs(s - t) for t in visits] for s in visits])
    root = np.linalg.cholesky(decay) * 1.0
    rows = []
    for i in range(case.n):
        own = rng.normal(0, case.sizes[0])
        arms = (
            [(i + k) % case.arms for k in range(case.arms)] if case.crossover else [i % case.arms]
        )
        baseline = round(float(rng.normal()), 3)
        for period, arm in enumerate(arms):
            shift = own + rng.normal(0, case.sizes[1]) * case.crossover + 0.5 * arm + 0.3 * period
            errors = np.array(case.sd[: case.times]) * (root @ rng.normal(size=case.times))
            for t in visits:
                value = round(float(shift + t + 0.6 * baseline + errors[t]), 3)
                rows.append((f"P{i + 1}", str(period + 1), ARMS[arm], TIMES[t], baseline, value))
    names = ["participant", "period", "arm", "time", "baseline", "response"]
    frame = pd.DataFrame(rows, columns=names)
    gone = rng.choice(len(frame), case.missing, replace=False)
    return frame.drop(index=gone).reset_index(drop=True)


def models() -> dict[str, dict[str, object]]:
    """Return what `python -m analysis verify` needs to know of the cases: oracle_models.json."""
    return {
        case.name: {
            "kind": case.kind,
            "terms": [list(term) for term in case.terms],
            "components": {name: list(by) for name, by in case.components.items()},
            "zero_variances": "keep" if case.keep else "error",
        }
        for case in CASES
        if case.kind != "csh"  # not among the structures of trial.yaml
    }
