"""Many variants of one branch, each run for the same replicates, for the sake of one metric."""

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np

from sim.engine.ensemble import Program
from sim.engine.setup import Setup
from sim.experiments.ensemble import positive
from sim.experiments.workers import Progress, default_workers
from sim.output.measuring import Floats, measure
from sim.parameters import Parameters
from sim.scenario.expressions import Metric

Key = TypeVar("Key", bound=Hashable)
Variant = tuple[Setup, Parameters]
"""A branch and the parameters it runs with."""


@dataclass(frozen=True)
class Trial:
    """What is asked of every variant.

    Attributes
    ----------
    metric : Metric
        From `sim.scenario.expressions.parse_metric`.
    seed, replicates : int
        Replicate ``n`` of every variant draws the same random numbers.
    """

    metric: Metric
    seed: int
    replicates: int

    def values(self, setup: Setup, parameters: Parameters) -> Floats:
        """Run a variant and return the metric in each replicate, NaN for null."""
        program = Program(setup, (self.metric.path,))
        given = np.array([parameters], dtype=np.float64)
        batch = program.run(self.seed, np.arange(self.replicates), given)
        series = batch.values[:, :, 0]
        if self.metric.path.variable == "posture":
            series = np.where(series < 0, np.nan, series)
        return measure(self.metric, setup.calendar.dates, lambda _: series)


def run_variants(
    trial: Trial,
    keys: Sequence[Key],
    make: Callable[[Key], Variant],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Mapping[Key, Floats]:
    """Run variants in threads of the compiled engine.

    Parameters
    ----------
    trial : Trial
        What is asked.
    keys : sequence of hashable
        What stands for each variant; equal ones are run once.
    make : callable
        Makes the variant of a key.
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
    found: dict[Key, Floats] = {}
    unique = list(dict.fromkeys(keys))
    with closing(_finished(trial, unique, make, workers or default_workers())) as finished:
        for key, values in finished:
            found[key] = values
            if progress is not None:
                progress(len(found) * trial.replicates, len(unique) * trial.replicates)
    return found


def _finished(
    trial: Trial, keys: Sequence[Key], make: Callable[[Key], Variant], workers: int
) -> Generator[tuple[Key, Floats], None, None]:
    """Give each key with its values as they are done; what is not begun is dropped when the caller stops."""
    queue = iter(keys)
    with ThreadPoolExecutor(workers) as pool:
        waiting: dict[Future[Floats], Key] = {}
        try:
            while True:
                for key in islice(queue, 2 * workers - len(waiting)):
                    waiting[pool.submit(_run, trial, make, key)] = key
                if not waiting:
                    return
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield waiting.pop(future), future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _run(trial: Trial, make: Callable[[Key], Variant], key: Key) -> Floats:
    return trial.values(*make(key))
