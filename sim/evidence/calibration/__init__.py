"""Calibration: the likelihood of records, the sampler, the fits, and checks of what they make of single facts."""
