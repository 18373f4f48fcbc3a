"""Importer of COW Direct Contiguity, version 3 (Stinnett and others 2002): shared land borders."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import REFUSED, Gaps, as_of, day_of_file
from sim.interop.reading import DataFile, Row, by_key, read_file

LAND: Final = 1
Pair = tuple[int, int]


def contiguity(path: Path, states: Sequence[StateCode], day: date, gaps: Gaps = REFUSED) -> ScenarioFragment:
    """Return the pairs of states that share a land border on a day, and those that do not.

    Parameters
    ----------
    path : Path
        ``contdir.csv``, a row for each spell of contiguity, or ``contdird.csv``, a row for each pair and year, in one
        order or both.
    states : sequence of StateCode
        The states; all pairs of them are examined.
    day : date
        Within the months or years that the file covers.
    gaps : Gaps
        For how many years the end of the file may stand.

    Returns
    -------
    ScenarioFragment
        ``dyads.*.*.contiguous``, once for each pair, as it applies in both directions. A pair without a row is not
        contiguous if both states have a row with any state on that day; otherwise it is unknown, left out and listed.
        So is a pair whose border begins or ends within the year of a file by year.

    Raises
    ------
    InputError
        If the file is another, ends before that day, or has one spell twice.
    """
    if len(states) < 2:
        raise InputError("--states: borders need two states; allowed: two or more, such as RUS,ARM")
    data = read_file(path, "contiguity")
    piece = ScenarioFragment([f"Land borders on {day} after {path.name} (COW contiguity; Stinnett and others 2002)."])
    by_year = data.has("year")
    held = day_of_file(data, day, _last_day(data), gaps.carry, piece)
    kinds = _kinds_of_year(data, held.year) if by_year else _kinds_of_month(data, held)
    there = {number for pair in kinds for number in pair}
    for state in states:
        if state.cow not in there:
            piece.leave_out("no row of it with any state that day, so that its borders are unknown", str(state))
    known = [state for state in states if state.cow in there]
    for first, second in combinations(known, 2):
        pair_kinds = kinds.get((min(first.cow, second.cow), max(first.cow, second.cow)), {0})
        if LAND in pair_kinds and len(pair_kinds) > 1:
            piece.leave_out(f"a land border for a part of {held.year}, without days", f"{first.iso3}-{second.iso3}")
            continue
        table = ("dyads", first.iso3, second.iso3)
        piece.put(table, "contiguous", pair_kinds == {LAND})
        piece.put(table, "source", f"COW contiguity, {path.name}, {as_of(day, held)}")
    if not piece.tables:
        raise InputError(f"{path}: nothing is known of these states on {day}; allowed: states and days in the file")
    return piece


def _last_day(data: DataFile) -> date:
    column = "year" if data.has("year") else "end"
    row = max(data.rows(), key=lambda row: row.whole(column))
    year, month = (row.whole("year"), 12) if data.has("year") else divmod(row.whole("end"), 100)
    try:
        return date(year, month, monthrange(year, month)[1])
    except (ValueError, OverflowError):
        allowed = "a year" if data.has("year") else "a year and month such as 201612"
        raise InputError(
            f"{data.path}:{row.line}: {row.name(column)} is {row[column][:40]}; allowed: {allowed}"
        ) from None


def _pair(row: Row) -> Pair:
    low, high = sorted((row.whole("one"), row.whole("other")))
    return low, high


def _kinds_of_month(data: DataFile, day: date) -> dict[Pair, set[int]]:
    """Return the kind of contiguity of each pair in the month of a day; where two spells meet, the later one holds."""
    month = day.year * 100 + day.month
    spells = (
        ((_pair(row), row.whole("begin")), row)
        for row in data.rows()
        if row.whole("begin") <= month <= row.whole("end")
    )
    return {pair: {row.whole("kind")} for (pair, _), row in sorted(by_key(spells).items(), key=lambda each: each[0])}


def _kinds_of_year(data: DataFile, year: int) -> dict[Pair, set[int]]:
    """Return the kinds of contiguity of each pair within a year."""
    kinds: dict[Pair, set[int]] = defaultdict(set)
    for row in data.rows():
        if row.whole("year") == year:
            kinds[_pair(row)].add(row.whole("kind"))
    return kinds
