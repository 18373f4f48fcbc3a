"""The library of alliances: tests of other alliances, each a case that runs as a scenario."""
