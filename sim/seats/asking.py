"""Questions to several seats at once, each in its thread, with a limit of time."""

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class NoAnswer(Exception):  # noqa: N818 - the rule answers in its place
    """The sign that a seat gives no answer, with the reason; the built-in rule answers in its place."""


class _OpenQuestion(Generic[T]):
    """One question in its thread, with its answer or its exception."""

    def __init__(self, question: Callable[[], T]) -> None:
        self.found: T | Exception | None = None
        self._question = question
        self.thread = Thread(target=self._run, name="seat", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.found = self._question()
        except Exception as error:  # noqa: BLE001 - raised again where it was asked
            self.found = error


def ask_all(questions: Sequence[Callable[[], T]], seconds: float | None = None) -> list[T | NoAnswer]:
    """Ask questions at the same time, and return the answers in their order when all are in.

    Parameters
    ----------
    questions : sequence of callable
    seconds : float, optional
        Limit of time for all of them; an answer that comes later is not heard. Default: none.

    Returns
    -------
    list
        Answers; `NoAnswer` where a question raised it or time ran out. Any other exception is raised here.

    Examples
    --------
    >>> ask_all([lambda: "yes", lambda: "no"], seconds=5)
    ['yes', 'no']
    """
    if len(questions) == 1 and seconds is None:
        try:
            return [questions[0]()]
        except NoAnswer as reason:
            return [reason]
    end = None if seconds is None else monotonic() + seconds
    asked = [_OpenQuestion(question) for question in questions]
    answers: list[T | NoAnswer] = []
    for open_question in asked:
        open_question.thread.join(None if end is None else max(0.0, end - monotonic()))
        if open_question.thread.is_alive():
            answers.append(NoAnswer(LATE))
        elif isinstance(open_question.found, Exception) and not isinstance(open_question.found, NoAnswer):
            raise open_question.found
        else:
            answers.append(open_question.found)  # type: ignore[arg-type]
    return answers


LATE = "time ran out"
"""Reason of a question without an answer in time."""
