"""Full trajectories of chosen replicates, with every variable of every state, pair and treaty."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sim.engine.setup import Setup, prepare
from sim.engine.trajectory import Trajectory
from sim.experiments.chunks import Job, RunBatch, mesa_run, parameters_of
from sim.experiments.metrics import series
from sim.model.variables import RUNG_VARIABLES, VARIABLES
from sim.output.measuring import Floats
from sim.scenario.expressions import Path

COLUMNS = ("branch", "replicate", "date", "variable", "state", "other", "value")


def keep_runs(job: Job, branches: Sequence[str], replicates: Sequence[int]) -> pd.DataFrame:
    """Run chosen replicates again and return the values of all variables at all dates.

    Returns
    -------
    DataFrame
        `COLUMNS`: one row a branch, replicate, date and variable; ``state`` owns the variable (or the treaty does) and
        ``other`` is the other state or the treaty. Postures are ranks; what is not known has no row.
    """
    frames = [
        _rows(setup, branch, replicate, values, paths)
        for branch in branches
        for setup in [prepare(job.scenario, branch)]
        for paths in [tuple(all_paths(setup))]
        for replicate, values in zip(replicates, _values(job, setup, replicates, paths), strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def trajectory_rows(setup: Setup, replicate: int, trajectory: Trajectory) -> pd.DataFrame:
    """Return the values of all variables of one run at all dates, as `keep_runs` does for runs of a job."""
    paths = tuple(all_paths(setup))
    values = np.stack([series(trajectory, path) for path in paths], axis=-1)
    return _rows(setup, setup.branch, replicate, values, paths)


def all_paths(setup: Setup) -> Iterator[Path]:
    """Yield the path of every variable of a branch."""
    for variable in VARIABLES.values():
        owners = setup.treaties if variable.of == "treaty" else setup.codes
        others = {"dyad": setup.codes, "member": setup.treaties}.get(variable.of, (None,))
        for owner in owners:
            paths = (Path(owner, variable.name, other) for other in others if other != owner)
            yield from (path for path in paths if setup.reported(path) is not None)


def _values(job: Job, setup: Setup, replicates: Sequence[int], paths: Sequence[Path]) -> Iterator[Floats]:
    pieces = [RunBatch(setup.branch, replicate, 1) for replicate in replicates]
    rows = np.concatenate([parameters_of(job, setup, frozenset(), piece, {}) for piece in pieces])
    if job.engine == "compiled":
        from sim.engine.ensemble import Program  # noqa: PLC0415 - numba takes half a second

        yield from Program(setup, paths).run(job.seed, np.array(replicates), rows).values
        return
    for replicate, row in zip(replicates, rows.tolist(), strict=True):
        trajectory = mesa_run(job, setup, replicate, row)
        yield np.stack([series(trajectory, path) for path in paths], axis=-1)


def _rows(setup: Setup, branch: str, replicate: int, values: Floats, paths: Sequence[Path]) -> pd.DataFrame:
    known = ~np.isnan(values)
    never = np.array([path.variable in RUNG_VARIABLES for path in paths]) & (values < 0)
    day, column = np.nonzero(known & ~never)
    dates = np.array(setup.calendar.dates, dtype="datetime64[s]")
    names = {
        "variable": [path.variable for path in paths],
        "state": [path.owner for path in paths],
        "other": [path.other or "" for path in paths],
    }
    return pd.DataFrame(
        {
            "branch": branch,
            "replicate": np.int32(replicate),
            "date": dates[day],
            **{name: np.array(texts, dtype=object)[column] for name, texts in names.items()},
            "value": values[day, column],
        }
    )
