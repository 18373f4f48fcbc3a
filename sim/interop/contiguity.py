"""Importer of COW Direct Contiguity, version 3.2 (Stinnett and others 2002): shared land borders."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.fragment import ScenarioFragment
from sim.interop.reading import DataFile, Row, by_key, read_file

WHAT: Final = "COW Direct Contiguity (contdir.csv)"
LAND: Final = 1


def contiguity(path: Path, states: Sequence[StateCode], day: date) -> ScenarioFragment:
    """Return the pairs of states that share a land border on a day, and those that do not.

    Parameters
    ----------
    path : Path
        ``contdir.csv``: spells of contiguity, one row each.
    states : sequence of StateCode
        The states; all pairs of them are examined.
    day : date
        Within the months that the file covers.

    Returns
    -------
    ScenarioFragment
        ``dyads.*.*.contiguous``, once for each pair, as it applies in both directions. A pair without a row is not
        contiguous if both states have a row with any state on that day; otherwise it is unknown, left out and listed.

    Raises
    ------
    InputError
        If the file is another, ends before that day, or has one spell twice.
    """
    if len(states) < 2:
        raise InputError("--states: borders need two states; allowed: two or more, such as RUS,ARM")
    data = read_file(path, WHAT, ("statelno", "statehno", "conttype", "begin", "end"))
    spells = _spells(data, day)
    there = {number for pair in spells for number in pair}
    piece = ScenarioFragment([f"Land borders on {day} after {path.name} (COW contiguity; Stinnett and others 2002)."])
    for one, other in combinations(states, 2):
        row = spells.get((min(one.cow, other.cow), max(one.cow, other.cow)))
        if row is None and not {one.cow, other.cow} <= there:
            unknown = " and ".join(str(state) for state in (one, other) if state.cow not in there)
            piece.left_out.append(f"{one.iso3}-{other.iso3}: the file has no row of {unknown} that day")
            continue
        path_ = ("dyads", one.iso3, other.iso3)
        piece.put(path_, "contiguous", row is not None and row.whole("conttype") == LAND)
        piece.put(path_, "source", f"COW contiguity, {path.name}, {day}")
    if not piece.tables:
        raise InputError(f"{path}: nothing is known of these states on {day}; allowed: states and days in the file")
    return piece


def _spells(data: DataFile, day: date) -> dict[tuple[int, int], Row]:
    """Return the contiguity spells in force, by pair of country numbers with the lower number first."""
    month = day.year * 100 + day.month
    last = max((row.whole("end") for row in data.rows()), default=0)
    if month > last:
        raise InputError(f"--date: {day} is later than {data.path}, which ends in {last}; allowed: an earlier day")
    found = []
    for row in data.rows():
        if row.whole("begin") <= month <= row.whole("end"):
            numbers = sorted((row.whole("statelno"), row.whole("statehno")))
            found.append(((*numbers, row.whole("begin")), row))
    latest = sorted(by_key(found).items())  # where two spells meet in a month, the later one holds
    return {(low, high): row for (low, high, _), row in latest}
