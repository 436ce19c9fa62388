"""Broken, odd and hostile trials, in large numbers: see __main__."""
