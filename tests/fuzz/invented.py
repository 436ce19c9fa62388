"""Cases that Hypothesis invents: it prefers small ones, and makes failures smaller still."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.data.make_faults import BASE, wide
from tests.fuzz.bases import TEXTS, document, numbers_in_text, ods, plan_for, workbook
from tests.fuzz.case import Case
from tests.unit.test_intake_fuzz import as_bytes, edits, plans

Judge = Callable[[Case], None]


def _data(pair: tuple[str, str]) -> Case:
    plan, text = pair
    content = as_bytes(text)
    return Case({"trial.yaml": plan.encode(), "soreness.csv": content},
                numbers=lambda: numbers_in_text(content))  # fmt: skip


def _raw(pair: tuple[str, bytes]) -> Case:
    file, content = pair
    return Case({"trial.yaml": plan_for(file).encode(), file: content})


def _plan(text: str | bytes) -> Case:
    plan = text if isinstance(text, bytes) else as_bytes(text)
    return Case({"trial.yaml": plan, "soreness.csv": BASE.encode()})


def _ods(text: str) -> Case:
    return _raw(("soreness.ods", ods(text.encode("utf-8", "replace").decode())))


def _book(changes: list[tuple[int, int]]) -> Case:
    content = bytearray(workbook())
    for place, value in changes:
        content[place % len(content)] = value
    return _raw(("soreness.xlsx", bytes(content)))


KINDS = [f"soreness{kind}" for kind in (".csv", ".xlsx", ".tsv", ".ods", ".txt")]
CASES: st.SearchStrategy[Case] = st.one_of(
    st.tuples(st.sampled_from(plans()), edits(BASE)).map(_data),
    st.tuples(st.sampled_from(plans()), edits(wide())).map(_data),
    st.tuples(st.sampled_from(KINDS), st.binary(max_size=300)).map(_raw),
    st.sampled_from([*plans(), *(plan for plan, _ in TEXTS.values())]).flatmap(edits).map(_plan),
    (st.binary(max_size=300) | st.text(max_size=300)).map(_plan),
    edits(document()).map(_ods),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6).map(_book),
)


def invent(judge: Judge, cases: int, start: int) -> None:
    """Put `cases` invented cases before a judge; it raises what Hypothesis then makes smaller."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @seed(start)
    @given(CASES)
    def everyone(case: Case) -> None:
        judge(case)

    everyone()
