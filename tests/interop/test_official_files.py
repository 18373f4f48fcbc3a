"""The publishers' own files, where they are at hand: nothing asked for is lost in silence, and figures are theirs."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.interop.arms import arms
from sim.interop.atop import atop_members
from sim.interop.capabilities import capabilities
from sim.interop.codes import state_codes, states_named
from sim.interop.conflicts import open_conflicts
from sim.interop.contiguity import contiguity
from sim.interop.cow_alliances import cow_alliances
from sim.interop.democracy import democracy
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import Gaps
from sim.interop.ideal_points import ideal_points
from tests.interop.lists import SPELLS, members
from tests.official import official_file

ROOT = Path(__file__).parents[2]
SKIP = Gaps(skip=True)
REGISTER = "sipri-trade-register-2026-05.csv"
BY_YEAR: dict[str, tuple[Callable[..., ScenarioFragment], int]] = {
    "NMC-60-abridged.csv": (capabilities, 2016),
    "NMC-60-abridged-crlf.csv": (capabilities, 2016),
    "NMC_5_0.csv": (capabilities, 2012),
    "vdem-poly.csv": (democracy, 2019),
    "IdealpointestimatesAll_Apr2020.csv": (ideal_points, 2019),
}
BY_DAY: dict[str, tuple[Callable[..., ScenarioFragment], int]] = {
    "contdir-3.1.csv": (contiguity, 2006),
    "contdird.csv": (contiguity, 2016),
    "atop5_1m.csv": (atop_members, 2018),
    "atop-4.01-member-level.csv": (atop_members, 2014),
    "alliance_v4.1_by_directed.csv": (cow_alliances, 2012),
}
LISTS = [*SPELLS, "all"]


def asked(name: str, year: int) -> list[str]:
    return list(state_codes()) if name == "all" else members(name, year)


def named(piece: ScenarioFragment) -> set[str]:
    """Return the states that a fragment has tables of or remarks on."""
    cases = " ".join(case for each in piece.remarks.values() for case in each)
    tables = {code for path in piece.tables for code in path[1:] if code in state_codes()}
    return tables | {code for code in state_codes() if code in cases}


@pytest.mark.slow
@pytest.mark.parametrize("year", [1995, 2004, None])
@pytest.mark.parametrize("list_", LISTS)
@pytest.mark.parametrize("name", BY_YEAR)
def test_each_state_has_a_figure_or_is_named(name: str, list_: str, year: int | None) -> None:
    read, last = BY_YEAR[name]
    path, codes = official_file(name), asked(list_, year or last)
    piece = read(path, states_named(",".join(codes)), [year or last], SKIP)
    assert named(piece) >= set(codes)
    assert len(piece.remarks) <= 8


@pytest.mark.slow
@pytest.mark.parametrize("year", [1995, 2004, None])
@pytest.mark.parametrize("list_", LISTS)
@pytest.mark.parametrize("name", BY_DAY)
def test_every_list_has_its_borders_and_treaties(name: str, list_: str, year: int | None) -> None:
    read, last = BY_DAY[name]
    path, day = official_file(name), date(year or last, 12, 31)
    states = states_named(",".join(asked(list_, day.year)))
    if read is contiguity:
        piece = contiguity(path, states, day)
        assert named(piece) >= {state.iso3 for state in states}
    elif list_ == "ASEAN":  # its members owe each other neither defence nor consultation
        with pytest.raises(InputError, match="no treaty binds two of these states that day"):
            read(path, states, day, open_conflicts(day))
        return
    else:
        piece = read(path, states, day, open_conflicts(day))
        assert piece.tables
    assert len(piece.remarks) <= 8


@pytest.mark.slow
@pytest.mark.parametrize("years", [range(1996, 2001), range(2006, 2011), range(2016, 2021)])
@pytest.mark.parametrize("list_", LISTS)
@pytest.mark.parametrize("name", [REGISTER, "sipri-trade-register-bom-no-head.csv"])
def test_shares_of_each_importer_stay_within_one(name: str, list_: str, years: range) -> None:
    path, codes = official_file(name), asked(list_, years[-1])
    piece = arms(path, states_named(",".join(codes)), years)
    shares: dict[str, float] = {}
    for (_, importer, _), table in piece.tables.items():
        shares[importer] = shares.get(importer, 0.0) + table["arms"]["value"]
    assert max(shares.values()) <= 1.0 + 1e-6
    assert named(piece) >= set(codes)


def test_russias_share_of_armenias_arms_is_that_of_the_publisher() -> None:
    """By hand: Russia 12.5 + 18 + 13.2 + 25 + 75 + 4 + 16 + 4 + 4 + 190 of these and Jordan's 16 + 4.8."""
    piece = arms(official_file(REGISTER), states_named("ARM,RUS,JOR"), range(2016, 2021))
    assert piece.tables["dyads", "ARM", "RUS"]["arms"]["value"] == pytest.approx(361.7 / 382.5, abs=1e-8)
    assert round(361.7 / 382.5, 4) == 0.9456


@pytest.mark.parametrize("name", ["atop5_1m.csv", "atop-4.01-member-level.csv"])
def test_france_stands_in_both_phases_of_its_treaty_with_czechoslovakia(name: str) -> None:
    states = states_named("FRA,CZE,SVK")
    found = atop_members(official_file(name), states, date(1993, 6, 1), ()).tables
    assert found["treaties", "ATOP-4070-2"]["members"] == ["FRA", "CZE"]
    assert found["treaties", "ATOP-4070-3"]["members"] == ["FRA", "SVK"]


def test_figures_are_those_in_the_files() -> None:
    armenia = capabilities(official_file("NMC-60-abridged.csv"), states_named("ARM"), [2016]).tables["states", "ARM"]
    assert (armenia["capability"]["value"], armenia["population"]["value"]) == (0.00060002581, 2.925)
    freedom = democracy(official_file("vdem-poly.csv"), states_named("ARM"), [2018]).tables["states", "ARM"]
    assert freedom["democracy"]["value"] == 0.49


def test_ties_are_the_distance_of_two_points_over_the_widest() -> None:
    piece = ideal_points(official_file("IdealpointestimatesAll_Apr2020.csv"), states_named("RUS,ARM"), [2019])
    by_hand = 1 - 2 * (0.1698894 - 0.1418769) / (2.694793 + 1.920512)
    assert piece.tables["dyads", "RUS", "ARM"]["ties"]["value"] == pytest.approx(by_hand, abs=1e-8)


def test_both_files_of_borders_say_the_same() -> None:
    states = states_named("RUS,ARM,AZE,GEO,TUR,IRN,SWE,DNK,FIN,NOR")
    day = date(2005, 12, 31)
    spells, years = (contiguity(official_file(name), states, day) for name in ("contdir-3.1.csv", "contdird.csv"))

    def land(piece: ScenarioFragment) -> dict[Any, bool]:
        return {path[1:]: table["contiguous"] for path, table in piece.tables.items()}

    differ = {pair for pair, is_land in land(spells).items() if land(years)[pair] != is_land}
    assert differ == {("SWE", "DNK")}  # version 3.1 has the bridge of 2000 in its notes, and no land border
    assert contiguity(official_file("contdird.csv"), states_named("SWE,DNK,FIN"), date(2000, 8, 1)).left_out == [
        "SWE-DNK: a land border for a part of 2000, without days"
    ]


def test_a_pact_that_ended_binds_nobody_and_its_rows_are_no_obstacle() -> None:
    path, pair = official_file("alliance_v4.1_by_directed.csv"), states_named("GRC,SRB")
    assert {each[1] for each in cow_alliances(path, pair, date(1960, 1, 1), ()).tables} == {"COW-234"}
    with pytest.raises(InputError, match="no treaty binds two of these states that day"):
        cow_alliances(path, pair, date(1990, 1, 1), ())


def test_a_register_that_a_spreadsheet_has_split_is_named() -> None:
    with pytest.raises(InputError, match="a spreadsheet has split the lines and saved them"):
        arms(official_file("sipri-trade-register-spoiled.csv"), states_named("DZA"), [2015])


def test_files_of_other_data_sets_are_refused() -> None:
    for name in ("MIDA-5.0.csv", "system2016.csv", "tc2018.csv", "BerkemeierFuhrmannRAP2018_0303.dta", "atop5_1a.csv"):
        path: Path = official_file(name)
        for read in (capabilities, democracy, arms, contiguity):
            with pytest.raises(InputError, match=r"no column .*(taken for the head|its variables)"):
                read(path, states_named("RUS,ARM"), date(2010, 1, 1) if read is contiguity else [2010])


def is_data(line: str) -> bool:
    """Return whether a line has a figure in one of its fields, as heads have not."""
    return len(line) > 12 and any(field.strip('" ').replace(".", "", 1).isdigit() for field in line.split(","))


@pytest.mark.slow
def test_no_line_of_a_publishers_file_is_in_the_project() -> None:
    folder = official_file(REGISTER).parent
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    ours: set[str] = set()
    for path in filter(Path.is_file, (ROOT / name for name in listed.stdout.split("\0") if name)):
        ours.update(line.strip() for line in path.read_text("utf-8", errors="replace").splitlines())
    for path in folder.glob("*.csv"):
        theirs = {line.strip() for line in path.read_text("utf-8-sig", errors="replace").splitlines()}
        assert len(theirs) > 20
        assert [line for line in theirs & ours if is_data(line)] == [], path.name
