# Recovery trials: from data/raw/<trial>/ to reports/<trial>/report.html and reports/index.html.
#
#   snakemake --cores 4                                    every trial
#   snakemake --cores 4 reports/<trial>/report.html        one trial
#   snakemake --cores 4 --directory DIR -s HERE/Snakefile  the data and reports of DIR
#
# There is no config file: what a trial is and how it is analysed stands in its own trial.yaml.
# profiles/default/config.yaml holds the settings that a plain run should have.

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


# In the order in which they run, for each trial: prepare -> model -> figures -> report; then index.
include: "workflow/rules/common.smk"
include: "workflow/rules/prepare.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "reports/index.html",
        expand("reports/{trial}/report.html", trial=TRIALS),
    localrule: True
    message:
        "Every report is listed in reports/index.html"


# A trial with errors gets a report that says so, and its jobs succeed: a failed job would lose
# its files. The run as a whole ends here, with the errors on the screen and exit code 1.
onsuccess:
    finish()


onerror:
    finish()
