"""Audits of claims: whether a difference between branches holds when everything is varied that should not matter."""
