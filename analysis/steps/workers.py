"""Independent parts of a step, side by side on the cores that the workflow gives it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any


def side_by_side(tasks: Sequence[Callable[[], Any]], threads: int) -> list[Any]:
    """Call every task and return the results in the order of the tasks.

    Parameters
    ----------
    tasks : sequence of callables
        Without arguments; `functools.partial` of functions of a module, which can be sent to
        another process.
    threads : int
        How many may run at a time.

    Notes
    -----
    Processes, because Python's threads share one core; forked ones, because they start with the
    libraries loaded. Where forking is not safe (macOS) or not known (Windows) the tasks run one
    after the other: loading the libraries again would take longer than most tasks.
    """
    if threads == 1 or len(tasks) < 2 or not sys.platform.startswith("linux"):
        return [task() for task in tasks]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(threads, len(tasks)), get_context("fork")) as pool:
        return [each.result() for each in [pool.submit(task) for task in tasks]]
