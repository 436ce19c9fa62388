"""Columns that say who the participants are: named in a draft, and never used."""

from __future__ import annotations

from analysis.draft.understand import Understood
from analysis.errors import Issue
from analysis.intake.checks.personal import check_declared, check_personal
from analysis.intake.layout import Source
from analysis.trial import Columns, Outcome, Trial


def personal(sheet: Understood) -> list[Issue]:
    """Return what `python -m analysis check` will say about personal data in a table.

    Parameters
    ----------
    sheet : Understood
    """
    columns = Columns(**{role: sheet.header(role) for role in sheet.roles})
    value = sheet.values.columns[0] if sheet.values.columns else None
    page = sheet.page
    outcome = Outcome("", "", page.file, "", "lower", value=value, columns=columns)
    trial = Trial("", "", "crossover", True, columns, (), (), (outcome,))
    source = Source(trial, outcome, page.table)
    return [*check_declared(source), *check_personal(source)]
