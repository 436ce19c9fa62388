"""Type-I error, coverage, bias and power of the candidate analyses, by simulation."""
