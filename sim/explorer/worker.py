"""Worker thread that answers only the latest request of a visitor and drops earlier ones."""

import traceback
from collections.abc import Callable
from logging import getLogger
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

Question = TypeVar("Question")
_log = getLogger(__name__)


class Worker(Generic[Question]):
    """Worker thread that answers one question at a time, always the latest.

    Parameters
    ----------
    answer : callable
        Called in the thread with a question, and with a function that tells whether it is still the latest.
    failed : callable
        Called in the thread with any exception from ``answer``; the thread goes on.
    """

    def __init__(
        self, answer: Callable[[Question, Callable[[], bool]], Any], failed: Callable[[Exception], None]
    ) -> None:
        self._answer, self._failed = answer, failed
        self._condition = Condition()
        self._asked: list[Question] = []
        self._count = 0
        self._closed = False
        self._busy = False
        self._thread = Thread(target=self._run, name="explorer", daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> None:
        """Submit a question; an earlier one that is not yet being answered is dropped."""
        with self._condition:
            self._asked = [question]
            self._count += 1
            self._condition.notify_all()

    def wait(self, timeout: float = 60.0) -> bool:
        """Wait until the worker is idle; return whether that happened within the time limit (seconds)."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._asked and not self._busy, timeout)

    def close(self) -> None:
        """End the thread after the current answer, which is marked as no longer wanted."""
        with self._condition:
            self._closed = True
            self._asked = []
            self._count += 1
            self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._asked or self._closed)
                if self._closed:
                    return
                question, number = self._asked.pop(), self._count
                self._busy = True
            try:
                self._answer(question, lambda number=number: number == self._count)  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - whatever happens to one visitor is told to that visitor
                _log.error("%s", "".join(traceback.format_exception(error)))
                self._failed(error)
