"""Data files of Stata (.dta), SAS (.sas7bdat) and SPSS (.sav) as records of texts.

Numbers become texts as they would be typed, missing values become empty. In columns of labels
(participant, arm, time and so on) a code is replaced by its value label, if it has one; columns of
values keep their numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analysis.intake.exports_read import tabulate_known
from analysis.intake.limits import too_many_rows
from analysis.intake.tabulate import Reading, failed
from analysis.intake.workbook import as_text
from analysis.trial import Dialect

if TYPE_CHECKING:
    import pandas as pd

Labels = Mapping[str, Mapping[Any, str]]  # by column and code
PROGRAMS = {".dta": "Stata", ".sas7bdat": "SAS", ".sav": "SPSS"}


def read_statfile(
    file: str,
    content: bytes,
    needed: Collection[str],
    labels: Collection[str],
    dialect: Dialect | None = None,
) -> Reading:
    """Read a data file of Stata, SAS or SPSS.

    Parameters
    ----------
    file : str
    content : bytes
    needed : collection of str
        Headers that trial.yaml names for this file.
    labels : collection of str
        Those of them in which codes stand for labels.
    dialect : Dialect, optional
    """
    ending = "." + file.lower().rsplit(".", 1)[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features that hold no cells
            frame, known = _READERS[ending](content, labels)
    except ModuleNotFoundError:
        message = "SPSS files are read by the package pyreadstat, which is not installed."
        remedy = (
            'Run `pip install "pyreadstat>=1.3.7,<2"`, or save the file as CSV (UTF-8) in SPSS.'
        )
        return failed("F14", file, message, remedy)
    except Exception as damage:  # whatever goes wrong inside a damaged file comes through
        name = type(damage).__name__
        message = (
            f"The file cannot be read as one of {PROGRAMS[ending]}; it seems damaged ({name})."
        )
        return failed("F14", file, message, "Save it again there, or export it as CSV (UTF-8).")
    too_large = too_many_rows(file, len(frame) + 1, frame.shape[1])
    if too_large is not None:
        return too_large
    header = tuple(map(str, frame.columns))
    columns = [
        # By place: damaged files name two columns alike, or not at all.
        _texts(frame.iloc[:, place], known.get(name, {}) if name in labels else {})
        for place, name in enumerate(header)
    ]
    records = [header, *zip(*columns, strict=True)]
    return tabulate_known(file, records, needed, dialect=dialect)


def _texts(column: pd.Series, labels: Mapping[Any, str]) -> list[str]:
    """Return the cells of a column as they would be typed; labels in place of their codes."""
    short = str(column.dtype) == "float32"  # 0.1 is stored as 0.10000000149
    return [
        "" if missing else labels.get(value, "") or as_text(float(str(value)) if short else value)
        for value, missing in zip(_plain(column), column.isna(), strict=True)
    ]


def _plain(column: pd.Series) -> list[Any]:
    """Return the values as Python has them, float32 excepted: it is turned into text first."""
    return list(column.to_numpy()) if str(column.dtype) == "float32" else column.tolist()


def _stata(content: bytes, coded: Collection[str]) -> tuple[pd.DataFrame, Labels]:
    import pandas as pd

    frame = pd.read_stata(BytesIO(content), convert_categoricals=False)
    names = [str(name) for name in frame.columns if name in coded]
    if not names:
        return frame, {}
    named = pd.read_stata(BytesIO(content), columns=names)
    return frame, {name: _pairs(frame[name], named[name]) for name in names}


def _pairs(codes: pd.Series, named: pd.Series) -> dict[Any, str]:
    """Return the labels of codes, from the same column without and with its labels."""
    pairs = zip(codes.tolist(), named.tolist(), strict=True)
    return {code: text for code, text in pairs if isinstance(text, str)}


def _sas(content: bytes, coded: Collection[str]) -> tuple[pd.DataFrame, Labels]:
    import pandas as pd

    return pd.read_sas(BytesIO(content), format="sas7bdat", encoding="infer"), {}


def _spss(content: bytes, coded: Collection[str]) -> tuple[pd.DataFrame, Labels]:
    import pyreadstat

    frame, about = pyreadstat.read_sav(BytesIO(content))
    return frame, about.variable_value_labels


_READERS: dict[str, Callable[[bytes, Collection[str]], tuple[pd.DataFrame, Labels]]] = {
    ".dta": _stata,
    ".sas7bdat": _sas,
    ".sav": _spss,
}
