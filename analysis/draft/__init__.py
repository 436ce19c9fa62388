"""A trial's raw files -> a draft of its trial.yaml.

::

    tables       files -> tables of texts, and how each is written (reading, heading, stacks)
    labels       what they say: times (clock, times), arms, measures; words in many languages
    columns      one column; who, which arm and when (roles), in which order (order, courses);
                 what holds values and what was computed from them (values, derived)
    headers      headers of wide tables -> patterns (cuts, wide, crossed, later), trials (abreast)
    understand   one table -> its roles and where its values stand
    series       tables -> the series of values in them; summaries beside trials
    build        files -> `Draft`, by outcomes, column_entries and written
    model, text  what a draft holds -> trial.yaml; summary: the table of counts

Pure functions of the files' contents. A draft holds guesses, each with its reason, and questions;
which arm is the control, which direction of a scale is good and which comparison is the primary one
are always questions.
"""
