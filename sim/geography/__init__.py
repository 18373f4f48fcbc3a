"""Outlines of states, disputed areas, and the projection of maps."""
