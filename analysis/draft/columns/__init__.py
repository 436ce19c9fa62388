"""The columns of a table: who, which arm, when, in which order; what holds values and what none."""
