"""Treaties from ATOP and COW: who is in, who owes, and what open conflicts take away."""

import tomllib
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.interop.atop import atop_dyads, atop_members
from sim.interop.codes import states_named
from sim.interop.conflicts import Conflict, open_conflicts
from sim.interop.cow_alliances import cow_alliances
from sim.interop.fragment import ScenarioFragment
from sim.interop.treaties import Alliance, put_treaties
from tests.interop.files import ATOP_DYADS, ATOP_MEMBERS, COW_DYADS, COW_MEMBERS, written

FOUR = states_named("RUS,ARM,BLR,AZE")


def treaties(piece: ScenarioFragment) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(piece.text())["treaties"]
    return found


@pytest.fixture
def members(tmp_path: Path) -> Path:
    return written(tmp_path, "atop5_1m.csv", ATOP_MEMBERS, "latin-1")


def test_members_are_those_of_the_day(members: Path) -> None:
    def members_on(day: date) -> list[str]:
        return treaties(atop_members(members, FOUR, day, ()))["ATOP-4220"]["members"]

    assert members_on(date(1993, 6, 1)) == ["RUS", "ARM"]
    assert members_on(date(1999, 4, 19)) == ["RUS", "ARM", "BLR", "AZE"]
    assert members_on(date(1999, 4, 20)) == ["RUS", "ARM", "BLR"]
    assert members_on(date(2002, 10, 7)) == ["RUS", "ARM", "BLR"]


def test_clauses_follow_the_obligations(members: Path) -> None:
    found = treaties(atop_members(members, states_named("RUS,ARM,BLR,TUR"), date(2018, 6, 1), ()))
    assert set(found) == {"ATOP-4220", "ATOP-4400", "ATOP-4890", "ATOP-5555"}
    assert found["ATOP-4220"]["exclusive"] is True
    assert "exclusive" not in found["ATOP-4400"]
    assert found["ATOP-4220"]["clauses"]["defence"]["obligation"] == "defend"
    assert set(found["ATOP-5555"]["clauses"]) == {"consultation"}
    assert "obligors" not in found["ATOP-4220"]


def test_pacts_that_owe_no_help_are_left_out_and_listed(members: Path) -> None:
    piece = atop_members(members, FOUR, date(2016, 12, 31), ())
    assert "ATOP-4999" not in treaties(piece)
    assert piece.left_out == ["ATOP-4999 (RUS, AZE): owes neither defence nor consultation"]


def test_sides_of_an_open_conflict_owe_each_other_nothing_and_all_else_stays(members: Path) -> None:
    day = date(2016, 12, 31)
    piece = atop_members(members, FOUR, day, open_conflicts(day))
    found = treaties(piece)
    owed = _owed(found)
    before = _owed(treaties(atop_members(members, FOUR, day, ())))
    assert before - owed == {("ARM", "AZE"), ("AZE", "ARM")}
    assert owed <= before
    assert found["ATOP-4400"]["members"] == ["RUS", "ARM", "BLR", "AZE"]
    assert found["ATOP-4400"]["obligors"] == ["RUS", "BLR"]
    assert found["ATOP-4400-ARM"]["members"] == ["RUS", "ARM", "BLR"]
    assert found["ATOP-4400-ARM"]["obligors"] == ["ARM"]
    assert found["ATOP-4400-ARM"]["ladder"] is False
    (line,) = [line for line in piece.left_out if "4400" in line]
    assert "no guarantee between ARM and AZE (open conflict since 1992-05-18)" in line
    assert f"# Left out: {line}" in piece.text()


def _owed(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (one, other)
        for treaty in found.values()
        for one in treaty.get("obligors", treaty["members"])
        for other in treaty["members"]
        if one != other
    }


@given(
    members=st.lists(st.sampled_from("ABCDEF"), min_size=2, max_size=6, unique=True),
    owing=st.sets(st.sampled_from("ABCDEF"), min_size=1),
    quarrels=st.sets(st.sampled_from([frozenset(pair) for pair in combinations("ABCDEF", 2)]), max_size=6),
)
def test_whatever_the_quarrels_only_their_pairs_are_cut(
    members: list[str], owing: set[str], quarrels: set[frozenset[str]]
) -> None:
    alliance = Alliance("PACT", tuple(members), frozenset(owing) & set(members), frozenset(), "made up")
    whole = {(one, other) for one in alliance.obligors for other in members if one != other}
    left = {(one, other) for one, other in whole if frozenset((one, other)) not in quarrels}
    piece = ScenarioFragment([])
    if not left:
        with pytest.raises(InputError, match="no treaty binds two of these states"):
            put_treaties(piece, [alliance], [Conflict(pair, "made up") for pair in quarrels])
        return
    put_treaties(piece, [alliance], [Conflict(pair, "made up") for pair in quarrels])
    assert _owed(treaties(piece)) == left
    cut = [pair for pair in quarrels if pair <= set(members)]
    assert len(piece.left_out) == len(cut)


def test_a_bilateral_treaty_of_the_two_sides_goes_whole(members: Path) -> None:
    day = date(2016, 12, 31)
    with pytest.raises(
        InputError, match=r"no guarantee between ARM and RUS \(open conflict as given\); nothing remains"
    ):
        atop_members(members, states_named("RUS,ARM"), day, open_conflicts(day, ["RUS-ARM"]))


def test_dyads_are_a_treaty_a_pair_without_the_quarrelling_one(tmp_path: Path) -> None:
    path = written(tmp_path, "atop5_1dy.csv", ATOP_DYADS)
    day = date(2016, 12, 31)
    piece = atop_dyads(path, states_named("RUS,ARM,AZE"), 2016, open_conflicts(day))
    found = treaties(piece)
    assert set(found) == {"ATOP-ARM-RUS", "ATOP-AZE-RUS"}
    assert found["ATOP-ARM-RUS"]["source"] == "ATOP atop5_1dy.csv, 2016 (alliances 4220, 4400, 4890)"
    (line,) = piece.left_out
    assert "no guarantee between ARM and AZE (open conflict since 1992-05-18); nothing remains of it" in line
    with pytest.raises(InputError, match="no row in 2017; allowed: years of the file, 2015-2016"):
        atop_dyads(path, states_named("RUS,ARM"), 2017, ())


def test_phases_in_force_at_once_are_a_treaty_for_each_set_of_members(members: Path) -> None:
    piece = atop_members(members, states_named("FRA,CZE,SVK"), date(1993, 6, 1), ())
    found = treaties(piece)
    assert {name: treaty["members"] for name, treaty in found.items()} == {
        "ATOP-6070-2": ["FRA", "CZE"],
        "ATOP-6070-3": ["FRA", "SVK"],
    }
    assert set(found["ATOP-6070-2"]["clauses"]) == {"defence", "consultation"}
    assert set(found["ATOP-6070-3"]["clauses"]) == {"consultation"}
    (line,) = piece.said()
    assert line.startswith(
        "joined: ATOP-6070-2 (CZE, FRA; phase 2), ATOP-6070-3 (FRA, SVK; phase 3): a member stands in"
    )
    assert line.replace("joined", "# Joined") in piece.text()


def test_phases_of_the_same_members_owe_what_any_of_them_owes(members: Path) -> None:
    piece = atop_members(members, states_named("FRA,ESP"), date(1996, 1, 1), ())
    found = treaties(piece)
    assert set(found) == {"ATOP-6080"}
    assert set(found["ATOP-6080"]["clauses"]) == {"defence", "consultation"}
    assert piece.said()[0].startswith("joined: ATOP-6080 (ESP, FRA; phase 1 and 2): ")


def test_a_phase_without_a_second_asked_member_is_no_treaty(members: Path) -> None:
    piece = atop_members(members, states_named("FRA,SVK"), date(1993, 6, 1), ())
    assert set(treaties(piece)) == {"ATOP-6070-3"}


def test_a_member_twice_in_one_phase_is_refused(tmp_path: Path) -> None:
    text = ATOP_MEMBERS.replace("6070,,220,1993,1,1,0,,,1,1,2", "6070,,220,1993,1,1,0,,,1,1,3")
    with pytest.raises(InputError, match="alliance 6070 phase 3 member 220 stands there twice"):
        atop_members(written(tmp_path, "m.csv", text), states_named("FRA,SVK"), date(1993, 6, 1), ())


def test_rows_of_a_pair_in_force_at_once_are_joined_and_others_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, "by_dyad.csv", COW_DYADS)
    pair = states_named("GRC,SRB")
    piece = cow_alliances(path, pair, date(1961, 1, 1), ())
    assert set(treaties(piece)["COW-910"]["clauses"]) == {"defence", "consultation"}
    assert piece.said() == [
        "left out: COW-910 (SRB-GRC), line 10: no first year",
        "joined: COW-910 (SRB-GRC, lines 8 and 9): rows in force at once",
    ]
    assert set(treaties(cow_alliances(path, pair, date(1963, 1, 1), ()))["COW-910"]["clauses"]) == {"defence"}
    with pytest.raises(InputError, match="no treaty binds two of these states that day"):
        cow_alliances(path, pair, date(1990, 1, 1), ())


@pytest.mark.parametrize(("name", "text"), [("by_member.csv", COW_MEMBERS), ("by_dyad.csv", COW_DYADS)])
def test_cow_alliances_say_the_same_by_member_and_by_dyad(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path, name, text)
    day = date(2012, 6, 30)
    piece = cow_alliances(path, states_named("RUS,ARM,AZE,TUR"), day, open_conflicts(day))
    found = treaties(piece)
    assert set(found) == {"COW-350", "COW-350-ARM", "COW-350-AZE", "COW-411", "COW-900"}
    assert found["COW-350"]["obligors"] == ["RUS"]
    assert set(found["COW-411"]["clauses"]) == {"defence", "consultation"}
    assert set(found["COW-900"]["clauses"]) == {"consultation"}
    assert "alliance 350 has no exits in this file" in piece.text()
    before = treaties(cow_alliances(path, states_named("RUS,ARM,AZE,TUR"), date(2005, 1, 1), ()))
    assert set(before) == {"COW-350", "COW-900"}


def test_a_yearly_file_is_read_for_its_year(tmp_path: Path) -> None:
    head, *rows = COW_DYADS.splitlines()
    text = "\n".join([f"year,{head}", *(f"{year},{row}" for row in rows for year in (2011, 2012))]) + "\n"
    path = written(tmp_path, "yearly.csv", text)
    found = treaties(cow_alliances(path, states_named("RUS,ARM"), date(2012, 6, 30), ()))
    assert set(found) == {"COW-350", "COW-411"}
    with pytest.raises(InputError, match="later than"):
        cow_alliances(path, states_named("RUS,ARM"), date(2013, 6, 30), ())


def test_days_after_the_end_of_the_data_are_refused(members: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="whose last year is 2018"):
        atop_members(members, FOUR, date(2020, 1, 1), ())
    with pytest.raises(InputError, match="whose last year is 2012"):
        cow_alliances(written(tmp_path, "m.csv", COW_MEMBERS), FOUR, date(2013, 1, 1), ())


@pytest.mark.parametrize("day", ["1993,2,30", "1993,13,1", "99999999999999,1,1"])
def test_days_that_do_not_exist_are_refused_with_their_line(tmp_path: Path, day: str) -> None:
    path = written(tmp_path, "m.csv", ATOP_MEMBERS.replace("1993,1,22", day, 1))
    with pytest.raises(InputError, match=r"m\.csv:11: .* is no day; allowed: days that exist"):
        atop_members(path, FOUR, date(2016, 12, 31), ())


def test_days_that_are_not_known_are_taken_as_early_at_entry_and_late_at_exit(tmp_path: Path) -> None:
    path = written(tmp_path, "m.csv", ATOP_MEMBERS.replace("1999,4,20", "1999,,").replace("1994,1,3", "1994,,"))

    def among(day: date) -> list[str]:
        return treaties(atop_members(path, FOUR, day, ()))["ATOP-4220"]["members"]

    assert "BLR" in among(date(1994, 1, 1))
    assert "AZE" in among(date(1999, 12, 30))
    assert "AZE" not in among(date(1999, 12, 31))


def test_conflicts_open_and_close() -> None:
    def sides(day: date) -> set[frozenset[str]]:
        return {conflict.sides for conflict in open_conflicts(day)}

    tajik = frozenset(("KGZ", "TJK"))
    assert tajik not in sides(date(2021, 4, 27))
    assert tajik in sides(date(2022, 9, 14))
    assert tajik not in sides(date(2025, 3, 13))
    assert frozenset(("IND", "PAK")) in {each.sides for each in open_conflicts(date(2020, 1, 1), ["IND-PAK"])}
    for wrong in ("IND", "IND-IND", "IND-PAKI", "IND-PAK-CHN"):
        with pytest.raises(InputError, match=f"--conflict {wrong}"):
            open_conflicts(date(2020, 1, 1), [wrong])
