"""What goes into the page as markup: figures as SVG, and numbers that must not be broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

_NOT_FOR_HTML = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<title>.*?</title>", re.S
)
_ROOT = re.compile(r"<svg\b[^>]*>")
_VIEWBOX = re.compile(r'viewBox="[^"]*"')
_GLOBAL_STYLE = re.compile(r"<style[^>]*>\s*\*\s*(\{.*?\})\s*</style>", re.S)


_NUMBER = re.compile(r"\b[npt] (?:=|&lt;|&gt;) \S*\d|−?\d[\d.]* (?:%|[A-Za-z/]{1,4}\b)")


def unbroken(text: str) -> Markup:
    """Return a sentence in which ``n = 12``, ``p = 0.012`` or ``8.2 mm`` stays on one line."""
    return Markup(  # the text is escaped before anything is put around its parts
        _NUMBER.sub(lambda found: f'<span class="number">{found[0]}</span>', str(escape(text)))
    )


@dataclass(frozen=True)
class Picture:
    """One figure of the page."""

    name: str
    title: str
    caption: str
    svg: Markup

    @property
    def kind(self) -> str:
        """What it shows: the last part of its name."""
        return self.name.rpartition("_")[2]


def pictures_of(outcome: str, drawings: Iterable[Mapping[str, str]]) -> list[Picture]:
    """Return the figures of an outcome, ready to be placed in the page."""
    return [
        Picture(
            name=drawing["name"],
            title=drawing["title"],
            caption=drawing["caption"],
            svg=embed(drawing["svg"], drawing["name"], drawing["alt"]),
        )
        for drawing in drawings
        if drawing["name"].rpartition("_")[0] == outcome
    ]


def embed(svg: str, name: str, alt: str) -> Markup:
    """Return an SVG document as an element of an HTML page.

    Ids get the name of the figure in front, because several figures share one page; the rule for
    all elements is kept to this figure; width and height are left to the page.
    """
    body = _NOT_FOR_HTML.sub("", svg).strip()
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', body)
    body = _GLOBAL_STYLE.sub(rf"<style>#{name}-svg *\1</style>", body)
    view = _VIEWBOX.search(body)
    root = (
        f'<svg id="{name}-svg" role="img" aria-label="{escape(alt)}" '
        f'{view.group(0) if view else ""} xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    # The figure comes from our own figures step, whose SVG escapes all text.
    return Markup(_ROOT.sub(lambda _: root, body, count=1))
