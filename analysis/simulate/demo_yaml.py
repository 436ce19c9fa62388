"""The demo's trial.yaml: the file that users copy, so it explains itself."""

from string import Template

TRIAL_YAML = Template("""\
# A trial is one folder: this file and the raw data files beside it.
# To analyse your own trial, copy the folder, put your data files in and change what is written
# here; data/raw/README.md explains every key. `python -m analysis check data/raw/<folder>` checks
# this file and the data without analysing anything.

title: "SIMULATED: far-infrared and whole-body cryotherapy after a damaging run"
design: crossover            # every athlete gets every arm, in turn; `parallel`: each gets one arm
randomised: true             # was the order drawn at random?

description: |               # free text for the report
  Simulated by this project (python -m analysis demo, seed $seed). These are not data of any real
  person, and nothing here says whether far-infrared or cryotherapy works.

  Twelve invented athletes run until their legs hurt in each of three weeks. Right after the
  measurement at 0h they sit still, get far-infrared heat or enter a cryo-chamber, once. The six
  orders of the three arms (a Williams design) were given to two athletes each.

  Magnitudes come from published values. Soreness: passive arms in Table 1 of Machado 2016
  (10.1007/s40279-015-0431-7; scales read as 0-10), a hamstring-curl trial (IJESAB vol 2 iss 7 art.
  60), Lau 2013 (peak on day 2), Law & Herbert 2007 (spread), PMC7449331 (error proportional to the
  mean, CV 44.8 %). Jump: a doctoral thesis (Table 4.2: 38.9 cm, SD 3.2 cm), PMC7449331 (error at 24
  h 7.7/4.0 of that at rest), Markovic 2004 (error within a visit), Rupp 2012
  (10.1519/JSC.0b013e318239c3a1) and Vaile 2008 (10.1007/s00421-007-0605-6) as bounds of the loss,
  Williams 2025 (10.3390/jfmk10020230; recovery by day 3). Effects of cryotherapy are those of
  cooling in a network meta-analysis (sponet.de record 4097780: -1.09 at 1 h and -0.89 at 24 h of 10
  points) and, for jumps, in Poppendieck 2013 (Hedges g 0.15). Effects of far-infrared are ASSUMED:
  nearly none at 1 h, about cooling's from 24 h. The only values in mm that were seen come from a
  retracted paper (Hsieh 2022) and its team (Tseng 2024) and were not used.

  The three arms in three weeks and the dose of cryotherapy follow Hausswirth 2011
  (10.1371/journal.pone.0027749), which repeated its treatments at 24 and 48 h; the dose of
  far-infrared follows Ahokas 2023 (10.5114/biolsport.2023.119289). Every number stands beside its
  source, or the word "assumed", in analysis/simulate/demo_parameters.py.

registration: null           # registry number or link to the protocol, shown in the report

# Which column of the files holds what. An outcome below may name other columns.
columns:
  participant: athlete
  arm: condition
  time: timepoint
  period: week               # 1, 2, 3: second bouts of exercise hurt less, so order matters
  sequence: order            # optional: the order of arms drawn for this athlete

# Arms in the order of tables and figures; exactly one has role: control.
# `aliases` are other spellings found in the files. A spelling not listed is an error, not a guess.
arms:
  passive:
    label: Passive rest
    role: control
    aliases: [PAS]
    dose: {minutes: 20, delay_h: 0}
  fir:
    label: Far-infrared
    aliases: [FIR, far-infrared]
    dose: {temperature_c: 43, minutes: 20, delay_h: 0}
  cryo:
    label: Whole-body cryotherapy
    aliases: [WBC]
    dose: {temperature_c: -110, minutes: 3, delay_h: 0}

# Times in order; hours count from the end of exercise.
times:
  pre: {hours: -1, role: baseline}          # before exercise
  0h:  {hours: 0, role: before_treatment}   # after exercise, before treatment: no effect possible
  1h:  {hours: 1}
  24h: {hours: 24}
  48h: {hours: 48}
  72h: {hours: 72}

outcomes:
  soreness:
    label: Muscle soreness (visual analogue scale)
    file: soreness.csv
    value: vas               # the column with the numbers
    unit: mm
    range: [0, 100]          # a value outside is an error
    better: lower
    margin:                  # the smallest difference that matters; decide before seeing the data
      value: 10
      source: >-
        A convention. 10 mm lies near the lower end of minimal clinically important differences of
        acute pain on a 100 mm scale (9 to 19 mm in a review of 11 emergency-department studies);
        none of them is about muscle soreness.
  jump:
    label: Countermovement jump height
    file: jump.csv
    columns: {participant: id}   # this file calls the athlete `id`; other columns are as above
    value: height
    unit: cm
    range: [3, 110]
    better: higher
    replicates: mean         # three jumps a visit; their mean is less noisy than the best
    margin:
      value: 1
      source: >-
        No consensus value exists. 1 cm is about the typical error of jump height between sessions
        (0.98 cm, derived from an intraclass correlation of 0.906) and more than a fifth of the
        standard deviation between athletes (0.6 to 0.7 cm).

missing_codes: [-9]          # read as missing, like an empty cell

# The analysis plan, written before looking at the data; what it does not name is exploratory.
# One primary comparison. The secondary ones are tested in this order, each only if all before it
# were significant (fixed_sequence): so the chance of any false claim stays at alpha.
# An estimate is always arm minus reference.
plan:
  primary: {outcome: soreness, arm: fir, reference: passive, time: 24h}
  secondary:
    - {outcome: jump, arm: fir, reference: passive, time: 24h}
    - {outcome: soreness, arm: fir, reference: cryo, time: 1h}
  multiplicity: fixed_sequence
  alpha: 0.05

# `model:` is left out: its defaults are what a statistician would choose for this design.
""")
