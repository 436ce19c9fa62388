"""Headers that differ by a count: trials of a measurement, and what only looks like them."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.draft.columns.column import columns_of
from analysis.draft.headers.abreast import abreast


def found(**middles: float) -> dict[str, tuple[str, ...]]:
    around = (-1.0, 0.0, 1.0)
    frame = pd.DataFrame({name: [f"{m + each}" for each in around] for name, m in middles.items()})
    return abreast(list(frame.columns), columns_of(frame, {}))


def test_trials() -> None:
    assert found(jump1=30, jump2=31, jump3=30) == {"jump{trial}": ("jump1", "jump2", "jump3")}
    assert found(**{"T2 CMJ": 30, "T1 CMJ": 31}) == {"T{trial} CMJ": ("T1 CMJ", "T2 CMJ")}


@pytest.mark.parametrize(
    "middles",
    [
        {"jump1": 30, "jump3": 31},  # a gap
        {"jump1": 30, "jump2": 60},  # two tests
        {"soreness1": 30, "soreness2": 31},  # two items, or two muscles
        {"item1": 30, "item2": 31},  # nothing that is known
        {"jump1": 30},
        {"drop jump 20": 30, "drop jump 40": 31},  # heights of the box
    ],
    ids=str,
)
def test_no_trials(middles: dict[str, float]) -> None:
    assert found(**middles) == {}
