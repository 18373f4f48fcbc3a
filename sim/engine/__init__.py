"""The engines: the same rules run by Mesa agents, tick by tick."""
