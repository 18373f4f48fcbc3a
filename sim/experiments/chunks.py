"""Chunks of work: replicates of one or several branches and design points, and their outcomes."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import Trajectory
from sim.experiments.metrics import evaluate
from sim.experiments.parameters.sources import Draws, replicate_sets
from sim.experiments.result_axes import ResultAxes
from sim.model.parameters import Parameters
from sim.model.variables import MEMBER_SERIES
from sim.output.responses import RESPONSE_SCHEMA, responses_of
from sim.output.result import DIMENSIONS
from sim.scenario import with_overrides
from sim.scenario.expressions import Metric
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.engine.agents import State

Arrays = dict[str, NDArray[Any]]
Changes = tuple[tuple[str, Any], ...]
"""Keys of the scenario (including parameters) and their new values."""

Engine = Literal["compiled", "mesa"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)

_PARAMETERS: Final = "parameters."


@dataclass(frozen=True)
class Job:
    """The inputs that all chunks of an experiment share.

    Attributes
    ----------
    scenario, cast, seed : Scenario, ResultAxes, int
        The inputs.
    metrics : dict
        Parsed metrics by their text.
    series : bool
        Whether trajectories and responses are kept; sweeps keep metrics only.
    engine : str
        The engine that runs the model.
    agents : dict
        Subclasses of `State` by code; they need the Mesa engine.
    draws : Draws, optional
        Where each replicate has its parameters from, as far as the scenario does not set them.
    setups : mapping of str to Setup
        Branches that are prepared already; other processes prepare their own.
    until_compiled : bool
        Whether runs of the Mesa engine stop (`sim.engine.compiler.KernelReady`) as soon as the kernel is compiled.
    tolerant : bool
        Whether a run that fails has its error in place of values, and the others go on.
    """

    scenario: Scenario
    cast: ResultAxes
    seed: int
    metrics: Mapping[str, Metric]
    series: bool
    engine: Engine = "mesa"
    agents: "Mapping[str, type[State]]" = field(default_factory=dict)
    draws: Draws | None = None
    setups: Mapping[str, Setup] = field(default_factory=dict, repr=False)
    until_compiled: bool = False
    tolerant: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """Return the state of the job to pickle for other processes, without the prepared branches."""
        return {**vars(self), "setups": {}}


@dataclass(frozen=True)
class RunBatch:
    """Replicates ``first`` to ``first + count - 1`` of a branch, with new values for some keys of the scenario."""

    branch: str
    first: int
    count: int
    changes: Changes = ()


@dataclass(frozen=True)
class BatchOutcome:
    """The outcome of a chunk: arrays whose first axis is the run, in the order of the pieces, and the responses.

    ``errors`` has the error of each run that failed, by its place.
    """

    metrics: NDArray[np.float64]
    arrays: Arrays = field(default_factory=dict)
    responses: pa.Table = field(default_factory=RESPONSE_SCHEMA.empty_table)
    errors: dict[int, str] = field(default_factory=dict)


class Runner(Protocol):
    """Interface: an object that runs the chunks of one job."""

    def run(self, pieces: Sequence[RunBatch]) -> BatchOutcome:
        """Run the replicates of all pieces of a chunk."""


class MesaRunner:
    """Runner for the Mesa engine; it prepares a branch once for all points that differ only in parameters."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._setup = lru_cache(maxsize=64)(self._prepare)

    def __reduce__(self) -> tuple[Any, ...]:
        return MesaRunner, (self.job,)

    def run(self, pieces: Sequence[RunBatch]) -> BatchOutcome:
        """Run the replicates of all pieces of a chunk."""
        job = self.job
        metrics = np.empty((sum(piece.count for piece in pieces), len(job.metrics)))
        recorded: list[Arrays] = []
        rows: list[tuple[Any, ...]] = []
        row = 0
        for piece in pieces:
            changes, values = separated(piece.changes)
            setup, own = self._setup(piece.branch, changes)
            rows_of = parameters_of(job, setup, own, piece, values)
            for replicate, parameters in enumerate(rows_of.tolist(), start=piece.first):
                trajectory = mesa_run(job, setup, replicate, parameters)
                metrics[row] = [evaluate(metric, trajectory) for metric in job.metrics.values()]
                row += 1
                if job.series:
                    recorded.append(record(trajectory, job.cast))
                    rows += response_rows(trajectory, piece.branch, replicate)
        gc.collect()  # models and their agents hold each other, and much memory
        arrays = {name: np.stack([run[name] for run in recorded]) for name in (recorded[0] if recorded else ())}
        return BatchOutcome(metrics, arrays, responses_of(rows))

    def _prepare(self, branch: str, changes: Changes) -> tuple[Setup, frozenset[str]]:
        return prepared(self.job, branch, changes)


def mesa_run(job: Job, setup: Setup, replicate: int, parameters: Sequence[float]) -> Trajectory:
    """Run one replicate with the Mesa engine; trust in states that never owe help is missing in its trajectory."""
    from sim.engine.model import EngineModel  # noqa: PLC0415 - Mesa takes a second
    from sim.engine.witness import UntilCompiled  # noqa: PLC0415

    model = EngineModel(
        setup, seed=job.seed, replicate=replicate, parameters=Parameters(*parameters), agents=job.agents,
        witness=UntilCompiled() if job.until_compiled else None,
        decisions=False,
    )  # fmt: skip
    trajectory = model.run()
    trajectory.values["trust"][:, ~setup.owed] = np.nan
    return trajectory


def prepared(job: Job, branch: str, changes: Changes) -> tuple[Setup, frozenset[str]]:
    """Return a prepared branch with changes of the scenario, and the names of the parameters that the branch sets."""
    scenario = with_overrides(job.scenario, dict(changes)) if changes else job.scenario
    held = scenario.branches.get(branch)
    setup = job.setups.get(branch) if scenario is job.scenario else None
    return setup or prepare(scenario, branch), frozenset(held.parameters if held is not None else ())


def parameters_of(
    job: Job, setup: Setup, own: frozenset[str], piece: RunBatch, values: dict[str, float]
) -> NDArray[np.float64]:
    """Return the parameters of a piece's replicates as an array (count, Q).

    Parameters
    ----------
    job, setup, piece
        The job, the prepared branch and the piece of work.
    own : frozenset of str
        Parameters that the branch itself sets, which win over the design.
    values : dict
        Parameters that the point of the design sets.
    """
    numbers = np.arange(piece.first, piece.first + piece.count)
    free = {name: value for name, value in values.items() if name not in own}
    return replicate_sets(setup, job.draws, job.seed, numbers, free)


def separated(changes: Changes) -> tuple[Changes, dict[str, float]]:
    """Separate changes of the scenario from changes of parameters, which do not require a new preparation.

    Examples
    --------
    >>> separated((("parameters.reach", 2), ("events.raid.severity", 0.5)))
    ((('events.raid.severity', 0.5),), {'reach': 2.0})
    """
    keys = tuple(change for change in changes if not change[0].startswith(_PARAMETERS))
    values = {key.removeprefix(_PARAMETERS): float(value) for key, value in changes if key.startswith(_PARAMETERS)}
    return keys, values


def record(trajectory: Trajectory, cast: ResultAxes) -> Arrays:
    """Return the arrays of one run that a result stores, with axes ordered by the labels of the cast.

    States that the branch does not have are missing (NaN; posture -1).
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
    columns = [cast.codes.index(code) for code in codes]
    arrays["trust"][:, np.array(there, dtype=int)[:, None], columns] = trajectory.values["trust"][:, here]
    treaty = trajectory.treaties.index(cast.focus)
    for name in ("posture", *MEMBER_SERIES):
        arrays[name][:, there] = trajectory.values[name][:, here, treaty]
    arrays["credibility"] = trajectory.values["credibility"][:, treaty]
    return arrays


def response_rows(trajectory: Trajectory, branch: str, replicate: int) -> list[tuple[Any, ...]]:
    """Return one row for each call and ally, in the order of `sim.output.responses.RESPONSE_COLUMNS`."""
    return [
        (
            branch, replicate, call.date, call.event, call.victim, call.aggressor, call.severity, call.made,
            ally.ally, ally.coverage, ally.choice, ally.level, ally.fulfilment, ally.fixed,
            ally.vetoed,
        )
        for call in trajectory.calls
        for ally in call.responses
    ]  # fmt: skip
