# What the rules share.
#
# needs  data/raw/<trial>/trial.yaml of every trial
# makes  TRIALS     names of the trials
#        SCHEMA     the schema of trial.yaml
#        HERE       the project's folder, seen from the working directory
#        raw_files  a trial's files
#        code       the project's own files behind a script
#        cores_each how many cores a trial may have where trials run side by side
#        again      what makes a trial with errors report them in every run
#        finish     the end of a run that found errors
# steps  find the trials -> point every job at this project's own code

import os
import sys
import threading
import time
from pathlib import Path

HERE = Path(os.path.relpath(workflow.basedir))

# This project's code goes before any other installed copy, here and in the jobs.
sys.path.insert(0, workflow.basedir)
search = filter(None, [workflow.basedir, os.environ.get("PYTHONPATH")])
os.environ.update(PYTHONPATH=os.pathsep.join(search))

from analysis import io
from analysis.errors import InputError
from analysis.steps import confirm, discover, issues
from analysis.steps.code import files_behind

SCHEMA = HERE / "workflow/schemas/trial.schema.yaml"
try:
    TRIALS, hints = discover.discover("data/raw")
except InputError as problem:
    sys.exit(str(problem))
for hint in hints:
    print(hint, file=sys.stderr)


wildcard_constraints:
    trial="[^/]+",


def raw_files(wildcards):
    """Return the files of a trial's folder; its trial.yaml is an input of its own."""
    folder = Path("data/raw", wildcards.trial)
    return [path for path in io.files_below(folder) if path != folder / "trial.yaml"]


def code(script):
    """Return the project's own modules that a script imports, at whatever remove.

    Snakemake itself watches the script only. With these files among the inputs of its rule, an
    edit anywhere in the library reruns exactly the steps that depend on it.
    """
    return [str(path) for path in files_behind(HERE / "workflow/scripts" / script, HERE)]


def cores_each(wildcards):
    """Return a trial's share of the cores, so that neither one trial nor many leave some idle."""
    return max(1, workflow.cores // len(TRIALS))


def again(wildcards):
    """Return something new in every run while a trial has errors, so that none is forgotten."""
    broken = issues.has_errors(f"data/processed/{wildcards.trial}/issues.csv")
    return time.time_ns() if broken else 0


def finish():
    """End the run with exit code 1 and the errors of the trials it was asked for, if any."""
    # The job rate limiter leaves a timer that would hold the finished run for a second.
    for waiting in threading.enumerate():
        if isinstance(waiting, threading.Timer):
            waiting.cancel()
    asked = {job.wildcards.trial for job in workflow.dag.jobs if job.rule.name == "report"}
    message = confirm.confirm(sorted(asked))
    if message:
        sys.exit(message)
