"""Commands beside the workflow: ``python -m analysis <command>``.

Each command imports what it needs when it runs, so that none waits for another's libraries.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis import io
from analysis.errors import InputError, RecoveryTrialError

FIXTURES = io.ROOT / "tests" / "data" / "faults"
SEVERITIES = ("error", "warning", "note")


def check(folder: Path) -> int:
    """Print what is wrong with a trial's plan and data, errors first; analyse nothing.

    Returns
    -------
    int
        1 where there is an error, else 0.
    """
    from analysis.steps.prepare import survey

    if not (folder / "trial.yaml").is_file():
        raise InputError(
            f"{folder}: there is no trial.yaml here. Name the folder of a trial, or draft one with "
            f"`python -m analysis init {folder}`."
        )
    found = survey(folder.absolute().name, io.read_folder(folder), io.read_schema())
    counts = []
    for severity in SEVERITIES:
        lines = [issue.line() for issue in found.issues if issue.severity == severity]
        counts.append(f"{len(lines)} {severity}{'' if len(lines) == 1 else 's'}")
        print(*lines, sep="\n", end="\n" * bool(lines))
    values = f"{len(found.observations)} observations; " if len(found.observations) else ""
    print(f"{folder}: {values}{', '.join(counts)}.")
    return int(not counts[0].startswith("0 "))


def init(folder: Path) -> int:
    """Draft a trial.yaml from a trial's raw files, and print what was understood."""
    from analysis.steps.init import init as draft

    print(*draft(folder), sep="\n")
    return 0


def demo(folder: Path) -> int:
    """Write the simulated demo trial: the same bytes every time."""
    from analysis.simulate import demo_trial

    for name, text in demo_trial().items():
        io.write_text(folder / name, text)
        print(folder / name)
    return 0


def verify() -> int:
    """Compare this installation's numbers with those of independent software.

    Returns
    -------
    int
        1 where a case is out of tolerance, else 0.
    """
    from analysis.verify import verify as compare

    verdicts, sentence = compare()
    print(*(verdict.line() for verdict in verdicts), sentence, sep="\n")
    return int(not all(verdict.passed for verdict in verdicts))


def schema_docs(file: Path) -> int:
    """Bring the tables of a README in step with the schema and the checks."""
    from analysis.intake.schema_docs import refresh

    io.write_text(file, refresh(io.read_text(file), io.read_schema()))
    print(file)
    return 0


def check_docs(file: Path) -> int:
    """Bring the page of the checks in step with what they say about the fixtures."""
    from analysis.intake.check_docs import refresh
    from analysis.steps.prepare import survey

    schema = io.read_schema()
    folders = io.folders_in(FIXTURES)
    found = {each.name: survey(each.name, io.read_folder(each), schema).issues for each in folders}
    io.write_text(file, refresh(io.read_text(file), found))
    print(file)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Commands beside the workflow, which itself runs with: snakemake --cores 4",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("init", help="draft a trial.yaml from raw files")
    command.add_argument("folder", type=Path, help="the trial's folder: data/raw/<trial>")
    command.set_defaults(run=init)

    command = commands.add_parser("check", help="check a trial's plan and data; analyse nothing")
    command.add_argument("folder", type=Path, help="the trial's folder: data/raw/<trial>")
    command.set_defaults(run=check)

    command = commands.add_parser("verify", help="compare the numbers with reference numbers")
    command.set_defaults(run=verify)

    command = commands.add_parser("demo", help="write the simulated demo trial")
    default = Path("data/raw/demo_fir_cryo")
    command.add_argument("folder", type=Path, nargs="?", default=default, help=str(default))
    command.set_defaults(run=demo)

    command = commands.add_parser("schema-docs", help="renew the tables of the data's README")
    default = Path("data/raw/README.md")
    command.add_argument("file", type=Path, nargs="?", default=default, help=str(default))
    command.set_defaults(run=schema_docs)

    command = commands.add_parser("check-docs", help="renew the page of the checks")
    default = Path("docs/checks.md")
    command.add_argument("file", type=Path, nargs="?", default=default, help=str(default))
    command.set_defaults(run=check_docs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = vars(_parser().parse_args(arguments))
    run = chosen.pop("run")
    try:
        code: int = run(**chosen)
    except RecoveryTrialError as problem:
        print(problem, file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # nobody reads on: `check ... | head -3`
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
