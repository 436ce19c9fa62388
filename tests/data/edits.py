"""Texts with parts of them replaced."""

from __future__ import annotations


def with_texts(text: str, *pairs: tuple[str, str]) -> str:
    """Return a text with parts of it replaced, each of which must stand there once."""
    for old, new in pairs:
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    return text
