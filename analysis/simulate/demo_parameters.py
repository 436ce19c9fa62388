"""The truth behind the demo trial, each number beside its source.

Three words say how sure a number is: *seen* (published), *derived* (computed from published
numbers, the computation given) and *assumed* (a choice, the reason given where there is one). "In"
names a secondary table. Scores from 0 to 10 were multiplied by 10. What was seen are abstracts and
tables, not full texts.

Machado     Machado 2016, 10.1007/s40279-015-0431-7, Table 1 (passive arms; scales read as 0 to 10)
WKU         hamstring-curl trial, IJESAB abstract vol 2 iss 7 art. 60, 14 participants, arms pooled
NMA         network meta-analysis of 51 trials, sponet.de record 4097780, cold water - control,
            scale presumed 0 to 10
Weeks       PMC7449331: 13 male athletes, the same protocol in two consecutive weeks
Thesis      doctoral thesis, Table 4.2: CMJ on three days (simulation_parameters of the evidence)
Hausswirth  Hausswirth 2011, 10.1371/journal.pone.0027749: the three arms; no numbers visible
Ahokas      Ahokas 2023, 10.5114/biolsport.2023.119289: infrared sauna v rest; no cm or mm visible

Not used: Hsieh 2022 (10.1123/ijspp.2022-0084), retracted in 2025, and Tseng 2024 of the same team,
although theirs are the only abstracts seen that give soreness after far-infrared in mm.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.simulate.models import OutcomeModel

SORENESS_MEANS = {  # latent, mm, passive rest, first period; the floor lifts observed means
    "pre": -3.0,  # derived: with floor and SDs below, 4.0 (SD 6.8); seen 4 (SD 7), WKU
    "0h": 26.0,  # derived: weighted by n, Getto 0 h 19.9, n 8, Crystal 1 h 32, n 10, in Machado
    "1h": 26.0,  # derived: as 0 h
    "24h": 41.0,  # derived: weighted, Leeder 55, n 8, Crystal 48, n 10, Getto 17, n 8, in Machado
    "48h": 44.0,  # assumed: peak on day 2 (seen, Lau 2013); below 56 of hamstring curls (seen, WKU)
    "72h": 26.0,  # assumed: on its way back
}

SORENESS_EFFECTS = {  # latent, mm; 0 where no treatment can have worked
    "fir": {
        # assumed: nearly none. In Hausswirth, sensations were back where they started by 24 h with
        # far-infrared and by 1 h with cryotherapy; that compares within arms and is no estimate.
        "1h": -1.0,
        # assumed: as large as cooling's; direction only, Ahokas (secondary text)
        "24h": -9.0,
        "48h": -7.0,
        "72h": -4.0,
    },
    "cryo": {
        "1h": -11.0,  # seen: -10.9 (95 % CI -19.3 to -2.4), NMA
        "24h": -9.0,  # seen: -8.9 (95 % CI -13.3 to -4.5), NMA
        "48h": -7.0,  # assumed: fading
        "72h": -4.0,  # assumed: fading
    },
}

# Second bouts hurt less (seen, Cleary 2002, no size visible), though Weeks saw no difference in
# soreness. Sizes assumed; none before exercise.
SORENESS_PERIODS: tuple[Mapping[str, float], ...] = (
    {},
    {"0h": -2.0, "1h": -2.0, "24h": -4.0, "48h": -4.0, "72h": -2.0},
    {"0h": -3.0, "1h": -3.0, "24h": -6.0, "48h": -6.0, "72h": -3.0},
)

# A participant's SD from week to week is proportional to the mean: CV 44.8 % 24 h after exercise
# (seen, Weeks). Assumed: the same CV at other times after exercise; SDs at rest, where 49.2 % was
# seen of a mean that is not visible; two thirds of the variance belong to the bout as a whole
# (participant by period), because soreness of one bout rises and falls smoothly.
SORENESS_CV = 0.448
BOUT_SHARE = 2 / 3


def soreness_sd(share: float, at_rest: float) -> dict[str, float]:
    """Return a share of the week-to-week variance, as SD by time.

    Parameters
    ----------
    share : float
        Share of the variance after exercise.
    at_rest : float
        SD before exercise, mm.
    """
    factor = SORENESS_CV * share**0.5
    after = {time: factor * mean for time, mean in SORENESS_MEANS.items() if time != "pre"}
    return {"pre": at_rest, **after}


def constant_cv(
    means: Mapping[str, float], effects: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Return factors on the residual SD by which a treated arm keeps the control's CV.

    Parameters
    ----------
    means : mapping of time to number
        Means of the control.
    effects : mapping of arm to mapping of time to number
        Differences from the control.
    """
    return {
        arm: {time: 1 + effect / means[time] for time, effect in row.items()}
        for arm, row in effects.items()
    }


SORENESS = OutcomeModel(
    "soreness",
    SORENESS_MEANS,
    SORENESS_EFFECTS,
    SORENESS_PERIODS,
    # derived: the stable part of the SD between athletes, so that one visit's latent SD is 17 mm at
    # 1 h (seen 17, Crystal in Machado), 22 at 24 h (seen 18 to 28, Machado), 23 at 48 h (seen 22,
    # WKU; derived 20, Law & Herbert 2007, 26 v 26, half-width of the 95 % CI 11 mm)
    participant_sd=12.0,
    period_sd=soreness_sd(BOUT_SHARE, at_rest=3.5),
    residual_sd=soreness_sd(1 - BOUT_SHARE, at_rest=5.0),
    spread=constant_cv(SORENESS_MEANS, SORENESS_EFFECTS),
    correlation=0.5,  # assumed: as the share of the bout
    floor=0.0,
    ceiling=100.0,
    step=1.0,  # a line of 100 mm read with a ruler
)

JUMP_MEANS = {  # cm, passive rest
    "pre": 38.9,  # derived: mean of 39.96, 37.91, 38.73, Thesis
    "0h": 37.4,  # assumed: -4 %; seen -0.6 % (SD 6.7) right after a match, Kinugasa & Kilding 2009
    "1h": 37.4,  # assumed: as 0 h
    # assumed: -6 % and -5 %, between running (derived, Rupp 2012: -1.9 and -2.3 %) and eccentric
    # leg press (seen, Vaile 2008, weighted squat jump: -14.5 and -12.3 %)
    "24h": 36.6,
    "48h": 36.9,
    "72h": 38.5,  # assumed: -1 %; back to baseline by day 3 (seen, Williams 2025)
}

JUMP_EFFECTS = {  # cm
    # assumed: a little above cooling's; direction only, Ahokas (14 h after exercise)
    "fir": {"24h": 0.7, "48h": 0.5, "72h": 0.2},
    # 24 h derived: Hedges g 0.15 (cooling v control, time not given, Poppendieck 2013) x SD 3.2 cm.
    # 1 h none: seen at 0.5 h, Vieira 2015. Later assumed.
    "cryo": {"24h": 0.5, "48h": 0.5, "72h": 0.2},
}

# Week to week at rest 1.2 cm = 3.1 %, between 2.5 % (derived from the ICC 0.906 of Thesis) and
# 4.0 % (seen, Weeks). At 24 h times 7.7/4.0 (seen, Weeks): 2.3 cm = 6 %. Made of three parts:
# sqrt(0.7^2 + 0.8^2 + 0.9^2 / 3) = 1.2 and sqrt(0.7^2 + 2.1^2 + 0.9^2 / 3) = 2.3.
# No period effect: Weeks saw none.
JUMP = OutcomeModel(
    "jump",
    JUMP_MEANS,
    JUMP_EFFECTS,
    # derived: SD of one session 3.2 cm, mean of 3.04, 2.90, 3.69 (Thesis), without 1.2 cm from week
    # to week: sqrt(3.2^2 - 1.2^2) = 3.0
    participant_sd=3.0,
    period_sd=0.7,  # assumed part: form of the week
    # pre and 24 h derived, see above; the others assumed, between rest and 24 h
    residual_sd={"pre": 0.8, "0h": 1.5, "1h": 1.5, "24h": 2.1, "48h": 1.7, "72h": 1.2},
    correlation=0.5,  # assumed: tired legs stay tired
    step=0.1,
    replicates=3,
    # derived: 2.4 % of 38.9, the lowest within-session CV (seen, Markovic 2004); 0.8 cm (seen,
    # PMC5377563)
    replicate_sd=0.9,
)
