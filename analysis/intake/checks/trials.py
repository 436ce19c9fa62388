"""Check of the trials within a visit: V05."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.errors import Issue
from analysis.intake.checks.values import visit_in_words
from analysis.intake.codes import listed
from analysis.intake.layout import at_cell
from analysis.intake.robust import spread
from analysis.intake.visits import COURSE, Visits

_FAR = 6.0  # robust standard deviations from the visit's median
_SMALLEST = 0.05  # of the visit's median
_LARGE = 0.15


def check_trials(visits: Visits) -> Iterator[Issue]:
    """V05: the trials of a visit agree; one that stands apart is often a slip."""
    frame = visits.readings
    groups = frame.groupby([*COURSE, "time"], sort=False)["value"]
    several = (groups.transform("size") > 1).to_numpy()
    if not several.any() or not visits.steady:
        return
    middle = groups.transform("median").to_numpy(float)
    away = np.abs(frame["value"].to_numpy(float) - middle)
    usual = float(spread(away[several & (away > 0)])) if (away[several] > 0).any() else 0.0
    far = several & (away > np.maximum(_FAR * usual, _SMALLEST * middle))
    far |= several & (away > _LARGE * middle)
    if not far.any():
        return
    visit = groups.ngroup().to_numpy()
    for number in dict.fromkeys(visit[far]):
        places = np.flatnonzero(visit == number)
        worst = int(places[np.argmax(away[places])])
        yield _apart(visits, worst, places)


def _apart(visits: Visits, worst: int, places: np.ndarray) -> Issue:
    position = visits.readings["cell"].to_numpy()
    cell = visits.cells[int(position[worst])]
    trials = [visits.cells[int(position[place])].text.strip() for place in places]
    message = (
        f"The trials of {visit_in_words(cell)} differ by more than trials of a visit do here: "
        f"{listed(trials)} {visits.outcome.unit}. All are used."
    )
    remedy = f"Check {cell.text.strip()} at its source; leave the cell of a failed trial empty."
    return at_cell("V05", cell, message, remedy)
