"""results.csv -> docs/calibration.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"

HEAD = """# Calibration

How often each candidate analysis rejects a true null hypothesis at the nominal 5 %, and how much
power it has, in simulated crossovers of the sizes recovery trials have. Made by
`python -m tests.calibration`; the trials are defined in `tests/calibration/scenarios.py`, the
analyses in `candidates.py`, all numbers stand in `results.csv`.

Four visits after treatment; the contrast is active - control at each visit; joint models have
random participant and participant:period, arm by time and period by time, and Kenward-Roger degrees
of freedom; `per_time_two_arms` is the referee. A joint model whose optimum could not be certified
goes down the ladder as the pipeline does; such trials are counted, not dropped.
"""


def page(results: pd.DataFrame) -> None:
    """Write the page."""
    parts = [HEAD, _error_table(results), _power_table(results)]
    PAGE.write_text("\n".join(part for part in parts if part), encoding="utf-8")


def _error_table(results: pd.DataFrame) -> str:
    null = results[results["scenario"] != "power"]
    if null.empty:
        return ""
    lines = [
        "## Type-I error, % of true nulls rejected",
        "",
        "Mean over the four visits, in brackets the smallest and largest visit. The last column is",
        "the Monte-Carlo standard error of a single visit.",
    ]
    for arms, group in null.groupby("arms"):
        lines += ["", f"### {arms} arms", "", *_grid(group)]
    return "\n".join([*lines, ""])


def _power_table(results: pd.DataFrame) -> str:
    power = results[(results["scenario"] == "power") & (results["time"] == "24h")]
    if power.empty:
        return ""
    lines = ["## Power at 24 h, %, for a difference of one unit (spread as in `soreness`)", ""]
    table = power.pivot_table(
        index="candidate", columns=["arms", "participants"], values="rejected"
    )
    names = [f"{arms} arms, n = {n}" for arms, n in table.columns]
    lines += [f"| analysis | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [
        f"| {candidate} | {' | '.join('' if np.isnan(v) else f'{100 * v:.1f}' for v in row)} |"
        for candidate, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    return "\n".join([*lines, ""])


def _grid(group: pd.DataFrame) -> list[str]:
    scenarios = list(dict.fromkeys(group["scenario"]))
    lines = [f"| analysis | n | {' | '.join(scenarios)} | trials | MC SE |"]
    lines.append("|---" * (len(scenarios) + 4) + "|")
    for (candidate, n), rows in group.groupby(["candidate", "participants"]):
        shown = [_rejection(rows[rows["scenario"] == each]) for each in scenarios]
        trials = int(rows["trials"].min())
        error = 100 * np.sqrt(0.05 * 0.95 / trials)
        lines.append(f"| {candidate} | {n} | {' | '.join(shown)} | {trials} | {error:.2f} |")
    return lines


def _rejection(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    percent = 100 * rows["rejected"]
    return f"{percent.mean():.1f} ({percent.min():.1f}-{percent.max():.1f})"
