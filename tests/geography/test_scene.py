"""The projection, the window of a map, and the places of its labels."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.geography.placing import MapLabel, placed
from sim.geography.projection import RADIUS, EqualArea, centre_of
from sim.geography.scene import Scene, clip, goes_round, inner_point, scene_of, signed_area

DAY = date(2022, 6, 1)
CSTO = ("RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK")
PLACES = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


def test_the_projection_gives_the_published_numbers() -> None:
    """Snyder (1987, p. 332): a sphere of radius 3, centre 40 N 100 W, the point 20 S 100 E."""
    x, y = EqualArea(-100.0, 40.0)((100.0, -20.0)) * 3.0 / RADIUS
    assert (x, y) == pytest.approx((-4.2339303, 4.0257775), abs=5e-8)


@given(PLACES, PLACES)
def test_the_projection_keeps_areas(centre: tuple[float, float], at: tuple[float, float]) -> None:
    projection = EqualArea(*centre)
    if projection.away(at) > 150:
        return
    step = 1e-3
    east, north = (
        (projection((at[0] + dx, at[1] + dy)) - projection((at[0] - dx, at[1] - dy))) / (2 * np.radians(step))
        for dx, dy in ((step, 0.0), (0.0, step))
    )
    area = abs(east[0] * north[1] - east[1] * north[0])
    assert area == pytest.approx(RADIUS**2 * np.cos(np.radians(at[1])), rel=1e-4)


@given(PLACES, PLACES)
def test_points_come_back_from_the_plane(centre: tuple[float, float], at: tuple[float, float]) -> None:
    projection = EqualArea(*centre)
    if projection.away(at) > 170:
        return
    x, y = projection(at)
    longitude, latitude = projection.back((float(x), float(y)))
    assert latitude == pytest.approx(at[1], abs=1e-6)
    assert (longitude - at[0] + 180) % 360 == pytest.approx(180, abs=1e-5)


def test_the_centre_of_points_on_both_sides_of_180_degrees_lies_between_them() -> None:
    centre = centre_of([(170.0, 0.0), (-170.0, 0.0)])
    assert abs(centre.longitude) == pytest.approx(180)
    assert EqualArea(180.0, 0.0).away((90.0, 0.0)) == pytest.approx(90)


def test_a_window_shows_the_framed_states_whole_and_the_largest_round_their_capital() -> None:
    scene = scene_of([*CSTO, "AZE"], day=DAY)
    for code in CSTO[1:]:
        whole = scene_of([code], day=DAY).seen(code)
        assert scene.seen(code) == pytest.approx(whole, rel=0.02), code
    assert scene.seen("KAZ") == pytest.approx(2.72e6, rel=0.01), "square km"
    assert scene.seen("RUS") < 0.5 * 17.1e6
    assert set(CSTO) <= set(scene.anchors)
    x, y = scene.anchors["RUS"]
    assert scene.projection.back((x, y)) == pytest.approx((37.62, 55.75), abs=1e-6)
    middle = ((scene.left + scene.right) / 2, (scene.bottom + scene.top) / 2)
    assert np.hypot(*middle) < 0.02 * scene.width


@pytest.mark.parametrize("framed", [CSTO, ("USA", "JPN"), ("FJI", "NZL"), ("USA", "CAN", "NOR", "TUR"), ("RUS", "USA")])
def test_no_outline_runs_across_the_window_as_a_stripe(framed: tuple[str, ...]) -> None:
    """Every edge of a shape inside the window is short, those on the rim of the window apart."""
    scene = scene_of(framed, day=DAY)
    rim = scene.width / 400  # points are merged on a grid
    for code, shapes in scene.shapes.items():
        for ring in (ring for shape in shapes for ring in shape):
            on_rim = (
                (np.abs(ring[:, 0] - scene.left) < rim) | (np.abs(ring[:, 0] - scene.right) < rim)
                | (np.abs(ring[:, 1] - scene.bottom) < rim) | (np.abs(ring[:, 1] - scene.top) < rim)
            )  # fmt: skip
            inside = ~(on_rim & np.roll(on_rim, -1))
            steps = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
            assert steps[inside].max(initial=0.0) < 300, code


def test_crimea_is_filled_as_ukraine_and_as_the_soviet_union() -> None:
    for state, day in (("UKR", DAY), ("SUN", date(1980, 1, 1))):
        scene = scene_of([state, "TUR"], day=day)
        at = scene.projection((34.3, 45.2))
        held = [code for code, shapes in scene.shapes.items() if any(goes_round(shape, at) for shape in shapes)]
        assert held == [state]
        assert "crimea" in {area.key for area, shapes in scene.areas if shapes}
    assert not {"RUS", "KAZ"} & set(scene.shapes), "they are drawn as one state"


def test_states_without_a_place_are_no_window() -> None:
    with pytest.raises(InputError, match="none of the states has a place"):
        scene_of(["FOE", "FL1"], day=DAY)
    assert "FOE" not in scene_of(["ARM", "FOE"], ["PAT"], day=DAY).anchors


def test_a_state_without_an_outline_stands_at_the_capital_that_a_scenario_gives_it() -> None:
    scene = scene_of(["ARM", "AAA"], capitals={"AAA": (50.0, 42.0)}, day=DAY)
    assert scene.projection.back(scene.anchors["AAA"]) == pytest.approx((50.0, 42.0))
    assert scene.seen("AAA") == 0.0


def test_a_narrow_page_gets_a_higher_window() -> None:
    def shape(scene: Scene) -> float:
        return scene.height / scene.width

    assert shape(scene_of(CSTO, day=DAY)) == pytest.approx(0.59, abs=0.05)
    assert shape(scene_of(CSTO, day=DAY, tall=True)) == pytest.approx(0.75)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=12))
def test_clipped_rings_lie_in_the_window_and_are_no_larger(points: list[tuple[float, float]]) -> None:
    ring = clip(np.array(points), (-2.0, 3.0, -1.0, 4.0))
    assert not len(ring) or (ring.min() >= -2 - 1e-9 and ring[:, 0].max() <= 3 + 1e-9)
    assert not len(ring) or (ring[:, 1].min() >= -1 - 1e-9 and ring[:, 1].max() <= 4 + 1e-9)


def test_a_point_inside_keeps_off_holes() -> None:
    outer = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)])
    hole = np.array([(1.0, 1.0), (4.0 - 1e-6, 1.0), (4.0 - 1e-6, 3.0), (1.0, 3.0)])
    x, y = inner_point((outer, hole))
    assert not (1 < x < 4 and 1 < y < 3)
    assert signed_area(outer) == 16


LABELS = st.lists(
    st.builds(
        MapLabel, st.tuples(st.floats(0.5, 3.5), st.floats(0.5, 2.5)), st.floats(0.1, 0.9), st.just(0.12),
        st.just(0.06), st.booleans(),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=60)
@given(LABELS)
def test_labels_overlap_neither_each_other_nor_marks_nor_the_edge(labels: list[MapLabel]) -> None:
    centres = placed(labels, (4.0, 3.0), [label.at for label in labels])
    boxes = [(at, label) for at, label in zip(centres, labels, strict=True) if at is not None]
    for place, (at, label) in enumerate(boxes):
        assert label.width / 2 - 1e-9 <= at[0] <= 4 - label.width / 2 + 1e-9
        for other, near in boxes[:place]:
            apart = (label.width + near.width) / 2, (label.height + near.height) / 2
            assert abs(at[0] - other[0]) >= apart[0] - 1e-9 or abs(at[1] - other[1]) >= apart[1] - 1e-9
        for mark in {each.at for each in labels} - {label.at}:
            assert abs(at[0] - mark[0]) >= label.width / 2 - 1e-9 or abs(at[1] - mark[1]) >= label.height / 2 - 1e-9


def test_labels_keep_off_lines_where_they_can() -> None:
    label = MapLabel((1.0, 1.0), 0.4, 0.12, 0.05)
    line = [(x, 1.0) for x in np.linspace(1.0, 2.0, 20)]
    (at,) = placed([label], (4.0, 3.0), [label.at], line)
    assert not any(abs(at[0] - x) < 0.2 and abs(at[1] - y) < 0.06 for x, y in line)
    assert placed([label], (0.3, 0.3)) == [None]
