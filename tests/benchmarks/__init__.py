"""Speed, measured against R and statsmodels: ``python -m tests.benchmarks``."""
