"""The cost of a sweep before it runs: runs, time estimated from a short trial, disk space, and finished chunks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.experiments.executors import pace
from sim.experiments.plan import Plan
from sim.experiments.sweep import chunks_left
from sim.machine import processors
from sim.output.parts import Parts
from sim.output.sweeps import CELLS

TRIAL: Final = 10
"""A trial runs one in so many of the runs of a chunk."""

NUMBER: Final = 8
"""Bytes of a number on disk, at most."""


@dataclass(frozen=True)
class SweepCost:
    """The estimated cost of a sweep.

    Attributes
    ----------
    runs, left : int
        All runs, and those that are not done yet.
    seconds : float
        The expected time for the remaining runs, with the requested workers.
    bytes : int
        Room that the tables take at most; chunks take as much again until they are put together.
    """

    runs: int
    left: int
    seconds: float
    bytes: int


def forecast(plan: Plan, folder: Path, workers: int | None = None) -> SweepCost:
    """Estimate the cost of a sweep from a trial of a few runs, which are discarded.

    Parameters
    ----------
    plan : Plan
        The plan of the sweep.
    folder : Path
        Where it would lie.
    workers : int, optional
        Threads or processes; default: the processors at hand.
    """
    parts = Parts(folder, plan.identity, plan.metrics)
    parts.check()
    left = chunks_left(plan, parts)
    runs_left = sum(map(plan.count, left))
    seconds = pace(plan.job(), plan.pieces(left[0]), max(1, plan.chunk_runs // TRIAL)) if left else 0.0
    side_by_side = max(1, min(workers or processors(), len(left)))
    labels, ensembles = 2, len(plan.points) * len(plan.branches)
    numbers = plan.runs * (labels + len(plan.metrics))
    numbers += ensembles * (len(plan.points.factors) + len(CELLS) * len(plan.metrics)) * 2
    return SweepCost(plan.runs, runs_left, runs_left * seconds / side_by_side, numbers * NUMBER)
