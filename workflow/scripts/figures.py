"""Rule figures, see analysis/steps/figures.py and analysis/steps/sensitivity.py."""

from analysis import io
from analysis.steps.figures import figures
from analysis.steps.sensitivity import sensitivity

asked = {
    "plan": snakemake.input.plan,
    "schema": snakemake.input.schema,
    "observations": snakemake.input.observations,
    "fit": snakemake.input.fit,
}
with io.job_log(snakemake.log[0]):
    figures(**asked, figures=snakemake.output.figures)
    sensitivity(**asked, answers=snakemake.output.answers)
