"""Raw files -> observations and issues.

`plan.read_plan` reads trial.yaml (`yaml_text` -> `typed` -> `plan_names`, `plan_model`).
`run.take_in` reads the data: `read` (bytes -> cells as typed), `layout` (long and wide -> values
with their labels), `checks_*` (one function per check code), `observations` (the table).
"""
