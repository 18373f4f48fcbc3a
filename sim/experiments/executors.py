"""The executor of all experiments: runs batches in this process, in threads, in processes, or on a Dask cluster.

Other modules describe what to run and collect the outcomes, which are equal wherever they are run.
"""

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sim.engine import compiler
from sim.errors import CstoSimError, InputError
from sim.experiments.chunks import BatchOutcome, Job, MesaRunner, RunBatch, Runner
from sim.experiments.failures import TolerantRunner
from sim.machine import processors
from sim.output.measuring import Floats
from sim.output.sweeps import code_digest

if TYPE_CHECKING:
    from sim.engine.ensemble import Blocks

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Done = TypeVar("Done")

Progress = Callable[[int, int], None]
"""Callback that receives the numbers of finished runs and of all runs."""

Work = Iterable[tuple[Key, Sequence[RunBatch]]]
"""Keys and pieces of chunks, made as they are needed."""

Outcomes = Generator[tuple[Key, BatchOutcome], None, None]
"""Keys and outcomes of finished chunks, in no certain order."""

LOCAL: Final = "local"
"""Stands for the address of a Dask cluster on this machine that lives as long as the sweep."""

START_UP = 4.0
"""Seconds of work below which starting processes does not pay."""

CHUNK_SECONDS = 1.0
"""Seconds of work that a chunk of an ensemble should take in the Mesa engine."""

STRETCH: Final = 512
"""The number of replicates that the compiled engine holds in memory at a time."""

AHEAD: Final = 2
"""The number of pieces whose blocks wait for threads at a time."""

RETRIES: Final = 3
"""How often a cluster repeats a chunk whose worker failed."""

PATIENCE = 5.0
"""Seconds to wait for worker processes after a request to stop."""

CLUSTER_PATIENCE = 30.0
"""Seconds to wait for the scheduler of a cluster to answer, and for a first worker."""

_runner: Runner | None = None


def make_runner(job: Job, threads: int = 1) -> Runner:
    """Return the runner for a job's engine; ``threads`` is the number of threads of one compiled call."""
    if job.tolerant:
        return TolerantRunner(make_runner(replace(job, tolerant=False), threads), len(job.metrics))
    if job.engine == "mesa":
        return MesaRunner(job)
    from sim.experiments.compiled import CompiledRunner  # noqa: PLC0415 - numba takes half a second

    return CompiledRunner(job, threads)


def first_done(
    job: Job,
    gather: Callable[[Job, int | None, Progress | None], Done],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Done:
    """Return the result of the compiled engine, or of the Mesa engine if that finishes before the kernel is compiled.

    The result comes from one engine alone. The compiled engine repeats within a second all runs that the Mesa engine
    finished before.

    Parameters
    ----------
    job : Job
        The runs; their engine is already Mesa if states have custom decision rules.
    gather : callable
        A function that runs a job with a number of workers, and reports its progress.
    workers : int, optional
        Threads or processes; default: all available processors. One is left to the compiler.
    progress : callable, optional
        Callback for progress.
    """
    if job.engine == "mesa" or not compiler.begin():
        return gather(job, workers, progress)
    most = 0

    def tell(done: int, total: int) -> None:
        nonlocal most
        if progress is not None and done > most:
            most = done
            progress(done, total)

    def tell_or_stop(done: int, total: int) -> None:
        tell(done, total)
        if done < total and compiler.is_done():
            raise compiler.KernelReady

    plain = replace(job, engine="mesa", until_compiled=True)
    try:
        return gather(plain, max(1, (workers or processors()) - 1), tell_or_stop)
    except compiler.KernelReady:
        return gather(job, workers, tell)
    except KeyboardInterrupt:
        compiler.stop()
        raise


def run_branches(
    job: Job,
    branches: Sequence[str],
    replicates: int,
    with_series: int,
    workers: int | None = None,
    progress: Progress | None = None,
    into: Mapping[str, Floats] | None = None,
) -> Outcomes[RunBatch]:
    """Run all replicates of all branches, and keep trajectories for the first replicates of each branch.

    Parameters
    ----------
    job : Job
        The inputs that all runs share.
    branches : sequence of str
    replicates, with_series : int
        Number of replicates of each branch, and of those whose trajectories are kept.
    workers : int, optional
        Threads or processes; default: all available processors. Small work of the Mesa engine stays in this process.
    progress : callable, optional
        Callback for progress.
    into : mapping of str to array, optional
        Where the compiled engine writes the trajectories of a branch; its outcomes then have no arrays.

    Yields
    ------
    tuple
        Batches and their outcomes in no certain order; they cover all replicates.
    """
    done, total = 0, replicates * len(branches)

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total)

    for part, first, last in ((job, 0, with_series), (replace(job, series=False), with_series, replicates)):
        pieces = [RunBatch(branch, first, last - first) for branch in branches if last > first]
        if job.engine == "mesa":
            outcomes = _in_seconds(part, pieces, workers or processors(), tell)
        else:
            outcomes = _in_blocks(part, pieces, workers or processors(), tell, (into or {}) if part.series else {})
        with closing(outcomes):
            yield from outcomes


def run_chunks(
    job: Job, work: Work[Key], left: int, *, workers: int | None = None, scheduler: str | None = None
) -> Outcomes[Key]:
    """Run chunks with the requested executor and yield the key and outcome of each finished chunk.

    Neither the outcome of a chunk nor its number of runs depends on the executor.

    Parameters
    ----------
    job : Job
        The inputs that all chunks share.
    work : iterable of (key, sequence of RunBatch)
        Key and pieces of each chunk, made as they are needed.
    left : int
        Number of chunks.
    workers : int, optional
        Threads or processes; default: all available processors.
    scheduler : str, optional
        Address of a Dask scheduler, or ``local``.

    Raises
    ------
    InputError
        If Dask is requested but not installed, or no scheduler answers.
    CstoSimError
        If no worker of a cluster joins, a worker has another version of the code, or workers fail repeatedly.
    """
    if scheduler is not None:
        if workers is not None and scheduler != LOCAL:
            raise InputError(f"--workers {workers}: the cluster at {scheduler} has workers of its own; leave it out")
        yield from _on_cluster(job, work, None if scheduler == LOCAL else scheduler, workers or processors())
        return
    count = min(workers or processors(), left)
    runner = make_runner(job)
    if job.engine == "compiled" and count > 1:  # it runs without the interpreter's lock
        yield from in_threads(runner.run, work, count)
        return
    queue = iter(work)
    began = time.perf_counter()
    for key, pieces in islice(queue, 1):
        yield key, runner.run(pieces)
    yield from _here_or_in_processes(job, runner, queue, left - 1, time.perf_counter() - began, count)


def in_threads(
    run: Callable[[Item], Done], work: Iterable[tuple[Key, Item]], workers: int
) -> Generator[tuple[Key, Done], None, None]:
    """Call a function in threads, and yield each item's key with the outcome of its call when it is finished."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield from _bounded(lambda item: pool.submit(run, item), work, 2 * workers)
    finally:
        pool.shutdown(cancel_futures=True)


def pace(job: Job, pieces: Sequence[RunBatch], count: int) -> float:
    """Return the seconds that a run takes, measured over ``count`` runs after a first run that pays for preparation."""
    runner = make_runner(job)
    trial = next(cut(pieces, lambda: count))
    runner.run((next(cut(pieces, lambda: 1)),))
    began = time.perf_counter()
    runner.run((trial,))
    return (time.perf_counter() - began) / trial.count


def trial(job: Job, pieces: Sequence[RunBatch]) -> BatchOutcome:
    """Run a few pieces of work here, in this process."""
    return make_runner(job).run(pieces)


def cut(pieces: Iterable[RunBatch], size: Callable[[], int]) -> Iterator[RunBatch]:
    """Divide pieces of work into chunks, each made on demand and of at most ``size()`` replicates."""
    for piece in pieces:
        done = 0
        while done < piece.count:
            count = min(size(), piece.count - done)
            yield replace(piece, first=piece.first + done, count=count)
            done += count


def _in_seconds(job: Job, pieces: Sequence[RunBatch], workers: int, tell: Callable[[int], None]) -> Outcomes[RunBatch]:
    """Run pieces of work in chunks that take about a second each, here or in processes."""
    runner = make_runner(job)
    size, seconds = 1, 0.0
    work = ((chunk, (chunk,)) for chunk in cut(pieces, lambda: size))
    left = sum(piece.count for piece in pieces)
    for chunk, only in islice(work, 2):  # the first run also pays for preparation, so the second sets the pace
        began = time.perf_counter()
        outcome = runner.run(only)
        seconds = time.perf_counter() - began
        left -= 1
        tell(1)
        yield chunk, outcome
    shares = 4 * workers if left * seconds >= START_UP else 4
    size = max(1, min(1000, round(CHUNK_SECONDS / max(seconds, 1e-6)), -(-left // shares)))
    with closing(_here_or_in_processes(job, runner, work, left, seconds, workers)) as outcomes:
        for chunk, outcome in outcomes:
            tell(chunk.count)
            yield chunk, outcome


def _in_blocks(
    job: Job, pieces: Sequence[RunBatch], workers: int, tell: Callable[[int], None], into: Mapping[str, Floats]
) -> Outcomes[RunBatch]:
    """Run pieces of work on the compiled engine in threads that all pieces share, and yield them in order.

    Parameters
    ----------
    job, pieces, workers
        The inputs, the pieces of work, and the number of threads.
    tell : callable
        Callback that receives the number of runs of each finished block.
    into : mapping
        Arrays for the values of replicates, by branch; without them, pieces are cut to `STRETCH` replicates.
    """
    from sim.experiments.compiled import CompiledRunner  # noqa: PLC0415 - numba takes half a second

    runner = CompiledRunner(job, workers)
    pool = ThreadPoolExecutor(workers)
    queue = iter(pieces if into else cut(pieces, lambda: STRETCH))

    def begin(piece: RunBatch) -> "tuple[RunBatch, Blocks, list[Future[Floats]]]":
        values = into[piece.branch][piece.first : piece.first + piece.count] if into else None
        blocks = runner.start((piece,), values)
        return piece, blocks, [pool.submit(blocks.run, start) for start in blocks.starts]

    try:
        waiting = deque(map(begin, islice(queue, AHEAD)))
        while waiting:
            piece, blocks, futures = waiting.popleft()
            answers = []
            for start, future in zip(blocks.starts, futures, strict=True):
                answers.append(future.result())
                tell(min(blocks.size, piece.count - start))
            waiting.extend(map(begin, islice(queue, 1)))
            yield piece, runner.outcome((piece,), blocks.batch(answers), arrays=not into)
    finally:
        pool.shutdown(cancel_futures=True)


def _here_or_in_processes(
    job: Job, runner: Runner, work: Iterator[tuple[Key, Sequence[RunBatch]]], left: int, seconds: float, workers: int
) -> Outcomes[Key]:
    """Run chunks in this process, or in several if what is left, at so many seconds each, justifies their start-up."""
    if workers > 1 and left > 0 and left * seconds >= START_UP:
        yield from in_processes(job, work, min(workers, left))
    else:
        for key, pieces in work:
            yield key, runner.run(pieces)


def in_processes(job: Job, work: Work[Key], workers: int) -> Outcomes[Key]:
    """Run chunks in several processes, and yield each chunk's key with its outcome when it is finished."""
    with without_main(), _pool(job, workers) as pool:
        try:
            yield from _bounded(lambda pieces: pool.submit(_work, pieces), work, 2 * workers)
        except BrokenProcessPool as error:
            raise CstoSimError("a worker process died (out of memory?); try fewer with --workers") from error


def _bounded(
    submit: Callable[[Item], "Future[Done]"], work: Iterable[tuple[Key, Item]], most: int
) -> Generator[tuple[Key, Done], None, None]:
    """Submit items, at most ``most`` at a time, and yield each item's key with its outcome when it is finished."""
    waiting: dict[Future[Done], Key] = {}
    queue = iter(work)
    while True:
        for key, item in islice(queue, most - len(waiting)):
            waiting[submit(item)] = key
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


def _on_cluster(job: Job, work: Work[Key], address: str | None, workers: int) -> Outcomes[Key]:
    """Run chunks on the Dask cluster at an address, or on worker processes of Dask on this machine.

    Each worker thread has a few chunks in progress at a time. The inputs that chunks share are a separate task, which
    each worker computes once, so that workers can join and leave at any time.
    """
    try:
        from distributed import KilledWorker  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            "--scheduler needs Dask, which is not installed; install the extra with: pip install 'csto-sim[cluster]'"
        ) from error
    with _client(address, workers) as client:
        most = 2 * _checked_threads(client)
        runner = client.submit(make_runner, job, pure=False)
        pool = client.get_executor(pure=False, retries=RETRIES)
        try:
            yield from _bounded(lambda pieces: pool.submit(_run, runner, pieces), work, most)
        except KilledWorker as error:
            raise CstoSimError("workers of the cluster die again and again (out of memory?)") from error


@contextmanager
def _client(address: str | None, workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra

    if address is None:
        settings = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": ":0"}
        with (
            without_main(),
            LocalCluster(**settings, silence_logs=logging.ERROR) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=CLUSTER_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"--scheduler {address}: no Dask scheduler answers there; allowed: an address such as "
            "tcp://10.0.0.1:8786, or local"
        ) from error
    with client:
        yield client


def _checked_threads(client: Any) -> int:
    """Return the number of threads of all workers; reject a cluster without workers or with other code."""
    try:
        client.wait_for_workers(1, timeout=CLUSTER_PATIENCE)
    except TimeoutError as error:
        raise CstoSimError(f"no worker of the cluster has joined within {CLUSTER_PATIENCE:.0f} s") from error
    other = sorted(worker for worker, digest in client.run(code_digest).items() if digest != code_digest())
    if other:
        raise CstoSimError(f"workers of the cluster have another version of csto-sim: {', '.join(other)}")
    return sum(client.nthreads().values())


def _run(runner: Runner, pieces: Sequence[RunBatch]) -> BatchOutcome:
    return runner.run(pieces)
