"""Output of the commands: messages and progress on standard error, answers on standard output."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sim.errors import cut, printable

LINE: Final = 3000
LINES: Final = 250
"""How many characters of a line, and how many lines, a message has at most."""

_PAUSE = 5.0


def say(message: str) -> None:
    """Write a message to standard error: control characters as escapes, long lines and very many lines cut."""
    lines = printable(message).split("\n")
    more = [f"... and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    sys.stderr.write("\n".join([*(cut(line, LINE) for line in lines[:LINES]), *more]) + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """Write a line to standard output, with control characters as escapes (which are valid in JSON too)."""
    sys.stdout.write(f"{printable(text)}\n")


def put_json(value: Any) -> None:
    """Write JSON, and nothing else, to standard output."""
    put(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str))


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Return a progress callback that takes the finished and the total runs and displays them.

    A terminal gets a bar with rate and time left; elsewhere there are plain lines, a few seconds apart.
    """
    from rich.console import Console

    console = Console(stderr=True)
    with _bar(what, console) if console.is_terminal else _lines(what) as tell:
        yield tell


@contextmanager
def _bar(what: str, console: Any) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs, {task.fields[rate]:.3g}/s"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(printable(what), total=None, rate=0.0)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=_rate(done, began))

        yield tell


@contextmanager
def _lines(what: str) -> Iterator[Callable[[int, int], None]]:
    began = time.monotonic()
    last = began - _PAUSE + 1

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done == total:
            say(f"{what}: {total} runs in {now - began:.1f} s")
        elif now - last >= _PAUSE:
            last = now
            rate = _rate(done, began)
            say(f"{what}: {done} of {total} runs, {rate:.3g}/s, {(total - done) / rate:.0f} s left")

    yield tell


def _rate(done: int, began: float) -> float:
    return done / max(time.monotonic() - began, 1e-9)
