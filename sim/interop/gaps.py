"""What an importer does where a file has no figure of a state or does not reach the asked day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sim.errors import InputError
from sim.interop.fragment import ScenarioFragment
from sim.interop.reading import DataFile

MOST_CARRIED: Final = 5
"""Years over which a figure is carried unless more are asked for."""


@dataclass(frozen=True)
class Gaps:
    """What to do about figures that a file lacks.

    Attributes
    ----------
    skip : bool
        Leave out states and years without a figure, by name, in place of refusing them.
    carry : int
        Take the last known figure, from at most so many years before.
    """

    skip: bool = False
    carry: int = 0


REFUSED: Final = Gaps()
"""Every gap is refused."""


def day_of_file(data: DataFile, day: date, last: date, carry: int, piece: ScenarioFragment) -> date:
    """Return the day whose state of affairs is read for a day, which may be later than the file.

    Parameters
    ----------
    data : DataFile
        The file.
    day : date
        The asked day.
    last : date
        Last day that the file covers.
    carry : int
        Years for which the last day of the file may stand.
    piece : ScenarioFragment
        Gets a remark if it does.

    Raises
    ------
    InputError
        If the file ends more years before that day, because things may have changed since.
    """
    if day <= last:
        return day
    gap = day.year - last.year
    if gap > carry:
        help_ = f"--carry-years {gap}" if carry or gap > MOST_CARRIED else "--carry"
        raise InputError(
            f"--date: {day} is later than {data.path}, whose last year is {last.year}; allowed: an earlier day, or "
            f"{help_} to take the last day of the file"
        )
    piece.remark("carried", f"the last day of the file stands for {day}", str(last))
    return last


def as_of(day: date, held: date) -> str:
    """Return a day for notes, with the day from which it is carried if that is another.

    Examples
    --------
    >>> as_of(date(2020, 1, 1), date(2018, 12, 31))
    '2020-01-01, carried from 2018-12-31'
    """
    return str(day) if held == day else f"{day}, carried from {held}"
