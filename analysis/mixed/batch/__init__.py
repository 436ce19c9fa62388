"""One design, many responses: `plan` once per design, then `BatchPlan.fit` any number of responses.

plans           plan, fits: chunks and threads
reduce          what the design fixes; algebra, its invariant subspaces
statistics      responses as sufficient statistics; draw, random ones
criterion       the restricted likelihood and its derivatives; woodbury, its dense coordinates
coordinates     where it is nearly a polynomial; table, tabulated there; check, as good as exact
start, newton   where the search starts, and the search
fit, solutions  from statistics to certified fits; single, those that need no search
tests           standard errors and degrees of freedom; tails, p-values
"""

from analysis.mixed.batch.plans import BatchFits, BatchPlan, plan
from analysis.mixed.batch.tests import BatchTests

__all__ = ["BatchFits", "BatchPlan", "BatchTests", "plan"]
