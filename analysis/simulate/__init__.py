"""Trials with known truth: for the demo, for tests, for calibration and for planning.

::

    models    what a trial is made of: `OutcomeModel`, `TrialModel`
    designs   who gets which arm when: Williams squares, allocation
    draw      model + seed -> data
    truth     model -> the means, spreads and contrasts that the data scatter around
    demo      the committed demo trial, its parameters and where each comes from
    demo_yaml the demo's trial.yaml

Everything is a pure function of a model and a seed; no file is touched.
"""

from analysis.simulate.demo import demo_model, demo_trial
from analysis.simulate.designs import allocate, williams
from analysis.simulate.draw import simulate, simulate_many
from analysis.simulate.models import OutcomeModel, TrialModel
from analysis.simulate.truth import true_contrast, true_mean, true_sd

__all__ = [
    "OutcomeModel",
    "TrialModel",
    "allocate",
    "demo_model",
    "demo_trial",
    "simulate",
    "simulate_many",
    "true_contrast",
    "true_mean",
    "true_sd",
    "williams",
]
