"""Rule report, see analysis/steps/report.py."""

from analysis import io
from analysis.steps.report import report

with io.job_log(snakemake.log[0]):
    report(
        plan=snakemake.input.plan,
        schema=snakemake.input.schema,
        issues=snakemake.input.issues,
        inputs=snakemake.input.inputs,
        fit=snakemake.input.fit,
        answers=snakemake.input.answers,
        figures=snakemake.input.figures,
        tables=snakemake.output.tables,
        page=snakemake.output.page,
        provenance=snakemake.output.provenance,
        summary=snakemake.output.summary,
    )
