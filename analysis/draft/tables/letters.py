"""Bytes of a text file -> its encoding, judged by the letters that come out."""

from __future__ import annotations

import re

from analysis.intake.encoding import decoded
from analysis.intake.tabulate import Reading

# Letters beyond ASCII by language; a text has those of one, in small or large letters.
_ALPHABETS = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        *("äöüß", "éèàçâêîôûëïùœæ", "áéíóúñü", "ãõçáéíóúâêôàü", "àèéìòùó", "éëïöüóáèê", "æøåéöäü"),
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýžľĺŕô", "áéíóöőúüű", "čćđšž", "ăâîșşțţ", "äöõüšž", "åäöé"),
        *("áíóúýæøðéþö", "àéèíïóòúüçñ", "çğışöü"),
    )
)
_SIGNS = frozenset("°µ±²³×–—’‘„“”…·½€§")
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[°±²³¹¿¼½¾£¥§¨­¯´¶·¸](?=[^\W\d_])")
_CANDIDATES = ("windows-1252", "mac-roman", "cp850", "windows-1250")


def encoding_of(file: str, content: bytes) -> tuple[str | None, str]:
    """Return the encoding that trial.yaml must name, None where it is UTF-8; and why.

    Parameters
    ----------
    file : str
    content : bytes
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", "the file starts with its mark"
    if not isinstance(decoded(file, content), Reading):
        return None, ""
    texts = {each: decoded(file, content, each) for each in _CANDIDATES}
    read = {name: text for name, text in texts.items() if isinstance(text, str)}
    if not read:
        return None, ""
    best = max(read, key=lambda name: (_merit(read[name]), -_CANDIDATES.index(name)))
    return best, f"it makes {_example(read[best])!r} readable"


def _merit(text: str) -> float:
    """Return which share of the letters beyond ASCII one language can have written."""
    letters = [each for each in text if not each.isascii() and each not in _SIGNS]
    odd = len(_SIGN_IN_WORD.findall(text))
    known = max(sum(each in alphabet for each in letters) for alphabet in _ALPHABETS)
    return (known - odd) / max(len(letters) + odd, 1)


def _example(text: str) -> str:
    """Return the first word with a letter beyond ASCII."""
    words = text.replace(";", " ").replace(",", " ").replace("\t", " ").replace('"', " ").split()
    return next((word for word in words if not word.isascii()), "")[:30]
