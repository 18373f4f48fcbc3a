"""Ensembles: many replicates of each branch of a scenario, with equal random draws in all branches."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.checked import checked
from sim.engine.draws import SEEDS
from sim.engine.setup import prepare
from sim.errors import InputError
from sim.experiments.arguments import check_agents, check_progress, scenario_of, texts, whole_number, with_values
from sim.experiments.chunks import ENGINES, Arrays, BatchOutcome, Engine, Job, RunBatch
from sim.experiments.executors import Progress, first_done, run_branches
from sim.experiments.keeping import keep_runs
from sim.experiments.memory import check_memory, replicates_with_series
from sim.experiments.metrics import default_metrics, read_metrics
from sim.experiments.parameters.sources import (
    ParameterSource,
    described_draws,
    drawn_sets,
    parameter_draws,
    warn_of_differences,
)
from sim.experiments.pinning import pinned as pinned_to
from sim.experiments.result_axes import ResultAxes
from sim.output.measuring import Floats
from sim.output.responses import gathered
from sim.output.result import ResultData, label, label_metrics
from sim.scenario import branch_names, resolve
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.engine.agents import State

MOST: Final = 10**9
"""The largest number of runs, processes or the like that can be asked for; how many fit depends on the memory."""


@checked("name", "engine", "pinned")
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
    engine: str | None = None,
    agents: "Mapping[str, type[State]] | None" = None,
    keep: Sequence[int] = (),
    parameters: Mapping[str, float] | ParameterSource = None,
    pinned: str | date | None = None,
) -> ResultData:
    """Run branches of a scenario as ensembles.

    Replicate ``n`` of every branch uses the same random numbers, so that branches can be compared pair by
    pair. The result does not depend on the number of workers.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, or the path of its file.
    branches : sequence of str, optional
        Default: all.
    replicates, seed : int, optional
        Default: those of the scenario.
    metrics : iterable of str
        Metric expressions to report in addition to the default ones.
    workers : int, optional
        Threads of the compiled engine, processes of the Mesa engine; default: all available processors.
    progress : callable, optional
        Callback that receives the numbers of finished runs and of all runs.
    name : str, optional
        Short name of the result; default: from the file or the title.
    engine : str, optional
        ``compiled`` or ``mesa``; both give identical runs. Default: compiled; where it has to be compiled first, the
        Mesa engine runs beside the compiler, and the result is that of the engine that finishes first.
    agents : mapping of str to type, optional
        Subclasses of `State` by code, for states with custom decision rules; they need the Mesa engine. Classes that
        are defined in a script run in one process.
    keep : sequence of int
        Replicates whose variables are all stored, in ``result.kept``.
    parameters : mapping, Draws, str or Path, optional
        Posterior, or its name or file, from which each replicate draws its parameters, equal in every branch;
        ``defaults`` for the default values. Values set in the scenario take precedence. A mapping has values by name,
        which replace those of the scenario in all branches that do not set their own; the others are drawn as usual.
    pinned : str or date, optional
        Month, such as ``2022-08``, or day up to which members stand where the observed course says; afterwards they
        choose freely. Default: the scenario's.

    Returns
    -------
    ResultData

    Raises
    ------
    InputError
        If a branch, a metric or a number is invalid; `ScenarioError` if the file is invalid.

    Examples
    --------
    >>> run("scenarios/first-steps.toml", replicates=100, seed=7)  # doctest: +SKIP
    """
    if isinstance(scenario, str | Path):
        name = name or Path(scenario).stem
    scenario, source = with_values(scenario_of(scenario), parameters)
    check_progress(progress)
    if pinned is not None:
        scenario = pinned_to(scenario, pinned)
    chosen = choose_branches(scenario, branches)
    runs = positive("replicates", scenario.replicates if replicates is None else replicates)
    if workers is not None:
        positive("workers", workers)
    start = check_seed(scenario.seed if seed is None else seed)
    setups = {branch: prepare(scenario, branch) for branch in chosen}
    cast = ResultAxes.of_setups(list(setups.values()))
    expressions = tuple(dict.fromkeys([*texts("metrics", metrics), *default_metrics(scenario, cast)]))
    keep = kept_replicates(keep, runs)
    draws = parameter_draws(source, scenario)
    check_agents(agents, list(setups.values()))
    warn_of_differences([draws], scenario.parameters)
    used = choose_engine(engine, agents)
    if any(kind.__module__ == "__main__" for kind in (agents or {}).values()):
        workers = 1  # what a script defines cannot be sent to other processes
    metrics_read = read_metrics(expressions, scenario, chosen)
    job = Job(
        scenario, cast, start, metrics_read, series=True, engine=used, agents=dict(agents or {}), draws=draws,
        setups=setups,
    )  # fmt: skip
    check_memory(job, chosen, runs, keep)
    began = time.perf_counter()

    def gather(job: Job, workers: int | None, progress: Progress | None) -> tuple[_EnsembleArrays, pd.DataFrame | None]:
        arrays = _EnsembleArrays(job, chosen, runs)
        for piece, outcome in run_branches(job, chosen, runs, arrays.kept, workers, progress, arrays.into):
            arrays.add(piece, outcome)
        return arrays, keep_runs(job, chosen, keep) if keep else None

    arrays, kept_rows = first_done(job, gather, workers, progress) if engine is None else gather(job, workers, progress)
    return arrays.result(name or short_name(scenario.title), time.perf_counter() - began, kept_rows)


def kept_replicates(given: Iterable[int], runs: int) -> list[int]:
    """Return the numbers of the replicates to keep, in order; reject those that are not run.

    Raises
    ------
    InputError
        If it is no list of whole numbers, or a replicate is not run.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"keep is {given!r}; give a list of replicates, such as [0, 5]")
    numbers = {whole_number("a replicate to keep", number, 0) for number in given}
    if numbers and max(numbers) >= runs:
        raise InputError(f"replicate {min(n for n in numbers if n >= runs)} cannot be kept; allowed: 0 to {runs - 1}")
    return sorted(numbers)


def choose_engine(engine: str | None, agents: "Mapping[str, type[State]] | None" = None) -> Engine:
    """Return the requested engine; by default the compiled one, unless custom agents are to run.

    Raises
    ------
    InputError
        If the engine does not exist, or cannot run the given agents.
    """
    asked = next((known for known in ENGINES if known == engine), None)
    if engine is not None and asked is None:
        raise InputError(f"there is no engine '{engine}'; allowed: {', '.join(ENGINES)}")
    if agents:
        if asked == "compiled":
            raise InputError("agents of one's own need the Mesa engine; allowed with them: engine 'mesa'")
        return "mesa"
    return asked or "compiled"


def choose_branches(scenario: Scenario, branches: Sequence[str] | None) -> tuple[str, ...]:
    """Return the requested branches, all if None; reject branches that the scenario does not have."""
    if branches is None:
        return branch_names(scenario)
    chosen = texts("branches", branches)
    if not chosen:
        raise InputError("no branch was given; leave the option out for all branches")
    for branch in chosen:
        resolve(scenario, branch)
    return tuple(dict.fromkeys(chosen))


def positive(what: str, number: int) -> int:
    """Return a number if it is a whole number from 1 to `MOST`; reject it otherwise."""
    return whole_number(what, number, 1, MOST + 1)


def check_seed(seed: int) -> int:
    """Return a seed if it is valid for random numbers; reject it otherwise."""
    return whole_number("seed", seed, 0, SEEDS)


def short_name(title: str) -> str:
    """Return a name that is valid for a folder.

    Examples
    --------
    >>> short_name("Had Russia sent forces?")
    'had-russia-sent-forces'
    """
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60].strip("-") or "scenario"


class _EnsembleArrays:
    """A collector of outcomes, which puts each outcome in its place in whatever order they arrive.

    The compiled engine writes trajectories directly into the final arrays: ``into``, by branch.
    """

    def __init__(self, job: Job, branches: tuple[str, ...], replicates: int) -> None:
        self.job, self.branches, self.replicates = job, branches, replicates
        self.metrics = np.full((len(branches), len(job.metrics), replicates), np.nan)
        self.kept = replicates_with_series(job, branches, replicates)
        self.arrays: Arrays = {}
        self.responses: dict[tuple[int, int], pa.Table] = {}
        self.into: dict[str, Floats] = {}
        if job.engine == "compiled":
            from sim.experiments.compiled import Layout  # noqa: PLC0415 - numba takes half a second

            self.layout = Layout.of(job)
            self.values = np.empty((len(branches), self.kept, len(job.cast.dates), len(self.layout.probes)))
            self.into = dict(zip(branches, self.values, strict=True))

    def add(self, chunk: RunBatch, outcome: BatchOutcome) -> None:
        branch = self.branches.index(chunk.branch)
        places = slice(chunk.first, chunk.first + chunk.count)
        self.metrics[branch, :, places] = outcome.metrics.T
        for name, values in outcome.arrays.items():
            if name not in self.arrays:
                shape = (len(self.branches), self.kept, *values.shape[1:])
                self.arrays[name] = np.empty(shape, dtype=values.dtype)
            self.arrays[name][branch, places] = values
        self.responses[branch, chunk.first] = outcome.responses

    def result(self, name: str, seconds: float, kept_rows: pd.DataFrame | None) -> ResultData:
        job, cast = self.job, self.job.cast
        data = label(
            self.layout.arrays(self.values) if self.into else self.arrays,
            branches=self.branches,
            dates=cast.dates,
            members=cast.members,
            codes=cast.codes,
        )
        return ResultData(
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
            metrics=label_metrics(self.metrics, self.branches, tuple(job.metrics)),
            answers=gathered(self.responses[key] for key in sorted(self.responses)),
            engine=job.engine,
            kept=kept_rows,
            posterior=described_draws(job.draws, job.scenario.parameters),
            drawn=drawn_sets(job.draws, job.seed, self.replicates),
        )
