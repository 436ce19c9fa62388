"""A page from its template."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from analysis.report.pictures import unbroken

if TYPE_CHECKING:
    from jinja2 import Environment


def page(template: str, **context: Any) -> str:
    """Return a template of the folder ``templates``, filled in."""
    return _environment().get_template(template).render(**context)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("analysis.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = unbroken
    return environment
