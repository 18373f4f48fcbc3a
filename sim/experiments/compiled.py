"""Chunks on the compiled engine: pieces that share a branch run in one call, each run with its own parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.ensemble import Batch, Program
from sim.engine.setup import Setup
from sim.engine.timetable import attack_name
from sim.experiments.cast import Cast
from sim.experiments.chunks import Arrays, Changes, Job, Outcome, Piece, prepared, separated
from sim.experiments.parameters.sources import parameters_of
from sim.output.measuring import measure
from sim.output.result import DIMENSIONS, MEMBER_SERIES
from sim.scenario.expressions import First, Metric, Path
from sim.world import NOBODY

Floats = NDArray[np.float64]


class CompiledRunner:
    """Runs chunks with the compiled engine; one runner serves several threads.

    Parameters
    ----------
    job : Job
        What the chunks share.
    threads : int
        Threads that one call of `run` uses.
    """

    def __init__(self, job: Job, threads: int = 1) -> None:
        self.job, self.threads = job, threads
        self.layout = Layout.of(job)
        self._program = lru_cache(maxsize=64)(self._prepare)

    def __reduce__(self) -> tuple[Any, ...]:
        return CompiledRunner, (self.job, self.threads)

    def run(self, pieces: Sequence[Piece]) -> Outcome:
        """Run the replicates of all pieces of a chunk."""
        found = [self._run(branch, keys, tuple(group)) for (branch, keys), group in groupby(pieces, key=_shared)]
        if len(found) == 1:
            return found[0]
        return Outcome(
            np.concatenate([outcome.metrics for outcome in found]),
            {name: np.concatenate([outcome.arrays[name] for outcome in found]) for name in found[0].arrays},
            tuple(row for outcome in found for row in outcome.responses),
        )

    def _run(self, branch: str, keys: Changes, pieces: tuple[Piece, ...]) -> Outcome:
        program, own = self._program(branch, keys)
        replicates = np.concatenate([np.arange(piece.first, piece.first + piece.count) for piece in pieces])
        parameters = None
        values = [separated(piece.changes)[1] for piece in pieces]
        if any(values) or self.job.draws is not None:
            given = zip(pieces, values, strict=True)
            rows = [parameters_of(self.job, program.setup, own, piece, point) for piece, point in given]
            parameters = np.concatenate(rows)
        batch = program.run(self.job.seed, replicates, parameters, answers=self.job.series, threads=self.threads)
        metrics = self._metrics(program.setup, batch)
        if not self.job.series:
            return Outcome(metrics)
        rows_of = response_rows(program.setup, batch, branch, replicates)
        return Outcome(metrics, self.layout.arrays(batch.values), rows_of)

    def _metrics(self, setup: Setup, batch: Batch) -> Floats:
        def series(path: Path) -> Floats:
            values = batch.values[:, :, self.layout.places[path]]
            return np.where(values < 0, np.nan, values) if path.variable == "posture" else values

        dates = setup.calendar.dates
        columns = [measure(metric, dates, series) for metric in self.job.metrics.values()]
        return np.stack(columns, axis=-1) if columns else np.empty((len(batch.values), 0))

    def _prepare(self, branch: str, keys: Changes) -> tuple[Program, frozenset[str]]:
        setup, own = prepared(self.job, branch, keys)
        return Program(setup, self.layout.probes), own


def _shared(piece: Piece) -> tuple[str, Changes]:
    return piece.branch, separated(piece.changes)[0]


@dataclass(frozen=True)
class Layout:
    """Which variables are read out, and where each array of a result lies among them.

    Attributes
    ----------
    cast : Cast
    probes : tuple of Path or None
        In the order of the last axis of `sim.engine.ensemble.Batch.values`; None is missing, as trust in oneself.
    places : dict
        Place of each path that a metric is about.
    starts : dict
        First place of each array of a result; empty if only metrics are wanted.
    """

    cast: Cast
    probes: tuple[Path | None, ...]
    places: Mapping[Path, int]
    starts: Mapping[str, int]

    @classmethod
    def of(cls, job: Job) -> "Layout":
        """Lay out what a job wants to know."""
        probes: list[Path | None] = []
        starts = {}
        for name, paths in _series(job.cast).items() if job.series else ():
            starts[name] = len(probes)
            probes += paths
        asked = dict.fromkeys(_path(metric) for metric in job.metrics.values())
        places = {path: len(probes) + place for place, path in enumerate(asked)}
        return cls(job.cast, (*probes, *asked), places, starts)

    def arrays(self, values: Floats) -> Arrays:
        """Return the arrays of a result as views of values (..., T + 1, P); postures as ranks, -1 for none."""
        sizes = {"truster": len(self.cast.members), "trustee": len(self.cast.codes), "state": len(self.cast.members)}
        found: Arrays = {}
        for name, start in self.starts.items():
            shape = [sizes[axis] for axis in DIMENSIONS[name][3:]]
            part = values[..., start : start + int(np.prod(shape))]
            found[name] = part.reshape(*part.shape[:-1], *shape)
        if found:
            found["posture"] = np.nan_to_num(found["posture"], nan=-1.0).astype(np.int8)
        return found


def _series(cast: Cast) -> dict[str, list[Path | None]]:
    members, focus = cast.members, cast.focus
    return {
        "trust": [None if one == other else Path(one, "trust", other) for one in members for other in cast.codes],
        **{name: [Path(one, name, focus) for one in members] for name in ("posture", *MEMBER_SERIES)},
        "credibility": [Path(focus, "credibility")],
    }


def _path(metric: Metric) -> Path:
    return metric.condition.path if isinstance(metric, First) else metric.path


def response_rows(
    setup: Setup, batch: Batch, branch: str, replicates: NDArray[np.int64]
) -> tuple[tuple[Any, ...], ...]:
    """Return one row for each call and ally, in the order of `sim.output.result.RESPONSE_COLUMNS`."""
    shocks = [shock for tick in setup.shocks for shock in tick]
    return tuple(
        (
            branch, int(replicates[row]), *_event(setup, shocks, answer), float(answer[4]), bool(answer[5]),
            setup.codes[int(answer[6])], float(answer[7]), int(answer[8]), int(answer[9]), bool(answer[10]),
            bool(answer[11]),
        )
        for row, answer in zip(batch.answered.tolist(), batch.answers.tolist(), strict=True)
    )  # fmt: skip


def _event(setup: Setup, shocks: Sequence[Any], answer: Sequence[float]) -> tuple[date, str, str, str]:
    tick, row, victim, aggressor = (int(number) for number in answer[:4])
    codes = setup.codes
    if row != NOBODY:
        return shocks[row].day, shocks[row].name, codes[victim], "" if aggressor == NOBODY else codes[aggressor]
    day = setup.calendar.starts[tick]
    return day, attack_name(codes[aggressor], codes[victim], day), codes[victim], codes[aggressor]
