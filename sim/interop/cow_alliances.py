"""Importer of COW Formal Alliances, version 4.1 (Gibler 2009), by member or by dyad.

Gibler, Douglas M. (2009). International military alliances, 1648-2008. CQ Press.

The data end in 2012 and contain no exit from the treaties of the former Soviet Union: alliance 350, the treaty of 1992,
still binds Azerbaijan, Georgia and Uzbekistan there, and 349 binds Ukraine and Moldova to Russia. ATOP has the exits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from sim.interop.codes import StateCode
from sim.interop.conflicts import Conflict
from sim.interop.days import end_of_last_year, first_day, last_day
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import REFUSED, Gaps, as_of, day_of_file
from sim.interop.layouts import BEGIN, END
from sim.interop.reading import DataFile, Row, read_file
from sim.interop.treaties import Alliance, in_force, put_treaties

ENDLESS: Final = (349, 350)
"""Alliances whose exits are missing in the file."""

_DUTIES: Final = ("defense", "consult")
Bond = tuple[int, tuple[str, ...]]
"""An alliance by its number, and the member or pair that a row is about."""


def cow_alliances(
    path: Path, states: Sequence[StateCode], day: date, conflicts: Sequence[Conflict], gaps: Gaps = REFUSED
) -> ScenarioFragment:
    """Return the alliances among the given states that are in force on a day, from the COW alliance files.

    Parameters
    ----------
    path : Path
        The file by member, or the file by dyad or directed dyad, also yearly.
    states : sequence of StateCode
        Members beside them are left out.
    day : date
        Within the years of the file.
    conflicts : sequence of Conflict
        Between whose sides no treaty is a guarantee (`sim.interop.treaties.put_treaties`).
    gaps : Gaps
        For how many years the end of the file may stand.

    Returns
    -------
    ScenarioFragment
        ``treaties.COW-*`` with clauses of defence (defence pacts) and consultation (ententes). Several rows of a member
        or pair that are in force at once owe what any of them owes.

    Raises
    ------
    InputError
        If the file is another, ends before that day, or no alliance is left.
    """
    data = read_file(path, "cow-alliances")
    piece = ScenarioFragment([f"Alliances in force on {day} after {path.name} (COW alliances; Gibler 2009)."])
    dated = ("year",) if data.has("year") else (BEGIN[0], END[0])
    held = day_of_file(data, day, end_of_last_year(data, dated), gaps.carry, piece)
    bonds: dict[Bond, list[Row]] = defaultdict(list)
    for bond, row in _among(data, {state.cow: state.iso3 for state in states}):
        if _holds(row, held, bond, piece):
            bonds[bond].append(row)
    members: dict[int, set[str]] = defaultdict(set)
    owing: dict[tuple[int, str], set[str]] = defaultdict(set)
    for (number, codes), rows in bonds.items():
        members[number].update(codes)
        for duty in _DUTIES:
            if any(row.flag(duty) for row in rows):
                owing[number, duty].update(codes)
        if len(rows) > 1:
            lines = " and ".join(str(row.line) for row in rows)
            piece.remark("joined", "rows in force at once", f"COW-{number} ({'-'.join(codes)}, lines {lines})")
    order = [state.iso3 for state in states]
    alliances = [
        Alliance(
            f"COW-{number}",
            tuple(code for code in order if code in members[number]),
            frozenset(owing[number, "defense"]),
            frozenset(owing[number, "consult"]),
            f"COW alliances {number}, {path.name}, {as_of(day, held)}",
        )
        for number in sorted(members)
    ]
    put_treaties(piece, alliances, conflicts)
    for number in sorted(members.keys() & set(ENDLESS)):
        piece.head.append(f"Doubt: alliance {number} has no exits in this file; states that left may stand in it.")
    return piece


def _among(data: DataFile, by_number: Mapping[int, str]) -> Iterator[tuple[Bond, Row]]:
    """Yield the rows about the given states."""
    columns = ("state",) if data.has("state") else ("one", "other")
    for row in data.rows():
        numbers = [row.whole(column) for column in columns]
        if all(number in by_number for number in numbers):
            yield (row.whole("alliance"), tuple(by_number[number] for number in numbers)), row


def _holds(row: Row, day: date, bond: Bond, piece: ScenarioFragment) -> bool:
    if "year" in row.cells and row.whole("year") != day.year:
        return False
    begin = first_day(row, BEGIN)
    if begin is None:
        piece.leave_out("no first year", f"COW-{bond[0]} ({'-'.join(bond[1])}), line {row.line}")
        return False
    return in_force(day, begin, None if row.flag("right_censor") else last_day(row, END))
