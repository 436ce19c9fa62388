"""Reference numbers made by independent software, and how close this installation comes.

components   variance components: R's numbers, tests/reference
residual     residual structures: R's numbers, and 60 digits; tests/reference/residual
verdict      how close one case comes
record       what a report may quote, as long as code and packages are the same
"""

from analysis.verify.record import verify

__all__ = ["verify"]
