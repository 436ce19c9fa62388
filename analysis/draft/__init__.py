"""A trial's raw files -> a draft of its trial.yaml.

::

    reading   files -> tables, and how each is written
    columns   one column of a table: labels, numbers, missing codes
    words     what headers and labels are called in several languages
    clock     labels of times -> hours
    roles     columns of a table -> participant, arm, time, replicates, values
    order     which column is the period, by the data
    wide      headers of a wide table -> patterns
    abreast   headers of trials side by side -> patterns
    arms      labels of arms -> arms and their spellings
    measures  a column of values -> name, unit, scale
    model     what a draft holds
    build     files -> `Draft`
    text      `Draft` -> trial.yaml
    summary   `Draft` -> a table of counts

Pure functions of the files' contents. A draft holds guesses, each with its reason, and questions;
which arm is the control, which direction of a scale is good and which comparison is the primary one
are always questions.
"""
