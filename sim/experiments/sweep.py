"""Sweeps: an ensemble at every point of a design, stored chunk by chunk so that a stopped sweep can resume."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.checked import checked
from sim.errors import CstoSimError, InputError
from sim.experiments.ensemble import positive
from sim.experiments.executors import Progress, run_chunks
from sim.experiments.parameters.sources import warn_of_differences
from sim.experiments.plan import Plan
from sim.experiments.sweep_file import read_plan
from sim.output import manifest
from sim.output.measuring import Floats
from sim.output.parquet import read_parquet
from sim.output.parts import Parts
from sim.output.sources import sources_text
from sim.output.staging import check_target, staged
from sim.output.store import FIGURES
from sim.output.sweep_tables import write_drawn, write_tables
from sim.output.sweeps import DESIGN, FAILED, TABLE, Study, SweepData, read_sweep, stored_whole
from sim.output.tables import write_csv

_log = logging.getLogger(__name__)

Draw = Callable[[SweepData, Path], object]


@checked("plan", "out", "scheduler", "progress", "draw")
def sweep(
    plan: Plan | str | Path,
    *,
    out: Path | str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
    draw: Draw | None = None,
    **changes: Any,
) -> SweepData:
    """Run and store a sweep, resume it if it was stopped, or read it if it is complete.

    The tables depend neither on workers and scheduler nor on how often the sweep was stopped.

    Parameters
    ----------
    plan : Plan, str or Path
        A plan, or the path of a sweep file.
    out : Path or str, optional
        Folder to write; default: ``results/sweeps/<name>/<digest of the design>``.
    workers : int, optional
        Threads or processes; default: the processors at hand.
    scheduler : str, optional
        Address of a Dask scheduler, or ``local`` for worker processes of Dask on this machine.
    progress : callable, optional
        Called with the runs done and the runs to do, of those that were left.
    draw : callable, optional
        Draws figures of the sweep into the folder it is given.
    **changes
        What `read_plan` takes to write over a sweep file: ``replicates``, ``seed``, ``metrics`` and so on.

    Returns
    -------
    SweepData

    Raises
    ------
    InputError
        If the file is invalid, or ``out`` contains anything else.

    Examples
    --------
    >>> swept = sweep("scenarios/sweeps/overstretch-coverage.toml", replicates=10)  # doctest: +SKIP
    >>> swept.table  # doctest: +SKIP
    """
    if not isinstance(plan, Plan):
        plan = read_plan(plan, **changes)
    elif changes:
        raise InputError(f"a plan is settled; give {', '.join(changes)} where it is made")
    folder = Path(out) if out is not None else plan.folder
    if stored_whole(folder, plan.identity):
        return read_sweep(folder)
    began = time.perf_counter()
    parts = begin(plan, folder)
    try:
        run_left(plan, parts, workers=workers, scheduler=scheduler, progress=progress)
        return _assemble(plan, parts, folder, time.perf_counter() - began, draw)
    except (CstoSimError, OSError):
        if not stored_whole(folder, plan.identity):
            raise
    parts.remove()
    _log.warning("%s: made by another process meanwhile", folder)
    return read_sweep(folder)


@dataclass(frozen=True)
class Shard:
    """A part of a sweep's chunks: the ``number``-th of every ``of`` chunks, counted from 1."""

    number: int = 1
    of: int = 1

    def __contains__(self, chunk: int) -> bool:
        return chunk % self.of == self.number - 1


def begin(plan: Plan, folder: Path) -> Parts:
    """Prepare to run a sweep, and reject a folder that cannot hold it.

    Parameters
    ----------
    plan : Plan
        The plan.
    folder : Path
        Where the sweep will lie.

    Raises
    ------
    InputError
        If nothing can be written there, or chunks of another design lie beside it.
    """
    check_target(folder)
    warn_of_differences([plan.draws], plan.given)
    parts = Parts(folder, plan.identity, plan.metrics)
    parts.open({"name": plan.name, "runs": plan.runs, "chunk": plan.chunk_runs, "metrics": list(plan.metrics)})
    return parts


def kept_runs(plan: Plan, folder: Path) -> int:
    """Return the number of runs stored in finished chunks; damaged files are counted too."""
    return sum(map(plan.count, Parts(folder, plan.identity, plan.metrics).there()))


def chunks_left(plan: Plan, parts: Parts, shard: Shard = Shard()) -> list[int]:
    """Return the numbers of the chunks without a complete file."""
    there = parts.there()
    return [
        chunk
        for chunk in range(plan.chunks)
        if chunk in shard and not (chunk in there and parts.read(chunk, plan.count(chunk)) is not None)
    ]


def run_left(
    plan: Plan,
    parts: Parts,
    *,
    shard: Shard = Shard(),
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Run the missing chunks, and store each chunk when it is finished.

    An interruption (an error, Ctrl-C, a killed process) loses at most the chunks in progress.

    Parameters
    ----------
    plan, parts : Plan, Parts
        The plan, and the storage of its chunks.
    shard : Shard
        The chunks to run in this call.
    workers, scheduler, progress
        As in `sweep`.
    """
    if workers is not None:
        positive("workers", workers)
    left = chunks_left(plan, parts, shard)
    if not left:
        return
    total = sum(map(plan.count, left))
    done = 0
    work = ((chunk, plan.pieces(chunk)) for chunk in left)
    try:
        with closing(run_chunks(plan.job(), work, len(left), workers=workers, scheduler=scheduler)) as outcomes:
            for chunk, outcome in outcomes:
                parts.write(chunk, outcome.metrics, outcome.errors)
                done += plan.count(chunk)
                if progress is not None:
                    progress(done, total)
    except BaseException as stop:
        finished = sum(map(plan.count, parts.there()))
        stop.add_note(f"{finished} of {plan.runs} runs are kept; the same command goes on from there")
        parts.remove_if_empty()
        raise


def _assemble(plan: Plan, parts: Parts, folder: Path, seconds: float, draw: Draw | None) -> SweepData:
    """Write the tables from the chunks, and delete the chunks."""
    inputs = manifest.scenario_inputs(plan.scenario)
    study = plan.study
    with staged(folder) as hidden:
        text = json.dumps(inputs, indent=1, ensure_ascii=False) + "\n"
        (hidden / "scenario.json").write_text(text, encoding="utf-8", newline="\n")
        (hidden / "DATA-SOURCES.txt").write_text(sources_text(plan.scenario), encoding="utf-8", newline="\n")
        write_tables(hidden, study, plan.points.shown(), _all_chunks(plan, parts))
        if plan.draws is not None:
            write_drawn(hidden, plan.replicates, len(plan.points), plan.drawn)
        failed = _failed(plan, parts)
        if len(failed):
            write_csv(failed, hidden / FAILED)
        manifest.write(hidden, "sweep", study.fields(plan.identity, seconds))
        data = SweepData(
            **{field.name: getattr(study, field.name) for field in fields(Study)},
            seconds=seconds,
            table=read_parquet(hidden / TABLE).to_pandas(),
            points=read_parquet(hidden / DESIGN).to_pandas(),
            folder=hidden,
        )
        if draw is not None:
            (hidden / FIGURES).mkdir()
            draw(data, hidden / FIGURES)
    parts.remove()
    return replace(data, folder=folder)


def _failed(plan: Plan, parts: Parts) -> pd.DataFrame:
    """Return a row for each run that failed: its point, branch and replicate, the values of the point, and why.

    Raises
    ------
    InputError
        If all runs failed; then the chunks are deleted, since nothing in them is worth keeping.
    """
    rows = []
    for chunk in range(plan.chunks):
        for offset, error in parts.errors(chunk).items():
            cell, replicate = divmod(chunk * plan.chunk_runs + offset, plan.replicates)
            point, branch = divmod(cell, len(plan.branches))
            labels = {"point": point, "branch": plan.branches[branch], "replicate": replicate}
            rows.append({**labels, **dict(plan.points.point(point)), "error": error})
    if len(rows) == plan.runs:
        parts.remove()
        raise InputError(f"all {plan.runs} runs failed; the first with: {rows[0]['error']}")
    if rows:
        _log.warning(
            "%d of %d runs failed, at %d point(s); %s says why, first: %s",
            len(rows), plan.runs, len({row["point"] for row in rows}), FAILED, rows[0]["error"],
        )  # fmt: skip
    return pd.DataFrame(rows)


def _all_chunks(plan: Plan, parts: Parts) -> Iterator[Floats]:
    for chunk in range(plan.chunks):
        values = parts.read(chunk, plan.count(chunk))
        if values is None:
            raise CstoSimError(f"{parts.folder}: chunk {chunk} is gone or damaged; run the same command again")
        yield values
