"""Execution of chunks in this process, in threads, in processes, or on a Dask cluster."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sim.errors import InputError
from sim.experiments.chunks import BatchOutcome, Job, RunBatch, make_runner
from sim.experiments.workers import START_UP, bounded, in_processes
from sim.machine import processors

Work = Iterable[tuple[int, Sequence[RunBatch]]]
Outcomes = Generator[tuple[int, BatchOutcome], None, None]

LOCAL: Final = "local"
"""Stands for the address of a Dask cluster on this machine that lives as long as the sweep."""

_SHARED_MEMORY: Final = ("compiled",)
"""Engines that run without the interpreter's lock, so that threads of one process suffice."""


def run_chunks(
    job: Job, work: Work, left: int, *, workers: int | None = None, scheduler: str | None = None
) -> Outcomes:
    """Run chunks with the requested executor and yield the number and outcome of each finished chunk.

    Neither the outcome of a chunk nor its number of runs depends on the executor.

    Parameters
    ----------
    job : Job
        The inputs that all chunks share.
    work : iterable of (int, sequence of RunBatch)
        Number and pieces of each chunk, made as they are needed.
    left : int
        Number of chunks.
    workers : int, optional
        Threads or processes; default: all available processors.
    scheduler : str, optional
        Address of a Dask scheduler, or ``local``.

    Raises
    ------
    InputError
        If Dask is requested but not installed.
    """
    if scheduler is not None:
        from sim.experiments.cluster import on_cluster  # noqa: PLC0415 - needs an extra

        if workers is not None and scheduler != LOCAL:
            raise InputError(f"--workers {workers}: the cluster at {scheduler} has workers of its own; leave it out")
        yield from on_cluster(job, work, None if scheduler == LOCAL else scheduler, workers or processors())
        return
    count = min(workers or processors(), left)
    if job.engine in _SHARED_MEMORY and count > 1:
        yield from in_threads(job, work, count)
    else:
        yield from here_or_in_processes(job, iter(work), left, count)


def in_threads(job: Job, work: Work, workers: int) -> Outcomes:
    """Run chunks in threads of this process that share one runner."""
    runner = make_runner(job)
    pool = ThreadPoolExecutor(workers)
    try:
        yield from bounded(lambda pieces: pool.submit(runner.run, pieces), work, 2 * workers)
    finally:
        pool.shutdown(cancel_futures=True)


def here_or_in_processes(job: Job, work: Iterator[tuple[int, Sequence[RunBatch]]], left: int, workers: int) -> Outcomes:
    """Run chunks in this process, and in several processes if the work left justifies their start-up time."""
    runner = make_runner(job)
    began = time.perf_counter()
    for done, (number, pieces) in enumerate(work, start=1):
        yield number, runner.run(pieces)
        pace = (time.perf_counter() - began) / done
        if workers > 1 and left > done and (left - done) * pace >= START_UP:
            yield from in_processes(job, work, min(workers, left - done))
            return
