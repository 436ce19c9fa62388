"""Rule index, see analysis/steps/index.py."""

from analysis import io
from analysis.steps.index import index

with io.job_log(snakemake.log[0]):
    index(summaries=snakemake.input.summaries, page=snakemake.output.page)
