"""Fits -> marginal means, contrasts and tests, with the multiplicity the plan asks for."""
