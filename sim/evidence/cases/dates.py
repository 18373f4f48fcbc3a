"""Dates of a case file, which are known to the day, the month or the year."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_YEAR: Final = 12
MIDDLE_MONTH, MIDDLE_DAY = 6, 15
"""Where an event is put of which only the year, or only the month, is known."""


@dataclass(frozen=True)
class When:
    """A date as far as it is known.

    Attributes
    ----------
    first, last : int
        The earliest and the latest month that it allows, counted from the year 0.
    day : int
        Day of the month; the middle of the month where only the month or the year is known.
    exact : bool
        Whether the day is known.
    """

    first: int
    last: int
    day: int
    exact: bool

    @property
    def month(self) -> int:
        """The month in which an event with this date is put."""
        return self.first if self.first == self.last else self.first + MIDDLE_MONTH


def read_date(text: str) -> When:
    """Return a date written as ``1936``, ``1936-03`` or ``1936-03-07``.

    Raises
    ------
    ValueError
        If it is not one.

    Examples
    --------
    >>> read_date("1936-03").last - read_date("1936").first
    2
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("is no date")
    year = int(match[1])
    month, day = (None if part is None else int(part) for part in match.groups()[1:])
    if month is None:
        return When(_YEAR * year, _YEAR * year + _YEAR - 1, MIDDLE_DAY, False)
    date(max(1, year), month, day or MIDDLE_DAY)
    at = _YEAR * year + month - 1
    return When(at, at, day or MIDDLE_DAY, day is not None)


def on_day(month: int, day: int) -> date:
    """Return a day of a month counted from the year 0; the last of the month where it has no such day."""
    year, index = divmod(month, _YEAR)
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))


def last_day(month: int) -> date:
    """Return the last day of a month counted from the year 0."""
    return on_day(month, 31)
