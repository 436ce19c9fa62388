"""Commands beside the workflow: ``python -m analysis <command>``.

Each command imports what it needs when it runs, so that none waits for another's libraries.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis import io
from analysis.errors import InputError, RecoveryTrialError

SEVERITIES = ("error", "warning", "note")


def check(folder: Path) -> int:
    """Check a trial's plan and data without analysing them; 1 where there is an error."""
    from analysis.steps.prepare import survey

    if not (folder / "trial.yaml").is_file():
        raise InputError(f"{folder}: has no trial.yaml. Name a trial's folder.")
    found = survey(folder.absolute().name, io.read_folder(folder), io.read_schema())
    for severity in SEVERITIES:
        for issue in found.issues:
            if issue.severity == severity:
                print(issue.line())
    counts = {s: sum(issue.severity == s for issue in found.issues) for s in SEVERITIES}
    numbers = ", ".join(f"{n} {s}{'' if n == 1 else 's'}" for s, n in counts.items())
    print(f"{folder}: {numbers}; {len(found.observations)} observations.")
    return 1 if counts["error"] else 0


def demo(folder: Path) -> int:
    """Write the simulated demo trial; the same bytes every time."""
    from analysis.simulate import demo_trial

    for name, text in demo_trial().items():
        io.write_text(folder / name, text)
        print(folder / name)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Commands beside the workflow, which itself runs with: snakemake --cores 4",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for function, folder in ((check, None), (demo, DEMO), (schema_docs, README)):
        name = function.__name__.replace("_", "-")
        command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        command.add_argument("path", type=Path, nargs="?" if folder else None, default=folder)
        command.set_defaults(function=function)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = vars(_parser().parse_args(arguments))
    function = chosen.pop("function")
    try:
        code: int = function(**chosen)
    except RecoveryTrialError as problem:
        print(problem, file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
