"""Raw files -> observations and issues.

`plan.read_plan` reads trial.yaml (`yaml_text` -> `typed` -> `plan_names`, `plan_model`).
`run.take_in` reads the data: `files` (each one once) -> `read`, `encoding`, `workbook`, `ods`,
`exports_read`, `tabulate` (bytes -> cells as typed), `repairs` (what trial.yaml allows), `layout`
(long and wide -> values with their labels), `checks_*` (one function per check code),
`plausibility` (checks of what can be read and still be wrong, over `visits`, with `robust`
statistics and `companions`, columns beside the declared ones), `observations` (the table).
"""
