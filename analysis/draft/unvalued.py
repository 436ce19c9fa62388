"""Rows without a value: they too spell arms and times, and the reader reads them all."""

from __future__ import annotations

import pandas as pd

from analysis.draft.labels.arms import letters
from analysis.draft.understand import Understood


def other_spellings(sheet: Understood, values: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table whose arm or time is another spelling of one that has values.

    Labels that only such rows have, as a screening visit does, are left out: an arm or a time
    without any value is none.

    Parameters
    ----------
    sheet : Understood
    values : DataFrame
        Columns participant, arm, time, period, file and number, one row per value of all tables.

    Returns
    -------
    DataFrame
        As `values`; without numbers.
    """
    rows = sheet.labels(sheet.page.frame.index)
    new = pd.Series(False, index=rows.index)
    for role in ("arm", "time"):
        known = set(values[role])
        alike = {letters(label) for label in known} - {""}
        odd = {label for label in set(rows[role]) - known if letters(label) in alike}
        new |= rows[role].isin(odd)
        rows[role] = rows[role].where(rows[role].isin(known | odd), "")
    return rows[new].assign(file=sheet.page.place, number=float("nan"))
