"""Capabilities, democracy, ties, borders and arms: small files against figures worked out by hand."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.interop.arms import arms
from sim.interop.capabilities import capabilities
from sim.interop.codes import states_named
from sim.interop.contiguity import contiguity
from sim.interop.democracy import democracy
from sim.interop.fragment import ScenarioFragment
from sim.interop.ideal_points import ideal_points
from tests.interop.files import CONTDIR, NMC, POINTS, REGISTER, VDEM, written


def read(piece: ScenarioFragment) -> dict[str, Any]:
    return tomllib.loads(piece.text())


def test_capability_is_the_share_and_population_in_millions(tmp_path: Path) -> None:
    piece = capabilities(written(tmp_path, "NMC.csv", NMC), states_named("RUS,ARM"), [2016])
    states = read(piece)["states"]
    assert states["RUS"]["capability"] == {"value": 0.0400789, "source": "COW NMC, NMC.csv, 2016"}
    assert states["RUS"]["population"]["value"] == 143.965
    assert "population" not in states["ARM"]
    assert piece.left_out == ["ARM 2016: tpop is missing"]
    assert "# Left out: ARM 2016: tpop is missing" in piece.text()


def test_several_years_are_a_series(tmp_path: Path) -> None:
    piece = capabilities(written(tmp_path, "NMC.csv", NMC), states_named("RUS"), [2015, 2016])
    found = read(piece)["states"]["RUS"]["capability"]
    assert found == {"2015": 0.0399893, "2016": 0.0400789, "source": "COW NMC, NMC.csv"}


def test_democracy_leaves_out_missing_years_and_lists_them(tmp_path: Path) -> None:
    piece = democracy(written(tmp_path, "V-Dem.csv", VDEM), states_named("ARM,RUS"), [2015, 2016])
    states = read(piece)["states"]
    assert states["RUS"]["democracy"]["2016"] == 0.283
    assert states["ARM"]["democracy"] == {"value": 0.402, "source": "V-Dem, V-Dem.csv, 2015"}
    assert piece.left_out == ["ARM 2016: v2x_polyarchy is missing"]


def test_ties_fall_with_distance_from_1_to_minus_1_at_the_ends_of_the_world(tmp_path: Path) -> None:
    path = written(tmp_path, "points.tab", POINTS)
    dyads = read(ideal_points(path, states_named("RUS,ARM,USA,PRK"), [2016]))["dyads"]
    assert dyads["USA"]["PRK"]["ties"]["value"] == -1.0
    assert dyads["RUS"]["ARM"]["ties"]["value"] == pytest.approx(1 - 2 * 0.4 / 4.0)
    assert dyads["ARM"]["RUS"]["ties"]["value"] == dyads["RUS"]["ARM"]["ties"]["value"]
    assert dyads["RUS"]["ARM"]["ties"]["confidence"] == "low"
    with pytest.raises(InputError, match=r"idealpointfp is missing in 2016: TJK \(COW 702, has none\)"):
        ideal_points(path, states_named("RUS,TJK"), [2016])


def test_borders_stand_once_a_pair_and_water_is_none(tmp_path: Path) -> None:
    path = written(tmp_path, "contdir.csv", CONTDIR)
    piece = contiguity(path, states_named("RUS,ARM,AZE,BLR"), date(2010, 1, 1))
    dyads = read(piece)["dyads"]
    assert dyads["ARM"]["AZE"]["contiguous"] is True
    assert dyads["RUS"]["ARM"]["contiguous"] is False
    assert dyads["RUS"]["AZE"]["contiguous"] is False
    assert "ARM" not in dyads.get("AZE", {})
    assert piece.left_out == ["BLR (COW 370): no row of it with any state that day, so that its borders are unknown"]
    assert not any("BLR" in (one, other) for one, others in dyads.items() for other in others)


def test_where_two_spells_meet_the_later_one_holds(tmp_path: Path) -> None:
    text = CONTDIR.replace("371,ARM,5,200001", "371,ARM,1,200001")
    path = written(tmp_path, "contdir.csv", text)
    assert (
        read(contiguity(path, states_named("RUS,ARM"), date(1999, 12, 1)))["dyads"]["RUS"]["ARM"]["contiguous"] is False
    )
    assert (
        read(contiguity(path, states_named("RUS,ARM"), date(2000, 1, 1)))["dyads"]["RUS"]["ARM"]["contiguous"] is True
    )


def test_arms_are_shares_of_what_all_suppliers_delivered(tmp_path: Path) -> None:
    path = written(tmp_path, "register.csv", REGISTER, "latin-1")
    piece = arms(path, states_named("ARM,RUS,AZE,TUR"), range(2015, 2020))
    dyads = read(piece)["dyads"]
    assert dyads["ARM"]["RUS"]["arms"]["value"] == pytest.approx((60 + 20) / (60 + 20 + 20))
    assert dyads["ARM"]["TUR"]["arms"]["value"] == 0.0
    assert dyads["AZE"]["TUR"]["arms"]["value"] == 0.0
    assert "RUS" not in dyads
    assert piece.left_out == [
        "ARM from unknown supplier(s), line 9: no value of what was delivered",
        "AZE from Turkiye, line 11: no year of delivery",
        "RUS, TUR: no delivery in these years",
    ]


def test_suppliers_are_known_by_old_and_new_names_and_strangers_are_listed(tmp_path: Path) -> None:
    shares = {}
    for name in ("Turkiye", "Türkiye", "Turkey", "Turkiye (?)", "Soviet Union"):
        text = REGISTER.replace("Azerbaijan,Israel", f"Azerbaijan,{name}")
        piece = arms(written(tmp_path, "register.csv", text, "latin-1"), states_named("AZE,TUR,RUS"), [2016])
        shares[name] = read(piece)["dyads"]["AZE"]["TUR"]["arms"]["value"]
    assert shares.pop("Soviet Union") == 0.0
    assert "AZE (Soviet Union): suppliers that are no state of today, only counted" in piece.left_out
    assert set(shares.values()) == {1.0}


def test_arms_of_years_without_deliveries_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "register.csv", REGISTER, "latin-1")
    with pytest.raises(InputError, match="no delivery to Turkey in 2016"):
        arms(path, states_named("TUR"), [2016])
    with pytest.raises(InputError, match=r"--year 2014-2016: .* covers 2015-2019"):
        arms(path, states_named("ARM,RUS"), [2014, 2015, 2016])
    bare = written(tmp_path, "bare.csv", "\n".join(REGISTER.splitlines()[4:]) + "\n")
    with pytest.raises(InputError, match="covers 2012-2020"):
        arms(bare, states_named("ARM,RUS"), [2021])
