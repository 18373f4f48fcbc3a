"""Fits of the parameters: the likelihood of records, the sampler, and the weights of left-out data."""
