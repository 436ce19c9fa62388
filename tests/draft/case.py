"""One data set for the draft: its files, what its user knows, and the trial.yaml that is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.draft.answering import Answers


@dataclass(frozen=True)
class Case:
    """A data set that `init` has to understand.

    Attributes
    ----------
    right : str
        The trial.yaml that somebody would write who knows the trial; without a plan.
    """

    name: str
    files: Mapping[str, bytes]
    answers: Answers
    right: str
