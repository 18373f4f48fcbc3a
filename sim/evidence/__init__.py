"""Coded historical record, calibration of the model to it, hindcasts and registered forecasts."""
