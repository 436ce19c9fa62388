"""Parts of a step side by side: the order is kept, and errors come through."""

from __future__ import annotations

import os
import sys
import time
from functools import partial

import pytest

from analysis.steps.workers import side_by_side


def slow_first(k: int) -> tuple[int, int]:
    time.sleep(0.1 if k == 0 else 0)
    return k, os.getpid()


def fail() -> None:
    raise ValueError("said by a task")


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_results_come_in_the_order_of_the_tasks(threads: int) -> None:
    found = side_by_side([partial(slow_first, k) for k in range(3)], threads)
    assert [k for k, _ in found] == [0, 1, 2]
    others = {process for _, process in found} - {os.getpid()}
    assert bool(others) == (threads > 1 and sys.platform.startswith("linux"))


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_task_is_an_error(threads: int) -> None:
    with pytest.raises(ValueError, match="said by a task"):
        side_by_side([partial(slow_first, 1), fail], threads)
