"""Cells that should hold a number: the number, missing, or what is wrong with the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

# At most two digits in the exponent and 60 characters in all: an exact 1e999999999 would fill the
# memory, and 1e400 has no floating-point value.
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_LONGEST = 60
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mrz|mai|okt|dez|avr|juin|juil|ene|dic"
_DATE = re.compile(
    rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}([ T].*)?"
    rf"|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{2,4}}(,? +[0-9]{{1,2}}[:.][0-9]{{2}}.*)?"
    rf"|[0-9]{{1,4}}[-. /]+({_MONTHS})[a-z]*([-. /]+[0-9]{{2,4}})?"
    rf"|({_MONTHS})[a-z]*[-. /]+[0-9]{{1,4}}"
    rf"|[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]+)?)?",
    re.IGNORECASE,
)
_SPREADSHEET_ERROR = re.compile(r"#([A-Z]+[/A-Z0-9]*[!?]?|N/A)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+([eE][-+]?[0-9]{1,3})?")
_THOUSANDS = re.compile(
    r"[-+]?[0-9]{1,3}((\.[0-9]{3})+,[0-9]*|(,[0-9]{3})+\.[0-9]*|(,[0-9]{3}){2,}|(\.[0-9]{3}){2,}"
    r"|(['’\u00a0\u202f ][0-9]{3})+([.,][0-9]*)?)"
)
MISSING_WORDS = frozenset(
    {
        *("na", "n/a", "n.a.", "nan", "nd", "n.d.", "missing", "miss", "null", "none", "nil"),
        *("empty", ".", "-", "--", "---", "–", "—", "?", "x", "k.a.", "fehlt", "manquant"),
    }
)
MISSING_NUMBERS = frozenset(
    Fraction(code) for code in (-9, -99, -999, -9999, 99, 999, 9999, 99999, -88, -888, 888)
)


@lru_cache(maxsize=1 << 16)  # the same texts are asked about by one check after the other
def exact(text: str) -> Fraction | None:
    """Return the number a text stands for, without rounding, or None where it is none."""
    stripped = text.strip()
    if len(stripped) > _LONGEST or not _NUMBER.fullmatch(stripped):
        return None
    return Fraction(stripped)


def fault(text: str) -> str:
    """Return the code of the check that a text which is not a number fails."""
    stripped = text.strip()
    if _SPREADSHEET_ERROR.fullmatch(stripped) or stripped.startswith("="):
        return "F11"
    if is_date(stripped):
        return "F12"
    if _THOUSANDS.fullmatch(stripped):
        return "F07"
    if _DECIMAL_COMMA.fullmatch(stripped):
        return "F06"
    return "V02" if stripped.casefold() in MISSING_WORDS else "V10"


def has_decimal_comma(text: str) -> bool:
    """Whether a text is a number with a comma before its decimals."""
    return _DECIMAL_COMMA.fullmatch(text.strip()) is not None


def has_point(text: str) -> bool:
    """Whether a text is a number with a point in it."""
    return "." in text and exact(text) is not None


def is_date(text: str) -> bool:
    """Whether a text looks like a date or a time of day, as spreadsheets make them."""
    return _DATE.fullmatch(text.strip()) is not None


@dataclass(frozen=True)
class MissingCodes:
    """The declared missing codes, as texts and as numbers: -9 also matches -9.0."""

    texts: frozenset[str]
    numbers: frozenset[Fraction]

    @classmethod
    def of(cls, codes: Iterable[str]) -> MissingCodes:
        """Return the codes of trial.yaml, prepared for comparison."""
        every = [code.strip() for code in codes]
        numbers = [number for code in every if (number := exact(code)) is not None]
        return cls(frozenset(every), frozenset(numbers))

    def match(self, text: str) -> bool:
        """Whether a cell is missing: empty, or one of the codes."""
        stripped = text.strip()
        return not stripped or stripped in self.texts or exact(stripped) in self.numbers
