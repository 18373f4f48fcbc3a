"""Readers for cells of the coded record: one function for each kind of value, which refuses invalid input."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sim.scenario.problems import closest, listed, show

Read = Callable[[str], Any]


class CellError(ValueError):
    """Invalid value in a cell of the coded record.

    Attributes
    ----------
    problem, allowed, nearest : str
        What is wrong; what may stand there; the known name closest to the one given.
    """

    def __init__(self, problem: str, allowed: str = "", nearest: str = "") -> None:
        super().__init__(problem)
        self.problem, self.allowed, self.nearest = problem, allowed, nearest


def text(cell: str) -> str:
    """Return a non-empty text."""
    if not cell.strip():
        raise CellError("is empty", "text")
    return cell


def note(cell: str) -> str:
    """Return a text, which may be empty."""
    return cell


def day(cell: str) -> date:
    """Return a valid date within the years of the record."""
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        raise CellError(f"{show(cell)} is no date", "a day such as 2022-09-13") from None
    if not FIRST_DAY <= value <= LAST_DAY:
        raise CellError(f"{value} lies outside the record", f"{FIRST_DAY} to {LAST_DAY}")
    return value


FIRST_DAY, LAST_DAY = date(1992, 1, 1), date(2026, 7, 1)
"""First day of the record, and the day from which nothing is known."""


def year(cell: str) -> int:
    """Return a year within those of the record."""
    if not cell.isdigit() or not FIRST_DAY.year <= int(cell) <= LAST_DAY.year:
        raise CellError(f"{show(cell)} is no year of the record", f"{FIRST_DAY.year} to {LAST_DAY.year}")
    return int(cell)


def number(low: float, high: float) -> Read:
    """Return a reader for numbers between two bounds."""

    def read(cell: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            raise CellError(f"{show(cell)} is no number", f"{low:g} to {high:g}") from None
        if not low <= value <= high:
            raise CellError(f"{show(cell)} is out of range", f"{low:g} to {high:g}")
        return value

    return read


def count(cell: str) -> int | None:
    """Return a whole number of persons, None if it is unknown."""
    if not cell:
        return None
    if not cell.isdigit() or int(cell) == 0:
        raise CellError(f"{show(cell)} is no number of persons", "a whole number, or nothing where it is not known")
    return int(cell)


def truth(cell: str) -> bool:
    """Return a truth value."""
    return bool(one_of(("true", "false"))(cell) == "true")


def one_of(words: Iterable[str], *, empty: bool = False) -> Read:
    """Return a reader for a fixed set of words; with ``empty``, an empty cell is allowed too."""
    known = tuple(words)

    def read(cell: str) -> str:
        if cell in known or (empty and not cell):
            return cell
        problem = f"{show(cell)} is not known" if cell else "is empty"
        raise CellError(problem, listed(known) + (", or nothing" if empty else ""), closest(cell, known))

    return read
