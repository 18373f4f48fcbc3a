"""Open conflicts: pairs of states whose common treaties do not guarantee one against the other.

Alliance data know membership and no quarrels: the CIS Charter and the treaty of 1992 make Armenia and Azerbaijan, and
Russia and Georgia, allies on paper. The table ``sim/data/conflicts.csv`` holds such pairs of the shipped world with
dates and sources.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sim.errors import InputError
from sim.interop.codes import states_named
from sim.scenario.files import SHIPPED


@dataclass(frozen=True)
class Conflict:
    """One open conflict between two states.

    Attributes
    ----------
    sides : frozenset of str
        Two ISO codes.
    since : str
        Why it counts: since when, or that the user says so.
    """

    sides: frozenset[str]
    since: str

    def __str__(self) -> str:
        """Return the two sides and the reason for the conflict.

        Examples
        --------
        >>> str(Conflict(frozenset(("AZE", "ARM")), "since 1992-05-18"))
        'ARM and AZE (open conflict since 1992-05-18)'
        """
        return f"{' and '.join(sorted(self.sides))} (open conflict {self.since})"


def open_conflicts(day: date, given: Iterable[str] = ()) -> tuple[Conflict, ...]:
    """Return the conflicts that are open on a given day.

    Parameters
    ----------
    day : date
        The day.
    given : iterable of str
        Further pairs, such as ``IND-PAK``.

    Raises
    ------
    InputError
        If a pair is not two known states.

    Examples
    --------
    >>> [sorted(conflict.sides) for conflict in open_conflicts(date(2010, 1, 1))]
    [['ARM', 'AZE'], ['GEO', 'RUS']]
    """
    by_sides = {frozenset(pair): Conflict(frozenset(pair), "as given") for pair in map(_pair, given)}
    with (SHIPPED / "conflicts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            begin, end = date.fromisoformat(row["begin"]), row["end"]
            if begin <= day and (not end or day < date.fromisoformat(end)):
                sides = frozenset((row["one"], row["other"]))
                by_sides[sides] = Conflict(sides, f"since {begin}")
    return tuple(sorted(by_sides.values(), key=lambda conflict: sorted(conflict.sides)))


def enemies(state: str, conflicts: Sequence[Conflict]) -> frozenset[str]:
    """Return the states with which a state has an open conflict."""
    return frozenset(other for conflict in conflicts if state in conflict.sides for other in conflict.sides - {state})


def _pair(text: str) -> tuple[str, str]:
    parts = text.split("-")
    if len(parts) != 2 or parts[0].strip() == parts[1].strip():
        raise InputError(f"--conflict {text}: not two states; allowed: two codes, such as ARM-AZE")
    try:
        first, second = states_named(",".join(parts))
    except InputError as error:
        raise InputError(f"--conflict {text}: {str(error).removeprefix('--states: ')}") from None
    return first.iso3, second.iso3
