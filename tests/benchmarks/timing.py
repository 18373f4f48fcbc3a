"""Times that carry the speed of the machine at that moment, which the load of its host changes."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numba

from sim.engine import draws, kernel

Result = TypeVar("Result")

DRAWS = 2_000_000
"""Random numbers of one calibration."""

REFERENCE = 6.5
"""Nanoseconds a draw of the machine that the goals were set on, to which figures are scaled."""


@cache
def _loop() -> Any:
    assert draws.uniform in kernel._DRAWS  # so that compiled code may call it
    uniform = draws.uniform

    def total(count: int) -> float:
        found = 0.0
        for number in range(count):
            found += uniform(1, 2, 3, 4, number, 0, 0)
        return found

    compiled = numba.njit(nogil=True, error_model="numpy")(total)
    compiled(1)
    return compiled


def calibrate(threads: int = 1) -> float:
    """Return nanoseconds a draw of a compiled loop, run in so many threads at once."""
    loop, share = _loop(), DRAWS // threads
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(loop, [share] * threads))
        return (time.perf_counter() - began) * 1e9 / share


@dataclass(frozen=True)
class Timed:
    """The best of several rounds.

    Attributes
    ----------
    seconds : float
        As the clock showed.
    draw : float
        Nanoseconds a draw just before and after that round, in as many threads: the lesser of both.
    """

    seconds: float
    draw: float

    @property
    def scaled(self) -> float:
        """Seconds if a draw had taken `REFERENCE` nanoseconds: an estimate, not a measurement."""
        return self.seconds * REFERENCE / self.draw

    @property
    def slow(self) -> bool:
        """Whether the machine was slower than the one that the goals were set on."""
        return self.draw > REFERENCE

    @property
    def decisive(self) -> float:
        """Seconds that a goal is held against: those of the clock, or the scaled ones where the machine was slow."""
        return self.scaled if self.slow else self.seconds


def timed(work: Callable[[], object], *, rounds: int = 5, threads: int = 1) -> Timed:
    """Time some work, each round between two calibrations; return the round that took least.

    Parameters
    ----------
    work : callable
        Called once a round; what it compiles or loads first must have happened before.
    rounds : int
    threads : int
        Those that the work itself uses, and the calibration with it.
    """
    return min((beside(work, threads)[1] for _ in range(rounds)), key=lambda one: one.seconds)


def beside(work: Callable[[], Result], threads: int = 1) -> tuple[Result, Timed]:
    """Do some work once between two calibrations; return its result and its time."""
    before = calibrate(threads)
    began = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - began
    return result, Timed(seconds, min(before, calibrate(threads)))
