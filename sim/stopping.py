"""Orderly stops by signals: Ctrl-C, SIGTERM and SIGHUP end a command whatever it is doing, and leave nothing behind.

A signal raises `Stopped` in the main thread. Three things can keep that from ending the program: code of a library may
swallow it (numba's compiler calls Python back, and drops what is raised there), it may come in the middle of an act
that must be whole, or the main thread may be inside a call that takes long. The first two are mended by raising it
again a little later, the third by a thread that waits for it.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that stop a command."""

WHOLE: Final = {
    ("sim.engine.compiler", "begin"),  # else a compiler would run on that nobody knows of
    ("sim.output.staging", "_make"),
    ("sim.output.staging", "_put"),
    ("sim.output.staging", "_put_file"),
    ("sim.output.staging", "_replace_all"),
}
"""Functions that no signal interrupts, by module and name; each takes a moment."""

SOON: Final = 0.05
"""Seconds after which a signal that came in one of them is raised."""

AGAIN: Final = 1.0
"""Seconds after which a signal that was swallowed is raised again."""

GRACE: Final = 5.0
"""Seconds that the main thread has to notice a signal, before the process ends without it."""


class Stopped(SystemExit):
    """The exception for a signal that stops the command; its code is 128 and the signal's number."""


@contextmanager
def stoppable(last: Callable[[], None]) -> Iterator[None]:
    """Turn `SIGNALS` into an orderly exit; a second signal does not disturb it.

    Parameters
    ----------
    last : callable
        What is to be done if the main thread does not notice the signal: it removes what is unfinished.
    """
    state = _Stop()
    before = {
        number: signal.signal(number, state.stop)
        for number in SIGNALS
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN  # as under nohup
    }
    alarm = signal.signal(signal.SIGALRM, state.again) if _HAS_TIMER else None
    try:
        with _watched(state, last):
            yield
    finally:
        if _HAS_TIMER:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, alarm)
        for number, handler in before.items():
            signal.signal(number, handler)


_HAS_TIMER: Final = hasattr(signal, "setitimer")


class _Stop:
    """What is known of the signal that stops the command."""

    def __init__(self) -> None:
        self.number = 0
        self.noticed = threading.Event()

    def stop(self, number: int, frame: FrameType | None) -> None:
        for ignored in SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        self.number = number
        self.noticed.set()
        self._raise(frame)

    def again(self, number: int, frame: FrameType | None) -> None:
        del number
        if not _is_unwinding():
            self._raise(frame)

    def _raise(self, frame: FrameType | None) -> None:
        if _HAS_TIMER:
            wait = _is_in_whole_act(frame)
            signal.setitimer(signal.ITIMER_REAL, SOON if wait else AGAIN, AGAIN)
            if wait:
                return
        raise Stopped(128 + self.number)


def _is_in_whole_act(frame: FrameType | None) -> bool:
    while frame is not None:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in WHOLE:
            return True
        frame = frame.f_back
    return False


def _is_unwinding() -> bool:
    """Return whether the program is on its way out: it handles `Stopped`, or closes a generator because of it."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, Stopped | GeneratorExit):
            return True
        error = error.__context__
    return False


@contextmanager
def _watched(state: _Stop, last: Callable[[], None]) -> Iterator[None]:
    """Have a thread end the process if a signal comes that the main thread does not notice."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(ours, state, last), name="signals", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        theirs.close()
        watcher.join(timeout=AGAIN)
        ours.close()


def _watch(ours: socket.socket, state: _Stop, last: Callable[[], None]) -> None:
    with suppress(OSError):
        while received := ours.recv(1):
            if received[0] not in SIGNALS or state.noticed.wait(GRACE):
                continue
            with suppress(Exception):
                last()
            os._exit(128 + received[0])
