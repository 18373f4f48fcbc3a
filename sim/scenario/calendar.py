"""The calendar of a run, which converts dates to ticks."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sim.words import DAYS_IN_MONTH

WEEK = 7


@dataclass(frozen=True)
class Calendar:
    """The ticks between a start date and an end date.

    Attributes
    ----------
    starts : tuple of date
        First day of each tick.
    ends : tuple of date
        Last day of each tick; the last tick ends with the run.
    months : float
        Length of a tick in months.
    """

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    months: float

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates at which values are recorded: the start, then the last day of each tick."""
        return (self.starts[0], *self.ends)

    def tick(self, day: date) -> int | None:
        """Return the number of the tick that contains ``day``, None outside the run."""
        if not self.starts[0] <= day <= self.ends[-1]:
            return None
        return bisect_right(self.starts, day) - 1

    def tick_from(self, day: date) -> int:
        """Return the first tick that begins on or after ``day``; the number of ticks if none does."""
        return bisect_left(self.starts, day)


@lru_cache(maxsize=16)
def make_calendar(start: date, end: date, step: str) -> Calendar:
    """Return the calendar from ``start`` to ``end`` in steps of ``"month"`` (calendar months) or ``"week"``.

    Examples
    --------
    >>> len(make_calendar(date(2020, 1, 1), date(2026, 12, 31), "month").starts)
    84
    """
    starts = [start]
    while True:
        following = starts[-1] + timedelta(days=WEEK) if step == "week" else _next_month(start, len(starts))
        if following > end:
            break
        starts.append(following)
    ends = [day - timedelta(days=1) for day in starts[1:]] + [end]
    return Calendar(tuple(starts), tuple(ends), WEEK / DAYS_IN_MONTH if step == "week" else 1.0)


def _next_month(start: date, count: int) -> date:
    months = start.month - 1 + count
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
