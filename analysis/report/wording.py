"""Sentences from rows of the contrasts table. No sentence says more than its row."""

from __future__ import annotations

from analysis.report.names import Names
from analysis.report.numbers import (
    count,
    degrees,
    interval_of_difference,
    is_missing,
    level,
    number,
    p_words,
    plain,
)
from analysis.report.verdicts import Planned, Row, benefit, claim, has_interval, in_order, verdict

ADJUSTMENTS = {
    "fixed_sequence": "fixed sequence",
    "holm": "Holm",
    "dunnett": "Dunnett",
    "mvt": "multivariate t",
}
UNBLINDED = (
    "Participants, and usually those who measured them, knew which treatment was given: heat and "
    "cold cannot be disguised. Ratings and efforts can change through expectation alone, and this "
    "analysis cannot tell such a change from an effect of the treatment."
)


def question(planned: Planned, names: Names) -> str:
    """Return the planned question."""
    arm, reference = names.pair(planned.comparison)
    what = names.measure(planned.comparison)
    if planned.comparison.claim == "noninferiority":
        return f"{what}: is {arm} not worse than {reference} by as much as the margin?"
    return f"{what}: does it differ between {arm} and {reference}?"


def conclusion(planned: Planned, names: Names) -> str:
    """Return the sentence that answers the planned question."""
    what = names.measure(planned.comparison)
    arm, reference = names.pair(planned.comparison)
    compared = f"{what}, {arm} compared with {reference}"
    row = planned.row
    match verdict(planned):
        case "superior":
            side = _direction(row, improved=True)
            return (
                f"{what} was {side}, which is better, with {arm} than with {reference}: {arm} was "
                "superior on the planned test."
            )
        case "inferior":
            side = _direction(row, improved=False)
            return (
                f"{what} was {side}, which is worse, with {arm} than with {reference}: {arm} was "
                f"inferior{_on_test(planned)}."
            )
        case "noninferior":
            return (
                f"{what} with {arm} was not worse than with {reference} by as much as the margin "
                f"of {names.amount(planned.margin, row)}: {arm} was non-inferior on the planned "
                "test."
            )
        case "inconclusive":
            return f"{compared}: inconclusive. {compatible(planned, names)}"
        case "not tested":
            return f"{compared}: not formally tested, because an earlier step failed."
        case "description":
            return f"{compared}: description only ({planned.few}). No conclusion is drawn."
        case "unreliable":
            status = str(row["status"]) if row else ""
            return (
                f"{compared}: no conclusion is drawn, because the fit behind the estimate is not "
                f"reliable ({status})."
            )
        case "missing":
            return f"{compared}: the planned comparison could not be estimated."


def _on_test(planned: Planned) -> str:
    if planned.comparison.claim == "superiority":
        return " on the planned test"
    return ", where the plan asked whether it was non-inferior"


def _direction(row: Row | None, improved: bool) -> str:
    lower_is_better = row is not None and row["better"] == "lower"
    return "lower" if lower_is_better == improved else "higher"


def compatible(planned: Planned, names: Names) -> str:
    """Return which effects an inconclusive interval is compatible with."""
    row = planned.row
    if row is None or not has_interval(row):
        return "No interval could be calculated."
    low, high = benefit(row)
    text = f"The data are compatible with effects {_effects(low, high, planned, names, row)}"
    margin = planned.margin
    if planned.comparison.claim == "noninferiority":
        if margin is None:
            return f"{text}; without a declared margin, non-inferiority cannot be judged."
        if low <= -margin:
            arm, _ = names.pair(planned.comparison)
            limit = names.amount(margin, row)
            return f"{text}; a disadvantage of {arm} as large as the margin of {limit} is possible."
    elif low > 0 or high < 0:
        return f"{text}, but the planned test did not reach its level of {planned.alpha:g}."
    return f"{text}."


def _effects(low: float, high: float, planned: Planned, names: Names, row: Row) -> str:
    arm, reference = names.pair(planned.comparison)
    digits = names.digits[str(row["outcome"])]

    def size(value: float) -> str:
        return f"{number(abs(value), digits)} {row['unit']}"

    if low > 0:
        return f"from {size(low)} to {size(high)}, all in favour of {arm}"
    if high < 0:
        return f"from {size(high)} to {size(low)}, all in favour of {reference}"
    return f"from {size(high)} in favour of {arm} to {size(low)} in favour of {reference}"


def evidence(planned: Planned, names: Names) -> str:
    """Return the numbers behind the conclusion: estimate, interval, test and n."""
    row = planned.row
    if row is None or is_missing(row["estimate"]):
        return str(row["note"]) if row is not None and row["note"] else ""
    arm, reference = names.pair(planned.comparison)
    digits = names.digits[str(row["outcome"])]
    marked = "Estimated" if in_order(row) else "Not reliable: estimated"
    parts = [f"{marked} difference, {arm} minus {reference}: {number(row['estimate'], digits)}"]
    parts[0] += f" {row['unit']}"
    if not planned.few:
        parts += [_interval_words(row, digits), _test_words(row), _p_words(planned, row)]
    if not is_missing(row["n_participants"]):
        parts.append(f"n = {count(row['n_participants'])} participants")
    better = "Lower" if row["better"] == "lower" else "Higher"
    return f"{', '.join(part for part in parts if part)}. {better} values are better."


def _interval_words(row: Row, digits: int) -> str:
    if not has_interval(row):
        return ""
    limits = interval_of_difference(row["ci_low"], row["ci_high"], digits)
    return f"{level(row['ci_level'])} confidence interval {limits} {row['unit']}"


def _test_words(row: Row) -> str:
    if is_missing(row["statistic"]) or is_missing(row["df"]):
        return ""
    against = "tested against the margin: " if claim(row) == "noninferiority" else ""
    return f"{against}t = {number(row['statistic'], 2)} on {degrees(row['df'])} degrees of freedom"


def _p_words(planned: Planned, row: Row) -> str:
    text = p_words(row["p_value"], planned.alpha)
    adjusted = p_words(row["p_adjusted"], planned.alpha)
    if adjusted in ("", text) or row["adjustment"] not in ADJUSTMENTS:
        return text
    size = count(row["family_size"])
    of = "" if is_missing(row["family_size"]) else f", {size} comparisons"
    how = f"{ADJUSTMENTS[row['adjustment']]}{of}"
    return f"{text}, adjusted for multiple testing {adjusted} ({how})".removeprefix(", ")


def margin_remark(planned: Planned, names: Names) -> str:
    """Return where the interval lies relative to the declared margin; nothing without one."""
    row, margin = planned.row, planned.margin
    usable = row is not None and has_interval(row) and in_order(row)
    if row is None or margin is None or not usable or planned.few:
        return ""
    arm, reference = names.pair(planned.comparison)
    low, high = benefit(row)
    where = _relation(low, high, margin, arm, reference)
    return f"The smallest difference declared to matter is {names.amount(margin, row)}: {where}."


def _relation(low: float, high: float, margin: float, arm: str, reference: str) -> str:
    if low >= margin:
        return f"the whole interval favours {arm} by at least that much"
    if high <= -margin:
        return f"the whole interval favours {reference} by at least that much"
    if low > -margin and high < margin:
        return "the whole interval lies within it, in both directions"
    reaches = [name for name, over in ((arm, high >= margin), (reference, low <= -margin)) if over]
    if len(reaches) == 2:
        return f"the interval reaches beyond it in both directions, for {arm} and for {reference}"
    other = reference if reaches[0] == arm else arm
    return f"the interval reaches beyond it in favour of {reaches[0]}, not in favour of {other}"


def outcome_of_test(planned: Planned, names: Names) -> str:
    """Return the verdict in a few words, for a table."""
    arm, _ = names.pair(planned.comparison)
    return {
        "superior": f"superior: {arm} better",
        "inferior": f"inferior: {arm} worse",
        "noninferior": f"non-inferior: {arm} not worse by the margin",
        "inconclusive": "inconclusive",
        "not tested": "not formally tested: an earlier step failed",
        "description": "description only: too few participants",
        "unreliable": "no conclusion: fit not reliable",
        "missing": "could not be estimated",
    }[verdict(planned)]


def claim_words(planned: Planned) -> str:
    """Return the claim of a comparison in a few words."""
    if planned.comparison.claim == "superiority":
        return "difference"
    if planned.margin is None:
        return "non-inferiority, no margin declared"
    unit = "" if planned.row is None else f" {planned.row['unit']}"
    return f"non-inferiority, margin {plain(planned.margin)}{unit}"
