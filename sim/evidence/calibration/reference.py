"""The reference class of alliances since 1945 as a factor of the target: statistics of simulated generic worlds.

A statistic within its accepted interval costs nothing; outside, its log-density falls as that of a normal distribution
whose standard deviation is a quarter of the interval, widened by the stated discrepancy of the model.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.evidence.calibration.generic import generic_world
from sim.evidence.calibration.patterns import Pattern, load_patterns
from sim.evidence.calibration.reference_class import COUNTS, STATISTICS, WorldPrograms
from sim.model.world import Floats

WORLDS: Final = (1, 2, 3, 4)
"""Seeds of the generic worlds."""

RUNS: Final = 4
"""Runs of each set of parameters; the worlds take turns over them."""


class ReferenceClass:
    """Generic worlds, and the accepted intervals of their statistics."""

    def __init__(self, patterns: Sequence[Pattern] | None = None) -> None:
        chosen = load_patterns() if patterns is None else patterns
        self.patterns = tuple(pattern for pattern in chosen if pattern.tier == "world")
        self._columns = [STATISTICS.index(str(pattern.about)) for pattern in self.patterns]
        self._programs = WorldPrograms([generic_world(seed) for seed in WORLDS])

    def statistics(self, parameters: Floats, *, seed: int = 0, threads: int = 1, common: bool = True) -> Floats:
        """Return the statistic of each pattern under given parameter sets, over `RUNS` runs.

        Parameters
        ----------
        parameters : array (D, Q)
        seed : int
        threads : int
        common : bool
            Whether all sets are run on the same random numbers.

        Returns
        -------
        array (D, patterns)
            NaN where nothing was counted.
        """
        sets = len(parameters)
        rows = np.repeat(np.ascontiguousarray(parameters), RUNS, axis=0)
        numbers = np.tile(np.arange(RUNS), sets) if common else np.arange(len(rows))
        counts = self._programs.counts(seed, numbers, rows, threads)
        summed = counts.reshape(sets, RUNS, len(COUNTS)).sum(axis=1)
        return self._programs.statistics(summed, parameters)[:, self._columns]

    def log_density(self, parameters: Floats, *, seed: int = 0, threads: int = 1) -> Floats:
        """Return the log-density of the reference class under given parameter sets (D)."""
        return interval_density(self.patterns, self.statistics(parameters, seed=seed, threads=threads))


def interval_density(patterns: Sequence[Pattern], statistics: Floats) -> Floats:
    """Return the summed log-density of statistics given their accepted intervals (D); a missing one costs nothing."""
    low, high, off = (
        np.array([getattr(pattern, name) for pattern in patterns]) for name in ("low", "high", "discrepancy")
    )
    outside = np.maximum(0.0, np.maximum(low - statistics, statistics - high))
    errors = np.hypot((high - low) / 4.0, off)
    return np.asarray(-0.5 * np.nansum((outside / errors) ** 2, axis=-1))
