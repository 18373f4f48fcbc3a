"""The commands ``csto-sim import``: one command for each data set, from an official file to a scenario fragment."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import put, say
from sim.cli.plain_help import PlainHelp
from sim.errors import InputError

if TYPE_CHECKING:
    from sim.interop.conflicts import Conflict
    from sim.interop.fragment import ScenarioFragment
    from sim.interop.gaps import Gaps

EXAMPLE = """\b
Example:
  csto-sim import cow-nmc NMC-60-abridged.csv --year 2016 --states RUS,ARM \\
      --out capabilities.toml
"""
_MOST_LINES = 8
"""Remarks on standard error."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=EXAMPLE,
    short_help="Turn official data files into scenario fragments.",
    help="Turn an official data file, as downloaded, into a fragment of a scenario file with its sources.",
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file, as published.", show_default=False)]
States = Annotated[
    str, typer.Option("--states", metavar="CODE,CODE", help="States, by ISO 3166-1 alpha-3 code.", show_default=False)
]
Years = Annotated[
    str, typer.Option("--year", metavar="YEAR|YEAR-YEAR", help="Year, or first and last year.", show_default=False)
]
Day = Annotated[str, typer.Option("--date", metavar="DAY", help="Day, such as 2012-12-31.", show_default=False)]
Conflicts = Annotated[
    list[str] | None,
    typer.Option(
        "--conflict",
        metavar="CODE-CODE",
        help="An additional open conflict; treaties are not guarantees between its sides. Repeatable.",
    ),
]
SkipMissing = Annotated[
    bool, typer.Option("--skip-missing", help="Leave out states and years without a figure, by name.")
]
Carry = Annotated[
    bool, typer.Option("--carry", help="Where a figure is missing, take the last known year, at most five years old.")
]
CarryYears = Annotated[
    int | None,
    typer.Option("--carry-years", metavar="YEARS", min=1, help="As --carry, but at most so many years old."),
]
OutFile = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="New file to write; default: standard output.")
]


def _data_set(name: str, example: str, short: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    epilog = f"\b\nExample:\n  csto-sim import {name} {example}\n"
    return app.command(name, cls=PlainHelp, epilog=epilog, short_help=short)


@_data_set("cow-nmc", "NMC-60-abridged.csv --year 2016 --states RUS,ARM", "COW National Material Capabilities.")
def cow_nmc(
    file: FileArgument,
    states: States,
    year: Years,
    skip_missing: SkipMissing = False,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read capability and population of states from COW National Material Capabilities."""
    from sim.interop.capabilities import capabilities
    from sim.interop.codes import states_named

    _give(capabilities(file, states_named(states), _years(year), _gaps(skip_missing, carry, carry_years)), out)


@_data_set("v-dem", "V-Dem-CY-Core-v15.csv --year 2015-2020 --states RUS,ARM", "V-Dem electoral democracy.")
def v_dem(
    file: FileArgument,
    states: States,
    year: Years,
    skip_missing: SkipMissing = False,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read the democracy of states (v2x_polyarchy) from a V-Dem country-year file."""
    from sim.interop.codes import states_named
    from sim.interop.democracy import democracy

    _give(democracy(file, states_named(states), _years(year), _gaps(skip_missing, carry, carry_years)), out)


@_data_set(
    "un-ideal-points", "Idealpointestimates1946-2025.tab --year 2019 --states RUS,ARM,AZE", "UNGA ideal points as ties."
)
def un_ideal_points(
    file: FileArgument,
    states: States,
    year: Years,
    skip_missing: SkipMissing = False,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read the ties between states from the similarity of their votes in the UN General Assembly."""
    from sim.interop.codes import states_named
    from sim.interop.ideal_points import ideal_points

    _give(ideal_points(file, states_named(states), _years(year), _gaps(skip_missing, carry, carry_years)), out)


@_data_set("contiguity", "contdir.csv --date 2016-12-31 --states RUS,ARM,AZE", "COW direct contiguity.")
def contiguity(
    file: FileArgument,
    states: States,
    date: Day,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read which states share a land border from COW Direct Contiguity."""
    from sim.interop.codes import states_named
    from sim.interop.contiguity import contiguity

    _give(contiguity(file, states_named(states), _day(date), _gaps(False, carry, carry_years)), out)


@_data_set("sipri-arms", "trade-register.csv --year 2015-2019 --states ARM,RUS,IND", "SIPRI arms transfers.")
def sipri_arms(file: FileArgument, states: States, year: Years, out: OutFile = None) -> None:
    """Read each supplier's share of each state's arms imports from the SIPRI trade register."""
    from sim.interop.arms import arms
    from sim.interop.codes import states_named

    _give(arms(file, states_named(states), _years(year)), out)


@_data_set("atop-members", "atop5_1m.csv --date 2016-12-31 --states RUS,ARM,BLR", "ATOP alliances by member.")
def atop_members(
    file: FileArgument,
    states: States,
    date: Day,
    conflict: Conflicts = None,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read treaties in force from the ATOP member file."""
    from sim.interop.atop import atop_members
    from sim.interop.codes import states_named

    day = _day(date)
    _give(atop_members(file, states_named(states), day, _open(day, conflict), _gaps(False, carry, carry_years)), out)


@_data_set("atop-dyads", "atop5_1dy.csv --year 2016 --states RUS,ARM,BLR", "ATOP alliances by pair and year.")
def atop_dyads(
    file: FileArgument,
    states: States,
    year: Years,
    conflict: Conflicts = None,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read a treaty for each allied pair from the ATOP dyad-year file; the member file holds more detail."""
    from sim.interop.atop import atop_dyads
    from sim.interop.codes import states_named

    first, *more = _years(year)
    if more:
        raise InputError(f"--year {year}: treaties are read for one year; allowed: a year such as 2016")
    conflicts = _open(date(first, 12, 31), conflict)
    _give(atop_dyads(file, states_named(states), first, conflicts, _gaps(False, carry, carry_years)), out)


@_data_set(
    "cow-alliances", "alliance_v4.1_by_member.csv --date 2012-06-30 --states RUS,ARM,BLR", "COW formal alliances."
)
def cow_alliances(
    file: FileArgument,
    states: States,
    date: Day,
    conflict: Conflicts = None,
    carry: Carry = False,
    carry_years: CarryYears = None,
    out: OutFile = None,
) -> None:
    """Read treaties in force from the COW alliance files, by member or dyad; ATOP records more exits."""
    from sim.interop.codes import states_named
    from sim.interop.cow_alliances import cow_alliances

    day = _day(date)
    _give(cow_alliances(file, states_named(states), day, _open(day, conflict), _gaps(False, carry, carry_years)), out)


def _open(day: date, given: list[str] | None) -> "tuple[Conflict, ...]":
    from sim.interop.conflicts import open_conflicts

    return open_conflicts(day, given or ())


def _gaps(skip: bool, carry: bool, years: int | None) -> "Gaps":
    from sim.interop.gaps import MOST_CARRIED, Gaps

    return Gaps(skip, years or (MOST_CARRIED if carry else 0))


def _give(piece: "ScenarioFragment", out: Path | None) -> None:
    text = piece.text()
    lines = piece.said()
    for line in lines[:_MOST_LINES]:
        say(line)
    if len(lines) > _MOST_LINES:
        say(f"and {len(lines) - _MOST_LINES} more remarks; all of them, in full, are comments of the fragment")
    if out is None:
        put(text.rstrip("\n"))
        return
    from sim.output.staging import staged_file

    with staged_file(out) as path:
        path.write_text(text, encoding="utf-8", newline="\n")
    say(f"wrote {out}")


def _years(text: str) -> list[int]:
    read = re.fullmatch(r"\s*(\d{4})\s*(?:-\s*(\d{4})\s*)?", text)
    years = list(range(int(read[1]), int(read[2] or read[1]) + 1)) if read else []
    if not years:
        raise InputError(f"--year {text}: no year; allowed: a year such as 2016, or first and last such as 2010-2016")
    return years


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--date {text}: no day; allowed: a day such as 2016-12-31") from None
