"""What is to be expected of a visit: against closed forms, brute force and printed tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from analysis.intake import expected
from analysis.intake.checks.baselines import t_beyond
from analysis.intake.expected import Expected, People, expect, huber
from analysis.intake.robust import Array

ALPHA, BETA, PHI, GAMMA = 0.3, 0.4, 0.5, 0.2
TIMES, PEOPLE = 5, 400


@dataclass
class Table:
    """As much of `Visits` as is needed: two courses of every person, one arm each."""

    values: Array

    def level(self, name: str) -> np.ndarray:
        number = np.arange(len(self.values))
        names = {"person": number // 2, "arm": number % 2}
        return names[name].astype(str).astype(object)


def correlations() -> Array:
    """Return the model's correlations of a person's ten visits, written out entry by entry."""
    found = np.empty((2 * TIMES, 2 * TIMES))
    for i in range(2 * TIMES):
        for j in range(2 * TIMES):
            (c, s), (d, t) = divmod(i, TIMES), divmod(j, TIMES)
            found[i, j] = ALPHA + BETA * PHI ** abs(s - t) if c == d else GAMMA
    np.fill_diagonal(found, 1.0)
    return found


def simulated() -> Array:
    """Return 800 courses of five times with these correlations, mean 50 and SD 10."""
    lower = np.linalg.cholesky(correlations())
    draws = np.random.default_rng(41).standard_normal((PEOPLE, 2 * TIMES)) @ lower.T
    return (50 + 10 * draws).reshape(-1, TIMES)


def judged(values: Array) -> Expected:
    found = expect(Table(values), values, 0.01)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_the_correlations_of_a_simulation_come_back() -> None:
    found = judged(simulated())
    assert np.linalg.inv(found.inverse[0]) == pytest.approx(correlations(), abs=0.07)
    assert found.unit.mean() == pytest.approx(10, rel=0.03)


def test_mean_and_sd_are_those_of_the_conditional_normal_distribution() -> None:
    """mu_1 + S_12 S_22^-1 (x_2 - mu_2) and S_11 - S_12 S_22^-1 S_21, one visit left out at a time.

    The SD of the model; the one used is in proportion to it (the spread that was found).
    """
    found, values = judged(simulated()), simulated()
    for person in range(3):
        whole = np.linalg.inv(found.inverse[person])
        rows = slice(2 * person, 2 * person + 2)
        u = ((values - found.centre) / found.unit)[rows].ravel()
        for visit in range(2 * TIMES):
            others = np.arange(2 * TIMES) != visit
            weights = np.linalg.solve(whole[np.ix_(others, others)], whole[others, visit])
            sd = sqrt(whole[visit, visit] - float(weights @ whole[others, visit]))
            unit = found.unit[rows].ravel()[visit]
            assert found.sd[rows].ravel()[visit] == pytest.approx(sd * unit, rel=1e-9)
            # the mean is found with the spread before the last step, so to a few per cent
            mean = found.centre[rows].ravel()[visit] + float(weights @ u[others]) * unit
            assert found.mean[rows].ravel()[visit] == pytest.approx(mean, abs=0.05 * sd * unit)


def test_distances_of_normal_values_are_standard_normal() -> None:
    distance = judged(simulated()).distance
    assert distance.std() == pytest.approx(1, abs=0.03)
    assert (np.abs(distance) > NormalDist().inv_cdf(0.975)).mean() == pytest.approx(0.05, abs=0.01)


def test_a_few_wild_values_change_little() -> None:
    values = simulated()
    clean = judged(values)
    wild = values.copy()
    wild[::40, 2] = 1e4
    found = judged(wild)
    assert (np.abs(found.distance[::40, 2]) > 100).all()
    assert found.sd[:, 0] == pytest.approx(clean.sd[:, 0], rel=0.1)
    assert np.median(np.abs(found.mean - clean.mean)) < 1


def test_an_exchange_is_what_the_likelihood_says_when_it_is_made() -> None:
    """The gain is the difference of `misfit`, the distance that of K u after the exchange."""
    values = simulated()
    found = judged(values)
    courses, times = np.array([0, 0, 1, 7, 30]), np.array([0, 3, 3, 2, 4])
    # gains are derived from distances: have these exactly as the inverse gives them
    u = found.people.stacked((values - found.centre) / found.unit)
    pull = found.people.unstacked(np.einsum("pij,pj->pi", found.inverse, u))
    curve = found.people.unstacked(np.diagonal(found.inverse, axis1=1, axis2=2))
    found = Expected(
        found.centre, found.mean, found.sd, pull / np.sqrt(curve), found.unit, found.people,
        found.inverse,
    )  # fmt: skip
    gain, away = found.exchange(values, courses, times)
    for i, j in ((0, 1), (0, 2), (1, 3), (2, 4), (3, 4)):
        one, two = (courses[i], times[i]), (courses[j], times[j])
        other = values.copy()
        other[one], other[two] = values[two], values[one]
        assert gain[i, j] == pytest.approx(found.misfit(values) - found.misfit(other), abs=1e-7)
        u = found.people.stacked((other - found.centre) / found.unit)
        after = found.people.unstacked(np.einsum("pij,pj->pi", found.inverse, u)) / np.sqrt(curve)
        assert away[i, j] == pytest.approx(max(abs(after[one]), abs(after[two])), abs=1e-9)
    assert gain == pytest.approx(gain.T)


def test_huber_gives_the_sd_of_normal_values_and_resists() -> None:
    """Proposal 2 is consistent at the normal distribution (Huber 1981, 5.2); quantiles stand in."""
    normal = np.array([NormalDist(0, 3).inv_cdf((k + 0.5) / 4000) for k in range(4000)])
    assert float(huber(normal)) == pytest.approx(3, rel=1e-3)
    assert float(huber(normal * 7)) == pytest.approx(21, rel=1e-3)
    spoiled = normal.copy()
    spoiled[::20] = 1e6
    assert float(huber(spoiled)) < 3.6


def test_the_mean_of_cut_off_squares() -> None:
    """E min(z^2, 4) by the trapezoid rule."""
    z = np.linspace(-9, 9, 180_001)
    density = np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
    assert (
        pytest.approx(float(np.trapezoid(np.minimum(z**2, 4) * density, z)), rel=1e-8)
        == expected._NORMAL
    )


def test_people_stand_in_their_places_and_come_back() -> None:
    names = np.array(["b", "a", "b", "c", "b"], dtype=object)
    people = People.of(names, 2)
    values = np.arange(10.0).reshape(5, 2)
    stacked = people.stacked(values)
    assert stacked.shape == (3, 6)
    assert stacked[1].tolist() == [0, 1, 4, 5, 8, 9]
    assert np.isnan(stacked[0, 2:]).all()
    assert (people.unstacked(stacked) == values).all()
    assert People.of(names, 60).slots == 1, "a person with very many visits: courses alone"


def test_too_few_courses_say_nothing() -> None:
    values = np.array([[1.0, 2.0], [2.0, 3.0]])
    assert expect(Table(values), values, 0.1) is None  # type: ignore[arg-type]


def test_missing_visits_are_left_out() -> None:
    values = simulated()[:60]
    values[pd.Index([3, 17]), 2] = np.nan
    found = judged(values)
    assert np.isnan(found.distance[[3, 17], 2]).all()
    assert np.isfinite(found.mean[[3, 17], 3]).all()
    assert np.isfinite(found.distance).sum() == values.size - 2


@pytest.mark.parametrize(
    ("chance", "df", "printed"),
    [
        (0.01, 5, 4.032),
        (0.01, 11, 3.106),
        (0.01, 30, 2.750),
        (0.001, 11, 4.437),
        (0.001, 30, 3.646),
    ],
)
def test_quantiles_of_t(chance: float, df: int, printed: float) -> None:
    """Printed tables of Student's t, two-sided (Fisher and Yates)."""
    assert t_beyond(chance, df) == pytest.approx(printed, rel=0.01)
