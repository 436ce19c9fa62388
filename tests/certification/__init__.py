"""Whether fits are at the optimum: many random trials, other starts, lme4 and statsmodels."""
