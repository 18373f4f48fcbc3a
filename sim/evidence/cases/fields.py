"""Reading of the single values of a file of cases, with problems reported by the id of the case and the key."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sim.evidence.cases.dates import When, read_date
from sim.evidence.cases.rungs import RIVAL
from sim.scenario.problems import Problem, closest, listed, show

Found = TypeVar("Found")
Raw = Mapping[str, Any]
"""A table of the file as it is, not yet checked."""


MOST_MONTHS: Final = 1200
"""Longest time of notice that a file may state."""


class BadValueError(ValueError):
    """A value that a file must not hold, with the problem, what is allowed, and the nearest allowed word."""

    def __init__(self, problem: str, allowed: str = "", nearest: str = "") -> None:
        super().__init__(problem)
        self.problem, self.allowed, self.nearest = problem, allowed, nearest


Read = Callable[[Any], Any]


def read_share(value: Any) -> float:
    """Return a share, a number 0..1; refuse any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise BadValueError(f"{show(value)} is no share", "a number 0..1")
    return float(value)


def read_months(value: Any) -> float | None:
    """Return a number of months, 0..`MOST_MONTHS`, or None for null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= MOST_MONTHS:
        raise BadValueError(f"{show(value)} is no number of months", f"a number 0..{MOST_MONTHS}, or null")
    return float(value)


def read_rung(value: Any) -> int:
    """Return a rung of the library, 0..6."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= RIVAL:
        raise BadValueError(f"{show(value)} is no rung", f"a whole number 0..{RIVAL}")
    return value


def read_text(value: Any) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise BadValueError(f"{show(value)} is no text", "text")
    return value


def read_note(value: Any) -> str:
    """Return a text, or an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def read_truth(value: Any) -> bool:
    """Return true or false; refuse any other value."""
    if not isinstance(value, bool):
        raise BadValueError(f"{show(value)} is neither true nor false", "true, false")
    return value


def read_when(value: Any) -> When:
    """Return a date, as far as it is known."""
    try:
        return read_date(read_text(value))
    except ValueError:
        raise BadValueError(f"{show(value)} is no date", "such as 1936, 1936-03 or 1936-03-07") from None


def read_table(value: Any) -> Raw:
    """Return a table; refuse any other value."""
    if not isinstance(value, Mapping):
        raise BadValueError(f"{show(value)} is no table", "a table in braces")
    return value


def read_items(value: Any) -> list[Any]:
    """Return a list; refuse any other value."""
    if not isinstance(value, list):
        raise BadValueError(f"{show(value)} is no list", "a list in brackets")
    return value


def one_of(names: Iterable[str]) -> Read:
    """Return a reader that takes one of some words."""
    known = tuple(names)

    def read(value: Any) -> str:
        if value not in known:
            raise BadValueError(f"{show(value)} is unknown", listed(known), closest(value, known))
        return str(value)

    return read


def optional(read: Read) -> Read:
    """Return a reader that also takes null, which becomes None."""
    return lambda value: None if value is None else read(value)


@dataclass
class Fields:
    """A table of the file that reports all of its problems."""

    file: str
    case: str
    problems: list[Problem]
    table: Raw
    where: str = ""

    def get(self, key: str, read: Callable[[Any], Found], default: Found) -> Found:
        """Return a required value; report one that is missing or wrong and return the default."""
        if key not in self.table:
            self.report(key, "this key is missing")
            return default
        try:
            return read(self.table[key])
        except BadValueError as error:
            self.report(key, error.problem, error.allowed, error.nearest)
            return default

    def maybe(self, key: str, read: Callable[[Any], Found], default: Found) -> Found:
        """Return a value that may be missing."""
        return self.get(key, read, default) if key in self.table else default

    def inner(self, key: str) -> "Fields":
        """Return an inner table; report one that is missing, and return an empty one."""
        return Fields(self.file, self.case, self.problems, self.get(key, read_table, {}), self.name(key))

    def name(self, key: str) -> str:
        """Return the full name of a key, as messages have it."""
        return f"{self.where}.{key}" if self.where else key

    def report(self, key: str, problem: str, allowed: str = "", nearest: str = "") -> None:
        """Keep a problem of a key."""
        self.problems.append(Problem(self.file, None, f"{self.case}: {self.name(key)}", problem, allowed, nearest))
