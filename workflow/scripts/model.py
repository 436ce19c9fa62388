"""Rule model, see analysis/steps/model.py."""

from analysis import io
from analysis.steps.model import model

with io.job_log(snakemake.log[0]):
    model(
        plan=snakemake.input.plan,
        schema=snakemake.input.schema,
        observations=snakemake.input.observations,
        issues=snakemake.input.issues,
        fit=snakemake.output.fit,
    )
