"""Seats of played runs, and the questions to them."""
