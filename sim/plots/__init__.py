"""Figures: one a function, one style for all."""
