"""Ensembles: many replicates of each branch of a scenario, from the same random draws."""

import re
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.experiments.cast import Cast
from sim.experiments.chunks import Arrays, Chunk, Job, Outcome
from sim.experiments.metrics import default_metrics, read_metrics
from sim.experiments.workers import Progress, execute
from sim.output.result import RESPONSE_COLUMNS, Result, label
from sim.scenario import branch_names, load, resolve
from sim.scenario.schema import Scenario


def run(
    scenario: Scenario | str | Path,
    *,
    branches: Sequence[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    metrics: Iterable[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
    name: str | None = None,
) -> Result:
    """Run branches of a scenario as ensembles.

    Replicate ``n`` of every branch draws the same random numbers, so that branches can be compared pair by
    pair. The outcome does not depend on the number of workers.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, or the path of its file.
    branches : sequence of str, optional
        Default: all.
    replicates, seed : int, optional
        Default: those of the scenario.
    metrics : iterable of str
        Metric expressions to report beside those that every run reports.
    workers : int, optional
        Processes; default: the processors at hand. 1 runs everything in this process. A script that uses
        several keeps its own work under ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with the runs done and the runs to do.
    name : str, optional
        Short name of the result; default: from the file or the title.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If a branch, a metric or a number is refused; `ScenarioError` if the file is.

    Examples
    --------
    >>> run("scenarios/first-steps.toml", replicates=100, seed=7)  # doctest: +SKIP
    """
    if not isinstance(scenario, Scenario):
        name = name or Path(scenario).stem
        scenario = load(scenario)
    chosen = choose_branches(scenario, branches)
    runs = positive("replicates", scenario.replicates if replicates is None else replicates)
    if workers is not None:
        positive("workers", workers)
    start = check_seed(scenario.seed if seed is None else seed)
    cast = Cast.of(scenario, chosen)
    texts = tuple(dict.fromkeys([*metrics, *default_metrics(scenario, cast)]))
    job = Job(scenario, cast, start, read_metrics(texts, scenario, chosen), series=True)
    began = time.perf_counter()
    gathered = _Gathered(job, chosen, runs)
    pieces = [Chunk(branch, 0, runs) for branch in chosen]
    with closing(execute(job, pieces, workers, progress)) as outcomes:
        for chunk, outcome in outcomes:
            gathered.add(chunk, outcome)
    return gathered.result(name or short_name(scenario.title), time.perf_counter() - began)


def choose_branches(scenario: Scenario, branches: Sequence[str] | None) -> tuple[str, ...]:
    """Return the branches asked for, all if None; refuse those that the scenario does not have."""
    if branches is None:
        return branch_names(scenario)
    if not branches:
        raise InputError("no branch was given; leave the option out for all branches")
    for branch in branches:
        resolve(scenario, branch)
    return tuple(dict.fromkeys(branches))


def positive(what: str, number: int) -> int:
    """Return a number if it is 1 or more, else refuse it."""
    if number < 1:
        raise InputError(f"{what} {number} is not allowed; allowed: whole numbers from 1")
    return number


def check_seed(seed: int) -> int:
    """Return a seed if random numbers can have it, else refuse it."""
    if not 0 <= seed < 2**53:
        raise InputError(f"seed {seed} is not allowed; allowed: whole numbers from 0 below 2**53")
    return seed


def short_name(title: str) -> str:
    """Return a name for folders.

    Examples
    --------
    >>> short_name("Had Russia sent forces?")
    'had-russia-sent-forces'
    """
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60].strip("-") or "scenario"


class _Gathered:
    """Outcomes put in their places as they arrive, in whatever order."""

    def __init__(self, job: Job, branches: tuple[str, ...], replicates: int) -> None:
        self.job, self.branches, self.replicates = job, branches, replicates
        self.metrics = np.full((len(branches), len(job.metrics), replicates), np.nan)
        self.arrays: Arrays = {}
        self.rows: dict[tuple[int, int], tuple[tuple[object, ...], ...]] = {}

    def add(self, chunk: Chunk, outcome: Outcome) -> None:
        branch = self.branches.index(chunk.branch)
        places = slice(chunk.first, chunk.first + chunk.count)
        self.metrics[branch, :, places] = outcome.metrics.T
        for name, values in outcome.arrays.items():
            if name not in self.arrays:
                shape = (len(self.branches), self.replicates, *values.shape[1:])
                self.arrays[name] = np.empty(shape, dtype=values.dtype)
            self.arrays[name][branch, places] = values
        self.rows[branch, chunk.first] = outcome.responses

    def result(self, name: str, seconds: float) -> Result:
        job, cast = self.job, self.job.cast
        data = label(
            {**self.arrays, "metrics": self.metrics},
            branches=self.branches,
            replicates=self.replicates,
            dates=cast.dates,
            members=cast.members,
            codes=cast.codes,
            expressions=tuple(job.metrics),
        )
        rows = [row for place in sorted(self.rows) for row in self.rows[place]]
        return Result(
            name=name,
            scenario=job.scenario,
            seed=job.seed,
            replicates=self.replicates,
            seconds=seconds,
            branches=self.branches,
            codes=cast.codes,
            members=cast.members,
            focus=cast.focus,
            guarantor=cast.guarantor,
            data=data,
            responses=pd.DataFrame(rows, columns=list(RESPONSE_COLUMNS)),
        )
