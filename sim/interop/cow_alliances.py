"""Importer of COW Formal Alliances, version 4.1 (Gibler 2009), by member or by dyad.

Gibler, Douglas M. (2009). International military alliances, 1648-2008. CQ Press.

The data end in 2012 and contain no exit from the treaties of the former Soviet Union: alliance 350, the treaty of 1992,
still binds Azerbaijan, Georgia and Uzbekistan there, and 349 binds Ukraine and Moldova to Russia. ATOP has the exits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sim.errors import InputError
from sim.interop.codes import StateCode
from sim.interop.conflicts import Conflict
from sim.interop.days import first_day, last_day
from sim.interop.fragment import ScenarioFragment
from sim.interop.reading import DataFile, Row, by_key, read_file
from sim.interop.treaties import Alliance, in_force, put_treaties

WHAT: Final = "a COW alliance file of version 4.1 by member or dyad (alliance_v4.1_by_member.csv, _by_dyad.csv)"
ENDLESS: Final = (349, 350)
"""Alliances whose exits are missing in the file."""

_DUTIES: Final = ("defense", "entente")


@dataclass(frozen=True)
class FileLayout:
    """The columns of one form of the file: states, first and last day."""

    states: tuple[str, ...]
    begin: tuple[str, str, str]
    end: tuple[str, str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of this form of the file."""
        return (*self.states, *self.begin, *self.end)


def _form(states: tuple[str, ...], prefix: str) -> FileLayout:
    begin, end = (tuple(f"{prefix}_{when}_{part}" for part in ("year", "month", "day")) for when in ("st", "end"))
    return FileLayout(states, (begin[0], begin[1], begin[2]), (end[0], end[1], end[2]))


FORMS: Final = (_form(("ccode",), "mem"), _form(("ccode1", "ccode2"), "dyad"))


def cow_alliances(
    path: Path, states: Sequence[StateCode], day: date, conflicts: Sequence[Conflict]
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

    Returns
    -------
    ScenarioFragment
        ``treaties.COW-*`` with clauses of defence (defence pacts) and consultation (ententes).

    Raises
    ------
    InputError
        If the file is another, ends before that day, has a row twice, or no alliance is left.
    """
    data, form = _read(path)
    _check_covered(data, form, day)
    if data.has("year"):
        data = DataFile(path, data.frame[data.frame["year"].str.strip() == str(day.year)])
    members: dict[int, set[str]] = defaultdict(set)
    owing: dict[tuple[int, str], set[str]] = defaultdict(set)
    for (number, codes, _), row in by_key(_among(data, form, {state.cow: state.iso3 for state in states})).items():
        begin, end = first_day(row, form.begin), last_day(row, form.end)
        if begin is None:
            raise InputError(f"{path}:{row.line}: no first year; allowed: a year in {form.begin[0]}")
        if not in_force(day, begin, None if row.flag("right_censor") else end):
            continue
        members[number].update(codes)
        for duty in _DUTIES:
            if row.flag(duty):
                owing[number, duty].update(codes)
    piece = ScenarioFragment([f"Alliances in force on {day} after {path.name} (COW alliances; Gibler 2009)."])
    order = [state.iso3 for state in states]
    alliances = [
        Alliance(
            f"COW-{number}",
            tuple(code for code in order if code in members[number]),
            frozenset(owing[number, "defense"]),
            frozenset(owing[number, "entente"]),
            f"COW alliances {number}, {path.name}, {day}",
        )
        for number in sorted(members)
    ]
    put_treaties(piece, alliances, conflicts)
    for number in sorted(members.keys() & set(ENDLESS)):
        piece.head.append(f"Doubt: alliance {number} has no exits in this file; states that left may stand in it.")
    return piece


def _read(path: Path) -> tuple[DataFile, FileLayout]:
    optional = ("year", *(column for form in FORMS for column in form.columns))
    data = read_file(path, WHAT, ("version4id", "right_censor", *_DUTIES), optional)
    for form in FORMS:
        if all(data.has(column) for column in form.columns):
            return data, form
    allowed = " or ".join(", ".join(form.columns) for form in FORMS)
    raise InputError(f"{path}: lacks columns of states or days; allowed: {WHAT}, with columns {allowed}")


def _check_covered(data: DataFile, form: FileLayout, day: date) -> None:
    """Reject a day after the last year that the file covers, because alliances may have ended since."""
    columns = ("year",) if data.has("year") else (form.begin[0], form.end[0])
    years = (row.whole(column) for row in data.rows() for column in columns if not row.missing(column, ("0",)))
    last = max(years, default=0)
    if day.year > last:
        raise InputError(f"--date: {day} is later than {data.path}, whose last year is {last}; allowed: an earlier day")


def _among(
    data: DataFile, form: FileLayout, by_number: Mapping[int, str]
) -> Iterator[tuple[tuple[int, tuple[str, ...], date | None], Row]]:
    """Yield the rows about the given states with their keys (alliance, states, first day)."""
    for row in data.rows():
        numbers = [row.whole(column) for column in form.states]
        if all(number in by_number for number in numbers):
            codes = tuple(by_number[number] for number in numbers)
            yield (row.whole("version4id"), codes, first_day(row, form.begin)), row
