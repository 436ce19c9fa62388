"""Time the engine, the intake and the workflow; see docs/benchmarks.md.

python -m tests.benchmarks                            everything
python -m tests.benchmarks single batch               some of it
python -m tests.benchmarks --write docs/benchmarks.md write the tables down as well

With some of it, only these tables are written; the others stay as they are.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from analysis.mixed.residual.compiled import library
from tests.benchmarks import engine
from tests.benchmarks.intake import intake
from tests.benchmarks.structures import structures
from tests.benchmarks.timing import NoRError, REngine
from tests.benchmarks.workflow import workflow

PARTS = ("single", "batch", "intake", "workflow")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

SINGLE = """One fit with Kenward-Roger

From the data frame to the table of 18 contrasts (three pairs of arms at six times) with
Kenward-Roger standard errors, degrees of freedom and p-values. statsmodels has neither; it is timed
for the fit alone. Bar: a tenth of the time of lmer + emmeans. "Agreement" is the largest relative
difference from R, whose optimiser stops early."""

STRUCTURES = """One fit with a variance per visit

From the data frame to estimates, their covariance, variances, criterion and certificate (fit), as
`nlme::lme` (varIdent, corAR1) delivers them; the same with 18 contrasts and Kenward-Roger, which
nlme does not have; and each of many responses of one design, against one `lme` fit. Random
intercepts of participant and participant:period, a residual variance per visit (by_time), with
autocorrelation (by_time_ar1), or per arm and visit with autocorrelation (by_arm_time_ar1, what the
pipeline does by default). Bar: a twentieth of nlme's time. Of a trial with twelve participants the
last model has few values for each variance: the search takes 85 looks for lower minima or more, and
266 to 1,226 where its first starts do not agree (in one of four small trials); nlme takes none, and
often does not converge (here it does). "Not compiled": as where there is no C compiler."""

BATCH = """One design, many responses

Time per response: restricted maximum likelihood, 21 contrasts (the 18 and three over all times)
with Satterthwaite degrees of freedom and p-values; in R `lme4::refit`, then lmerTest's `contest`.
Batches of 8192 responses here, 12 in R; the plan (below) is not counted, nor R's first fit. The
ratios are those of the medians, with the range over the turns.

The faster way in R is not right: `refit` of lme4 1.1-31 counts N - 1 where REML counts N - p
degrees of freedom, and lmerTest takes the curvature behind its degrees of freedom from the data of
the first fit. Fresh `lmer` fits are right and slower; "agreement" is the largest relative
difference from them."""

EXTRAS = """Batches without a counterpart in R

The plan is made once per design and not counted above. "Drawn trial": sufficient statistics of a
random trial drawn, fitted and tested, as a power simulation does. Memory is what Python and numpy
allocate beyond the responses."""

INTAKE = """Reading and checking a large trial

`python -m analysis check` on a simulated crossover of three arms, eight times, three trials at
every visit and twenty outcomes, in one file with a column per outcome or in one file per outcome;
wall time with start-up (median of three), the time the processor worked for it, which is the wall
time of a machine at rest, and the largest memory. Bar: 200 participants below 10 s and 1 GB, and a
time that grows with the rows."""

WORKFLOW = """The whole workflow

From the raw files of the demo trial to tables, figures and the HTML report; wall time with
start-up, everything installed. The R script (tests/benchmarks/workflow.R) reads and cleans the
files, fits lmer, has emmeans with Kenward-Roger, contrasts, type III tests, the same four figures
per outcome as SVG and PNG, tables and an R Markdown report. It assumes what it finds (arms,
columns, codes), fits one residual variance, and does neither the checks of the data, nor the
sensitivity analyses, nor the provenance that the workflow delivers in its time."""


def main() -> None:
    """Run the benchmarks asked for and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", help="single, batch, intake, workflow")
    parser.add_argument("--write", type=Path, help="file to write the tables to")
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    try:
        r: REngine | None = REngine()
        print(r.version)
    except NoRError as problem:
        r = None
        print(f"R is not timed: {problem}")
    sections = [_machine(r)]
    for heading, part, job in _jobs(r):
        if part in parts:
            title, about = heading.split("\n\n", 1)
            sections.append(f"## {title}\n\n{about}\n\n{job()}")
            print(f"\n{sections[-1]}", flush=True)
    if arguments.write:
        some = bool(arguments.parts) and arguments.write.is_file()
        before = arguments.write.read_text(encoding="utf-8") if some else ""
        arguments.write.write_text(_merged(before, sections), encoding="utf-8")


def _merged(page: str, sections: Sequence[str]) -> str:
    """Return a page with the sections that it has replaced, and new ones before the last one."""
    if not page:
        return "\n\n".join(sections) + "\n"
    old = re.split(r"\n\n(?=## )", page.rstrip("\n"))
    titles = [each.split("\n", 1)[0] for each in old]
    for section in sections[1:]:
        title = section.split("\n", 1)[0]
        if title in titles:
            old[titles.index(title)] = section
        else:
            old.insert(len(old) - 1, section)
            titles.insert(len(titles) - 1, title)
    return "\n\n".join(old) + "\n"


def _jobs(r: REngine | None) -> list[tuple[str, str, Callable[[], str]]]:
    return [
        (SINGLE, "single", lambda: engine.single(r)),
        (STRUCTURES, "single", lambda: structures(r)),
        (BATCH, "batch", lambda: engine.many(r)),
        (EXTRAS, "batch", engine.extras),
        (INTAKE, "intake", intake),
        (WORKFLOW, "workflow", workflow),
    ]


def _machine(r: REngine | None) -> str:
    names = ("numpy", "scipy", "statsmodels", "snakemake")
    ours = ", ".join(f"{name} {version(name)}" for name in names)
    theirs = r.version if r else "R was not there"
    search = "compiled" if library() is not None else "not compiled"
    return f"""# Benchmarks

`make bench` prints these tables; `python -m tests.benchmarks --write docs/benchmarks.md` wrote
them here. Programs take turns within one run (five turns; three for the workflow and for models
with a variance per visit) and one thread each; the numbers are medians. Start-up is excluded except
for the workflow.

{os.cpu_count()} cores ({_processor()}, shared with other work); Python {platform.python_version()}
with {ours}; {theirs}.
The search of residual structures is {search}."""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    found = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.machine()


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):  # read when numpy loads: start again
        os.environ.update(dict.fromkeys(THREADS, "1"))
        os.execv(sys.executable, [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]])
    main()
