"""Figures: one function for each figure, and one style for all of them."""
