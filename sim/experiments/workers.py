"""Execution of chunks in one or several processes, with equal outcomes and a clean stop at any moment."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import islice
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import TypeVar

from sim.errors import CstoSimError
from sim.experiments.chunks import BatchOutcome, Job, RunBatch, Runner, make_runner
from sim.machine import processors

Key = TypeVar("Key", bound=Hashable)
Progress = Callable[[int, int], None]
"""Told the runs done and the runs to do."""

START_UP = 4.0
"""Seconds of work below which starting processes does not pay."""

CHUNK_SECONDS = 1.0
"""Seconds of work that a chunk should take."""

PATIENCE = 5.0
"""Seconds to wait for workers after a request to stop."""

_runner: Runner | None = None


def execute(
    job: Job, pieces: Sequence[RunBatch], workers: int | None = None, progress: Progress | None = None
) -> Generator[tuple[RunBatch, BatchOutcome], None, None]:
    """Run pieces of work in chunks, and yield each chunk with its outcome when it is finished.

    Parameters
    ----------
    job : Job
        The inputs that all pieces share.
    pieces : sequence of RunBatch
        Replicates to run; they are cut into chunks of about a second.
    workers : int, optional
        Processes; default: the processors at hand. Small work stays in this process.
    progress : callable, optional
        Called with runs done and runs to do.

    Yields
    ------
    tuple
        Chunks in no certain order; they cover all pieces.
    """
    total = sum(piece.count for piece in pieces)
    done = 0
    with closing(_outcomes(job, pieces, workers or processors())) as outcomes:
        for chunk, outcome in outcomes:
            done += chunk.count
            if progress is not None:
                progress(done, total)
            yield chunk, outcome


def _outcomes(
    job: Job, pieces: Sequence[RunBatch], workers: int
) -> Generator[tuple[RunBatch, BatchOutcome], None, None]:
    runner = make_runner(job)
    trial = list(islice(singles(pieces), 2))
    seconds = 0.0
    for chunk in trial:  # the first run also pays for what is prepared once, so the second sets the pace
        began = time.perf_counter()
        yield chunk, runner.run((chunk,))
        seconds = time.perf_counter() - began
    rest = without(pieces, trial)
    size = max(1, min(1000, round(CHUNK_SECONDS / max(seconds, 1e-6))))
    runs = sum(piece.count for piece in rest)
    if workers == 1 or runs * seconds < START_UP:
        for chunk in cut(rest, size):
            yield chunk, runner.run((chunk,))
    else:
        chunks = cut(rest, min(size, -(-runs // (workers * 4))))
        yield from in_processes(job, ((chunk, (chunk,)) for chunk in chunks), min(workers, runs))


def singles(pieces: Sequence[RunBatch]) -> Iterator[RunBatch]:
    """Yield the single replicates of pieces of work, one after the other."""
    for piece in pieces:
        for done in range(piece.count):
            yield RunBatch(piece.branch, piece.first + done, 1, piece.changes)


def cut(pieces: Sequence[RunBatch], size: int) -> Iterator[RunBatch]:
    """Divide pieces of work into chunks of at most ``size`` replicates, each made on demand."""
    for piece in pieces:
        for done in range(0, piece.count, size):
            yield RunBatch(piece.branch, piece.first + done, min(size, piece.count - done), piece.changes)


def without(pieces: Sequence[RunBatch], trial: Sequence[RunBatch]) -> list[RunBatch]:
    """Return the pieces without the single replicates that a trial has already run."""
    done = {(chunk.branch, chunk.changes, chunk.first) for chunk in trial}
    left = []
    for piece in pieces:
        first = piece.first
        while (piece.branch, piece.changes, first) in done:
            first += 1
        if first < piece.first + piece.count:
            left.append(RunBatch(piece.branch, first, piece.first + piece.count - first, piece.changes))
    return left


def in_processes(
    job: Job, work: Iterable[tuple[Key, Sequence[RunBatch]]], workers: int
) -> Generator[tuple[Key, BatchOutcome], None, None]:
    """Run chunks in several processes, and yield each chunk's key with its outcome when it is finished."""
    with without_main(), _pool(job, workers) as pool:
        try:
            yield from bounded(lambda pieces: pool.submit(_work, pieces), work, 2 * workers)
        except BrokenProcessPool as error:
            raise CstoSimError("a worker process died (out of memory?); try fewer with --workers") from error


def bounded(
    submit: Callable[[Sequence[RunBatch]], "Future[BatchOutcome]"],
    work: Iterable[tuple[Key, Sequence[RunBatch]]],
    most: int,
) -> Generator[tuple[Key, BatchOutcome], None, None]:
    """Submit chunks, at most ``most`` at a time, and yield each chunk's key with its outcome when it is finished."""
    waiting: dict[Future[BatchOutcome], Key] = {}
    queue = iter(work)
    while True:
        for key, pieces in islice(queue, most - len(waiting)):
            waiting[submit(pieces)] = key
        if not waiting:
            return
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            yield waiting.pop(future), future.result()


@contextmanager
def without_main() -> Iterator[None]:
    """Prevent worker processes from running the user's script, so that it needs no ``if __name__ == "__main__"``."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _pool(job: Job, workers: int) -> Iterator[ProcessPoolExecutor]:
    context = _context()
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(job,))
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        workers_now = set(multiprocessing.active_children()) - before
        for child in workers_now:
            child.terminate()
        for child in workers_now:
            child.join(timeout=PATIENCE)
        ending = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        ending.start()  # its own thread must be gone before the interpreter ends, or that complains of closed pipes
        ending.join(timeout=PATIENCE)
        raise


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "sim.engine.model"])  # what a runner loads, once for all workers
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what is started now never sees Ctrl-C
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return context


def _begin(job: Job) -> None:
    """Prepare a worker process: it ignores Ctrl-C, which the parent handles, and it ends with its parent."""
    global _runner  # noqa: PLW0603 - a worker process has one job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    _runner = make_runner(job)
    gc.freeze()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(pieces: Sequence[RunBatch]) -> BatchOutcome:
    if _runner is None:
        raise CstoSimError("a worker was given work before it was prepared")
    return _runner.run(pieces)
