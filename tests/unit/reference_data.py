"""The reference cases as data frames."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.reference.cases import load


def load_case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what R found and the data it found it in, the response in column ``response``.

    Skips the test where the data may not be part of the project and are not at hand.
    """
    try:
        columns, expected = load(name)
    except FileNotFoundError as problem:
        pytest.skip(f"{name}: {problem}")
    frame = pd.DataFrame(columns).rename(columns={"value": "response"})
    for factor, levels in expected["levels"].items():
        frame[factor] = pd.Categorical(frame[factor], levels)
    return expected, frame
