"""Seats of played runs: how they are asked for their answers."""
