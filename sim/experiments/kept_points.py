"""Series of chosen points of a sweep: every variable of their runs at every date."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.errors import InputError
from sim.experiments.keeping import COLUMNS, keep_runs
from sim.experiments.plan import Plan
from sim.output.manifest import seal
from sim.output.parquet import write_parquet
from sim.output.staging import staged_file
from sim.output.store import KEPT
from sim.output.sweeps import KEPT_SEAL
from sim.scenario import with_overrides

MOST_RUNS: Final = 2_000
"""Runs of a sweep whose series are kept at most."""


def check_points(plan: Plan, points: Sequence[int]) -> None:
    """Reject points of a sweep that it does not have, or too many to keep.

    Raises
    ------
    InputError
        With what is allowed.
    """
    wrong = next((point for point in points if point >= len(plan.points)), None)
    if wrong is not None:
        raise InputError(f"point {wrong} cannot be kept; allowed: 0 to {len(plan.points) - 1}")
    runs = len(points) * len(plan.branches) * plan.replicates
    if runs > MOST_RUNS:
        raise InputError(f"{len(points)} points have {runs} runs; allowed: {MOST_RUNS} whose series are kept")


def keep_points(plan: Plan, points: Sequence[int], folder: Path) -> Path:
    """Run chosen points of a sweep again, write the values of all variables at all dates, and return the file.

    Parameters
    ----------
    plan : Plan
        The plan of the sweep.
    points : sequence of int
        Points, counted from 0.
    folder : Path
        The folder of the sweep; its ``kept.parquet`` is written over.

    Raises
    ------
    InputError
        If a point is not of the sweep or cannot be run, or they are too many.
    """
    check_points(plan, points)
    frames = []
    for point in points:
        first = plan.first_replicate(point)
        job = replace(plan.job(), scenario=with_overrides(plan.scenario, dict(plan.points.point(point))))
        rows = keep_runs(job, plan.branches, range(first, first + plan.replicates))
        replicate = (rows["replicate"].to_numpy() - first).astype(np.int32)
        frames.append(rows.assign(point=np.int64(point), replicate=replicate))
    table = pd.concat(frames, ignore_index=True)[["point", *COLUMNS]]
    sealed = folder / KEPT_SEAL
    sealed.unlink(missing_ok=True)
    with staged_file(folder / KEPT, replace=True) as hidden:
        write_parquet(pa.Table.from_pandas(table, preserve_index=False), hidden)
    with staged_file(sealed, replace=True) as hidden:
        hidden.write_bytes(seal(KEPT, (folder / KEPT).read_bytes()))
    return folder / KEPT
