"""Cold start: while the kernel is compiled, the Mesa engine runs the same replicates; the first to be done is taken."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sim.engine import compiler
from sim.experiments.chunks import Job
from sim.experiments.workers import Progress
from sim.machine import processors

Found = TypeVar("Found")


def first_done(
    job: Job,
    gather: Callable[[Job, int | None, Progress | None], Found],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Found:
    """Return the result of the compiled engine, or of the Mesa engine if that finishes before the kernel is compiled.

    What is returned comes from one engine alone. The compiled engine repeats within a second whatever the Mesa engine
    had run until then.

    Parameters
    ----------
    job : Job
        What is run; for the Mesa engine already if states decide by rules of their own.
    gather : callable
        Runs a job, with so many workers, and tells of its progress.
    workers : int, optional
        Threads or processes; default: the processors at hand. One is left to the compiler.
    progress : callable, optional
        Called with the runs done and the runs to do.
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
