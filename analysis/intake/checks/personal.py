"""Checks of personal data: P01 (direct), P02 (indirect), P03 (free text), P04 (codes of people).

No message quotes what stands in such a column: messages are written into results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from analysis.errors import Issue, Severity
from analysis.intake.codes import counted, issue, listed, quoted
from analysis.intake.companions import Companion, companions, share, words
from analysis.intake.layout import Source
from analysis.intake.values import exact, is_date

NOTE: Severity = "note"

_DIRECT = (
    {"surname"}, {"lastname"}, {"last", "name"}, {"firstname"}, {"first", "name"}, {"fullname"},
    {"full", "name"}, {"forename"}, {"given", "name"}, {"family", "name"}, {"vorname"},
    {"nachname"}, {"familienname"}, {"prenom"}, {"nom", "famille"}, {"apellido"}, {"apellidos"},
    {"nombre"}, {"cognome"}, {"achternaam"}, {"voornaam"}, {"efternamn"}, {"sukunimi"},
    {"email"}, {"mail"}, {"e", "mail"}, {"courriel"}, {"correo"}, {"phone"}, {"telephone"},
    {"telefon"}, {"tel"}, {"mobile"}, {"handy"}, {"telefono"}, {"portable"}, {"street"},
    {"strasse"}, {"address"}, {"adresse"}, {"anschrift"}, {"direccion"}, {"postcode"},
    {"zip", "code"}, {"zipcode"}, {"plz"}, {"ssn"}, {"social", "security"}, {"passport"},
    {"nhs", "number"}, {"dni"}, {"personnummer"}, {"hetu"}, {"bsn"}, {"mrn"}, {"iban"},
)  # fmt: skip
_NAME = ({"name"}, {"names"}, {"nom"}, {"participant", "name"}, {"athlete", "name"},
         {"subject", "name"}, {"player", "name"})  # fmt: skip
_BIRTH = ({"dob"}, {"birth"}, {"birthday"}, {"birthdate"}, {"geburtsdatum"}, {"geburtstag"},
          {"geboren"}, {"naissance"}, {"nacimiento"}, {"geboortedatum"})  # fmt: skip
_INDIRECT = (
    *_BIRTH,
    {"initials"}, {"initialen"}, {"initiales"}, {"iniciales"}, {"club"}, {"team"}, {"verein"},
    {"mannschaft"}, {"equipe"}, {"equipo"}, {"employer"}, {"arbeitgeber"}, {"occupation"},
)  # fmt: skip
_TRAITS = {
    "sex": "sex", "gender": "sex", "geschlecht": "sex", "sexe": "sex", "sexo": "sex",
    "age": "age", "alter": "age", "edad": "age",
    "sport": "sport", "discipline": "sport", "sportart": "sport", "position": "sport",
}  # fmt: skip
_COMMENTS = {"comment", "comments", "note", "notes", "remark", "remarks", "kommentar", "bemerkung",
             "bemerkungen", "notiz", "commentaire", "remarque", "comentario", "observaciones",
             "freetext"}  # fmt: skip
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.I)
_PHONE = re.compile(r"(\+|00|0)[0-9]{1,4}[\s()/.-]+[0-9][0-9\s()/.-]{5,}")
_FULL_NAME = re.compile(r"[^\W\d_][^\W\d_'’-]+,?\s+([^\W\d_]\.?\s+)?[^\W\d_][^\W\d_'’-]+")
_INITIALS = re.compile(r"([^\W\d_]\.?[ -]?){2,3}")
_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]{2,}")
_REMOVE = "Remove it from the file: nothing here needs it, and it was copied to no result."
_K = 3


def check_personal(source: Source, others: Sequence[Source] = ()) -> Iterator[Issue]:
    """P01, P02, P03: columns beside the declared ones that say who the participants are.

    `others` read the same rows; what one of them does not name is looked at, once.
    """
    people = _people(source)
    traits = []
    for column in companions(source, others):
        found = _check_column(source, column, people)
        if found is not None:
            yield found
        else:
            traits += [
                (kind, column) for word, kind in _TRAITS.items() if word in words(column.header)
            ]
    yield from _check_rare(source, traits, people)


def check_declared(source: Source, others: Sequence[Source] = ()) -> Iterator[Issue]:
    """P01, P04: the declared participants are codes, and no declared column holds addresses.

    `others` read the same rows; a column that several of them name is looked at once.
    """
    named = [pair for each in (source, *others) for pair in each.wanted.items()]
    for role, header in dict.fromkeys(named):
        if role == "value":
            continue  # a text there is V10
        place = source.column(header)
        texts = list(dict.fromkeys(row[place].strip() for _, row in source.rows()))
        texts = [text for text in texts if text]
        direct = _direct_content(Counter(texts))
        if direct:
            yield _issue("P01", source, header, f"{_holds(header, direct)}.", _remedy(role))
        elif role == "date":
            yield _exact_dates(source, header)
        elif role == "participant":
            yield from _check_codes(source, header, texts)


def _remedy(role: str) -> str:
    if role == "participant":
        return "Replace them by codes such as P01, and keep the key elsewhere."
    return _REMOVE


def _holds(header: str, what: str) -> str:
    return f"Column {quoted(header)} holds {what}: personal data"


def _check_codes(source: Source, header: str, texts: Sequence[str]) -> Iterator[Issue]:
    if not texts or any(each.isdigit() for text in texts for each in text):
        return
    names = sum(bool(_FULL_NAME.fullmatch(text)) for text in texts)
    single = sum(bool(_WORD.fullmatch(text)) and not text.isupper() for text in texts)
    initials = sum(bool(_INITIALS.fullmatch(text)) for text in texts)
    if 2 * names > len(texts):
        message = f"{_holds(header, 'names of people')}."
        yield _issue("P01", source, header, message, _remedy("participant"))
    elif 2 * max(single, initials) > len(texts):
        what = "names" if single >= initials else "initials"
        message = f"The participant codes in {quoted(header)} look like {what}; the report shows "
        message += "them."
        yield _issue("P04", source, header, message, _remedy("participant"))


def _people(source: Source) -> dict[int, str]:
    header = source.wanted.get("participant")
    if header is None:
        return {}
    place = source.column(header)
    return {number: row[place].strip() for number, row in source.rows()}


def _check_column(source: Source, column: Companion, people: dict[int, str]) -> Issue | None:
    header, known = column.header, words(column.header)
    filled = column.counts
    if not filled:
        return None
    named = any(each <= known for each in _DIRECT)
    if named or (any(each == known for each in _NAME) and _one_each(column, people)):
        message = f"Column {quoted(header)} looks like personal data by its name."
        return _issue("P01", source, header, message, _REMOVE)
    direct = _direct_content(filled)
    if direct:
        return _issue("P01", source, header, f"{_holds(header, direct)}.", _REMOVE)
    if any(each <= known for each in _INDIRECT):
        message = f"Column {quoted(header)} can tell who a participant is, with other knowledge."
        remedy = "Remove it, or give age in years and no groups of few; it was copied to no result."
        return _issue("P02", source, header, message, remedy)
    if share(filled, lambda text: len(text) >= 8 and is_date(text)) > 0.8:
        return _exact_dates(source, header)
    if _free_text(known, filled):
        message = f"Column {quoted(header)} holds free text ({counted(filled.total(), 'cell')}), "
        message += "which may name people."
        remedy = "It was not read and copied to no result; remove it before you share the file."
        return _issue("P03", source, header, message, remedy)
    return None


def _exact_dates(source: Source, header: str) -> Issue:
    message = f"Column {quoted(header)} holds exact dates, which can tell who was there when."
    remedy = "Days since the first visit say as much; the dates were copied to no result."
    return _issue("P02", source, header, message, remedy, NOTE)


def _one_each(column: Companion, people: dict[int, str]) -> bool:
    """Whether every participant has one text, and these differ."""
    pairs = {(people.get(row, ""), text) for row, text in column.texts.items() if text}
    texts = {text for _, text in pairs}
    who = {person for person, _ in pairs}
    return len(pairs) == len(who) and 2 * len(texts) > len(who)


def _direct_content(texts: Counter[str]) -> str:
    if any("@" in text and _EMAIL.fullmatch(text) for text in texts):
        return "e-mail addresses"
    return "phone numbers" if share(texts, _is_phone) > 0.5 else ""


def _is_phone(text: str) -> bool:
    likely = text[0] in "+0" and _PHONE.fullmatch(text) is not None
    return likely and exact(text) is None and not is_date(text)


def _free_text(known: Set[str], filled: Counter[str]) -> bool:
    prose = [text for text in filled if len(text.split()) >= 2 and re.search(r"[^\W\d_]{2}", text)]
    if known & _COMMENTS:
        return bool(prose) and (len(filled) > 1 or filled.total() == 1)
    long = {text for text in prose if len(text.split()) >= 5}
    return len(long) >= 3 and share(filled, long.__contains__) > 0.5


def _check_rare(
    source: Source, traits: Sequence[tuple[str, Companion]], people: dict[int, str]
) -> Iterator[Issue]:
    kinds = {kind for kind, _ in traits}
    if len(kinds) < 2:
        return
    own: dict[str, tuple[str, ...]] = {}
    for row, person in people.items():
        own.setdefault(person, tuple(column.texts.get(row, "") for _, column in traits))
    rare = [who for who, n in Counter(own.values()).items() if n < _K]
    if rare:
        headers = listed(column.header for _, column in traits)
        alone = sum(own[person] in rare for person in own)
        message = (
            f"{headers} together single out {alone} of {counted(len(own), 'participant')} (fewer "
            f"than {_K} share a combination)."
        )
        remedy = "Keep these in a table of their own, or in classes; they were copied to no result."
        yield _issue("P02", source, traits[0][1].header, message, remedy)


def _issue(
    code: str, source: Source, header: str, message: str, remedy: str,
    severity: Severity | None = None,
) -> Issue:  # fmt: skip
    table = source.table
    return issue(code, table.file, message, remedy, row=table.header_row, column=header,
                 severity=severity)  # fmt: skip
