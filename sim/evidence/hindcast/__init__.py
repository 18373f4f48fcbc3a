"""Hindcasts: forecasts from the record as it was known at past dates, scored beside naive ones.

What is forecast, from where and how it is scored stands in ``docs/hindcast.md``.
"""
