"""What a draft of trial.yaml holds: entries, each known, guessed or asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.draft.labels.arms import Spelled
from analysis.draft.labels.times import Clocked
from analysis.errors import Issue


@dataclass(frozen=True)
class Entry:
    """One value of trial.yaml.

    Attributes
    ----------
    value : str or None
        As written in YAML, already quoted; None where only the user can know it.
    why : str
        Why it was guessed; empty where it is a fact.
    question : str
        What the user has to say; empty where nothing is asked.
    items : tuple of str
        The entries of a list, one per line, in place of a value.
    """

    value: str | None
    why: str = ""
    question: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutcomeDraft:
    """One outcome: its entries in the order of trial.yaml, and remarks above them."""

    name: str
    entries: Mapping[str, Entry]
    columns: Mapping[str, Entry] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    filled: int = 0
    possible: int = 0
    source: str = ""


@dataclass(frozen=True)
class Draft:
    """Everything that was recognised in the files of a trial."""

    name: str
    design: Entry
    head: Mapping[str, Entry]
    columns: Mapping[str, Entry]
    arms: tuple[Spelled, ...]
    times: tuple[Clocked, ...]
    outcomes: tuple[OutcomeDraft, ...]
    missing_codes: Entry | None
    participants: int
    personal: tuple[Issue, ...] = ()
    remarks: tuple[str, ...] = ()
