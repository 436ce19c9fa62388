# From raw files to observations.
#
# needs  plan = data/raw/<trial>/trial.yaml, raw = every other file of that folder
# makes  observations = data/processed/<trial>/observations.csv
#        issues       = data/processed/<trial>/issues.csv
#        repairs      = data/processed/<trial>/repairs.csv
#        inputs       = data/processed/<trial>/inputs.json
# steps  prepare


# Succeeds whatever is wrong with the files: the problems are its result.
rule prepare:
    input:
        plan="data/raw/{trial}/trial.yaml",
        raw=raw_files,
        schema=SCHEMA,
        code=code("prepare.py"),
    output:
        observations="data/processed/{trial}/observations.csv",
        issues="data/processed/{trial}/issues.csv",
        repairs="data/processed/{trial}/repairs.csv",
        inputs="data/processed/{trial}/inputs.json",
    log:
        "logs/prepare/{trial}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.trial}: read and check the plan and the data"
    script:
        "../scripts/prepare.py"
