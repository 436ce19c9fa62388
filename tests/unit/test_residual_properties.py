"""What must hold for every residual structure: derivatives, invariance, closed forms, failures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.mixed.design import Design, build_design
from analysis.mixed.fit import Fit
from analysis.mixed.hypotheses import reference_grid
from analysis.mixed.kenward_roger import KenwardRoger
from analysis.mixed.reml import fit_reml
from analysis.mixed.residual import ResidualModel, fit_residual
from analysis.mixed.residual.problem import Problem
from analysis.mixed.satterthwaite import satterthwaite_df
from analysis.mixed.structures import Structure, make_structure
from tests.unit.reference_data import load_case

ARMS = ["passive", "fir", "cryo"]
TIMES = ["pre", "1h", "24h", "48h"]
SEQUENCES = [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 2, 1), (1, 0, 2)]
TERMS = [("arm",), ("time",), ("arm", "time"), ("period",)]
COMPONENTS = {"participant": ["participant"], "participant:period": ["participant", "period"]}
KINDS = ["iid", "ar1", "by_time", "by_time_ar1", "by_arm_time", "by_arm_time_ar1"]
CASES = ["01_crossover_complete", "02_crossover_missing", "03_zero_participant_period"]
CASES += ["04_baseline_within", "05_parallel_baseline", "06_replicate", "07_period_by_time"]
CASES += ["10b_arterial_split_baseline", "12_ham", "15_licorice", "18_no_period", "20_ds17"]


def crossover(seed: int, missing: int = 0, n: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    decay = np.linalg.cholesky(0.4 ** np.abs(np.subtract.outer(range(4), range(4))))
    rows = []
    for i in range(n):
        own = rng.normal(30, 6)
        for period, arm in enumerate(SEQUENCES[i % 6]):
            shift = own + rng.normal(0, 2)
            errors = np.array([6, 7, 10, 8]) * (1.2 - 0.2 * arm) * (decay @ rng.normal(size=4))
            for t in range(4):
                value = shift + 5 * t - arm + errors[t]
                rows.append((f"P{i:02d}", str(period), ARMS[arm], TIMES[t], value))
    frame = pd.DataFrame(rows, columns=["participant", "period", "arm", "time", "response"])
    gone = rng.choice(len(frame), missing, replace=False)
    return typed(frame.drop(index=gone).reset_index(drop=True))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    out = frame.astype({name: str for name in ("arm", "time", "period")})
    out["arm"] = pd.Categorical(out["arm"], [arm for arm in ARMS if arm in set(out["arm"])])
    out["time"] = pd.Categorical(out["time"], [t for t in TIMES if t in set(out["time"])])
    out["period"] = pd.Categorical(out["period"])
    return out


def design_of(frame: pd.DataFrame) -> Design:
    return build_design(frame, TERMS, COMPONENTS)


def values(frame: pd.DataFrame) -> np.ndarray:
    return frame["response"].to_numpy(float)


def fit(frame: pd.DataFrame, kind: str, zero: str = "error") -> Fit:
    return fit_residual(design_of(frame), values(frame), make_structure(kind, frame, TIMES), zero)


def differences(found: Fit) -> np.ndarray:
    """Rows of fir minus passive at each time."""
    cells, rows = reference_grid(found.design.fixed, ["arm", "time"])
    of = [rows[(cells["arm"] == arm).to_numpy()] for arm in ("fir", "passive")]
    return (of[0] - of[1])[:, found.design.kept]


def model_error(found: Fit) -> np.ndarray:
    rows = differences(found)
    return np.sqrt(np.einsum("mi,ij,mj->m", rows, found.moments.phi, rows))


# ---- against the engine for variance components ------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_one_variance_is_the_model_of_variance_components(case: str) -> None:
    """Held to reml.py, which is another algorithm, at 1e-9 and better."""
    expected, frame = load_case(case)
    terms = [tuple(term) for term in expected["fixed_terms"]]
    design = build_design(frame, terms, {":".join(by): by for by in expected["random"]})
    participant = frame.groupby("participant", observed=True).ngroup().to_numpy(np.int64)
    none = np.zeros(len(frame), np.int64)
    structure = Structure(participant, participant, none, none, ("",), "none")
    one, other = fit_reml(design, values(frame)), fit_residual(design, values(frame), structure)
    assert other.certificate.holds
    assert other.moments.names == one.moments.names
    assert other.at_boundary == one.at_boundary
    assert other.criterion == pytest.approx(one.criterion, rel=1e-12, abs=1e-9)
    size = one.moments.values.max()
    np.testing.assert_allclose(other.moments.values, one.moments.values, rtol=0, atol=1e-9 * size)
    every = np.eye(len(one.beta))
    adjusted, known = KenwardRoger(other.moments), KenwardRoger(one.moments)
    std_errors = known.std_errors(every)
    assert np.abs((other.beta - one.beta) / std_errors).max() < 1e-9
    np.testing.assert_allclose(adjusted.std_errors(every), std_errors, rtol=1e-9)
    np.testing.assert_allclose(adjusted.df(every), known.df(every), rtol=1e-9)
    df = satterthwaite_df(one.moments, every)
    np.testing.assert_allclose(satterthwaite_df(other.moments, every), df, rtol=1e-9)
    scale = np.abs(one.residuals).max()
    np.testing.assert_allclose(other.fitted, one.fitted, rtol=0, atol=1e-9 * scale)


# ---- derivatives -------------------------------------------------------------------------------


def problem_of(frame: pd.DataFrame, kind: str) -> tuple[ResidualModel, Problem]:
    design = design_of(frame)
    structure = make_structure(kind, frame, TIMES)
    if kind == "unstructured":
        design = build_design(frame, TERMS, {"participant": ["participant"]})
    model = ResidualModel(design, structure)
    response = values(frame) / values(frame).std()
    columns = np.column_stack([model.basis[0], response])
    return model, Problem(model.layout, model.layout.pad(columns))


def somewhere(model: ResidualModel, rng: np.random.Generator) -> np.ndarray:
    law = model.law
    phi = rng.uniform(0.3, 0.9, len(law.names))
    if law.has_role("element").any():
        root = rng.normal(size=(4, 6))
        phi[law.has_role("element")] = (root @ root.T)[np.triu_indices(4)]
    return phi


@pytest.mark.parametrize("kind", [*KINDS, "unstructured"])
def test_derivatives_are_those_of_the_criterion(kind: str) -> None:
    model, problem = problem_of(crossover(1, missing=9), kind)
    rng = np.random.default_rng(2)
    for _ in range(3):
        phi = somewhere(model, rng)
        at = problem.at(phi)
        slopes, bends = [], []
        for k, size in enumerate(1e-4 * np.abs(phi) + 1e-5):
            step = size * np.eye(len(phi))[k]
            near, far = [
                [problem.at(phi + sign * times * step) for sign in (1, -1)] for times in (1, 2)
            ]
            for out, name in ((slopes, "value"), (bends, "gradient")):
                one, two = [getattr(a, name) - getattr(b, name) for a, b in (near, far)]
                out.append((8 * one - two) / (12 * size))
        np.testing.assert_allclose(at.gradient, slopes, rtol=1e-6, atol=1e-5)
        scale = np.sqrt(np.outer(*[np.abs(np.diag(at.hessian))] * 2))
        assert (np.abs(at.hessian - bends) / scale).max() < 1e-7


# ---- invariance --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_unit_and_origin(kind: str) -> None:
    frame = crossover(3, missing=7)
    one = fit(frame, kind)
    other = fit(frame.assign(response=1000 - 250 * frame["response"]), kind)
    np.testing.assert_allclose(model_error(other), 250 * model_error(one), rtol=1e-9)
    rows = differences(one)
    np.testing.assert_allclose(rows @ other.beta, -250 * rows @ one.beta, rtol=1e-9, atol=1e-7)
    for one_df, other_df in (
        (satterthwaite_df(one.moments, rows), satterthwaite_df(other.moments, rows)),
        (KenwardRoger(one.moments).df(rows), KenwardRoger(other.moments).df(rows)),
    ):
        np.testing.assert_allclose(other_df, one_df, rtol=1e-8)
    nu = one.design.n_rows - one.design.rank
    shift = 2 * nu * np.log(250)
    assert other.criterion == pytest.approx(one.criterion + shift, rel=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_order_and_names_do_not_matter(kind: str) -> None:
    frame = crossover(41, missing=7)
    mixed = frame.sample(frac=1, random_state=5).reset_index(drop=True)
    mixed["participant"] = mixed["participant"].map(lambda name: f"{97 - int(name[1:])}x")
    one, other = fit(frame, kind), fit(mixed, kind)
    assert other.criterion == pytest.approx(one.criterion, rel=1e-12)
    assert other.moments.names == one.moments.names
    np.testing.assert_allclose(other.moments.values, one.moments.values, rtol=1e-8)
    np.testing.assert_allclose(model_error(other), model_error(one), rtol=1e-10)
    keys = ["participant", "period", "time"]
    back = frame.assign(participant=frame["participant"].map(lambda name: f"{97 - int(name[1:])}x"))
    by_row = [
        data.assign(residual=found.residuals).set_index(keys)["residual"].sort_index()
        for data, found in ((back, one), (mixed, other))
    ]
    np.testing.assert_allclose(by_row[1], by_row[0], atol=1e-8)


def test_constant_per_participant_leaves_differences_alone() -> None:
    """A complete crossover: what is the same in every period cancels."""
    frame = crossover(6)
    shift = frame["participant"].map(lambda name: 40.0 * (int(name[1:]) % 5))
    one = fit(frame, "by_time")
    other = fit(frame.assign(response=frame["response"] + shift), "by_time")
    rows = differences(one)
    np.testing.assert_allclose(rows @ other.beta, rows @ one.beta, rtol=1e-8)


# ---- closed forms ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["by_time", "by_time_ar1"])
def test_contrast_of_a_complete_crossover(kind: str) -> None:
    """Variance 2 (s2_pp + v_t) / n at each time, and nothing for Kenward-Roger to adjust."""
    found = fit(crossover(8), kind)
    own = np.array([found.variances[f"residual[{time}]"] for time in TIMES])
    expected = np.sqrt(2 * (found.variances["participant:period"] + own) / 12)
    np.testing.assert_allclose(model_error(found), expected, rtol=1e-9)
    adjusted = KenwardRoger(found.moments).std_errors(differences(found))
    np.testing.assert_allclose(adjusted, expected, rtol=1e-9)


def test_unstructured_complete_is_the_sample_covariance() -> None:
    """Cross-products over n - 2 for two groups of complete participants, and t on n - 2."""
    rng = np.random.default_rng(9)
    n, size = 14, 4
    data = rng.normal(size=(n, size)) @ rng.normal(size=(size, size))
    arm = np.arange(n) % 2
    frame = pd.DataFrame(
        {
            "participant": np.repeat([f"P{i}" for i in range(n)], size),
            "period": "1",
            "arm": np.repeat(np.array(ARMS)[arm], size),
            "time": TIMES * n,
            "response": data.ravel(),
        }
    )
    frame = typed(frame)
    design = build_design(frame, TERMS[:3], {})
    structure = make_structure("unstructured", frame, TIMES, ["participant"])
    found = fit_residual(design, values(frame), structure)
    centred = data - np.array([data[arm == a].mean(axis=0) for a in (0, 1)])[arm]
    sample = centred.T @ centred / (n - 2)
    np.testing.assert_allclose(found.moments.values, sample[np.triu_indices(size)], rtol=1e-9)
    rows = differences(found)
    std_error = np.sqrt(np.diag(sample) * 2 / (n / 2))
    np.testing.assert_allclose(model_error(found), std_error, rtol=1e-9)
    np.testing.assert_allclose(satterthwaite_df(found.moments, rows), n - 2, rtol=1e-9)
    np.testing.assert_allclose(KenwardRoger(found.moments).df(rows), n - 2, rtol=1e-9)


def test_residuals_are_what_the_predictions_leave() -> None:
    """Predictions u_k = s2_k Z_k' V^-1 (y - Xb), with V written out."""
    frame = crossover(10, missing=8)
    found = fit(frame, "by_time_ar1")
    person = frame["participant"].to_numpy()
    unit = person + frame["period"].astype(str).to_numpy()
    visit = frame["time"].cat.codes.to_numpy().astype(int)
    sd = np.sqrt([found.variances[f"residual[{time}]"] for time in TIMES])[visit]
    lag = np.abs(np.subtract.outer(visit, visit))
    share = [np.equal.outer(groups, groups).astype(float) for groups in (person, unit)]
    variances = [found.variances[name] for name in COMPONENTS]
    random = variances[0] * share[0] + variances[1] * share[1]
    errors = share[1] * np.outer(sd, sd) * found.variances["ar1"] ** lag
    rest = values(frame) - found.design.x @ found.beta
    predicted = random @ np.linalg.solve(random + errors, rest)
    np.testing.assert_allclose(found.residuals, rest - predicted, atol=1e-8)
    np.testing.assert_allclose(found.fitted + found.residuals, values(frame), rtol=1e-12)
