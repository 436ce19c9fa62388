"""Certify many random trials; see docs/certification.md.

python -m tests.certification --trials 100000 --seed 1 --rows FOLDER

Rows are kept in FOLDER as they are made, so that a run that was stopped goes on where it was. At
the end tests/certification/results.csv and docs/certification.md are written.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

import pandas as pd

from tests.certification import components, others, page, residual
from tests.certification.rows import collect

ROOT = Path(__file__).parents[2]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run what is asked for and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.certification")
    parser.add_argument("--trials", type=int, default=1000, help="trials, variance components")
    parser.add_argument(
        "--residual", type=int, default=0, help="trials a seed, residual structures"
    )
    parser.add_argument("--lme4", type=int, default=0, help="of the trials, how many by R as well")
    parser.add_argument("--statsmodels", type=int, default=0, help="the same for statsmodels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--residual-seeds", type=int, nargs="+", default=[59, 60])
    parser.add_argument("--rows", type=Path, required=True, help="folder that keeps the rows")
    parser.add_argument("--no-page", action="store_true", help="make the rows only")
    ask = parser.parse_args()
    every = partial(components.examine_many, ask.seed)
    rows = collect(ask.rows, f"components_{ask.seed}", ask.trials, every)
    more = pd.concat([_residual(ask.rows, seed, ask.residual) for seed in ask.residual_seeds])
    if ask.no_page:
        return
    pairs = others.fitted_trials(ask.seed, max(ask.lme4, ask.statsmodels))
    compared = [
        found
        for found in (
            others.against_lme4(pairs[: ask.lme4]) if ask.lme4 else None,
            others.against_statsmodels(pairs[: ask.statsmodels]) if ask.statsmodels else None,
        )
        if found is not None
    ]
    table = page.summary(rows, more)
    table.to_csv(ROOT / "tests" / "certification" / "results.csv", index=False)
    text = page.page(table, rows, more, compared, (ask.seed, ask.residual_seeds))
    (ROOT / "docs" / "certification.md").write_text(text, encoding="utf-8")
    print(text)


def _residual(folder: Path, seed: int, trials: int) -> pd.DataFrame:
    rows = collect(folder, f"residual_{seed}", trials, partial(residual.examine_many, seed))
    return rows.assign(number=[f"{seed}:{number}" for number in rows["number"]]) if trials else rows


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):  # read when numpy loads: start again
        os.environ.update(dict.fromkeys(THREADS, "1"))
        os.execv(sys.executable, [sys.executable, "-m", "tests.certification", *sys.argv[1:]])
    main()
