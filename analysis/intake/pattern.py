"""The pattern of a wide file: ``sor_{time}_{arm}`` and the headers that follow it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

PLACEHOLDERS = ("time", "arm", "period", "trial")
_SPLIT = re.compile(r"\{([^{}]*)\}")
_LONGEST = 300  # a longer header is none


def placeholders(pattern: str) -> list[str]:
    """Return the names in braces, in order."""
    return _SPLIT.findall(pattern)


def literals(pattern: str) -> list[str]:
    """Return the texts before, between and after the placeholders."""
    return _SPLIT.split(pattern)[::2]


def run_together(pattern: str) -> bool:
    """Whether a free text ({period}, {trial}) touches another placeholder, so that both blur."""
    names, between = placeholders(pattern), literals(pattern)[1:-1]
    touching = [pair for pair, text in zip(pairwise(names), between, strict=True) if not text]
    return any({"period", "trial"} & set(pair) for pair in touching)


@dataclass(frozen=True)
class Slot:
    """What one header stands for; arms and times by name, absent placeholders empty."""

    time: str = ""
    arm: str = ""
    period: str = ""
    trial: str = ""


class Matcher:
    """Reads headers by a pattern.

    Parameters
    ----------
    pattern : str
        As in trial.yaml.
    times, arms : mapping
        Every text that may stand in a header, and the name it means.
    """

    def __init__(self, pattern: str, times: Mapping[str, str], arms: Mapping[str, str]) -> None:
        known: dict[str, Mapping[str, str]] = {"time": times, "arm": arms}
        used: list[str] = [name for name in known if name in placeholders(pattern)]
        self._readings = [
            (self._regex(pattern, dict(zip(used, texts, strict=True))), names)
            for texts, names in self._combinations([known[name] for name in used], used)
        ]
        self._frame = self._regex(pattern, {})
        self.framed = any(text.strip() for text in literals(pattern))

    @staticmethod
    def _combinations(
        known: list[Mapping[str, str]], used: list[str]
    ) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
        for texts in product(*known):
            pairs = zip(used, texts, known, strict=True)
            yield texts, {name: names[text] for name, text, names in pairs}

    @staticmethod
    def _regex(pattern: str, fixed: Mapping[str, str]) -> re.Pattern[str]:
        pieces = _SPLIT.split(pattern)
        for place in range(1, len(pieces), 2):
            name = pieces[place]
            pieces[place] = re.escape(fixed[name]) if name in fixed else f"(?P<{name}>.+)"
        pieces[::2] = [re.escape(text) for text in pieces[::2]]
        return re.compile("".join(pieces), re.DOTALL)

    def slots(self, header: str) -> set[Slot]:
        """Return every reading of a header; more than one means that it is ambiguous."""
        if len(header) > _LONGEST:
            return set()
        found = ((regex.fullmatch(header), names) for regex, names in self._readings)
        return {Slot(**names, **match.groupdict()) for match, names in found if match}

    def resembles(self, header: str) -> bool:
        """Whether a header has the fixed texts of the pattern, whatever stands between them."""
        if not self.framed or len(header) > _LONGEST:
            return False
        return self._frame.fullmatch(header) is not None

    def all_resembling(self, headers: Iterable[str]) -> list[str]:
        """Return the headers that resemble the pattern and cannot be read by it."""
        return [name for name in headers if self.resembles(name) and not self.slots(name)]
