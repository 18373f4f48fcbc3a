"""Layouts: the same data in another layout give the same fragment, and a layout is known by its columns alone."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.errors import InputError
from sim.interop import layouts, reading
from sim.interop.arms import arms
from sim.interop.capabilities import capabilities
from sim.interop.codes import states_named
from sim.interop.contiguity import contiguity
from sim.interop.democracy import democracy
from sim.interop.fragment import ScenarioFragment
from sim.interop.ideal_points import ideal_points
from sim.interop.layouts import FILES, LAYOUTS, FileLayout
from sim.interop.reading import read_file
from tests.interop.files import CONTDIR, CONTDIRD, DELIVERIES, NMC, POINTS, REGISTER, SESSIONS, VDEM, written


def read(piece: ScenarioFragment) -> dict[str, Any]:
    return tomllib.loads(piece.text())


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.data_set}-{'-'.join(layout.columns.values())}")
def test_every_layout_is_known_by_its_columns(tmp_path: Path, layout: FileLayout) -> None:
    columns = [*layout.optional.values(), *layout.columns.values()]
    text = "\n".join(["some notes", ",".join(columns).upper(), ",".join(map(str, range(len(columns))))])
    data = read_file(written(tmp_path, "any.name", text), layout.data_set)
    assert data.layout.columns == layout.columns
    (row,) = data.rows()
    for name, column in {**layout.columns, **layout.optional}.items():
        assert row.whole(name) == columns.index(column)
        assert row.name(name) == column


def test_a_new_layout_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "next.csv", "country,yr,power,people\n365,2030,0.25,1000\n")
    with pytest.raises(InputError, match="no column ccode, year, cinc, tpop in line 1, taken for the head"):
        capabilities(path, states_named("RUS"), [2030])
    columns = {"state": "country", "year": "yr", "capability": "power", "population": "people"}
    for module in (layouts, reading):
        monkeypatch.setattr(module, "LAYOUTS", (*LAYOUTS, FileLayout("cow-nmc", columns)))
    found = read(capabilities(path, states_named("RUS"), [2030]))["states"]["RUS"]
    assert (found["capability"]["value"], found["population"]["value"]) == (0.25, 1.0)


@pytest.mark.parametrize("years", [range(2015, 2020), [2019], [2020], [2016], range(2012, 2021)])
def test_deals_and_deliveries_give_the_same_shares(tmp_path: Path, years: list[int]) -> None:
    states = states_named("ARM,RUS,IND,AZE,ISR,ITA")
    deals = REGISTER.replace("2015 to 2019", "2010 to 2020")
    by_deal = read(arms(written(tmp_path, "register.csv", deals, "latin-1"), states, years))
    by_delivery = read(arms(written(tmp_path, "register.csv", DELIVERIES), states, years))
    assert by_deal == by_delivery


def test_a_deal_in_deliveries_is_spread_evenly_over_its_years(tmp_path: Path) -> None:
    path = written(tmp_path, "deliveries.csv", DELIVERIES)
    shares = read(arms(path, states_named("ARM,RUS"), [2019]))["dyads"]["ARM"]["RUS"]["arms"]
    assert shares["value"] == 0.5  # half of the 40 of deal 2, beside the 20 of deal 3


def test_a_range_that_is_not_specified_is_the_whole_register(tmp_path: Path) -> None:
    path = written(tmp_path, "deliveries.csv", DELIVERIES)
    assert read(arms(path, states_named("ARM,RUS"), range(1950, 2021)))["dyads"]["ARM"]["RUS"]["arms"]["value"] > 0
    for years in (range(1949, 1960), range(2016, 2022)):
        with pytest.raises(InputError, match="covers 1950-2020"):
            arms(path, states_named("ARM,RUS"), years)


@pytest.mark.parametrize(
    "words", ["year range 2015 to 2019", "year range '2015' to '2019'", "year range  '2015' to  '2019' "]
)
def test_the_range_of_the_notes_holds_with_and_without_quotes(tmp_path: Path, words: str) -> None:
    path = written(tmp_path, "register.csv", REGISTER.replace("year range 2015 to 2019", words), "latin-1")
    assert read(arms(path, states_named("ARM,RUS"), range(2015, 2020)))
    with pytest.raises(InputError, match="covers 2015-2019"):
        arms(path, states_named("ARM,RUS"), [2020])


def test_a_session_is_that_of_its_year(tmp_path: Path) -> None:
    states = states_named("RUS,ARM,USA,PRK")
    by_year = read(ideal_points(written(tmp_path, "points", POINTS), states, [2016]))
    by_session = read(ideal_points(written(tmp_path, "points", SESSIONS), states, [2016]))
    assert by_session == by_year
    assert by_session["dyads"]["RUS"]["ARM"]["ties"]["value"] == 0.8


@pytest.mark.parametrize("column", ["IdealPointFP", "IdealPointAll", "IdealPoint"])
def test_points_are_known_by_each_of_their_names(tmp_path: Path, column: str) -> None:
    states = states_named("RUS,ARM,USA,PRK")
    expected = read(ideal_points(written(tmp_path, "points", SESSIONS), states, [2016]))
    text = SESSIONS.replace("IdealPoint", column)
    assert read(ideal_points(written(tmp_path, "points", text), states, [2016])) == expected


def test_points_on_foreign_policy_go_before_points_on_all_votes(tmp_path: Path) -> None:
    lines = [f"{line},9" for line in SESSIONS.replace("IdealPoint", "IdealPointFP").splitlines()]
    lines[0] = lines[0].replace(",9", ",IdealPointAll")
    piece = ideal_points(written(tmp_path, "points", "\n".join(lines)), states_named("RUS,ARM"), [2016])
    assert read(piece)["dyads"]["RUS"]["ARM"]["ties"]["value"] == 0.8


def test_borders_by_year_are_those_of_the_spells(tmp_path: Path) -> None:
    by_spell = contiguity(written(tmp_path, "c.csv", CONTDIR), states_named("RUS,ARM,AZE,GEO"), date(2010, 5, 1))
    by_year = contiguity(written(tmp_path, "c.csv", CONTDIRD), states_named("RUS,ARM,AZE,GEO"), date(2010, 5, 1))
    expected = read(by_spell)["dyads"]
    del expected["RUS"]["AZE"]
    assert read(by_year)["dyads"] == expected
    assert by_year.left_out == ["RUS-AZE: a land border for a part of 2010, without days"]
    with pytest.raises(InputError, match="whose last year is 2010"):
        contiguity(tmp_path / "c.csv", states_named("RUS,ARM"), date(2011, 1, 1))


def test_v_dem_without_numbers_is_read_by_its_letters(tmp_path: Path) -> None:
    lines = [line.split(",") for line in VDEM.splitlines()]
    without = "\n".join(",".join(cells[:5] + cells[6:]) for cells in lines)
    states = states_named("ARM,RUS")
    expected = read(democracy(written(tmp_path, "v.csv", VDEM), states, [2015]))
    assert read(democracy(written(tmp_path, "v.csv", without), states, [2015])) == expected


def test_a_stata_file_is_read_as_its_text_is(tmp_path: Path) -> None:
    text = written(tmp_path, "NMC.csv", NMC)
    table = pd.read_csv(text).astype({"cinc": "float32"})
    for name in ("NMC.dta", "NMC.bin"):
        table.to_stata(tmp_path / name, write_index=False, version=118)
        piece = capabilities(tmp_path / name, states_named("RUS,ARM"), [2015, 2016])
        assert piece.text() == capabilities(text, states_named("RUS,ARM"), [2015, 2016]).text().replace("NMC.csv", name)
    (tmp_path / "NMC.dta").write_bytes((tmp_path / "NMC.dta").read_bytes()[:200])
    with pytest.raises(InputError, match=r"NMC\.dta: cannot be read as a Stata file"):
        capabilities(tmp_path / "NMC.dta", states_named("RUS"), [2016])
    table.rename(columns={"cinc": "share"}).to_stata(tmp_path / "NMC.dta", write_index=False)
    with pytest.raises(InputError, match="no column cinc in its variables"):
        capabilities(tmp_path / "NMC.dta", states_named("RUS"), [2016])


def test_a_file_of_another_data_set_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "c.csv", CONTDIR)
    with pytest.raises(InputError, match=r"this is COW Direct Contiguity .* for 'csto-sim import contiguity'"):
        read_file(path, "cow-nmc")


@pytest.mark.parametrize("data_set", FILES)
def test_every_data_set_has_a_layout(data_set: str) -> None:
    assert layouts.layouts(data_set)
