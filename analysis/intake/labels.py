"""Labels of arms and times: which texts are declared, and which only look as if they were."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from analysis.trial import Arm, Time

# Characters that look like others: Cyrillic and Greek letters, O and 0, I, l and 1, dashes.
_ALIKE = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοOoIl–—−‐‑",
    "ABEKMH0PCTYXae0pcyxijsABEZH1KMN0PTYX00011-----",
)
_UNSEEN = ("Cf", "Cc")


def spellings(entries: Sequence[Arm] | Sequence[Time]) -> dict[str, str]:
    """Return every text that stands for an arm or time, and the name it means."""
    return {
        text: entry.name for entry in entries for text in (entry.name, entry.label, *entry.aliases)
    }


def skeleton(text: str) -> str:
    """Return a text without what cannot be seen: look-alikes mapped, invisible signs dropped."""
    visible = (
        each for each in unicodedata.normalize("NFKC", text) if _category(each) not in _UNSEEN
    )
    return " ".join("".join(visible).split()).translate(_ALIKE)


def _category(character: str) -> str:
    return "" if character.isspace() else unicodedata.category(character)


def lookalike(text: str, legal: Iterable[str]) -> str | None:
    """Return the legal text that `text` cannot be told from by eye, or None."""
    seen = skeleton(text)
    return next((each for each in legal if skeleton(each) == seen and each != text), None)


def difference(text: str, legal: str) -> str:
    """Return in words what `text` has and `legal` has not."""
    if text.strip(" ") == legal.strip(" "):
        return "blanks at its start or end"
    odd = [each for each in dict.fromkeys(text) if each not in legal]
    return ", ".join(f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in odd) or (
        "a different number of blanks"
    )


def unclean(text: str) -> bool:
    """Whether a code has blanks around it or invisible signs in it."""
    return text != text.strip() or any(_category(each) in _UNSEEN for each in text)
