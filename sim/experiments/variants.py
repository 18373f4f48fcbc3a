"""Variants of one branch, each simulated for equal replicates to measure one metric."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sim.engine import compiler
from sim.engine.ensemble import Program
from sim.engine.setup import Setup, prepare
from sim.errors import InputError
from sim.experiments.ensemble import check_seed, choose_branches, positive
from sim.experiments.executors import Progress, in_threads
from sim.experiments.masking import shortened
from sim.experiments.metrics import read_metrics
from sim.experiments.parameters.sources import (
    Draws,
    ParameterSource,
    parameter_draws,
    replicate_sets,
    warn_of_differences,
)
from sim.machine import processors
from sim.model.parameters import Parameters
from sim.model.variables import RUNG_VARIABLES
from sim.output.measuring import Floats, horizon, kind_of, measure
from sim.scenario.expressions import Metric
from sim.scenario.schema import Scenario

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Trial:
    """The settings of a comparison of variants: the metric, the replicates and the parameters.

    Attributes
    ----------
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    seed, replicates : int
        Seed and number of replicates; replicate ``n`` of every variant uses the same random numbers.
    given : Parameters
        The parameters of the unchanged branch; the changes of a variant apply to every replicate.
    draws : Draws, optional
        The source of each replicate's parameters, unless the scenario or the variant sets them.
    """

    metric: Metric
    seed: int
    replicates: int
    given: Parameters
    draws: Draws | None = None

    def values(self, setup: Setup) -> Floats:
        """Run a variant and return the metric in each replicate, NaN for null."""
        program = Program(setup, (setup.reported(self.metric.path),))
        batch = program.run(self.seed, np.arange(self.replicates), self._parameters(setup))
        series = batch.values[:, :, 0]
        if self.metric.path.variable in RUNG_VARIABLES:
            series = np.where(series < 0, np.nan, series)
        return measure(self.metric, setup.calendar.dates, lambda _: series)

    def _parameters(self, setup: Setup) -> Floats | None:
        if self.draws is None:
            return None
        before, now = self.given._asdict(), setup.parameters._asdict()
        changed = {name: value for name, value in now.items() if value != before[name]}
        return replicate_sets(setup, self.draws, self.seed, np.arange(self.replicates), changed)


def pose(
    scenario: Scenario, metric: str, branch: str | None, seed: int | None, replicates: int, parameters: ParameterSource
) -> tuple[str, Setup, Trial]:
    """Return the branch's name, the branch up to the tick that settles its metric, and the settings of the comparison.

    Parameters
    ----------
    scenario : Scenario
        As `sim.load` returns it.
    metric : str
        A metric expression that is a number, or true or false.
    branch, seed : optional
        Default: the first branch, and the scenario's seed.
    replicates : int
        Replicates of each variant.
    parameters : Draws, str or Path, optional
        Where the parameters of each replicate come from, as for `sim.run`.

    Raises
    ------
    InputError
        If an argument is invalid; metrics that are dates are invalid because dates have no mean.
    """
    chosen = choose_branches(scenario, [branch] if branch else None)[0]
    parsed = read_metrics([metric], scenario, [chosen])[metric]
    if kind_of(parsed) == "date":
        raise InputError(f"metric '{metric}' is a date, which has no mean; compare it, such as '{metric} <= 2024-12'")
    whole = prepare(scenario, chosen)
    setup = shortened(whole, max(1, horizon(parsed, whole.calendar.dates)))
    start = check_seed(scenario.seed if seed is None else seed)
    count = positive("replicates", replicates)
    draws = parameter_draws(parameters, scenario)
    warn_of_differences([draws], scenario.parameters)
    return chosen, setup, Trial(parsed, start, count, setup.parameters, draws)


def run_variants(
    trial: Trial,
    keys: Sequence[Key],
    make: Callable[[Key], Setup],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mapping[Key, Floats]:
    """Run variants in threads of the compiled engine.

    Parameters
    ----------
    trial : Trial
        The settings of the comparison.
    keys : sequence of hashable
        Keys of the variants; equal keys are run once.
    make : callable
        A function that returns the variant for a key.
    workers : int, optional
        Threads; default: the processors at hand.
    progress : callable, optional
        Called with the runs done and the runs to do.

    Returns
    -------
    mapping
        The metric in each replicate, by key.

    Raises
    ------
    InputError
        If there is no worker.
    """
    if workers is not None:
        positive("workers", workers)
    compiler.wait()  # here and not in threads, so that Ctrl-C arrives
    results: dict[Key, Floats] = {}
    unique = list(dict.fromkeys(keys))
    variants = ((key, key) for key in unique)
    with closing(in_threads(lambda key: trial.values(make(key)), variants, workers or processors())) as finished:
        for key, values in finished:
            results[key] = values
            if progress is not None:
                progress(len(results) * trial.replicates, len(unique) * trial.replicates)
    return results
