"""Statistical analysis of recovery trials: from raw files to tables, figures and reports.

The rooms, in the order data pass through them::

    errors, columns   what can go wrong; what every table holds
    trial             frozen dataclasses made from trial.yaml
    io                the only module that touches files
    intake            raw files -> observations and issues
    draft             raw files -> a draft of trial.yaml
    mixed             design matrices -> certified mixed-model fits
    inference         fits -> marginal means, contrasts, tests
    figures           tables -> pictures
    report            tables -> words and pages
    steps             one function per workflow rule: read, call the rooms above, write
    simulate          trials with known truth: the demo, tests, calibration

Nothing here imports Snakemake, and importing this package imports nothing.
"""

__version__ = "0.1.0"
