# From observations to tables.
#
# needs  plan         = data/raw/<trial>/trial.yaml
#        observations = data/processed/<trial>/observations.csv
#        issues       = data/processed/<trial>/issues.csv
# makes  fit          = data/processed/<trial>/fit/
# steps  model


# Whole folders are outputs, so that nothing of an earlier run outlives a trial that broke since.
rule model:
    input:
        plan="data/raw/{trial}/trial.yaml",
        observations="data/processed/{trial}/observations.csv",
        issues="data/processed/{trial}/issues.csv",
        schema=SCHEMA,
        code=code("model.py"),
    output:
        fit=directory("data/processed/{trial}/fit"),
    log:
        "logs/model/{trial}.log",
    conda:
        "../../environment.yml"
    message:
        "{wildcards.trial}: fit the models and compare the arms"
    script:
        "../scripts/model.py"
