"""Registered forecasts: dated questions, probabilities filed before the outcomes are known, and their scores.

How to ask, register and score stands in ``docs/forecasts.md``.
"""
