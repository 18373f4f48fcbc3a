"""The map of the page: real outlines, the view's numbers, and what the settings say of attacks and help."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bokeh.core.serialization import Serializer

from sim.explorer.choices import PageState
from sim.explorer.ensembles import Ensembles
from sim.explorer.page.palette import DARK, LIGHT
from sim.explorer.page.region import Region
from sim.explorer.shown import Shown
from sim.explorer.story import Story
from tests.explorer.conftest import ROOT

RUNS = 16


@pytest.fixture(scope="module")
def shown(story: Story) -> Shown:
    return at(story, Ensembles(story, threads=2), "2023-01-31")


def at(story: Story, ensembles: Ensembles, day: str, events: dict[str, str] | None = None, state: str = "ARM") -> Shown:
    choices = replace(story.first_choices(RUNS, seed=7), events=tuple((events or {}).items()))
    view = ensembles.view(replace(choices, events=()))
    page = PageState(choices, state=state)
    place = [str(each) for each in story.cast.dates].index(day)
    return Shown(story, page, view, view, "", place)


def arrows(region: Region) -> list[tuple[str, str]]:
    data = region.arrows.data
    return list(zip(data["colour"], (tip.split("<b>")[-1] for tip in data["tip"]), strict=True))


def test_fills_and_hints_are_the_mean_trust_of_the_view(story: Story, shown: Shown) -> None:
    region = Region(story, LIGHT, lambda state: None)
    region.show(shown)
    means = dict(zip(story.pairs, shown.view.between[shown.place], strict=True))
    for source, states in ((region.land, "state"), (region.source, "code")):
        trust = dict(zip(source.data[states], source.data["trust"], strict=True))
        for client in story.clients:
            assert trust[client] == pytest.approx(means[client, "RUS"])
    edges = dict(zip(region.land.data["state"], region.land.data["line"], strict=True))
    assert [state for state, edge in edges.items() if edge > 1] == ["ARM"]


def test_a_tap_anywhere_in_a_member_means_it_and_one_far_off_means_nobody(story: Story) -> None:
    chosen: list[str] = []
    region = Region(story, DARK, chosen.append)
    for place in ((75.0, 46.0), (44.5, 40.2), (28.0, 54.5), (100.0, 62.0), (32.0, 39.0)):
        x, y = region.scene.projection(place)
        region._tapped(type("Tapped", (), {"x": x, "y": y}))
    assert chosen == ["KAZ", "ARM", "BLR"]


def test_an_arrow_ends_beside_a_state_so_that_a_small_one_is_seen(story: Story) -> None:
    region = Region(story, LIGHT, lambda _: None)
    pixel = region.scene.width / 430
    for one, other, attack in (("AZE", "ARM", True), ("RUS", "ARM", False)):
        x0, y0, _, _, x1, y1, _ = region.curve(one, other, attack=attack)
        assert (x0, y0) == pytest.approx(region.places[one])
        beside = math.dist((x1, y1), region.places["ARM"])
        assert 8 * pixel < beside < 13 * pixel


def test_the_state_that_a_story_is_about_has_its_label_first() -> None:
    region = Region(Story(ROOT / "scenarios/cases/singapore_uk_east_of_suez_1968.toml"), LIGHT, lambda _: None)
    labels = dict(zip(region.source.data["code"], region.source.data["label"], strict=True))
    assert labels["SGP"] == "Singapore"


def test_arrows_are_attacks_until_the_cursor_and_help_that_is_set(story: Story) -> None:
    ensembles = Ensembles(story, threads=2)
    region = Region(story, LIGHT, lambda state: None)
    region.show(at(story, ensembles, "2022-08-31"))
    before = arrows(region)
    region.show(at(story, ensembles, "2023-01-31", {"russia-2022": "forces"}))
    after = arrows(region)
    assert LIGHT.third in {colour for colour, _ in after}
    assert (LIGHT.responses[4], "forces</b>, set for every run") in after
    assert len(after) > len(before)
    region.show(at(story, ensembles, "2023-01-31", {"russia-2022": "decide"}))
    assert not [tip for _, tip in arrows(region) if tip.startswith("forces")]


FILES = sorted([*(ROOT / "scenarios").glob("*.toml"), *(ROOT / "scenarios" / "cases").glob("*.toml")])


@pytest.mark.parametrize(
    "path",
    [path if path.stem == "karabakh-2023" else pytest.param(path, marks=pytest.mark.slow) for path in FILES],
    ids=lambda path: path.stem,
)
def test_every_scenario_and_case_has_a_map_that_a_page_can_send(path: Path) -> None:
    region = Region(Story(path), LIGHT, lambda state: None)
    assert set(region.source.data["code"]) == set(region.places)
    assert sent(region) < 400_000


def sent(region: Region) -> int:
    """Return how many bytes the map takes on its way to a browser."""
    encoded = Serializer(deferred=False).serialize(region.figure)
    assert encoded.buffers is not None
    return len(json.dumps(encoded.content))


def test_labels_lie_apart(story: Story) -> None:
    data = Region(story, LIGHT, lambda state: None).source.data
    places = np.array(
        [(x, y) for x, y, text in zip(data["label_x"], data["label_y"], data["label"], strict=True) if text]
    )
    gaps = np.hypot(*(places[:, None] - places[None]).T) + 1e9 * np.eye(len(places))
    assert len(places) >= 6
    assert gaps.min() > 0.02 * 4000
