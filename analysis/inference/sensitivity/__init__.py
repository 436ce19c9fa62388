"""Other ways to ask the same question: one module each, one table for all.

`per_time` is the referee: exact under per-time normality whatever happens at other times or in
the other arms. The rows stand beside the joint model's, never in its place.
"""
