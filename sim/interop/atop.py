"""Importer of ATOP, Alliance Treaty Obligations and Provisions, versions 4 and 5.

Leeds, Brett Ashley, Jeffrey M. Ritter, Sara McLaughlin Mitchell and Andrew G. Long (2002). Alliance treaty obligations
and provisions, 1815-1944. International Interactions 28(3), 237-260.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.conflicts import Conflict
from sim.interop.days import end_of_last_year, first_day, last_day
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import REFUSED, Gaps, as_of, day_of_file
from sim.interop.layouts import BEGIN, END
from sim.interop.reading import DataFile, Row, by_key, read_file
from sim.interop.treaties import Alliance, in_force, put_treaties

NUMBERS: Final = tuple(f"alliance{number}" for number in range(1, 10))
CITED: Final = "(ATOP; Leeds, Ritter, Mitchell and Long 2002)"

Phase = Mapping[int, Row]
"""The rows of one phase of an alliance by member."""


def atop_members(
    path: Path, states: Sequence[StateCode], day: date, conflicts: Sequence[Conflict], gaps: Gaps = REFUSED
) -> ScenarioFragment:
    """Return the alliances among the given states that are in force on a day, from the ATOP member file.

    Where a member stands in several phases of an alliance at once, as France does from 1993 in that with
    Czechoslovakia, phases with the same members are one treaty that owes what any of them owes, and phases with other
    members are treaties of their own, ``ATOP-4070-2`` and ``ATOP-4070-3``.

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
    gaps : Gaps
        For how many years the end of the file may stand.

    Returns
    -------
    ScenarioFragment
        ``treaties.ATOP-*`` with clauses of defence and consultation; alliances that owe neither are left out and
        listed.

    Raises
    ------
    InputError
        If the file is another, ends before that day, has a member twice in a phase, or no alliance is left.
    """
    data = read_file(path, "atop-members")
    piece = ScenarioFragment([f"Alliances in force on {day} after {path.name} {CITED}."])
    held = day_of_file(data, day, end_of_last_year(data, (BEGIN[0], END[0])), gaps.carry, piece)
    source = f"{path.name}, {as_of(day, held)}"
    by_number = {state.cow: state.iso3 for state in states}
    alliances = [
        _alliance(name, number, phases, by_number, source)
        for number, all_phases in sorted(_in_force(data, held, set(by_number)).items())
        for name, phases in _by_members(number, all_phases, by_number, piece).items()
    ]
    put_treaties(piece, alliances, conflicts)
    return piece


def _in_force(data: DataFile, day: date, asked: set[int]) -> dict[int, list[Phase]]:
    """Return the phases in force of each alliance with one of the asked states, with all their members."""
    rows = [(row.whole("alliance"), row.whole("state"), row) for row in data.rows()]
    mine = {number for number, member, _ in rows if member in asked}
    keyed = (
        ((f"alliance {number}", f"phase {row.cells.get('phase', '').strip()}", f"member {member}"), row)
        for number, member, row in rows
        if number in mine and _holds(row, day)
    )
    phases: dict[int, dict[str, dict[int, Row]]] = defaultdict(lambda: defaultdict(dict))
    for (_, phase, _), row in by_key(keyed).items():
        phases[row.whole("alliance")][phase][row.whole("state")] = row
    return {number: [by_phase[phase] for phase in sorted(by_phase)] for number, by_phase in phases.items()}


def _by_members(
    number: int, phases: Sequence[Phase], by_number: Mapping[int, str], piece: ScenarioFragment
) -> dict[str, list[Phase]]:
    """Return the phases of an alliance by the treaty that they form: one treaty for each set of fellow members."""
    times = Counter(member for phase in phases for member in phase)
    if max(times.values()) == 1:
        return {f"ATOP-{number}": list(phases)}
    sets: dict[frozenset[int], list[Phase]] = defaultdict(list)
    for phase in phases:
        sets[frozenset(phase)].append(phase)
    names = {}
    for members, alike in sets.items():
        numbers = [next(iter(phase.values()))["phase"] for phase in alike]
        name = f"ATOP-{number}-{numbers[0]}" if len(sets) > 1 else f"ATOP-{number}"
        names[name] = alike
        among = [by_number[member] for member in members if member in by_number]
        if len(among) > 1:
            piece.remark(
                "joined",
                "a member stands in several phases at once; one treaty for each set of fellow members",
                f"{name} ({', '.join(sorted(among))}; phase {' and '.join(numbers)})",
            )
    return names


def _alliance(name: str, number: int, phases: Sequence[Phase], by_number: Mapping[int, str], source: str) -> Alliance:
    rows = [(by_number[member], row) for phase in phases for member, row in phase.items() if member in by_number]
    there = {code for code, _ in rows}
    return Alliance(
        name,
        tuple(code for code in by_number.values() if code in there),
        frozenset(code for code, row in rows if row.flag("defense")),
        frozenset(code for code, row in rows if row.flag("consult")),
        f"ATOP alliance {number}, {source}",
        any("exclusive" in row.cells and row.flag("exclusive") for _, row in rows),
    )


def atop_dyads(
    path: Path, states: Sequence[StateCode], year: int, conflicts: Sequence[Conflict], gaps: Gaps = REFUSED
) -> ScenarioFragment:
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
    gaps : Gaps
        For how many years the last year of the file may stand.

    Returns
    -------
    ScenarioFragment
        ``treaties.ATOP-ONE-OTHER``, a treaty a pair.

    Raises
    ------
    InputError
        If the file is another, has no such year or a pair twice, or no alliance is left.
    """
    data = read_file(path, "atop-dyads")
    years = {row.whole("year") for row in data.rows()}
    piece = ScenarioFragment([f"Alliances of pairs in {year} after {path.name} {CITED}."])
    held = next((candidate for candidate in range(year, year - gaps.carry - 1, -1) if candidate in years), None)
    if held is None:
        raise InputError(
            f"{path}: no row in {year}; allowed: years of the file, {min(years)}-{max(years)}, or --carry to take an "
            "earlier year"
        )
    if held != year:
        piece.remark("carried", f"the last known year stands for {year}", str(held))
    by_number = {state.cow: state.iso3 for state in states}
    mine = (row for row in data.rows() if row.whole("year") == held)
    pairs = (((row.whole("one"), row.whole("other")), row) for row in mine)
    among = (
        (tuple(sorted(by_number[number] for number in pair)), row) for pair, row in pairs if set(pair) <= set(by_number)
    )
    by_pair = by_key(among)
    order = [tuple(sorted(pair)) for pair in combinations([state.iso3 for state in states], 2)]
    when = f"{path.name}, {year}" + (f", carried from {held}" if held != year else "")
    alliances = [_pair(pair, by_pair[pair], data, when) for pair in order if pair in by_pair]
    put_treaties(piece, alliances, conflicts)
    return piece


def _pair(pair: tuple[str, ...], row: Row, data: DataFile, when: str) -> Alliance:
    numbers = [row[name] for name in NUMBERS if data.has(name) and not row.missing(name, ("0",))]
    listed = f" (alliances {', '.join(numbers)})" if numbers else ""
    both = frozenset(pair)
    return Alliance(
        f"ATOP-{'-'.join(pair)}",
        pair,
        both if row.flag("defense") else frozenset(),
        both if row.flag("consult") else frozenset(),
        f"ATOP {when}{listed}",
    )


def _holds(row: Row, day: date) -> bool:
    begin = first_day(row, BEGIN)
    if begin is None:
        raise InputError(f"{row.file}:{row.line}: no year of entry; allowed: a year in {row.name(BEGIN[0])}")
    return in_force(day, begin, last_day(row, END))
