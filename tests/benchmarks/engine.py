"""Single fits and batches, against lme4, lmerTest, emmeans and statsmodels."""

from __future__ import annotations

import tempfile
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.inference.estimates import Inference
from analysis.mixed import batch
from analysis.mixed.reml import fit_reml
from tests.benchmarks.timing import REngine, Turns, human, seconds, table
from tests.benchmarks.trials import CASES, VARIANCES, Case

ROUNDS = 5
BATCH = 8192
FEW = 12  # responses that R is given in a round
OURS = "analysis.mixed"


def single(r: REngine | None, rounds: int = ROUNDS) -> str:
    """Time one fit with Kenward-Roger for the 18 contrasts of arms at every time."""
    rows = []
    for case in CASES:
        turns, gap = _single_turns(case, r, rounds)
        row = [case.name, *(human(turns.median(each)) for each in turns.times)]
        if r is not None:
            slow = "lmer + emmeans (KR)"
            row += [turns.ratio(slow, OURS), turns.ratio("statsmodels, no df", OURS), gap]
        rows.append(row)
    names = list(turns.times)
    extra = [f"{slow} / {OURS}" for slow in names[:2]] + ["agreement"] if r is not None else []
    return table(["trial", *names, *extra], rows)


def _single_turns(case: Case, r: REngine | None, rounds: int) -> tuple[Turns, str]:
    turns, gap = Turns(), ""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = case.write(Path(folder)), Path(folder) / "contrasts.csv"
        for _ in range(rounds):
            if r is not None:
                turns.add("lmer + emmeans (KR)", r.ask("contrasts", file, 3, answer))
            turns.add("statsmodels, no df", seconds(lambda: _statsmodels(case.frame)))
            turns.add(OURS, seconds(lambda: _contrasts(case)))
        if r is not None:
            gap = _single_gap(case, pd.read_csv(answer))
    return turns, gap


def _contrasts(case: Case) -> pd.DataFrame:
    """From the data frame to the table of contrasts, as lmer and emmeans do."""
    design = case.design(case.frame)
    fit = fit_reml(design, case.frame["y"].to_numpy(float))
    found = Inference(fit, "kenward_roger").estimates(case.contrasts(design)[:18])
    names = ("estimate", "std_error", "df", "p_value")
    return pd.DataFrame({name: getattr(found, name) for name in names})


def _statsmodels(frame: pd.DataFrame) -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MixedLM.from_formula(
            "y ~ arm * time + period",
            frame,
            groups="participant",
            re_formula="1",
            vc_formula={"period": "0 + C(period)"},
        ).fit(reml=True)


def _single_gap(case: Case, theirs: pd.DataFrame) -> str:
    ours = _contrasts(case)
    se = np.abs(ours["std_error"] / theirs["SE"] - 1).max()
    df = np.abs(ours["df"] / theirs["df"] - 1).max()
    return f"SE {se:.0e}, df {df:.0e}"


def many(r: REngine | None, rounds: int = ROUNDS) -> str:
    """Time fits of many responses with 21 contrasts and Satterthwaite p-values."""
    rows = []
    for case in CASES:
        turns, gap = _many_turns(case, r, rounds)
        row = [case.name, *(human(turns.median(each)) for each in turns.times)]
        if r is not None:
            row += [turns.ratio("refit + lmerTest", OURS), f"{case.bar:,}, {case.aim:,}"]
            row += [turns.ratio("refit alone", OURS), gap]
        rows.append(row)
    names = list(turns.times)
    extra = ["refit + lmerTest / ours", "bar, aim", "refit / ours", "agreement"]
    return table(["trial", *names, *(extra if r is not None else [])], rows)


def _many_turns(case: Case, r: REngine | None, rounds: int) -> tuple[Turns, str]:
    turns, gap = Turns(), ""
    y = case.draw(case.frame, BATCH)
    design = case.design(case.frame)
    plan = batch.plan(design, case.contrasts(design))
    with tempfile.TemporaryDirectory() as folder:
        file, few, answer = case.write(Path(folder)), Path(folder) / "y", Path(folder) / "p.csv"
        np.savetxt(few, y[:, :FEW], delimiter=",", fmt="%.17g")
        for _ in range(rounds):
            if r is not None:
                turns.add("refit + lmerTest", r.ask("tests", file, few))
                turns.add("refit alone", r.ask("refit", file, few))
                turns.add("lmer + lmerTest", r.ask("check", file, few, answer))
            turns.add(OURS, seconds(lambda: plan.fit(y).p_value) / BATCH)
        if r is not None:
            gap = _many_gap(plan.fit(y[:, :FEW]), pd.read_csv(answer))
    return turns, gap


def _many_gap(ours: batch.BatchFits, theirs: pd.DataFrame) -> str:
    def gap(column: str, found: np.ndarray) -> float:
        return float(np.abs(theirs[column].to_numpy() / found.ravel() - 1).max())

    return f"SE {gap('Std. Error', ours.std_error):.0e}, df {gap('df', ours.df):.0e}"


def extras() -> str:
    """Time what has no counterpart in R: the plan, Kenward-Roger for all, trials drawn directly."""
    header = ["trial", "plan, once", "fit with Kenward-Roger", "drawn trial, 21 contrasts"]
    header += ["drawn trial, 1 contrast", "peak memory, 4096 responses"]
    return table(header, [_extra(case) for case in CASES])


def _extra(case: Case) -> list[str]:
    design = case.design(case.frame)
    contrasts = case.contrasts(design)
    y = case.draw(case.frame, 4096)
    plan, one = batch.plan(design, contrasts), batch.plan(design, contrasts[-1:])
    spent = [
        seconds(lambda: batch.plan(design, contrasts)),
        seconds(lambda: plan.fit(y, kenward_roger=True)) / y.shape[1],
        seconds(lambda: _power(plan)) / BATCH,
        seconds(lambda: _power(one)) / BATCH,
    ]
    return [case.name, *map(human, spent), f"{_peak(plan, y):.0f} MB"]


def _power(plan: batch.BatchPlan) -> float:
    """Return how often random trials without differences are significant."""
    rng = np.random.default_rng(3)
    drawn = plan.draw(rng, np.array(VARIANCES), np.zeros(len(plan.rows)), BATCH)
    return float((plan.fit(drawn).p_value < 0.05).mean())


def _peak(plan: batch.BatchPlan, y: np.ndarray) -> float:
    tracemalloc.start()
    _ = plan.fit(y).p_value
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6
