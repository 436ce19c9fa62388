# From tables to pictures and pages.
#
# needs  plan         = data/raw/<trial>/trial.yaml
#        observations = data/processed/<trial>/observations.csv
#        issues       = data/processed/<trial>/issues.csv
#        inputs       = data/processed/<trial>/inputs.json
#        fit          = data/processed/<trial>/fit/
# makes  figures      = reports/<trial>/figures/
#        answers      = data/processed/<trial>/sensitivity/
#        tables       = reports/<trial>/tables/
#        page         = reports/<trial>/report.html
#        provenance   = reports/<trial>/provenance.json
#        summary      = data/processed/<trial>/summary.json
#        index        = reports/index.html
# steps  figures -> report, for each trial; then index


# One job for the pictures and for the same questions asked in other ways: both wait longest for
# the same libraries (pingouin brings seaborn and scipy.stats with it).
rule figures:
    input:
        plan="data/raw/{trial}/trial.yaml",
        observations="data/processed/{trial}/observations.csv",
        fit="data/processed/{trial}/fit",
        schema=SCHEMA,
        code=code("figures.py"),
    output:
        figures=report(
            directory("reports/{trial}/figures"),
            patterns=["{name}.png"],
            caption="../report/figure.rst",
            category="{trial}",
            labels={"figure": "{name}"},
        ),
        answers=directory("data/processed/{trial}/sensitivity"),
    log:
        "logs/figures/{trial}.log",
    conda:
        "../../environment.yml"
    threads: cores_each
    message:
        "{wildcards.trial}: draw the figures, ask the same questions in other ways"
    script:
        "../scripts/figures.py"


rule report:
    input:
        plan="data/raw/{trial}/trial.yaml",
        issues="data/processed/{trial}/issues.csv",
        inputs="data/processed/{trial}/inputs.json",
        fit="data/processed/{trial}/fit",
        answers="data/processed/{trial}/sensitivity",
        figures="reports/{trial}/figures",
        schema=SCHEMA,
        templates=sorted(HERE.glob("analysis/report/templates/*")),
        code=code("report.py"),
    output:
        tables=directory("reports/{trial}/tables"),
        page=report(
            "reports/{trial}/report.html",
            caption="../report/report.rst",
            category="{trial}",
            labels={"figure": "report"},
        ),
        provenance="reports/{trial}/provenance.json",
        summary="data/processed/{trial}/summary.json",
    log:
        "logs/report/{trial}.log",
    conda:
        "../../environment.yml"
    params:
        again=again,
    message:
        "{wildcards.trial}: write the report"
    script:
        "../scripts/report.py"


rule index:
    input:
        summaries=expand("data/processed/{trial}/summary.json", trial=TRIALS),
        templates=sorted(HERE.glob("analysis/report/templates/*")),
        code=code("index.py"),
    output:
        page="reports/index.html",
    log:
        "logs/index.log",
    localrule: True
    conda:
        "../../environment.yml"
    message:
        "List the trials"
    script:
        "../scripts/index.py"
