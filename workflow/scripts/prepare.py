"""Rule prepare, see analysis/steps/prepare.py."""

from analysis import io
from analysis.steps.prepare import prepare

with io.job_log(snakemake.log[0]):
    prepare(
        plan=snakemake.input.plan,
        schema=snakemake.input.schema,
        observations=snakemake.output.observations,
        issues=snakemake.output.issues,
        repairs=snakemake.output.repairs,
        inputs=snakemake.output.inputs,
    )
