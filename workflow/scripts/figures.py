"""Rule figures, see analysis/steps/figures.py."""

from analysis import io
from analysis.steps.figures import figures

with io.job_log(snakemake.log[0]):
    figures(
        plan=snakemake.input.plan,
        schema=snakemake.input.schema,
        observations=snakemake.input.observations,
        fit=snakemake.input.fit,
        figures=snakemake.output.figures,
        answers=snakemake.output.answers,
        threads=snakemake.threads,
    )
