"""Hindcasts: forecasts from past dates with only the record known then, scored against naive baselines.

What is forecast, from where and how it is scored stands in ``docs/hindcast.md``.
"""
