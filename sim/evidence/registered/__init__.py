"""Registered forecasts: questions with dates, chances put on file before the answers are known, and their scores.

How to ask, register and score stands in ``docs/forecasts.md``.
"""
