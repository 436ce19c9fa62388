"""Evaluates small models in 40 digits from the formulas of the textbooks, with N x N matrices.

    .venv/bin/python -m tests.reference.residual.oracle

writes oracle.csv (simulated data, seeded) and oracle.json. The restricted likelihood is
log|V| + log|X'V^-1X| + y'Py + (N - p) log 2 pi. Its gradient and Hessian, and the derivatives of
V and of (X'V^-1X)^-1, are central differences in 60 digits (error below 1e-24), so that no matrix
calculus is shared with the engine. From the engine come only starting values: Newton's method
takes them to the point where the gradient vanishes to 1e-40, and says how far they were from it.

Satterthwaite: Giesbrecht and Burns 1985, Biometrics 41:477-486. Kenward-Roger 1997, Biometrics
53:983-997: P_i, Q_ij and R_ij with derivatives of V^-1 as printed there, and the expected
information; `kr_observed` has the observed information in its place, as SAS.
A component at zero stays in Kenward-Roger's sums and leaves Satterthwaite's.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from mpmath import mp, mpf

from tests.reference.residual.oracle_algebra import (
    Matrix,
    Vector,
    cholesky,
    combine,
    differences,
    forward,
    general_solve,
    gradient,
    hessian,
    inverse,
    times,
    trace,
    transpose,
)
from tests.reference.residual.oracle_cases import ARMS, CASES, TIMES, Case, simulate

HERE = Path(__file__).parent


def design_matrix(case: Case, frame: pd.DataFrame) -> tuple[Matrix, list[str]]:
    """Return X with treatment contrasts, by term, and the names of its columns."""
    levels = {
        "arm": [name for name in ARMS if name in set(frame["arm"])],
        "time": list(TIMES[: case.times]),
        "period": sorted(set(frame["period"])),
    }
    columns, names = [[mpf(1)] * len(frame)], ["(Intercept)"]
    for term in case.terms:
        held, called = [[mpf(1)] * len(frame)], [""]
        for name in term:
            if name == "baseline":
                pieces = [("baseline", [mpf(str(value)) for value in frame[name]])]
            else:
                pieces = [
                    (level, [mpf(value == level) for value in frame[name]])
                    for level in levels[name][1:]
                ]
            called = [f"{one}:{two}".strip(":") for one in called for two, _ in pieces]
            held = [
                [a * b for a, b in zip(one, two, strict=True)] for one in held for _, two in pieces
            ]
        columns, names = columns + held, names + called
    return transpose(columns), names


def covariance(
    case: Case, frame: pd.DataFrame, as_deviation: set[int]
) -> Callable[[Vector], Matrix]:
    """Return the function psi -> V, entry by entry from its definition.

    Parameters in `as_deviation` stand for a standard deviation in place of a variance.
    """
    n, k = len(frame), len(case.components)
    groups = [list(zip(*(frame[c] for c in by), strict=True)) for by in case.components.values()]
    unit = list(zip(frame["participant"], frame["period"], strict=True))
    visit = [TIMES.index(name) for name in frame["time"]]
    arm = [ARMS.index(name) for name in frame["arm"]]
    cells = sorted(set(zip(arm, visit, strict=True)))
    group = {
        "iid": lambda i: 0,
        "ar1": lambda i: 0,
        "by_arm_time": lambda i: cells.index((arm[i], visit[i])),
        "by_arm_time_ar1": lambda i: cells.index((arm[i], visit[i])),
    }.get(case.kind, lambda i: visit[i])
    elements = [(s, t) for s in range(case.times) for t in range(s, case.times)]

    def v(psi: Vector) -> Matrix:
        def deviation(i: int) -> Any:
            index = k + group(i)
            return psi[index] if index in as_deviation else mp.sqrt(psi[index])

        def error(i: int, j: int) -> Any:
            if unit[i] != unit[j]:
                return mpf(0)
            if case.kind == "unstructured":
                return psi[k + elements.index(tuple(sorted((visit[i], visit[j]))))]
            if i == j and k + group(i) not in as_deviation:
                return psi[k + group(i)]
            lag = abs(visit[i] - visit[j])
            if case.kind.endswith("ar1"):
                correlation = psi[-1] ** lag
            elif case.kind == "csh":
                correlation = psi[-1] if lag else mpf(1)
            else:
                correlation = mpf(lag == 0)
            return deviation(i) * deviation(j) * correlation if correlation else mpf(0)

        return [
            [
                mp.fsum(psi[c] for c in range(k) if groups[c][i] == groups[c][j]) + error(i, j)
                for j in range(n)
            ]
            for i in range(n)
        ]

    return v


@dataclass(frozen=True)
class Model:
    """X, y and psi -> V, with central differences for every derivative."""

    x: Matrix
    y: Vector
    v: Callable[[Vector], Matrix]

    def criterion(self, psi: Vector) -> Any:
        """Return -2 log restricted likelihood."""
        low = cholesky(self.v(psi))
        white = forward(low, [*transpose(self.x), self.y])
        x, y = white[:-1], white[-1]
        inner = cholesky([[mp.fdot(a, b) for b in x] for a in x])
        along = forward(inner, [[mp.fdot(a, y) for a in x]])[0]
        logs = [mp.log(low[i][i]) for i in range(len(low))]
        logs += [mp.log(inner[i][i]) for i in range(len(inner))]
        fit = mp.fdot(y, y) - mp.fdot(along, along)
        return 2 * mp.fsum(logs) + fit + (len(y) - len(x)) * mp.log(2 * mp.pi)

    def phi(self, psi: Vector) -> Matrix:
        """Return (X'V^-1X)^-1."""
        white = forward(cholesky(self.v(psi)), transpose(self.x))
        return inverse([[mp.fdot(a, b) for b in white] for a in white])

    def beta(self, psi: Vector) -> Vector:
        """Return the generalised least-squares estimate."""
        white = forward(cholesky(self.v(psi)), [*transpose(self.x), self.y])
        right = [[mp.fdot(a, white[-1])] for a in white[:-1]]
        return [row[0] for row in times(self.phi(psi), right)]


def kenward_roger(model: Model, psi: Vector, observed: Matrix | None) -> dict[str, Vector]:
    """Return adjusted variances, without and with R_ij, and degrees of freedom, by coefficient."""
    k = range(len(psi))
    v, x = model.v(psi), model.x
    vi, phi = inverse(v), model.phi(psi)
    xt = transpose(x)
    d = [combine((-1, times(times(vi, differences(model.v, psi, (i,))), vi))) for i in k]
    p = [times(times(xt, d[i]), x) for i in k]
    dx = [times(d[i], x) for i in k]
    q = [[times(times(transpose(dx[i]), v), dx[j]) for j in k] for i in k]
    dv = [times(d[i], v) for i in k]
    if observed is None:
        pp = [[trace(times(phi, p[i]), times(phi, p[j])) for j in k] for i in k]
        info = [
            [(trace(dv[i], dv[j]) - 2 * trace(phi, q[i][j]) + pp[i][j]) / 2 for j in k] for i in k
        ]
    else:
        info = [[entry / 2 for entry in row] for row in observed]
    w = mp.inverse(mp.matrix(info))
    first = [[mpf(0)] * len(phi) for _ in phi]
    curved = [[mpf(0)] * len(phi) for _ in phi]
    vx = times(vi, x)
    for i in k:
        for j in k:
            r = times(times(transpose(vx), differences(model.v, psi, (i, j))), vx)
            term = combine((1, q[i][j]), (-1, times(times(p[i], phi), p[j])))
            first = combine((1, first), (w[i, j], term))
            curved = combine((1, curved), (-w[i, j] / 4, r))
    both = combine((1, first), (1, curved))
    adjusted = [combine((1, phi), (2, times(times(phi, core), phi))) for core in (first, both)]
    slopes = [times(times(phi, p[i]), phi) for i in k]
    df = []
    for c in range(len(phi)):
        a2 = mp.fsum(w[i, j] * slopes[i][c][c] * slopes[j][c][c] for i in k for j in k)
        df.append(2 * phi[c][c] ** 2 / a2)
    variances = [[matrix[c][c] for c in range(len(phi))] for matrix in adjusted]
    return {"variance_first_order": variances[0], "variance": variances[1], "df": df}


def satterthwaite(model: Model, psi: Vector, free: list[int], observed: Matrix) -> Vector:
    """Return the degrees of freedom of every coefficient."""
    a = mp.inverse(mp.matrix([[observed[i][j] for j in free] for i in free]) / 2)
    slope = [differences(model.phi, psi, (k,)) for k in free]
    phi = model.phi(psi)
    out = []
    for c in range(len(phi)):
        g = [m[c][c] for m in slope]
        spread = mp.fsum(g[i] * a[i, j] * g[j] for i in range(len(g)) for j in range(len(g)))
        out.append(2 * phi[c][c] ** 2 / spread)
    return out


def engine_start(case: Case, frame: pd.DataFrame) -> tuple[tuple[str, ...], Vector, set[int]]:
    """Return names and values of the engine's parameters, and which are standard deviations."""
    from tests.reference.residual.engine import engine_fit

    fit = engine_fit(case, frame)
    zero = {
        i
        for i, name in enumerate(fit.moments.names)
        if not fit.moments.free[i] and name.startswith("residual") and case.kind.endswith("ar1")
    }
    return fit.moments.names, [mpf(float(value)) for value in fit.moments.values], zero


def evaluate(case: Case, frame: pd.DataFrame) -> dict[str, Any]:
    """Return everything the tests compare, as decimal strings."""
    names, psi, zero = engine_start(case, frame)
    x, columns = design_matrix(case, frame)
    model = Model(
        x, [mpf(str(value)) for value in frame["response"]], covariance(case, frame, zero)
    )
    free = [i for i, value in enumerate(psi) if value != 0]
    start = list(psi)
    for _ in range(2):
        step = general_solve(
            hessian(model.criterion, psi, free), gradient(model.criterion, psi, free)
        )
        for k, change in zip(free, step, strict=True):
            psi[k] -= change
    far = max(abs(psi[k] - start[k]) / (abs(psi[k]) + abs(psi[0]) * mpf("1e-3")) for k in free)
    everything = list(range(len(psi)))
    observed = hessian(model.criterion, psi, everything)
    slope = gradient(model.criterion, psi, everything)
    phi = model.phi(psi)
    return {
        "columns": columns,
        "names": list(names),
        "psi": digits(psi),
        "boundary": [names[k] for k in everything if k not in free],
        "multipliers": digits([slope[k] for k in everything if k not in free]),
        "gradient": mp.nstr(max(abs(slope[k]) for k in free), 3),
        "engine_distance": mp.nstr(far, 3),
        "criterion": mp.nstr(model.criterion(psi), 20),
        "beta": digits(model.beta(psi)),
        "se": digits([mp.sqrt(phi[c][c]) for c in range(len(phi))]),
        "df_satterthwaite": digits(satterthwaite(model, psi, free, observed)),
        "kr": {key: digits(value) for key, value in kenward_roger(model, psi, None).items()},
        "kr_observed": None
        if len(free) < len(psi)
        else {key: digits(value) for key, value in kenward_roger(model, psi, observed).items()},
        "observed": [digits(row) for row in observed],
    }


def digits(values: Vector) -> list[str]:
    """Return 20 significant digits of each value."""
    return [mp.nstr(value, 20) for value in values]


def main() -> None:
    """Write the data and the results."""
    mp.dps = 60
    frames = {case.name: simulate(case) for case in CASES}
    together = pd.concat([frame.assign(case=name) for name, frame in frames.items()])
    together.to_csv(HERE / "oracle.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    results = {}
    for case in CASES:
        results[case.name] = evaluate(case, frames[case.name])
        print(
            case.name,
            results[case.name]["gradient"],
            results[case.name]["engine_distance"],
            flush=True,
        )
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in results.items()]
    (HERE / "oracle.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
