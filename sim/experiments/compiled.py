"""Execution of chunks on the compiled engine: one call for all pieces of a branch, with parameters for each run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.engine import compiler
from sim.engine.ensemble import Batch, Blocks, Program
from sim.engine.setup import Setup
from sim.engine.timetable import attack_name
from sim.experiments.chunks import Arrays, BatchOutcome, Changes, Job, RunBatch, parameters_of, prepared, separated
from sim.experiments.result_axes import ResultAxes
from sim.model.variables import MEMBER_SERIES, RUNG_VARIABLES
from sim.model.world import NOBODY
from sim.output.measuring import measure
from sim.output.responses import RESPONSE_SCHEMA, gathered
from sim.output.result import DIMENSIONS
from sim.scenario.expressions import First, Metric, Path

Floats = NDArray[np.float64]


class CompiledRunner:
    """Runner for the compiled engine; several threads may share one runner.

    Parameters
    ----------
    job : Job
        The inputs that all chunks share.
    threads : int
        Threads that one call of `run` uses.
    """

    def __init__(self, job: Job, threads: int = 1) -> None:
        compiler.wait()  # here and not in threads, so that Ctrl-C arrives
        self.job, self.threads = job, threads
        self.layout = Layout.of(job)
        self._program = lru_cache(maxsize=64)(self._prepare)

    def __reduce__(self) -> tuple[Any, ...]:
        return CompiledRunner, (self.job, self.threads)

    def run(self, pieces: Sequence[RunBatch]) -> BatchOutcome:
        """Run the replicates of all pieces of a chunk."""
        outcomes = [self._run(tuple(group)) for _, group in groupby(pieces, key=_shared)]
        if len(outcomes) == 1:
            return outcomes[0]
        return BatchOutcome(
            np.concatenate([outcome.metrics for outcome in outcomes]),
            {name: np.concatenate([outcome.arrays[name] for outcome in outcomes]) for name in outcomes[0].arrays},
            gathered(outcome.responses for outcome in outcomes),
        )

    def _run(self, pieces: tuple[RunBatch, ...]) -> BatchOutcome:
        blocks = self.start(pieces)
        return self.outcome(pieces, blocks.all(self.threads))

    def start(self, pieces: tuple[RunBatch, ...], into: Floats | None = None) -> Blocks:
        """Return the blocks of pieces that share a prepared branch, with an array for their values if there is one."""
        program, own = self._program(*_shared(pieces[0]))
        parameters = None
        values = [separated(piece.changes)[1] for piece in pieces]
        if any(values) or self.job.draws is not None:
            given = zip(pieces, values, strict=True)
            rows = [parameters_of(self.job, program.setup, own, piece, point) for piece, point in given]
            parameters = np.concatenate(rows)
        return program.start(
            self.job.seed, _replicates(pieces), parameters, answers=self.job.series, threads=self.threads, into=into
        )

    def outcome(self, pieces: tuple[RunBatch, ...], batch: Batch, *, arrays: bool = True) -> BatchOutcome:
        """Return the outcome of pieces whose blocks have all been run, with the result arrays if ``arrays`` is true."""
        branch, keys = _shared(pieces[0])
        setup = self._program(branch, keys)[0].setup
        metrics = self._metrics(setup, batch)
        if not self.job.series:
            return BatchOutcome(metrics)
        responses = responses_in(setup, batch, branch, _replicates(pieces))
        return BatchOutcome(metrics, self.layout.arrays(batch.values) if arrays else {}, responses)

    def _metrics(self, setup: Setup, batch: Batch) -> Floats:
        def series(path: Path) -> Floats:
            values = batch.values[:, :, self.layout.places[path]]
            return np.where(values < 0, np.nan, values) if path.variable in RUNG_VARIABLES else values

        dates = setup.calendar.dates
        columns = [measure(metric, dates, series) for metric in self.job.metrics.values()]
        return np.stack(columns, axis=-1) if columns else np.empty((len(batch.values), 0))

    def _prepare(self, branch: str, keys: Changes) -> tuple[Program, frozenset[str]]:
        setup, own = prepared(self.job, branch, keys)
        return Program(setup, [setup.reported(path) for path in self.layout.probes]), own


def _shared(piece: RunBatch) -> tuple[str, Changes]:
    return piece.branch, separated(piece.changes)[0]


def _replicates(pieces: Sequence[RunBatch]) -> NDArray[np.int64]:
    return np.concatenate([np.arange(piece.first, piece.first + piece.count) for piece in pieces])


@dataclass(frozen=True)
class Layout:
    """The layout of the variables to read out: the position of each result array among them.

    Attributes
    ----------
    cast : ResultAxes
    probes : tuple of Path or None
        In the order of the last axis of `sim.engine.ensemble.Batch.values`; None is missing, as trust in oneself. A
        branch reads trust in states that never owe help as missing, too (`sim.engine.setup.Setup.reported`).
    places : dict
        Place of each path that a metric is about.
    starts : dict
        First place of each array of a result; empty if only metrics are wanted.
    """

    cast: ResultAxes
    probes: tuple[Path | None, ...]
    places: Mapping[Path, int]
    starts: Mapping[str, int]

    @classmethod
    def of(cls, job: Job) -> "Layout":
        """Return the layout for the variables that a job requests."""
        probes: list[Path | None] = []
        starts = {}
        for name, paths in _series(job.cast).items() if job.series else ():
            starts[name] = len(probes)
            probes += paths
        asked = dict.fromkeys(_path(metric) for metric in job.metrics.values())
        probes += [path for path in asked if path not in probes]
        return cls(job.cast, tuple(probes), {path: probes.index(path) for path in asked}, starts)

    def arrays(self, values: Floats) -> Arrays:
        """Return the result arrays as views of values (..., T + 1, P); postures are ranks, with -1 for none."""
        sizes = {"truster": len(self.cast.members), "trustee": len(self.cast.codes), "state": len(self.cast.members)}
        views: Arrays = {}
        for name, start in self.starts.items():
            shape = [sizes[axis] for axis in DIMENSIONS[name][3:]]
            part = values[..., start : start + int(np.prod(shape))]
            views[name] = part.reshape(*part.shape[:-1], *shape)
        if views:
            views["posture"] = np.nan_to_num(views["posture"], nan=-1.0).astype(np.int8)
        return views


def _series(cast: ResultAxes) -> dict[str, list[Path | None]]:
    members, focus = cast.members, cast.focus
    return {
        "trust": [
            None if member == other else Path(member, "trust", other) for member in members for other in cast.codes
        ],
        **{name: [Path(member, name, focus) for member in members] for name in ("posture", *MEMBER_SERIES)},
        "credibility": [Path(focus, "credibility")],
    }


def _path(metric: Metric) -> Path:
    return metric.condition.path if isinstance(metric, First) else metric.path


def responses_in(setup: Setup, batch: Batch, branch: str, replicates: NDArray[np.int64]) -> pa.Table:
    """Return the responses of a batch as a table (`sim.output.responses.RESPONSE_SCHEMA`)."""
    tick, shock, victim, aggressor, severity, made, ally, coverage, choice, level, done, fixed, vetoed = batch.answers.T
    codes = (*setup.codes, "")
    victims, aggressors = victim.astype(np.int32), aggressor.astype(np.int32)
    days, names, calls = _calls(setup, np.stack((tick, shock, victim, aggressor), axis=-1).astype(np.int64))
    return pa.table(
        [
            _words(np.zeros(len(calls), dtype=np.int32), [branch]),
            pa.array(replicates[batch.answered]),
            pa.array(days[calls]),
            _words(calls, names),
            _words(victims, codes),
            _words(np.where(aggressors == NOBODY, len(setup.codes), aggressors), codes),
            pa.array(severity),
            pa.array(made != 0),
            _words(ally.astype(np.int32), codes),
            pa.array(coverage),
            pa.array(choice.astype(np.int64)),
            pa.array(level.astype(np.int64)),
            pa.array(done),
            pa.array(fixed != 0),
            pa.array(vetoed != 0),
        ],
        schema=RESPONSE_SCHEMA,
    )


def _words(numbers: NDArray[np.int32], words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers), pa.array(words, type=pa.string()))


def _calls(setup: Setup, keys: NDArray[np.int64]) -> tuple[NDArray[np.datetime64], list[str], NDArray[np.int32]]:
    """Return the days and names of scripted events and of attacks chosen by states, and the index of each key.

    Parameters
    ----------
    setup : Setup
    keys : array (A, 4)
        Tick, row of the event in the script or `NOBODY`, victim and aggressor.
    """
    shocks = [shock for tick in setup.shocks for shock in tick]
    chosen = keys[:, 1] == NOBODY
    sizes = (len(setup.calendar.starts), len(setup.codes), len(setup.codes))
    attacks, attack_index = np.unique(np.ravel_multi_index(keys[chosen][:, [0, 2, 3]].T, sizes), return_inverse=True)
    which = keys[:, 1].astype(np.int32)
    which[chosen] = len(shocks) + attack_index
    days, names = [shock.day for shock in shocks], [shock.name for shock in shocks]
    for tick, victim, aggressor in zip(*np.unravel_index(attacks, sizes), strict=True):
        days.append(setup.calendar.starts[tick])
        names.append(attack_name(setup.codes[aggressor], setup.codes[victim], days[-1]))
    return np.array(days, dtype="datetime64[D]"), names, which
