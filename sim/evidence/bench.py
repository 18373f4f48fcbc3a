"""What a set of parameters does: every pattern's statistic, from runs of the history and of generic worlds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.evidence.averages import known_mean
from sim.evidence.generic import generic_world
from sim.evidence.history import HistoryPrograms
from sim.evidence.patterns import Pattern
from sim.evidence.reference_class import COUNTS, STATISTICS, WorldPrograms
from sim.model.world import Ints
from sim.output.manifest import digest, scenario_inputs
from sim.output.measuring import Floats
from sim.output.sweeps import code_digest
from sim.scenario.schema import Scenario

WORLDS: Final = (1, 2, 3, 4)
"""Seeds of the generic worlds."""

HALVES: Final = 2
"""Parts of the replicates that are measured apart: how they differ tells the noise of a statistic."""

BRANCHES: Final = 4
"""Runs that one replicate takes: three of the history, one of a generic world."""


@dataclass(frozen=True)
class Bench:
    """Everything that parameters are tried on.

    Attributes
    ----------
    patterns : tuple of Pattern
        In the order of the last axis of what is measured.
    history : HistoryPrograms
    worlds : WorldPrograms
    identity : str
        Digest of scenarios, worlds, patterns' statistics and code.
    """

    patterns: tuple[Pattern, ...]
    history: HistoryPrograms
    worlds: WorldPrograms
    identity: str

    @classmethod
    def of(cls, scenario: Scenario, patterns: Sequence[Pattern]) -> "Bench":
        """Build the bench of a history and patterns."""
        worlds = [generic_world(seed) for seed in WORLDS]
        history = HistoryPrograms(scenario, patterns)
        inputs = {
            "history": [scenario_inputs(one) for one in history.scenarios],
            "worlds": [scenario_inputs(world.scenario) for world in worlds],
            "statistics": [[one.name, one.source, one.about] for one in patterns],
            "code": code_digest(),
        }
        return cls(tuple(patterns), history, WorldPrograms(worlds), digest(inputs))

    def measure(
        self, parameters: Floats, replicates: int, seed: int, *, first: int = 0, common: bool = False, threads: int = 1
    ) -> Floats:
        """Measure sets of parameters.

        Parameters
        ----------
        parameters : array (D, Q)
        replicates : int
            Runs of each set in every branch; the generic worlds take turns over them.
        seed : int
        first : int
            Place of the first set in its design: set d draws replicates ``d replicates`` and on.
        common : bool
            Whether all sets draw the same random numbers.
        threads : int

        Returns
        -------
        array (D, HALVES, patterns)
            Each statistic over the first half of the replicates and over the second; NaN where there is none.
        """
        sets = len(parameters)
        numbers = np.tile(np.arange(replicates), (sets, 1))
        if not common:
            numbers += (first + np.arange(sets))[:, None] * replicates
        rows = np.repeat(np.ascontiguousarray(parameters), replicates, axis=0)
        drawn = numbers.reshape(-1)
        values = self.history.values(seed, drawn, rows, threads).reshape(sets, replicates, -1)
        counts = self.worlds.counts(seed, drawn, rows, threads).reshape(sets, replicates, len(COUNTS))
        halves = (
            [slice(None, -(-replicates // 2)), slice(-(-replicates // 2), None)] if replicates > 1 else [slice(1)] * 2
        )
        return np.stack([self._statistics(values[:, half], counts[:, half], parameters) for half in halves], axis=1)

    def single(self, parameters: Floats, replicates: Ints, seed: int, threads: int = 1) -> Floats:
        """Return the panel's values in one history of each set, and NaN for generic worlds (D, patterns)."""
        values = self.history.values(seed, replicates, np.ascontiguousarray(parameters), threads)
        return self._placed(values, np.full((len(parameters), len(STATISTICS)), np.nan))

    def null(self) -> Floats:
        """Return the statistics of a world where nothing ever happens; NaN where that says nothing."""
        nothing = {"honoured_strict": 0.0, "honoured_lenient": 0.0, "honoured_by_ally": 0.0, "bilateral_lead": 0.0}
        nothing |= {"initiation": 0.0, "inside_pacts": 0.0, "exit_hazard": 0.0, "deterrence": 0.0, "hard_times": 0.0}
        world = np.array([[nothing.get(name, np.nan) for name in STATISTICS]])
        return np.asarray(self._placed(self.history.null()[None], world)[0])

    def _statistics(self, values: Floats, counts: Floats, parameters: Floats) -> Floats:
        means = known_mean(values, axis=1)
        return self._placed(means, self.worlds.statistics(counts.sum(axis=1), parameters))

    def _placed(self, panel: Floats, world: Floats) -> Floats:
        columns = [one.name for one in self.history.patterns]
        placed = np.empty((len(panel), len(self.patterns)))
        for place, one in enumerate(self.patterns):
            if one.tier == "panel":
                placed[:, place] = panel[:, columns.index(one.name)]
            else:
                placed[:, place] = world[:, STATISTICS.index(str(one.about))]
        return placed
