"""Explanations of decisions: a replicate is replayed, and each decision is shown with its terms and flip distances."""
