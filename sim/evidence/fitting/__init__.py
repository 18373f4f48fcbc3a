"""Bayesian fits of the model: samplers of the posterior distribution of its parameters, and their diagnostics."""
