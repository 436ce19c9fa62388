"""Raw files -> observations and issues.

`plan.read_plan` reads trial.yaml (`yaml_text` -> `typed` -> `plan_names`, `plan_files`,
`plan_model`; `blind` puts letters in place of the arms, if it says so).
`run.take_in` reads the data: `files` (each one once) -> `read`, `encoding`, `workbook`, `ods`,
`statfile`, `exports_read`, `tabulate` (bytes -> cells as typed), `layout` (long and wide -> values
with their labels), `repairs` (what trial.yaml allows), `gather` (the files of one outcome ->
measurements), `checks` (functions that return issues), `plausibility` (which of them look at what
can be read and still be wrong, over `visits`, with `robust` statistics, `companions`, columns
beside the declared ones, and `stamps`, dates and clocks), `observations` (the table).
"""
