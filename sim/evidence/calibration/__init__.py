"""Calibration: the likelihood of records, the sampler, the fits, and checks of the fits against single facts."""
