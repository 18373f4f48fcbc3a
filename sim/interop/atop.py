"""Importer of ATOP, Alliance Treaty Obligations and Provisions, version 5 (Leeds, Ritter, Mitchell and Long 2002)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.conflicts import Conflict
from sim.interop.days import first_day, last_day
from sim.interop.fragment import ScenarioFragment
from sim.interop.reading import DataFile, Row, by_key, read_file
from sim.interop.treaties import Alliance, in_force, put_treaties

MEMBERS: Final = "the ATOP member file (atop5_1m.csv)"
DYADS: Final = "the ATOP dyad-year file (atop5_1dy.csv)"
ENTRY: Final = ("yrent", "moent", "dayent")
EXIT: Final = ("yrexit", "moexit", "dayexit")
NUMBERS: Final = tuple(f"atopid{number}" for number in range(1, 10))
CITED: Final = "(ATOP; Leeds, Ritter, Mitchell and Long 2002)"


def atop_members(path: Path, states: Sequence[StateCode], day: date, conflicts: Sequence[Conflict]) -> ScenarioFragment:
    """Return the alliances among the given states that are in force on a day, from the ATOP member file.

    Parameters
    ----------
    path : Path
        ``atop5_1m.csv``: a row for each member and phase of each alliance.
    states : sequence of StateCode
        Members beside them are left out.
    day : date
        Within the years of the file.
    conflicts : sequence of Conflict
        Between whose sides no treaty is a guarantee (`sim.interop.treaties.put_treaties`).

    Returns
    -------
    ScenarioFragment
        ``treaties.ATOP-*`` with clauses of defence and consultation; alliances that owe neither are left out and
        listed.

    Raises
    ------
    InputError
        If the file is another, ends before that day, has a member twice, or no alliance is left.
    """
    needed = ("atopid", "member", *ENTRY, *EXIT, "defense", "consul")
    data = read_file(path, MEMBERS, needed, ("noothall",))
    _check_covered(data, day)
    by_number = {state.cow: state.iso3 for state in states}
    mine = ((row.whole("atopid"), row) for row in data.rows() if row.whole("member") in by_number and _holds(row, day))
    rows = by_key(((f"alliance {number}", by_number[row.whole("member")]), row) for number, row in mine)
    alliances: dict[int, dict[str, Row]] = defaultdict(dict)
    for (_, code), row in rows.items():
        alliances[row.whole("atopid")][code] = row
    piece = ScenarioFragment([f"Alliances in force on {day} after {path.name} {CITED}."])
    order = [state.iso3 for state in states]
    put_treaties(
        piece,
        [
            Alliance(
                f"ATOP-{number}",
                tuple(code for code in order if code in held),
                frozenset(code for code, row in held.items() if row.flag("defense")),
                frozenset(code for code, row in held.items() if row.flag("consul")),
                f"ATOP alliance {number}, {path.name}, {day}",
                data.has("noothall") and any(row.flag("noothall") for row in held.values()),
            )
            for number, held in sorted(alliances.items())
        ],
        conflicts,
    )
    return piece


def atop_dyads(path: Path, states: Sequence[StateCode], year: int, conflicts: Sequence[Conflict]) -> ScenarioFragment:
    """Return the alliances of each pair of states in a year, from the ATOP dyad-year file.

    The file is flat: it says what binds a pair, not by which treaty. Prefer `atop_members`.

    Parameters
    ----------
    path : Path
        ``atop5_1dy.csv``: a row for each allied pair and year.
    states, year
        The requested states and year.
    conflicts : sequence of Conflict
        Pairs to leave out, even if the file has them.

    Returns
    -------
    ScenarioFragment
        ``treaties.ATOP-ONE-OTHER``, a treaty a pair.

    Raises
    ------
    InputError
        If the file is another, has no such year or a pair twice, or no alliance is left.
    """
    data = read_file(path, DYADS, ("mem1", "mem2", "year", "defense", "consul"), NUMBERS)
    years = {row.whole("year") for row in data.rows()}
    if year not in years:
        span = f"{min(years)}-{max(years)}" if years else "no year"
        raise InputError(f"{path}: no row in {year}; allowed: years of the file, {span}")
    by_number = {state.cow: state.iso3 for state in states}
    mine = (row for row in data.rows() if row.whole("year") == year)
    pairs = (((row.whole("mem1"), row.whole("mem2")), row) for row in mine)
    among = (
        (tuple(sorted(by_number[number] for number in pair)), row) for pair, row in pairs if set(pair) <= set(by_number)
    )
    found = by_key(among)
    piece = ScenarioFragment([f"Alliances of pairs in {year} after {path.name} {CITED}."])
    order = [tuple(sorted(pair)) for pair in combinations([state.iso3 for state in states], 2)]
    alliances = [_pair(pair, found[pair], data, year) for pair in order if pair in found]
    put_treaties(piece, alliances, conflicts)
    return piece


def _pair(pair: tuple[str, ...], row: Row, data: DataFile, year: int) -> Alliance:
    numbers = [row[name] for name in NUMBERS if data.has(name) and not row.missing(name, ("0",))]
    listed = f" (alliances {', '.join(numbers)})" if numbers else ""
    both = frozenset(pair)
    return Alliance(
        f"ATOP-{'-'.join(pair)}",
        pair,
        both if row.flag("defense") else frozenset(),
        both if row.flag("consul") else frozenset(),
        f"ATOP {data.path.name}, {year}{listed}",
    )


def _holds(row: Row, day: date) -> bool:
    begin = first_day(row, ENTRY)
    if begin is None:
        raise InputError(f"{row.file}:{row.line}: no year of entry; allowed: a year in {ENTRY[0]}")
    return in_force(day, begin, last_day(row, EXIT))


def _check_covered(data: DataFile, day: date) -> None:
    """Reject a day after the last year that the file covers, because alliances may have ended since."""
    ends = [row.whole(name) for row in data.rows() for name in (ENTRY[0], EXIT[0]) if not row.missing(name)]
    last = max(ends, default=0)
    if day.year > last:
        raise InputError(f"--date: {day} is later than {data.path}, whose last year is {last}; allowed: an earlier day")
