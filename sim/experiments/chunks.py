"""One piece of work: some replicates of one branch, at one point of a design; and what came of it."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.model import AllianceModel
from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import Trajectory
from sim.experiments.cast import Cast
from sim.experiments.metrics import evaluate
from sim.output.result import DIMENSIONS, MEMBER_SERIES
from sim.scenario import with_overrides
from sim.scenario.expressions import Metric
from sim.scenario.schema import Scenario

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """What all chunks of an experiment share.

    Attributes
    ----------
    scenario, cast, seed : Scenario, Cast, int
        The inputs.
    metrics : dict
        Parsed metrics by their text.
    series : bool
        Whether trajectories and responses are kept; sweeps keep metrics only.
    """

    scenario: Scenario
    cast: Cast
    seed: int
    metrics: Mapping[str, Metric]
    series: bool


@dataclass(frozen=True)
class Chunk:
    """Replicates ``first`` to ``first + count - 1`` of a branch, with some keys of the scenario changed."""

    branch: str
    first: int
    count: int
    changes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a chunk: arrays with the replicate as first axis, and rows of responses."""

    metrics: NDArray[np.float64]
    arrays: Arrays = field(default_factory=dict)
    responses: tuple[tuple[Any, ...], ...] = ()


class Runner:
    """Runs chunks of one job, preparing each branch once."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._setup = lru_cache(maxsize=64)(self._prepare)

    def run(self, chunk: Chunk) -> Outcome:
        """Run the replicates of a chunk."""
        job = self.job
        setup = self._setup(chunk.branch, chunk.changes)
        metrics = np.empty((chunk.count, len(job.metrics)))
        kept: list[Arrays] = []
        rows: list[tuple[Any, ...]] = []
        for position in range(chunk.count):
            replicate = chunk.first + position
            trajectory = AllianceModel.from_setup(setup, seed=job.seed, replicate=replicate).run()
            metrics[position] = [evaluate(metric, trajectory) for metric in job.metrics.values()]
            if job.series:
                kept.append(record(trajectory, job.cast))
                rows += response_rows(trajectory, chunk.branch, replicate)
        gc.collect()  # models and their agents hold each other, and much memory
        arrays = {name: np.stack([one[name] for one in kept]) for name in (kept[0] if kept else ())}
        return Outcome(metrics, arrays, tuple(rows))

    def _prepare(self, branch: str, changes: tuple[tuple[str, Any], ...]) -> Setup:
        scenario = with_overrides(self.job.scenario, dict(changes)) if changes else self.job.scenario
        return prepare(scenario, branch)


def record(trajectory: Trajectory, cast: Cast) -> Arrays:
    """Return the arrays that a result keeps of one run, placed by the cast's names.

    States that the branch does not have are missing (NaN; posture -1), as is a state's trust in itself.
    """
    codes = trajectory.codes
    members = [code for code in cast.members if code in codes]
    ticks = len(trajectory.dates)
    shape = {"truster": len(cast.members), "trustee": len(cast.codes), "state": len(cast.members)}
    arrays: Arrays = {}
    for name in ("trust", "posture", *MEMBER_SERIES):
        sizes = [shape[axis] for axis in DIMENSIONS[name][3:]]
        missing, dtype = (-1, np.int8) if name == "posture" else (np.nan, np.float64)
        arrays[name] = np.full((ticks, *sizes), missing, dtype=dtype)
    there = [cast.members.index(code) for code in members]
    here = [codes.index(code) for code in members]
    trust = trajectory.values["trust"].copy()
    trust[:, range(len(codes)), range(len(codes))] = np.nan
    columns = [cast.codes.index(code) for code in codes]
    arrays["trust"][:, np.array(there, dtype=int)[:, None], columns] = trust[:, here]
    treaty = trajectory.treaties.index(cast.focus)
    for name in ("posture", *MEMBER_SERIES):
        arrays[name][:, there] = trajectory.values[name][:, here, treaty]
    arrays["credibility"] = trajectory.values["credibility"][:, treaty]
    return arrays


def response_rows(trajectory: Trajectory, branch: str, replicate: int) -> list[tuple[Any, ...]]:
    """Return one row for each call and ally, in the order of `sim.output.result.RESPONSE_COLUMNS`."""
    return [
        (
            branch, replicate, call.date, call.event, call.victim, call.aggressor, call.severity, call.made,
            ally.ally, ally.coverage, ally.choice, ally.level, ally.fixed, ally.vetoed,
        )
        for call in trajectory.calls
        for ally in call.responses
    ]  # fmt: skip
