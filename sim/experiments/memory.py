"""How much memory a result takes, and whether it is refused for it before anything runs."""

from collections.abc import Sequence
from typing import Final

from sim.errors import InputError
from sim.experiments.chunks import Job
from sim.experiments.keeping import all_paths
from sim.model.parameters import Parameters
from sim.output.result import DIMENSIONS

MEMORY: Final = 2**32
"""Bytes that a result may take, beside the program; a run that would take more is refused."""

MOST_SERIES: Final = 2**30
"""Bytes of trajectories that a result holds; replicates beyond have their metrics alone."""

_NUMBER: Final = 8
_ANSWERS: Final = 0.5
"""Answers to calls, kept with trajectories, and what it takes to label both: a share of the trajectories."""
_COPIES: Final = 2
"""Metrics and parameters are held as arrays and, while they are handed on, as tables."""
_UNDER_WAY: Final = 2**24
"""Bytes of the blocks that threads work on and of chunks that wait to be handed on."""

_SWEEP_COPIES: Final = 5
"""A sweep's values are held as chunks, put together, by metric, as a table, and as pages of a file."""
_SWEEP_LABELS: Final = 64
"""Bytes of point, branch and replicate of a run of a sweep, and of what they are made from."""

_KEPT_ROW: Final = 200
"""Bytes of a row of kept replicates, with what it takes to put the rows together and to store them."""


def replicates_with_series(job: Job, branches: Sequence[str], replicates: int) -> int:
    """Return how many replicates of each branch have their trajectories in the result, at least one."""
    return min(replicates, max(1, MOST_SERIES // _series(job, branches)))


def check_memory(job: Job, branches: Sequence[str], replicates: int, keep: Sequence[int]) -> None:
    """Refuse a run whose result would take more than `MEMORY`.

    Parameters
    ----------
    job : Job
        With the branches prepared (``setups``).
    branches : sequence of str
    replicates : int
        Of each branch.
    keep : sequence of int
        Replicates of which every variable is kept.

    Raises
    ------
    InputError
        Naming how many replicates, or how many kept ones, fit.
    """
    series = replicates_with_series(job, branches, replicates) * _series(job, branches)
    per_replicate = (
        _COPIES * _NUMBER * (len(branches) * len(job.metrics) + (len(Parameters._fields) if job.draws else 0))
    )
    room = MEMORY - _UNDER_WAY - int(series * (1 + _ANSWERS))
    if replicates * per_replicate > room:
        raise _refused(
            f"{replicates} replicates", replicates * per_replicate, max(0, room) // per_replicate, "replicates"
        )
    setups = [job.setups[branch] for branch in branches]
    rows = sum(len(setup.calendar.dates) * sum(1 for _ in all_paths(setup)) for setup in setups)
    left = (room - replicates * per_replicate) // (rows * _KEPT_ROW)
    if len(keep) > left:
        raise _refused(f"{len(keep)} kept replicates", len(keep) * rows * _KEPT_ROW, left, "replicates to keep")


def check_sweep_memory(replicates: int, metrics: int) -> None:
    """Refuse a sweep whose tables would take more than `MEMORY` while they are written.

    Parameters
    ----------
    replicates : int
        Of each branch at each point: these are summarised together.
    metrics : int
    """
    per_replicate = _SWEEP_LABELS + _SWEEP_COPIES * _NUMBER * metrics
    if replicates * per_replicate > MEMORY:
        raise _refused(
            f"{replicates} replicates at a point", replicates * per_replicate, MEMORY // per_replicate, "replicates"
        )


def _series(job: Job, branches: Sequence[str]) -> int:
    """Return the bytes of the trajectories of one replicate of all branches."""
    ticks, members = len(job.cast.dates), len(job.cast.members)
    return _NUMBER * len(branches) * ticks * (members * (len(job.cast.codes) + len(DIMENSIONS)) + 1)


def _refused(what: str, needed: int, fits: int, allowed: str) -> InputError:
    return InputError(f"{what} would take {needed / 2**30:.3g} GiB of memory; allowed here: up to {fits} {allowed}")
