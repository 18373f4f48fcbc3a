"""Experiments: ensembles of replicates, sweeps over factors, and metrics of runs."""
