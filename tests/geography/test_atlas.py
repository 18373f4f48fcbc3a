"""The shipped outlines: every state has a place, disputed areas are as the table says, and nothing jumps."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.geography.convert import holds
from sim.geography.outlines import Atlas, Polygon, atlas
from sim.interop.codes import state_codes
from sim.library import shipped_folder
from sim.scenario.drafts import alliances

GROUPS = {"FOE", "PAT", "FL1", "FL2", "FL3"}
"""Codes of scenarios for what is no state: rebels, a challenger or patron without a name, a group of allies."""

CRIMEA = [(34.3, 45.2), (33.6, 44.65), (36.4, 45.3), (34.1, 44.95)]
WESTERN_SAHARA = [(-13.5, 24.5), (-13.0, 27.0), (-10.0, 26.5), (-15.3, 22.8)]


@pytest.fixture(scope="module")
def world() -> Atlas:
    return atlas()


def within(polygons: tuple[Polygon, ...], at: tuple[float, float]) -> bool:
    return any(
        sum(holds(ring, (at[0] + turn, at[1])) for ring in polygon.rings) % 2
        for polygon in polygons
        for turn in (0.0, 360.0)
    )


def scenario_files() -> list[Path]:
    folder = shipped_folder()
    return [*sorted(folder.glob("*.toml")), *sorted((folder / "cases").glob("*.toml"))]


def test_every_state_of_the_scenarios_cases_and_alliances_has_an_outline_or_a_dot(world: Atlas) -> None:
    codes = {code for path in scenario_files() for code in tomllib.loads(path.read_text("utf-8")).get("states", {})}
    codes |= {code for path in (shipped_folder().parent / "sim" / "data").glob("csto*.toml")
              for code in tomllib.loads(path.read_text("utf-8")).get("states", {})}  # fmt: skip
    codes |= {code for each in alliances().values() for code in each.members}
    assert len(codes) > 90
    assert {code for code in codes - GROUPS if not world.has_place(code)} == set()
    assert not any(world.has_place(code) for code in GROUPS)


def test_every_state_of_today_has_a_place(world: Atlas) -> None:
    assert {code for code in state_codes() if not world.has_place(code)} == set()


@pytest.mark.parametrize("at", CRIMEA)
def test_crimea_belongs_to_no_russian_polygon_and_is_an_area_of_ukraine(world: Atlas, at: tuple[float, float]) -> None:
    (crimea,) = (area for area in world.areas if area.key == "crimea")
    assert not within(world.outlines["RUS"], at)
    assert within(crimea.polygons, at)
    assert (crimea.owner, crimea.says) == ("UKR", "occupied; Ukraine")


@pytest.mark.parametrize("at", WESTERN_SAHARA)
def test_western_sahara_is_whole_and_no_part_of_morocco(world: Atlas, at: tuple[float, float]) -> None:
    (area,) = (area for area in world.areas if area.key == "western-sahara")
    assert not within(world.outlines["MAR"], at)
    assert within(area.polygons, at)
    assert area.owner == ""
    assert within(world.outlines["MAR"], (-9.0, 29.0))


def test_no_edge_of_a_polygon_spans_half_the_world(world: Atlas) -> None:
    for code, polygons in world.outlines.items():
        for polygon in polygons:
            for ring in polygon.rings:
                assert np.abs(np.diff(ring[:, 0])).max() < 180, code
                assert ring[0] == pytest.approx(ring[-1]), code


def test_russia_goes_on_beyond_180_degrees(world: Atlas) -> None:
    assert within(world.outlines["RUS"], (-175.0, 66.5))
    assert max(ring[:, 0].max() for polygon in world.outlines["RUS"] for ring in polygon.rings) > 185


def test_disputed_areas_are_marked_or_hatched_with_a_source_and_karabakh_until_2023(world: Atlas) -> None:
    before, after = ({area.key for area in world.shown_areas(day)} for day in (date(2023, 9, 1), date(2023, 12, 31)))
    assert before - after == {"karabakh"}
    assert {"crimea", "western-sahara", "kosovo", "northern-cyprus", "abkhazia", "south-ossetia"} <= after
    assert all(area.sources and area.says for area in world.areas)
    assert {area.key for area in world.areas if not area.polygons} == {
        "abkhazia", "south-ossetia", "karabakh", "transnistria", "golan",
    }  # fmt: skip
    for area in world.areas:
        assert not area.polygons or within(area.polygons, area.at), area.key
    assert "no judgement" in world.statement


@pytest.mark.parametrize(
    ("area", "state"), [("kosovo", "SRB"), ("northern-cyprus", "CYP"), ("somaliland", "SOM"), ("western-sahara", "DZA")]
)
def test_hatched_areas_lie_in_no_outline_of_another_state(world: Atlas, area: str, state: str) -> None:
    (found,) = (each for each in world.areas if each.key == area)
    assert not within(world.outlines[state], found.at)


def test_states_of_the_past_are_made_of_those_of_today(world: Atlas) -> None:
    assert within(world.outlines["SUN"], (69.2, 41.3))
    assert within(world.outlines["YUG"], (20.5, 44.8))
    assert within(world.outlines["YUG"], (20.9, 42.6))
    assert not within(world.outlines["SUN"], CRIMEA[0]), "the owner's area is added where a map is drawn"
    assert world.dots["DDR"] == (13.4, 52.52)
