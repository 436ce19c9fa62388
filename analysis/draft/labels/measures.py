"""A column of values -> which outcome it is: name, unit, range, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.draft.labels.arms import slug
from analysis.intake.companions import plain

Range = tuple[float, float]


@dataclass(frozen=True)
class Kind:
    """A kind of outcome: the words that name it, the units it comes in with their usual medians.

    Attributes
    ----------
    scale : bool
        Whether it is a rating, whose range is part of its meaning.
    """

    name: str
    pattern: str
    units: tuple[tuple[str, float, float], ...] = ()
    scale: bool = False


# Units with the medians that groups have in them; the first that fits is taken.
_LENGTHS = (("m", 0.05, 1.2), ("cm", 8.0, 95.0), ("mm", 95.0, 950.0))
_HOURS = (
    r"(?:h|hrs|hours?|stunden|std|uur|uren|heures?|horas|ore|timer|timmar|tuntia|godzin\w*|ur"
    r"|sati|tundi)"
)
_ASLEEP = (
    r"(?:sleep|slept|asleep|schlaf\w*|geschlafen|slaap\w*|slapen|geslapen|sommeil|dorm\w*|sueno"
    r"|sono|sonno|s[oe]vn\w*|somn\w*|sov|sova|sovit|spali|spal|uni|magasid|unta|unen|nuk\w+|snu|sp[ai]l\w*)"
)
KINDS = (
    Kind("soreness", r"sor|sore\w*|doms|mk|muskelkater|muskelschmerz\w*|courbature\w*|agujetas"
         r"|dolorim\w*|doloros\w*|indolenzimento|\w*omhet|omma?|\w*omhed|stolhet|\w*stolhet|spierpijn"
         r"|muscle pain|zakwasy|tkliwosc|lihaskip\w*|lihasark\w*|mialgia|endolorissement",
         scale=True),
    Kind("rsi", r"m?rsi|rsi mod\w*|reactive strength\w*", (("m/s", 0.05, 5.0),)),
    Kind("power", r"power|leistung|puissance|potencia|potenza|moc|ppo|pp|watt\w*",
         (("W/kg", 3.0, 120.0), ("W", 150.0, 20000.0))),
    Kind("jump", r"jumps?|cmj\w*|sj|sqj|sprung\w*|sauts?|saltos?|salti|\w*hopp?|squat jump|dj"
         r"|abalakov|kevennyshyppy|\w*hyppy|spronghoogte|springhojde|hopp?e?h\w*jde?|hopp?e?hoyde"
         r"|w?y?skok|detente|hohe|hauteur|altura|altezza|wysokosc|skok\w*|hupe|hype|ugras\w*"
         r"|countermovement\w*", _LENGTHS),
    Kind("ck", r"ck|creatine? ?kinase|creatinekinase|kreatin ?kinase|kreatinkinas|cpk"
         r"|creatina ?[qk]uinasa|creatina quinase|kinaza kreatynowa|creatinchinasi",
         (("U/L", 20.0, 60000.0),)),
    Kind("sprint", r"sprint\w*|[0-9]+ ?m time|laufzeit",
         (("s", 0.5, 60.0), ("ms", 500.0, 60000.0))),
    Kind("lactate", r"lactate|laktat|lac|lactato|lattato", (("mmol/L", 0.3, 30.0),)),
    Kind("hrv", r"hrv|rmssd|ln ?rmssd"),
    Kind("heart_rate", r"heart rate|hr|herzfrequenz|puls|pulse|frequence cardiaque|fc|hartslag",
         (("bpm", 30, 220),)),
    Kind("crp", r"h?s?crp|c reactive protein", (("mg/L", 0.01, 200.0),)),
    Kind("il6", r"il ?6|interleukin", (("pg/mL", 0.01, 500.0),)),
    Kind("rpe", r"rpe|borg|exertion|anstrengung", scale=True),
    Kind("pain_threshold", r"ppt|pressure pain\w*|pain threshold|algomet\w*|druckschmerz\w*"),
    Kind("pain", r"pain|schmerz\w*|douleur\w*|dolor|dolore|dor|bol|bole|boli|bolecin\w*|bolesn\w*"
         r"|bolest|valu|fajdalom|agri|pina|pijn|smerte\w*|smarta|kipu", scale=True),
    Kind("fatigue", r"fatigue|tired\w*|mudigkeit|ermudung|fatiga|cansancio|vermoeidheid|cansaco"
         r"|fadiga|stanchezza|affaticamento|zmeczenie|trott?het|trethet|traethed|vasymys|utrujen\w*|umor|vasimus|unava|faradtsag",
         scale=True),
    Kind("sleep", rf"sleep dur\w*|schlafdauer|{_HOURS} (?:\w+ ){{0,6}}{_ASLEEP}"
         rf"|{_ASLEEP} (?:\w+ ){{0,6}}{_HOURS}", (("h", 3.0, 14.0),)),
    Kind("sleep_quality", r"sleep qual\w*|schlafqual\w*|sleep|slaap\w*|sommeil|sueno|sono|sonno"
         r"|sovn\w*|somn\w*", scale=True),
    Kind("stress", r"stress|estres\w*|stres", scale=True),
    Kind("mood", r"mood|stimmung|humeur|animo|humor|stemming|nastroj|umore", scale=True),
    Kind("recovery", r"tqr|prs|perceived recovery|recovery|readiness|erholung|recuperation"
         r"|recuperacion|recuperacao|recupero|herstel|restitusjon|aterhamtning|regeneracja",
         scale=True),
    Kind("vas", r"vas|eva|nrs|likert|rating|score|skala|echelle|escala", scale=True),
    Kind("force", r"force|kraft|fuerza|forca|forza|kracht|mvc|mvic|peak force|imtp|grip\w*"
         r"|handgrip"),
    Kind("torque", r"torque|drehmoment", (("Nm", 5.0, 500.0),)),
    Kind("temperature", r"temp\w*", (("°C", 15.0, 45.0),)),
    Kind("range_of_motion", r"rom|range of motion", (("°", 10.0, 180.0),)),
    Kind("girth", r"girth|circumference|umfang|circonference|perimetro|omtrek",
         (("cm", 15.0, 120.0),)),
    Kind("time", r"tt|time trial|duration", (("s", 5.0, 20000.0),)),
)  # fmt: skip
_LINE_MM, _LINE_CM = 100.0, 10.0
_LONGEST_SCALE = 100.0
_VAGUE = frozenset(
    {"value", "values", "result", "wert", "valeur", "valor", "messwert", "y", "data"}
)

# Spellings of units in headers -> how they are written; letters of one need a kind that agrees.
_UNITS = {
    "cm": "cm", "mm": "mm", "m": "m", "in": "in", "inch": "in", "inches": "in", "meter": "m",
    "s": "s", "sec": "s", "secs": "s", "seconds": "s", "ms": "ms", "min": "min", "h": "h",
    "w": "W", "watt": "W", "watts": "W", "kw": "kW", "w/kg": "W/kg", "wkg": "W/kg", "w kg": "W/kg",
    "n": "N", "kn": "kN", "nm": "Nm", "n m": "Nm", "kg": "kg", "g": "g", "n/kg": "N/kg",
    "n kg": "N/kg", "u/l": "U/L", "ul": "U/L", "u l": "U/L", "iu/l": "IU/L", "iu l": "IU/L",
    "iul": "IU/L", "mmol/l": "mmol/L", "mmol l": "mmol/L", "mg/l": "mg/L", "mg l": "mg/L",
    "pg/ml": "pg/mL", "pg ml": "pg/mL", "ng/ml": "ng/mL", "ng ml": "ng/mL", "bpm": "bpm",
    "%": "%", "percent": "%", "pct": "%", "m/s": "m/s", "m s": "m/s", "cm/s": "cm/s", "kpa": "kPa",
    "mmhg": "mmHg",
    "°": "°", "deg": "°", "°c": "°C", "points": "points", "pts": "points", "punkte": "points",
    "au": "AU", "a.u.": "AU", "a.u": "AU", "ml": "ml", "l": "L",
}  # fmt: skip
# The ends of a scale in a header: "0-10", "0 to 100", "(0 = none, 10 = worst)".
_SPAN = re.compile(
    r"(?<![0-9.,])([016])\s*(?:-|–|to|bis|a|à|tot|til|till|do|al|hasta|até)\s*([0-9]{1,3})(?![0-9])",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<![0-9.,])([016])[^0-9]{2,60}?(?<![0-9.,])(5|6|7|10|20|100)(?![0-9.,%])")
_TWO_WORDS = re.compile(r"(?:^|[\s_.])([a-z]{1,4}[\s_./]?(?:kg|l|ml|s|m))$")


@dataclass(frozen=True)
class Measure:
    """What a column of values is; None and a question where that cannot be known."""

    name: str
    label: str
    kind: str | None
    unit: str | None
    unit_why: str
    range: Range | None = None
    range_why: str = ""


def kind_of(text: str) -> Kind | None:
    """Return the kind of outcome that a header or label names, or None."""
    known = " " + re.sub(r"[^a-z0-9]+", " ", _spaced(text)) + " "
    for kind in KINDS:
        if re.search(rf" (?:{kind.pattern}) ", known):
            return kind
    return None


def _spaced(text: str) -> str:
    """Return a text in small letters, with blanks where letters meet digits or capitals."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])", " ", text)
    return plain(apart)


def measure(
    header: str,
    values: pd.Series,
    hints: Sequence[str] = (),
    unit: tuple[str, str] | None = None,
) -> Measure:
    """Return what a column of values is.

    Parameters
    ----------
    header : str
        Header of the column, or what a wide pattern or a label below others says.
    values : Series of float
    hints : sequence of str
        Further texts that may name the outcome where the header does not: the file's name.
    unit : tuple of str, optional
        The unit and why, where something else than the header says it.
    """
    vague = plain(header).strip() in _VAGUE or not re.search("[A-Za-z]{2}", header)
    texts = list(hints) if vague else [header, *hints]
    kind = _best_kind(texts)
    if kind is not None and kind.scale and not values.between(0, _LONGEST_SCALE).all():
        kind = None
    said = unit or _unit_in(header, kind)
    bounds, bounds_why = _bounds(" ".join([header, *hints]), values, kind, said)
    if said is None:
        said = _unit_by_size(header, values, kind, bounds)
    text = hints[0] if vague and hints else header
    name = None if kind is None else kind.name
    named, why = said or (None, "")
    return Measure(name or slug(text), _label(text), name, named, why, bounds, bounds_why)


def _best_kind(texts: Sequence[str]) -> Kind | None:
    """Return the first kind that the texts name; those that any rating may be called come last."""
    kinds = [kind for text in texts for kind in [kind_of(text)] if kind is not None]
    telling = [kind for kind in kinds if kind.name not in ("vas", "recovery")]
    return next(iter([*telling, *kinds]), None)


def _label(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("_", " ")).strip()


def _unit_in(header: str, kind: Kind | None) -> tuple[str, str] | None:
    """Return the unit at the end of a header: [cm], (cm), _cm."""
    bracket = re.search(r"[\[(]\s*([^\[\]()]{1,12})\s*[\])]\s*$", header)
    if bracket and plain(bracket[1]).strip() in _UNITS:
        return _UNITS[plain(bracket[1]).strip()], "by the header"
    if bracket and re.fullmatch(r"[^\W\d_]{1,5}/[^\W\d_]{1,3}", bracket[1].strip()):
        return bracket[1].strip(), "by the header"
    text = plain(header).rstrip(" ]):?")
    double = _TWO_WORDS.search(text)
    if double and re.sub(r"[\s_.]", " ", double[1]) in _UNITS and len(double[1]) > 2:
        return _UNITS[re.sub(r"[\s_.]", " ", double[1])], "by the end of the header"
    last = re.split(r"[\s_.,\[(]+", text)[-1]
    if last == text or last not in _UNITS:
        return None
    unit = _UNITS[last]
    known = {each for each, _, _ in kind.units} if kind is not None else set()
    if len(last) > 1 or unit in known:
        return unit, "by the end of the header"
    return None


def _unit_by_size(
    header: str, values: pd.Series, kind: Kind | None, bounds: Range | None
) -> tuple[str, str] | None:
    if kind is None and bounds is not None and bounds[0] in (0, 1, 6):
        return "points", "a rating by its range"
    if kind is None:
        return None
    if kind.scale:
        return _unit_of_rating(header, values, bounds)
    middle = float(values.median())
    for unit, low, high in kind.units:
        if low <= middle <= high:
            name = kind.name.replace("_", " ")
            return unit, f"usual for {name}, and the median {middle:.4g} is of its size"
    return None


def _unit_of_rating(header: str, values: pd.Series, bounds: Range | None) -> tuple[str, str] | None:
    """Return mm or cm for a visual analogue scale, else points; the numbers must fit."""
    names = {"vas", "eva"}.intersection(re.findall("[a-z]+", _spaced(header)))
    line = bool(names) or "analog" in plain(header)
    if bounds is None:
        return None if line else ("points", "a rating")
    top = bounds[1]
    if top == _LINE_MM and line:
        return "mm", "a line of 100 mm, by VAS and the numbers"
    if top == _LINE_CM and line and bool((values != values.round()).any()):
        return "cm", "a line of 10 cm, by VAS and the decimals"
    return "points", "a rating"


def _bounds(
    text: str, values: pd.Series, kind: Kind | None, unit: tuple[str, str] | None
) -> tuple[Range | None, str]:
    """Return the smallest and largest possible value: as the header says, or by kind and size."""
    rating = kind is None or kind.scale
    said = _SPAN.search(text) or (_ENDS.search(text) if rating else None)
    low, high = float(values.min()), float(values.max())
    if said and float(said[1]) <= low and high <= float(said[2]) and float(said[2]) > 1:
        return (float(said[1]), float(said[2])), "by the header"
    if kind is None or low < 0:
        return None, ""
    if kind.name == "jump":
        limits = {"m": (0.03, 1.1), "cm": (3.0, 110.0), "mm": (30.0, 1100.0)}
        named = (
            unit[0]
            if unit
            else next((each for each, lo, hi in kind.units if lo <= values.median() <= hi), "")
        )
        bounds = limits.get(named)
        fits = bounds is not None and bounds[0] <= low and high <= bounds[1]
        return (bounds, "heights of jumps that can occur") if fits else (None, "")
    return _bounds_of_rating(values, kind)


def _bounds_of_rating(values: pd.Series, kind: Kind) -> tuple[Range | None, str]:
    low, high = float(values.min()), float(values.max())
    whole = bool((values == values.round()).all())
    shown = f"the values run from {low:g} to {high:g}"
    if kind.name in ("rpe", "recovery") and low >= 6 and 10 < high <= 20:
        return (6.0, 20.0), shown
    if not kind.scale or kind.name == "rpe":
        return None, ""
    if 10 < high <= 100:
        return (0.0, 100.0), shown
    if (5 < high <= 10 and low == 0) or (high <= 10 and not whole):
        return (0.0, 10.0), shown
    return None, ""
