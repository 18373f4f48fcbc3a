"""Sweeps: an ensemble at every point of a design, all from the same random draws."""

import itertools
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.experiments.cast import Cast
from sim.experiments.chunks import Chunk, Job
from sim.experiments.design import Factor, check_factors, grid
from sim.experiments.ensemble import check_seed, choose_branches, positive
from sim.experiments.metrics import read_metrics
from sim.experiments.workers import Progress, execute
from sim.output.intervals import wilson
from sim.output.measuring import Floats, Kind, kind_of, summarise
from sim.output.sweeps import CELLS, MOST_RUNS_KEPT, Sweep, column, design_identity, sweep_folder
from sim.scenario import Scenario, branch_names


class Plan:
    """A sweep that was checked and can be run.

    Attributes
    ----------
    name : str
    scenario : Scenario
    factors : tuple of Factor
    branches, metrics : tuple of str
    seed, replicates : int
    points : tuple
        The grid.
    """

    def __init__(
        self,
        name: str,
        scenario: Scenario,
        factors: Sequence[Factor],
        *,
        branches: Sequence[str] | None = None,
        metrics: Iterable[str] = (),
        replicates: int | None = None,
        seed: int | None = None,
    ) -> None:
        self.name, self.scenario, self.factors = name, scenario, tuple(factors)
        self.branches = choose_branches(scenario, branches or branch_names(scenario)[:1])
        self.metrics = tuple(dict.fromkeys(metrics)) or tuple(scenario.metrics)
        if not self.metrics:
            raise InputError('nothing to measure; give --metric, such as --metric "ARM.posture@end >= freeze"')
        self.replicates = positive("replicates", scenario.replicates if replicates is None else replicates)
        self.seed = check_seed(scenario.seed if seed is None else seed)
        check_factors(scenario, factors, self.branches)
        self.parsed = read_metrics(self.metrics, scenario, self.branches)
        self.points = grid(factors)

    @property
    def values(self) -> dict[str, tuple[Any, ...]]:
        """The values of each factor by key, as tables show them: numbers, true and false, or words."""
        return {factor.key: _shown(factor.values) for factor in self.factors}

    @property
    def folder(self) -> Path:
        """Where the sweep lies unless a folder is given, keyed by the digest of the design."""
        identity = design_identity(
            self.scenario,
            self.values,
            branches=self.branches,
            metrics=self.metrics,
            seed=self.seed,
            replicates=self.replicates,
        )
        return sweep_folder(self.name, identity)


def run_sweep(plan: Plan, *, workers: int | None = None, progress: Progress | None = None) -> Sweep:
    """Run a sweep.

    Replicate ``n`` draws the same random numbers at every point and in every branch. The table does not
    depend on the number of workers.

    Parameters
    ----------
    plan : Plan
        What to run.
    workers : int, optional
        Processes; default: the processors at hand.
    progress : callable, optional
        Called with the runs done and the runs to do.
    """
    if workers is not None:
        positive("workers", workers)
    cast = Cast.of(plan.scenario, plan.branches)
    job = Job(plan.scenario, cast, plan.seed, plan.parsed, series=False)
    pieces = [Chunk(branch, 0, plan.replicates, point) for point in plan.points for branch in plan.branches]
    places = {(piece.changes, piece.branch): row for row, piece in enumerate(pieces)}
    values = np.full((len(pieces), plan.replicates, len(plan.metrics)), np.nan)
    began = time.perf_counter()
    with closing(execute(job, pieces, workers, progress)) as outcomes:
        for chunk, outcome in outcomes:
            row = places[chunk.changes, chunk.branch]
            values[row, chunk.first : chunk.first + chunk.count] = outcome.metrics
    kinds = {text: kind_of(metric) for text, metric in plan.parsed.items()}
    return Sweep(
        name=plan.name,
        scenario=plan.scenario,
        factors=plan.values,
        branches=plan.branches,
        metrics=plan.metrics,
        kinds=dict(kinds),
        seed=plan.seed,
        replicates=plan.replicates,
        seconds=time.perf_counter() - began,
        table=_table(plan, values, kinds),
        runs=_runs(plan, values) if values.size <= MOST_RUNS_KEPT else None,
    )


def _shown(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if all(isinstance(value, bool) for value in values):
        return values
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return tuple(float(value) for value in values)
    return tuple(str(value) for value in values)


def _table(plan: Plan, values: Floats, kinds: dict[str, Kind]) -> pd.DataFrame:
    places = [
        {**dict(zip(plan.values, point, strict=True)), "branch": branch}
        for point in itertools.product(*plan.values.values())
        for branch in plan.branches
    ]
    rows = []
    for place, of_point in zip(places, values, strict=True):
        row: dict[str, Any] = dict(place)
        for position, (metric, kind) in enumerate(kinds.items()):
            runs = of_point[:, position]
            cells = summarise(runs, kind) | {"low": np.nan, "high": np.nan}
            if kind == "chance":
                cells["low"], cells["high"] = wilson(float(runs.sum()), runs.size)
            row |= {column(metric, cell): cells[cell] for cell in CELLS}
        rows.append(row)
    table = pd.DataFrame(rows)
    floats = [
        column(metric, cell)
        for metric, kind in kinds.items()
        for cell in (("mean", "low", "high") if kind == "date" else ("mean", "median", "q05", "q95", "low", "high"))
    ]
    return table.astype(dict.fromkeys(floats, np.float64))


def _runs(plan: Plan, values: Floats) -> pd.DataFrame:
    points, branches = len(plan.points), len(plan.branches)
    cube = values.reshape(points, branches, plan.replicates, len(plan.metrics))
    point, branch, replicate, metric = (grid.ravel() for grid in np.indices(cube.shape, dtype=np.int32))
    return pd.DataFrame(
        {
            "point": point,
            "branch": np.array(plan.branches, dtype=object)[branch],
            "replicate": replicate,
            "metric": np.array(plan.metrics, dtype=object)[metric],
            "value": cube.ravel(),
        }
    )
