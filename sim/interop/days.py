"""Dates given in three cells (year, month and day), as in the alliance data sets."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import MAXYEAR, date

from sim.errors import InputError
from sim.interop.reading import DataFile, Row

_NOTHING = ("0", "-9")


def first_day(row: Row, columns: tuple[str, str, str]) -> date | None:
    """Return the earliest date that matches the given year, month and day, None without a year."""
    return _day(row, columns, last=False)


def last_day(row: Row, columns: tuple[str, str, str]) -> date | None:
    """Return the latest date that matches the given year, month and day, None without a year."""
    return _day(row, columns, last=True)


def end_of_last_year(data: DataFile, columns: Sequence[str]) -> date:
    """Return the end of the last year in some columns of a file; what it describes may have ended since."""
    years = (row.whole(name) for row in data.rows() for name in columns if not row.missing(name, _NOTHING))
    return date(min(max(years, default=1), MAXYEAR), 12, 31)


def _day(row: Row, columns: tuple[str, str, str], *, last: bool) -> date | None:
    year, month, day = (None if row.missing(name, _NOTHING) else row.whole(name) for name in columns)
    if year is None:
        return None
    if month is None:
        month, day = (12, 31) if last else (1, 1)
    try:
        if day is None:
            day = monthrange(year, month)[1] if last else 1
        return date(year, month, day)
    except (ValueError, OverflowError):
        given = "-".join(row[name] for name in columns)[:40]
        raise InputError(f"{row.file}:{row.line}: {given} is no day; allowed: days that exist") from None
