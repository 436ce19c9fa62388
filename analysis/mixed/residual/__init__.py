"""Models with a residual covariance structure: certified fits to one response or to many.

model             a design with a structure; fit_residual, ResidualModel.fit_many
response          a response in units of its standard deviation
layout, rotation  rows by participant, participants by pattern; few of them carry X
participants      all of them, or those with X: what a pattern has, given to each, and sums
problem, point    the restricted likelihood and its derivatives
slopes, factors   those of V; triangular factors of many small matrices
compiled          the same by kernel/kernel.c, several times as fast, where a C compiler was at hand
start, chart      where the search starts, and the coordinates it goes by
newton, local     the search for several responses from several starts; its steps
ends              where it led
again, looked     further looks, from points of another kind, and whether they are enough
near, beside      where a visit has no error; where one group differs from the best minimum
polish            the last digits, by numpy
limits            which minimum is the estimate, or why there is none
check, moments    its certificate; the matrices behind standard errors and degrees of freedom
"""

from analysis.mixed.residual.check import certify
from analysis.mixed.residual.model import ResidualModel, fit_residual

__all__ = ["ResidualModel", "certify", "fit_residual"]
