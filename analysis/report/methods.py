"""The fitted model in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.report.numbers import count, is_missing
from analysis.trial import Trial

RESIDUAL = {
    "iid": "one spread for all times and arms, independent",
    "by_time": "a spread of its own at each time, independent",
    "by_time_ar1": (
        "a spread of its own at each time; neighbouring visits of the same participant and period "
        "are correlated (first-order autoregressive over visits)"
    ),
    "by_arm_time": "a spread of its own for each arm at each time, independent",
    "by_arm_time_ar1": (
        "a spread of its own for each arm at each time; neighbouring visits of the same "
        "participant and period are correlated (first-order autoregressive over visits)"
    ),
    "unstructured": "a variance for each time and a correlation for each pair of times",
    "per_time": "one spread for the two arms compared; nothing is borrowed from other times",
}
BASELINE = {
    "none": "not adjusted for; a baseline measurement is a response like the others",
    "post_only": "not used: the times after it are the response",
    "within": (
        "each period's baseline enters as its deviation from the participant's own mean, and that "
        "mean enters too"
    ),
    "covariate": "enters as covariate, with a slope of its own at each time",
    "change": "the response is the change from it",
}
PERIOD = {
    "by_time": "a period effect of its own at each time",
    "main": "one period effect for all times",
    "none": "no period effect",
}
DF = {
    "kenward_roger": "Kenward-Roger",
    "satterthwaite": "Satterthwaite",
    "residual": "values less coefficients, of the two arms at the time",
}
MIXED = "linear mixed model, restricted maximum likelihood (REML)"
APART = "least squares, for each comparison from its two arms at its time alone"


def model_words(trial: Trial, model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the parts of the model as (what, how), for a description list."""
    if is_missing(model["formula"]):
        return []
    apart = model["residual"] == "per_time"
    parts = [
        ("Model", f"{APART if apart else MIXED}, {_size(model)}"),
        ("As a formula" if apart else "In lme4 notation", str(model["formula"])),
        ("Baseline", _known(BASELINE, model["baseline"])),
        ("Period", _known(PERIOD, model["period"]) if trial.design == "crossover" else ""),
        ("Residuals", _known(RESIDUAL, model["residual"])),
        ("Degrees of freedom", _known(DF, model["df_method"])),
        ("Simplified from", _simplified(model)),
        ("Choices and remarks", "" if is_missing(model["note"]) else str(model["note"])),
        ("Fitted by", "" if is_missing(model["engine"]) else str(model["engine"])),
    ]
    return [(what, how) for what, how in parts if how]


def _size(model: Mapping[str, Any]) -> str:
    values, people = count(model["n_observations"]), count(model["n_participants"])
    return f"{values} values of {people} participants"


def _known(words: Mapping[str, str], key: Any) -> str:
    return "" if is_missing(key) else words.get(str(key), str(key))


def _simplified(model: Mapping[str, Any]) -> str:
    if is_missing(model["simplified_from"]):
        return ""
    return f"{model['simplified_from']}, which could not be certified as the best fit"


def boundary_remark(variances: pd.DataFrame, model: Mapping[str, Any]) -> str:
    """Return what a variance of zero means; empty where none is at its boundary."""
    singular = not is_missing(model["singular"]) and bool(model["singular"])
    zero = variances[(variances["estimate"] == 0) & variances["sd"].notna()]
    if not singular and not len(zero):
        return ""
    named = ", ".join(dict.fromkeys(str(name) for name in zero["component"]))
    which = f" ({named})" if named else ""
    return (
        f"A variance is at its boundary of zero{which}: the data show no more variation of this "
        "kind than chance gives. The term stays in the model; tests then err on the cautious side."
    )


def order_banner(trial: Trial) -> str:
    """Return the warning that condition and order cannot be told apart; empty if they can."""
    confounded = "non-randomised order: condition and order are confounded"
    if trial.design == "crossover" and not trial.randomised:
        return confounded
    told = trial.columns.period or any(each.tells("period") for each in trial.outcomes)
    if trial.design == "crossover" and not told:
        return f"no period is recorded, so read as {confounded}"
    if trial.design == "parallel" and not trial.randomised:
        return "non-randomised groups: condition and group are confounded"
    return ""


def design_words(trial: Trial) -> str:
    """Return the design in two words."""
    kind = "crossover trial" if trial.design == "crossover" else "parallel-group trial"
    return f"Randomised {kind}" if trial.randomised else f"Non-randomised {kind}"
