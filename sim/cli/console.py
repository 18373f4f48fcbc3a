"""Output of the commands: messages and progress on standard error, answers on standard output."""

import codecs
import json
import logging
import os
import sys
import textwrap
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final, TextIO

import typer

from sim.errors import cut, printable

LINE: Final = 3000
LINES: Final = 250
"""How many characters of a line, and how many lines, a message has at most."""

WIDTH: Final = 100
"""Width of tables and paragraphs that are not printed on a terminal, unless their figures and names need more."""

_PAUSE: Final = 5.0
_WINDOW: Final = 15.0
"""Seconds over which the rate of runs is taken."""

_PLAIN: Final = str.maketrans(
    "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{MULTIPLICATION SIGN}\N{MIDDLE DOT}"
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
    "\N{RIGHT DOUBLE QUOTATION MARK}",
    "----x.''\"\"",
) | {
    ord("\N{GREATER-THAN OR EQUAL TO}"): ">=",
    ord("\N{LESS-THAN OR EQUAL TO}"): "<=",
    ord("\N{RIGHTWARDS ARROW}"): "->",
}  # fmt: skip
"""Signs that a narrow encoding lacks, and what stands for them, of the same width where columns depend on it."""


def plain(text: str) -> str:
    """Return a text in ASCII: signs by their likeness, letters without their marks, others as question marks.

    Examples
    --------
    >>> plain("\N{MINUS SIGN}0.25, Türkiye")
    '-0.25, Turkiye'
    """
    bare = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    unmarked = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return unmarked.encode("ascii", "replace").decode("ascii")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  # the handler is for output alone
    return plain(error.object[error.start : error.end]), error.end


def prepare_streams() -> None:
    """Let standard output and error write text that their encoding lacks as near as it can be (`plain`).

    What is written to one that is closed goes nowhere; no file that is opened later takes its place.
    """
    codecs.register_error("csto-sim", _replaced)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the process ends
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="csto-sim")


_quiet = False
"""Whether notes and progress are left out."""


def be_quiet(quiet: bool) -> None:
    """Leave out notes and progress, in this and later calls, or give them again."""
    global _quiet  # noqa: PLW0603  # one command runs in a process
    _quiet = quiet
    logging.disable(logging.WARNING if quiet else logging.NOTSET)


def note(message: str) -> None:
    """Write a note to standard error, unless notes are to be left out."""
    if not _quiet:
        say(message)


def say(message: str) -> None:
    """Write an error to standard error: control characters as escapes, long lines and very many lines cut."""
    lines = printable(message).split("\n")
    more = [f"... and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    shown = [*(cut(line, LINE) for line in lines[:LINES]), *more]
    sys.stderr.write("\n".join(row for line in shown for row in _as_wide(line, sys.stderr)) + "\n")
    sys.stderr.flush()


def put(text: str, *, bold: bool = False, whole: bool = False) -> None:
    """Write a line to standard output, with control characters as escapes.

    A terminal gets it broken between words, unless it is to stay whole: a command or path to copy, or a row of a table.
    """
    line = printable(text)
    for row in [line] if whole else _as_wide(line, sys.stdout):
        sys.stdout.write(f"{typer.style(row, bold=True) if bold else row}\n")


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return the columns of the terminal; None where standard output, or a stream, is none: lines may be longer."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    setting = os.environ.get("COLUMNS", "")
    columns = int(setting) if setting.isdigit() else os.get_terminal_size(stream.fileno()).columns
    return columns or WIDTH


def folded(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text in lines of a width, broken between words; all but the first begin with an indent."""
    held = text.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.wrap(held, width, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent)
    return [line.replace("\N{NO-BREAK SPACE}%", " %") for line in lines]


def _as_wide(line: str, stream: TextIO) -> list[str]:
    """Return a line as it is, or in lines as wide as the terminal that it goes to, with the indent that it has."""
    width = terminal_width(stream)
    if width is None or len(line) <= width:
        return [line]
    return folded(line, width, line[: len(line) - len(line.lstrip())])


def put_all(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    for line in lines:
        put(line)


def put_json(value: Any) -> None:
    """Write JSON, and nothing else, to standard output."""
    narrow = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(value, indent=2, ensure_ascii=narrow, allow_nan=False, default=str)
    sys.stdout.write(f"{printable(text)}\n")  # escapes of control characters are valid in JSON too


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Return a progress callback that takes the finished and the total runs and displays them.

    A terminal gets a bar with rate and time left; elsewhere there are plain lines, a few seconds apart.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if _quiet:
        yield lambda done, total: None
        return
    with _bar(what, console) if console.is_terminal else _lines(what) as tell:
        yield tell


class Pace:
    """Runs per second over the last seconds, so that neither compilation nor the start of processes counts.

    Examples
    --------
    >>> pace = Pace()
    >>> [pace.rate(done, second) for done, second in ((0, 0.0), (10, 60.0), (30, 62.0), (50, 64.0))]
    [None, None, 10.0, 10.0]
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[int, float]] = deque()

    def rate(self, done: int, now: float) -> float | None:
        """Note the finished runs at a time in seconds, and return the rate; None before two notes with runs."""
        if self._seen and done < self._seen[-1][0]:
            self._seen.clear()  # another engine has begun anew
        if done:
            self._seen.append((done, now))
        while len(self._seen) > 2 and now - self._seen[1][1] > _WINDOW:
            self._seen.popleft()
        if len(self._seen) < 2:
            return None
        (before, since), (last, until) = self._seen[0], self._seen[-1]
        return (last - before) / max(until - since, 1e-9)


@contextmanager
def _bar(what: str, console: Any) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs{task.fields[pace]}"),
    )
    pace = Pace()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(printable(what), total=None, pace="")

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, pace=_told(pace.rate(done, time.monotonic()), total - done))

        yield tell


@contextmanager
def _lines(what: str) -> Iterator[Callable[[int, int], None]]:
    began = time.monotonic()
    last = began - _PAUSE + 1
    pace = Pace()

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        rate = pace.rate(done, now)
        if done == total:
            note(f"{what}: {total} runs in {now - began:.1f} s")
        elif now - last >= _PAUSE:
            last = now
            note(f"{what}: {done} of {total} runs{_told(rate, total - done)}")

    yield tell


def _told(rate: float | None, left: int) -> str:
    if not rate:
        return ""
    return f", {rate:,.0f}/s, {left / rate:.0f} s left" if rate >= 100 else f", {rate:.3g}/s, {left / rate:.0f} s left"
