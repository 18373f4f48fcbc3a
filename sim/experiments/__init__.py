"""Experiments: metrics, ensembles of replicates, sweeps over factors."""
