"""docs/checks.md: every check with its cause, an example and the remedy.

Examples are what the checks say about the fixtures, so that they cannot go out of step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.errors import Issue
from analysis.intake.check_words import CAUSES
from analysis.intake.codes import CHECKS
from analysis.intake.schema_docs import insert

MARKER = "checks"
COMMAND = "python -m analysis check-docs"

GROUPS = {
    "C": "trial.yaml",
    "F": "Files",
    "S": "Columns and labels",
    "U": "Units and scales",
    "V": "Values",
    "D": "Design and visits",
    "P": "Personal data",
    "B": "Blinding",
}


def sections(found: Mapping[str, Sequence[Issue]]) -> str:
    """Return the sections of the page, one per check.

    Parameters
    ----------
    found : mapping
        What was found in each fixture, by the fixture's name, which begins with its code.
    """
    parts = []
    for letter, title in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_section(code, found) for code in sorted(CHECKS) if code[0] == letter]
    return "\n" + "\n".join(parts) + "\n"


def _section(code: str, found: Mapping[str, Sequence[Issue]]) -> str:
    check = CHECKS[code]
    lines = [f"### {code}: {check.meaning} ({check.severity})", "", CAUSES.get(code, ""), ""]
    for name in sorted(found):
        examples = [each for each in found[name] if each.code == code]
        if name.upper().startswith(code) and examples:
            first = examples[0]
            lines += [f"> {_place(first)}: {first.message}", "", f"To do: {first.remedy}", ""]
            break
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def _place(issue: Issue) -> str:
    row = "" if issue.row is None else f"row {issue.row}"
    return ", ".join(part for part in (issue.file, row, issue.column) if part)


def refresh(page: str, found: Mapping[str, Sequence[Issue]]) -> str:
    """Return docs/checks.md with its sections made anew."""
    return insert(page, sections(found), MARKER)
