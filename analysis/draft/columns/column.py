"""One column of a table: its labels, its numbers, what stands for a missing value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.intake.companions import words
from analysis.intake.values import (
    MISSING_NUMBERS,
    MISSING_WORDS,
    exact,
    has_decimal_comma,
    is_date,
)

_NUMERIC = 0.8
_BLANK = frozenset({"na", "n/a", "n.a.", "nan", "null", ".", "-", "--", "?"})
_WORDS = re.compile(r"(?=.{2,20}$)[^\W\d_]+(?:[ ./-]{1,2}[^\W\d_]+)*\.?")
_CODES = frozenset(float(each) for each in MISSING_NUMBERS)


@dataclass(frozen=True)
class Column:
    """A column of texts.

    Attributes
    ----------
    name : str
    texts : Series of str
        Without blanks around them; the empty text where nothing stands.
    question : str
        What the column says by a row below its header, where the file has one.
    """

    name: str
    texts: pd.Series
    question: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the header, without accents and case."""
        return frozenset(words(f"{self.name} {self.question}"))

    @cached_property
    def filled(self) -> pd.Series:
        """The texts that are neither empty nor a word for missing.

        Among labels "none" and "x" are labels.
        """
        named = self.texts[[bool(text) and not _is_word(text) for text in self.texts]]
        if self._numbers_in(named) >= _NUMERIC:
            return named
        return self.texts[[bool(text) and text.casefold() not in _BLANK for text in self.texts]]

    def _numbers_in(self, texts: pd.Series) -> float:
        return float(self.parsed[texts.index].notna().mean()) if len(texts) else 0.0

    @cached_property
    def labels(self) -> list[str]:
        """The different texts, in order of appearance."""
        return list(dict.fromkeys(self.filled))

    @cached_property
    def parsed(self) -> pd.Series:
        """Every cell as a number; not a number where it is none."""
        return pd.Series(
            [_number(text) for text in self.texts], index=self.texts.index, dtype=float
        )

    @cached_property
    def numeric(self) -> bool:
        """Whether nearly all filled cells are numbers."""
        return self._numbers_in(self.filled) >= _NUMERIC

    @cached_property
    def missing_words(self) -> list[str]:
        """Words for missing that stand among numbers, as typed."""
        odd = self.texts[[bool(text) and _is_word(text) for text in self.texts]]
        return list(dict.fromkeys(odd)) if self.numeric else []

    @cached_property
    def odd_words(self) -> list[str]:
        """Words among numbers, each as often as it stands there: abs, no show, b.d."""
        if not self.numeric:
            return []
        return [text for text in self.texts if _WORDS.fullmatch(text) and not _is_word(text)]

    @cached_property
    def missing_numbers(self) -> list[str]:
        """Numbers such as -9 and 999 that lie far from all others, as typed."""
        if not self.numeric:
            return []
        number = self.parsed
        coded = number.isin(list(_CODES))
        usual = number[~coded].dropna()
        apart = [
            text for text in dict.fromkeys(self.texts[coded]) if _stands_apart(_number(text), usual)
        ]
        return sorted(apart, key=_number)

    @cached_property
    def numbers(self) -> pd.Series:
        """The values: numbers that stand for missing left out."""
        return self.parsed.mask(self.texts.isin(self.missing_numbers)).dropna()

    @cached_property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        values = self.numbers
        return bool(len(values)) and bool((values == values.round()).all())

    @cached_property
    def dated(self) -> bool:
        """Whether nearly all filled cells are dates or times of day."""
        filled = self.filled
        return bool(len(filled)) and sum(map(is_date, filled)) >= _NUMERIC * len(filled)

    @cached_property
    def recurs(self) -> bool:
        """Whether labels come back, as those of arms and times do and those of remarks do not."""
        return 2 * len(self.labels) <= len(self.filled)

    @cached_property
    def wordy(self) -> bool:
        """Whether labels have letters in them."""
        return any(each.isalpha() for label in self.labels for each in label)


def columns_of(frame: pd.DataFrame, questions: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns of a table that have something in them, by header.

    Parameters
    ----------
    frame : DataFrame
    questions : mapping
        What columns say below their header.
    """
    found = {
        str(name): Column(str(name), frame[name], questions.get(str(name), "")) for name in frame
    }
    return {name: each for name, each in found.items() if len(each.filled)}


def _is_word(text: str) -> bool:
    return text.casefold() in MISSING_WORDS


def _number(text: str) -> float:
    number = exact(text.replace(",", ".") if has_decimal_comma(text) else text)
    return np.nan if number is None else float(number)


def _stands_apart(number: float, usual: pd.Series) -> bool:
    """Whether a number is negative among positive ones, or half as large again as the largest."""
    if not len(usual):
        return False
    return bool(number > 1.5 * usual.max() if number > 0 else usual.min() >= 0)


def cross(frame: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Return the different pairs of labels of two columns in the rows where both are filled."""
    pairs = frame[[one, other]].drop_duplicates()
    return pairs[(pairs[one] != "") & (pairs[other] != "")]


def filled_rows(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return the rows in which none of these columns is empty."""
    return frame[(frame[list(names)] != "").all(axis=1)]


def decides(frame: pd.DataFrame, given: Iterable[str], column: str) -> bool:
    """Whether rows that agree in the given columns agree in this one too."""
    keys = list(given)
    filled = frame[frame[column] != ""]
    if not keys:
        return bool(filled[column].nunique() <= 1)
    return bool((filled.groupby(keys)[column].nunique() <= 1).all())


def duplicated(frame: pd.DataFrame, keys: Iterable[str]) -> pd.Series:
    """Return the number of rows of every combination of labels that occurs more than once."""
    named = list(keys)
    sizes = frame.groupby(named).size() if named else pd.Series([len(frame)])
    return sizes[sizes > 1]
