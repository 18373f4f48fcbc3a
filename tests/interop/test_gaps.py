"""Gaps: what a file lacks is refused all at once, left out by name, or carried from the last known year and said so."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.interop.atop import atop_dyads, atop_members
from sim.interop.capabilities import capabilities
from sim.interop.codes import state_codes, states_named
from sim.interop.contiguity import contiguity
from sim.interop.cow_alliances import cow_alliances
from sim.interop.democracy import democracy
from sim.interop.fragment import ScenarioFragment
from sim.interop.gaps import Gaps
from sim.interop.ideal_points import ideal_points
from tests.interop.files import (
    ATOP_DYADS,
    ATOP_MEMBERS,
    CONTDIR,
    COW_MEMBERS,
    NMC,
    SESSIONS,
    VDEM,
    written,
)

SKIP, CARRY = Gaps(skip=True), Gaps(carry=5)


def read(piece: ScenarioFragment) -> dict[str, Any]:
    return tomllib.loads(piece.text())


def test_all_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "NMC.csv", NMC)
    with pytest.raises(InputError) as refused:
        capabilities(path, states_named("RUS,BLR,AZE,GEO"), [2015, 2016])
    said = str(refused.value)
    assert (
        "no row in 2015-2016: BLR (COW 370, has none), GEO (COW 372, has none); no row in 2015: AZE (has 2016)" in said
    )
    assert "cinc is missing in 2016: AZE (COW 373, has none)" in said
    assert "--skip-missing to leave out what is missing or --carry to take the last known year" in said
    assert "RUS" not in said


def test_all_195_states_are_named(tmp_path: Path) -> None:
    states = tuple(state_codes().values())
    with pytest.raises(InputError) as refused:
        capabilities(written(tmp_path, "NMC.csv", NMC), states, [2016])
    for state in states:
        assert (f"{state.iso3} (" in str(refused.value)) == (state.iso3 not in {"RUS", "ARM"})


def test_skipped_states_and_years_are_left_out_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "NMC.csv", NMC)
    piece = capabilities(path, states_named("RUS,BLR,AZE"), [2015, 2016, 2017], SKIP)
    states = read(piece)["states"]
    assert set(states) == {"RUS"}
    assert set(states["RUS"]["capability"]) == {"2015", "2016", "source"}
    assert piece.left_out == [
        "RUS (has 2015-2016): no row in 2017",
        "BLR (COW 370, has none): no row in 2015-2017",
        "AZE (has 2016): no row in 2015, 2017",
        "AZE (COW 373, has none): cinc is missing in 2016",
    ]
    with pytest.raises(InputError, match="BLR"):
        capabilities(path, states_named("BLR,GEO"), [2016], SKIP)


def test_the_last_known_year_is_carried_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, "NMC.csv", NMC)
    piece = capabilities(path, states_named("RUS,ARM"), [2016, 2018, 2019], CARRY)
    rule = "last known year: 2016 for 2018-2019"
    source = "COW NMC, NMC.csv"
    russia = {"2016": 0.0400789, "2018": 0.0400789, "2019": 0.0400789, "source": source, "rule": rule}
    assert read(piece)["states"]["RUS"]["capability"] == russia
    assert piece.said()[0] == f"carried: RUS, ARM: cinc, {rule}"
    armenia = read(piece)["states"]["ARM"]["population"]
    assert (armenia["2016"], armenia["rule"]) == (2.926, "last known year: 2015 for 2016, 2018-2019")


def test_a_figure_is_carried_for_five_years_unless_more_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "V-Dem.csv", VDEM)
    russia = states_named("RUS")
    assert read(democracy(path, russia, [2021], CARRY))["states"]["RUS"]["democracy"]["value"] == 0.283
    with pytest.raises(InputError, match=r"no row in 2022: RUS \(has 2015-2016\).* or --carry-years for older years"):
        democracy(path, russia, [2022], CARRY)
    assert read(democracy(path, russia, [2022], Gaps(carry=6)))["states"]["RUS"]["democracy"]["value"] == 0.283
    with pytest.raises(InputError, match="no row in 2014"):
        democracy(path, russia, [2014], CARRY)


def test_carried_points_lie_within_the_world_of_their_year(tmp_path: Path) -> None:
    path = written(tmp_path, "points.csv", SESSIONS)
    ties = read(ideal_points(path, states_named("RUS,TJK,PRK"), [2016], CARRY))["dyads"]["TJK"]["RUS"]["ties"]
    assert ties["value"] == pytest.approx(1 - 2 * 0.1 / 4.0)
    assert ties["rule"].endswith("; TJK, last known year: 2013 for 2016")
    later = read(ideal_points(path, states_named("RUS,ARM"), [2018], CARRY))["dyads"]["RUS"]["ARM"]["ties"]
    assert later["value"] == 0.8
    apart = SESSIONS.replace("702,68,77,0.2", "702,68,77,-3.5")
    piece = ideal_points(written(tmp_path, "points.csv", apart), states_named("USA,TJK"), [2016], CARRY)
    assert read(piece)["dyads"]["USA"]["TJK"]["ties"]["value"] == -1.0


def test_skipped_points_leave_the_other_pairs(tmp_path: Path) -> None:
    piece = ideal_points(written(tmp_path, "points.csv", SESSIONS), states_named("RUS,ARM,TJK"), [2016], SKIP)
    assert set(read(piece)["dyads"]) == {"RUS", "ARM"}
    assert piece.left_out == ["TJK (has 2013): no row in 2016"]
    with pytest.raises(InputError, match="no two of these states have a point in one year"):
        ideal_points(written(tmp_path, "points.csv", SESSIONS), states_named("RUS,TJK"), [2016], SKIP)


def test_the_last_day_of_a_file_is_carried(tmp_path: Path) -> None:
    states = states_named("RUS,ARM")
    for read_, text, last, day in (
        (atop_members, ATOP_MEMBERS, "2018-12-31", date(2021, 6, 1)),
        (cow_alliances, COW_MEMBERS, "2012-12-31", date(2017, 6, 1)),
    ):
        path = written(tmp_path, "file.csv", text)
        piece = read_(path, states, day, (), CARRY)
        assert f"carried: {last}: the last day of the file stands for {day}" in piece.said()
        there = read(read_(path, states, date.fromisoformat(last), ()))["treaties"]
        carried = read(piece)["treaties"]
        assert set(carried) == set(there)
        assert all(treaty["source"].endswith(f"{day}, carried from {last}") for treaty in carried.values())
        with pytest.raises(InputError, match=r"or --carry to take the last day of the file"):
            read_(path, states, day, ())
        with pytest.raises(InputError, match=r"or --carry-years 8 to take the last day of the file"):
            read_(path, states, date(int(last[:4]) + 8, 1, 1), (), CARRY)


def test_borders_are_carried_from_the_last_month(tmp_path: Path) -> None:
    path = written(tmp_path, "contdir.csv", CONTDIR)
    piece = contiguity(path, states_named("ARM,AZE"), date(2020, 1, 1), CARRY)
    assert read(piece)["dyads"]["ARM"]["AZE"] == {
        "contiguous": True,
        "source": "COW contiguity, contdir.csv, 2020-01-01, carried from 2016-12-31",
    }
    with pytest.raises(InputError, match="end is 201613; allowed: a year and month"):
        contiguity(
            written(tmp_path, "c.csv", CONTDIR.replace("201612", "201613")), states_named("ARM,AZE"), date(2016, 1, 1)
        )


def test_dyads_of_the_last_year_are_carried(tmp_path: Path) -> None:
    path = written(tmp_path, "dy.csv", ATOP_DYADS)
    piece = atop_dyads(path, states_named("RUS,ARM"), 2020, (), CARRY)
    source = "ATOP dy.csv, 2020, carried from 2016 (alliances 4220, 4400, 4890)"
    assert read(piece)["treaties"]["ATOP-ARM-RUS"]["source"] == source
    with pytest.raises(InputError, match="no row in 2022; allowed: years of the file, 2015-2016"):
        atop_dyads(path, states_named("RUS,ARM"), 2022, (), CARRY)
