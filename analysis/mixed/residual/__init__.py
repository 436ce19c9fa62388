"""Models with a residual covariance structure: certified fits to one response or to many.

model             a design with a structure; fit_residual, ResidualModel.fit_many
response          a response in units of its standard deviation
layout, rotation  rows by participant, participants by pattern; few of them carry X
participants      all of them, or those with X: what a pattern has, given to each, and sums
point, slopes     the restricted likelihood and its derivatives; those of V
factors           triangular factors of many small matrices
start, chart      where the search starts, and the coordinates it goes by
newton, local     the search for several responses from several starts; its steps
again, near       further looks, from points of another kind; those where a visit has no error
polish            the last digits
limits            which minimum is the estimate, or why there is none
check, moments    its certificate; the matrices behind standard errors and degrees of freedom
"""

from analysis.mixed.residual.check import certify
from analysis.mixed.residual.model import ResidualModel, fit_residual

__all__ = ["ResidualModel", "certify", "fit_residual"]
