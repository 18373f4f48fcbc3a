"""Posterior predictive checks: the statistic of every pattern under draws of a fit, beside its accepted interval.

The patterns are no part of a fit, except for those of the reference class.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.evidence.calibration.averages import known_mean
from sim.evidence.calibration.history import HistoryPrograms
from sim.evidence.calibration.patterns import Pattern, load_patterns
from sim.evidence.calibration.reference import ReferenceClass
from sim.model.world import Floats
from sim.scenario import Scenario

DRAWS: Final = 64
"""Draws of each fit that are checked."""

RUNS: Final = 16
"""Runs of the history for each draw."""

NULL: Final = "null"
"""The column of a model in which nothing ever happens."""

_NOTHING: Final = dict.fromkeys(
    ("honoured_strict", "honoured_lenient", "honoured_by_ally", "bilateral_lead", "initiation", "inside_pacts",
     "exit_hazard", "deterrence", "hard_times"), 0.0,
)  # fmt: skip
"""Statistics of generic worlds in which nothing ever happens; the others have no value there."""


class PatternChecks:
    """The history and the generic worlds, ready to be run for every pattern.

    Parameters
    ----------
    history : Scenario
        With the branches that `HistoryPrograms` needs.
    patterns : sequence of Pattern, optional
        Default: those that ship.

    Raises
    ------
    InputError
        If the history lacks a branch, or a pattern asks for what the history does not have.
    """

    def __init__(self, history: Scenario, patterns: Sequence[Pattern] | None = None) -> None:
        self.patterns = tuple(load_patterns() if patterns is None else patterns)
        self._history = HistoryPrograms(history, self.patterns)
        self._reference = ReferenceClass(self.patterns)

    def table(self, draws: Mapping[str, Floats], *, runs: int, seed: int = 1, threads: int = 1) -> pd.DataFrame:
        """Return a table of the patterns: interval, and mean statistic and verdict under the draws of each fit.

        Parameters
        ----------
        draws : mapping of str to array (D, Q)
            Parameter sets, by name of the column.
        runs : int
            Runs of the history for each set.
        seed : int
        threads : int

        Returns
        -------
        DataFrame
            One row a pattern. Beside each column NAME stands ``NAME verdict``: pass, miss, or a dash where the
            statistic has no value.
        """
        columns = {name: self.means(sets, runs=runs, seed=seed, threads=threads) for name, sets in draws.items()}
        columns[NULL] = self.null()
        rows: list[dict[str, Any]] = []
        for index, pattern in enumerate(self.patterns):
            row = {name: getattr(pattern, name) for name in ("fact", "tier", "member", "until", "low", "high")}
            for name, values in columns.items():
                row |= {name: float(values[index]), f"{name} verdict": verdict(pattern, float(values[index]))}
            rows.append({"pattern": pattern.name, **row})
        return pd.DataFrame(rows)

    def means(self, parameters: Floats, *, runs: int, seed: int = 1, threads: int = 1) -> Floats:
        """Return the mean of each pattern's statistic over parameter sets, with new random numbers in every run."""
        rows = np.repeat(np.ascontiguousarray(parameters), runs, axis=0)
        panel = self._history.values(seed, np.arange(len(rows)), rows, threads)
        world = self._reference.statistics(parameters, seed=seed, threads=threads, common=False)
        return self._in_order(known_mean(panel, axis=0), known_mean(world, axis=0))

    def null(self) -> Floats:
        """Return the statistics of a model in which nothing ever happens; NaN where there is none."""
        world = [_NOTHING.get(str(pattern.about), np.nan) for pattern in self._reference.patterns]
        return self._in_order(self._history.null(), np.array(world))

    def _in_order(self, panel: Floats, world: Floats) -> Floats:
        names = [pattern.name for pattern in (*self._history.patterns, *self._reference.patterns)]
        values = dict(zip(names, (*panel, *world), strict=True))
        return np.array([values[pattern.name] for pattern in self.patterns])


def verdict(pattern: Pattern, value: float) -> str:
    """Return whether a statistic lies in the interval of its pattern."""
    if np.isnan(value):
        return "-"
    return "pass" if pattern.low <= value <= pattern.high else "miss"


def met(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many patterns each column of a table of checks meets, of those that have a value, by tier."""
    names = [name.removesuffix(" verdict") for name in table.columns if name.endswith(" verdict")]
    rows = []
    for name in names:
        counts: dict[str, Any] = {"parameters": name}
        for tier, verdicts in table.groupby("tier")[f"{name} verdict"]:
            counts |= {f"{tier}": int((verdicts == "pass").sum()), f"{tier} of": int((verdicts != "-").sum())}
        rows.append(counts)
    return pd.DataFrame(rows)
