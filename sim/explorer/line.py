"""The line of those who wait for runs: first come, first served, whichever page they look at."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class Line:
    """Thread that does one piece of work after another, in the order in which they were given.

    The engine shares each ensemble out among all processors, so that two at a time would only make both late, and
    would hold the memory of both.
    """

    def __init__(self) -> None:
        self._given: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._count, self._lock = 0, Lock()
        Thread(target=self._run, name="runs", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something is being done, or waits."""
        return self._count > 0

    def wait_for(self, work: Callable[[], Result]) -> Result:
        """Do some work when its turn comes; return its result, or raise its exception."""
        result: Future[Result] = Future()
        with self._lock:
            self._count += 1
        self._given.put((result, work))
        return result.result()

    def _run(self) -> None:
        while True:
            self._do(*self._given.get())

    def _do(self, result: Future[Any], work: Callable[[], Any]) -> None:
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - who waits is told
            self._end()
            result.set_exception(error)
        else:
            self._end()
            result.set_result(value)

    def _end(self) -> None:
        with self._lock:
            self._count -= 1


@cache
def the_line() -> Line:
    """Return the one line of this process."""
    return Line()
