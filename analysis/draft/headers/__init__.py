"""Headers of wide tables, and of trials side by side -> patterns."""
