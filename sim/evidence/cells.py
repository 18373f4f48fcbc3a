"""How a cell of the coded record is read: one function a kind of value, which refuses what it does not know."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sim.scenario.problems import closest, listed, show

Read = Callable[[str], Any]


class CellError(ValueError):
    """A value that cannot stand in its cell.

    Attributes
    ----------
    problem, allowed, nearest : str
        What is wrong; what may stand there; the known name closest to the one given.
    """

    def __init__(self, problem: str, allowed: str = "", nearest: str = "") -> None:
        super().__init__(problem)
        self.problem, self.allowed, self.nearest = problem, allowed, nearest


def text(cell: str) -> str:
    """Return a text that is not empty."""
    if not cell.strip():
        raise CellError("is empty", "text")
    return cell


def note(cell: str) -> str:
    """Return a text that may be empty."""
    return cell


def day(cell: str) -> date:
    """Return a day that exists, within the years of the record."""
    try:
        found = date.fromisoformat(cell)
    except ValueError:
        raise CellError(f"{show(cell)} is no date", "a day such as 2022-09-13") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise CellError(f"{found} lies outside the record", f"{FIRST_DAY} to {LAST_DAY}")
    return found


FIRST_DAY, LAST_DAY = date(1992, 1, 1), date(2026, 7, 1)
"""First day of the record, and the day from which nothing is known."""


def year(cell: str) -> int:
    """Return a year of the record."""
    if not cell.isdigit() or not FIRST_DAY.year <= int(cell) <= LAST_DAY.year:
        raise CellError(f"{show(cell)} is no year of the record", f"{FIRST_DAY.year} to {LAST_DAY.year}")
    return int(cell)


def number(low: float, high: float) -> Read:
    """Return a reader of numbers between two bounds."""

    def read(cell: str) -> float:
        try:
            found = float(cell)
        except ValueError:
            raise CellError(f"{show(cell)} is no number", f"{low:g} to {high:g}") from None
        if not low <= found <= high:
            raise CellError(f"{show(cell)} is out of range", f"{low:g} to {high:g}")
        return found

    return read


def count(cell: str) -> int | None:
    """Return a whole number of persons, None where it is not known."""
    if not cell:
        return None
    if not cell.isdigit() or int(cell) == 0:
        raise CellError(f"{show(cell)} is no number of persons", "a whole number, or nothing where it is not known")
    return int(cell)


def truth(cell: str) -> bool:
    """Return true or false."""
    return bool(one_of(("true", "false"))(cell) == "true")


def one_of(words: Iterable[str], *, empty: bool = False) -> Read:
    """Return a reader of known words; with ``empty``, nothing may stand there too."""
    known = tuple(words)

    def read(cell: str) -> str:
        if cell in known or (empty and not cell):
            return cell
        problem = f"{show(cell)} is not known" if cell else "is empty"
        raise CellError(problem, listed(known) + (", or nothing" if empty else ""), closest(cell, known))

    return read
