"""What can go wrong, in words for users.

Two kinds of trouble exist. A problem in a user's files is an `Issue`: it is data, collected with
all its siblings and shown at once. An exception below `RecoveryTrialError` stops a command with
one line and no traceback. Every other exception is our bug and shows a traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


class RecoveryTrialError(Exception):
    """Base of every error whose message is meant for the user."""


class InputError(RecoveryTrialError):
    """A file or a setting the user gave cannot be used."""


class ModelError(RecoveryTrialError):
    """A model cannot be estimated from the data at hand."""


@dataclass(frozen=True, order=True)
class Issue:
    """One problem found in a trial's data or plan.

    Parameters
    ----------
    code : str
        Stable check code, for example ``D01``.
    severity : {"error", "warning", "note"}
        An error keeps the trial from being analysed.
    file : str
        File name relative to the trial's folder.
    row : int or None
        Row (or line) number in the user's file, the header being row 1.
    column : str
        Column header, or dotted key of trial.yaml; empty where none applies.
    value : str
        The value as typed.
    message : str
        What is wrong, with what was expected.
    remedy : str
        What to do about it.
    """

    code: str
    severity: Severity
    file: str
    row: int | None
    column: str
    value: str
    message: str
    remedy: str

    def line(self) -> str:
        """Return the issue on one line: code, severity, place, what is wrong, what to do."""
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", {self.column}"
        return f"[{self.code}] {self.severity}: {place}: {self.message} {self.remedy}".rstrip()


def nearest(word: str, legal: Iterable[str]) -> str | None:
    """Return the legal name closest to `word`, ignoring case, or None where none is close."""
    by_fold = {name.casefold(): name for name in legal}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None
