"""Words of labels of times, in several languages and without accents."""

from __future__ import annotations

import re

from analysis.draft.labels.words import HOUR_WORDS, MINUTE_WORDS, word_set

DAYS = word_set(
    "d j day days tag tage tagen jour jours dia dias giorno giorni dag dage dagen dager dagar"
    " dzien dni paiva paivaa pv vrk dan dana dny dnu paev paeva dagur zile"
)
WEEKS = word_set("wk wks weeks wochen semaines semanas")
UNITS = {
    **dict.fromkeys(HOUR_WORDS, 1.0),
    **dict.fromkeys(MINUTE_WORDS, 1 / 60),
    **dict.fromkeys(DAYS, 24.0),
    **dict.fromkeys(WEEKS, 168.0),
}
BEFORE = word_set("""
    pre prae preex pretest preexercise prerun prematch baseline base basal basis bl before prior vor
    vorher avant antes prima voor vooraf ennen przed fore foer innan initial ausgangswert basale
    pred prije enne fyri fyrir elott inainte
    basaal lahtotaso alku alkumittaus start""")
HOUR_LETTERS = word_set("t u")  # of timer, uur; only behind a number: T1 is a name
AFTER = word_set("""
    post pos postex posttest postexercise postrun postmatch after nach nachher danach apres despues
    depois dopo erna daarna na efter etter jalkeen immediately immediate immed imm direkt sofort
    arrivee finish ziel zieleinlauf arrivo chegada llegada po poslije nakon parast jarel eftir utan
    dupa sonra""")
# Words that may stand beside them; with any other word "after" may be days after.
FILLING = word_set("""
    the a of end test t il la le el o de den die der dem das i exercise training trening traning
    session esercizio ejercicio exercicio exercice effort sforzo partido partita course lauf passet
    okten wysilku""")
# Words that say after what, or how soon.
AT_ONCE = word_set("""
    immediately immediate immed imm direkt direct directly sofort right rett straks heti subito
    takoj odmah kohe strax ihned azonnal imediat hemen
    juste inmediatamente imediatamente immediatamente immediatement bezposrednio ex postex exercise
    postexercise run postrun match postmatch workout belastung""")
NEXT = word_set("""
    next following folgetag nachster nachsten lendemain siguiente seguente seguinte volgende
    nastepnego seuraava naslednji sljedeci jargmine naesta nasti""")
TREATED = word_set("treatment treat intervention therapy tx behandlung recovery")
# Words before a number that count something else than time since the exercise.
COUNTED = word_set("""
    week woche semaine semana uke vecka uge tydzien settimana w wk visit period periode p session
    s ses sess v vis phase block arm bout""")
ORDINAL = word_set("t tp mzp m test time timepoint measurement messung mp punkt zeitpunkt")
NUMBER_WORDS = {
    word: number
    for words in ("an two three four five six", "eine zwei drei vier funf sechs",
                  "one deux trois quatre cinq six", "una dos tres cuatro", "een twee drie vier",
                  "um dois tres quatro", "uno due tre", "en to tre", "ett tva tre",
                  "jeden dwa trzy", "yksi kaksi kolme",
                  "jedan dva tri", "uks kaks kolm", "einen", "ein", "une", "un")
    for number, word in enumerate(words.split(), start=1)
}  # fmt: skip
HALF = re.compile(
    r"\b(?:half an? hour|(?:eine )?halbe stunde|(?:une )?demi-? ?heure|media hora|mezz'? ?ora"
    r"|meia hora|(?:een )?half uur|(?:en )?halv ?time|(?:en )?halvtimme)\b"
)
