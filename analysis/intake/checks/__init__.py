"""The checks of the intake, one module per subject: functions that return issues.

`run` calls those that decide whether a file can be read at all, `plausibility` lists the others.
"""
