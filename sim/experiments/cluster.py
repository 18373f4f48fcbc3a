"""Execution of chunks on a Dask cluster: a cluster at an address, or local worker processes."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from sim.errors import CstoSimError, InputError
from sim.experiments.chunks import BatchOutcome, Job, RunBatch, Runner, make_runner
from sim.experiments.executors import Outcomes
from sim.experiments.workers import without_main
from sim.output.sweeps import code_digest

RETRIES: Final = 3
"""How often a chunk is run again whose worker failed."""

PATIENCE: Final = 30
"""Seconds to wait for a scheduler to answer and for a first worker."""


def on_cluster(job: Job, work: Iterable[tuple[int, Sequence[RunBatch]]], address: str | None, workers: int) -> Outcomes:
    """Run chunks on a Dask cluster and yield the number and outcome of each finished chunk.

    Each worker thread has a few chunks in progress at a time. The inputs that chunks share are a separate task, which
    each worker computes once, so that workers can join and leave at any time.

    Parameters
    ----------
    job : Job
        The inputs that all chunks share.
    work : iterable of (int, sequence of RunBatch)
        Number and pieces of each chunk.
    address : str or None
        Address of the scheduler; None starts worker processes on this machine.
    workers : int
        Number of workers to start, without an address.

    Raises
    ------
    InputError
        If Dask is not installed, or no scheduler answers.
    CstoSimError
        If no worker joins, if a worker has another version of the code, or if chunks fail repeatedly.
    """
    try:
        from distributed import KilledWorker, as_completed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            "--scheduler needs Dask, which is not installed; install the extra with: pip install 'csto-sim[cluster]'"
        ) from error
    queue = iter(work)
    with _client(address, workers) as client:
        threads = _checked_threads(client)
        runner = client.submit(make_runner, job, pure=False)
        numbers: dict[Any, int] = {}

        def submit(count: int) -> list[Any]:
            new = []
            for number, pieces in islice(queue, count):
                future = client.submit(_run, runner, pieces, pure=False, retries=RETRIES)
                numbers[future] = number
                new.append(future)
            return new

        under_way = as_completed(submit(2 * threads), loop=client.loop, with_results=True)
        try:
            for future, outcome in under_way:
                number = numbers.pop(future)
                future.release()
                for new in submit(1):
                    under_way.add(new)
                yield number, outcome
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
        client = Client(address, timeout=PATIENCE, set_as_default=False)
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
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise CstoSimError(f"no worker of the cluster has joined within {PATIENCE} s") from error
    other = sorted(worker for worker, digest in client.run(code_digest).items() if digest != code_digest())
    if other:
        raise CstoSimError(f"workers of the cluster have another version of csto-sim: {', '.join(other)}")
    return sum(client.nthreads().values())


def _run(runner: Runner, pieces: Sequence[RunBatch]) -> BatchOutcome:
    return runner.run(pieces)
