"""The converter of outlines, on a small TopoJSON made by hand, and the shipped file against the rules it keeps."""

import json
from typing import Any

import numpy as np
import pytest

from sim.geography.convert import (
    FOLDER,
    converted,
    cut_at_latitude,
    decoded_arcs,
    holds,
    merged,
    simplified,
    walked,
)

TOPOLOGY: dict[str, Any] = {
    "transform": {"scale": [0.5, 0.5], "translate": [0, 10]},
    "arcs": [
        [[4, 0], [0, 4]],  # the border of both squares, from (2, 10) north to (2, 12)
        [[4, 4], [-4, 0], [0, -4], [4, 0]],  # the west of one
        [[4, 0], [4, 0], [0, 4], [-4, 0]],  # the east of the other
        [[20, 0], [2, 0], [0, 2], [-2, 0], [0, -2]],  # an island of the second
        [[30, 0], [2, 0], [0, 2], [-2, 0], [0, -2]],  # a country without a code
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "id": "001", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "id": "002", "arcs": [[[2, -1]], [[3]]]},
                {"type": "Polygon", "properties": {"name": "Nowhere"}, "arcs": [[4]]},
            ]
        }
    },
}
CODES = {"001": "AAA", "002": "BBB"}


def rings(content: dict[str, Any], table: str, key: str) -> list[list[list[float]]]:
    """Return the outer rings of a shape of the compact file, in degrees."""
    arcs = [np.cumsum(np.reshape(arc, (-1, 2)), axis=0) * content["step"] for arc in content["arcs"]]
    return [walked(tuple(part[0]), arcs).round(6).tolist() for part in content[table][key]]


def test_steps_of_a_quantised_topology_are_summed_scaled_and_shifted() -> None:
    arcs = decoded_arcs(TOPOLOGY)
    assert arcs[0].tolist() == [[2.0, 10.0], [2.0, 12.0]]
    assert arcs[3].tolist() == [[10.0, 10.0], [11.0, 10.0], [11.0, 11.0], [10.0, 11.0], [10.0, 10.0]]
    assert decoded_arcs({"arcs": [[[1.5, 2.5], [3, 4]]]})[0].tolist() == [[1.5, 2.5], [3.0, 4.0]]


def test_states_keep_their_shared_border_and_areas_are_taken_out_of_them() -> None:
    disputed = {"island": {"at": [10.5, 10.5], "outline": {"of": "BBB"}}, "far": {"outline": {"named": "Nowhere"}}}
    content = converted(TOPOLOGY, CODES, disputed)
    assert rings(content, "states", "AAA") == [[[2, 10], [2, 12], [0, 12], [0, 10], [2, 10]]]
    assert rings(content, "states", "BBB") == [[[2, 10], [4, 10], [4, 12], [2, 12], [2, 10]]]
    assert rings(content, "areas", "island") == [[[10, 10], [11, 10], [11, 11], [10, 11], [10, 10]]]
    assert rings(content, "areas", "far") == [[[15, 10], [16, 10], [16, 11], [15, 11], [15, 10]]]
    (first,), (second, *_) = content["states"]["AAA"], content["states"]["BBB"]
    assert set(first[0]) & {~number for number in second[0]}, "one arc, walked both ways"


def test_a_union_is_cut_at_a_parallel() -> None:
    disputed = {"south": {"outline": {"union": ["AAA", "BBB"], "south_of": 11.0}}}
    content = converted(TOPOLOGY, CODES, disputed)
    assert "BBB" not in content["states"]
    north, south = rings(content, "states", "AAA")[0], rings(content, "areas", "south")[0]
    assert sorted({tuple(point) for point in north}) == [(0, 11), (0, 12), (2, 12), (4, 11), (4, 12)]
    assert sorted({tuple(point) for point in south}) == [(0, 10), (0, 11), (2, 10), (4, 10), (4, 11)]


def test_the_union_of_neighbours_has_no_border_between_them() -> None:
    arcs = decoded_arcs(TOPOLOGY)
    (ring,) = merged([[(0, 1)], [(2, -1)]], arcs)
    assert sorted({tuple(point) for point in ring.tolist()}) == [(0, 10), (0, 12), (2, 10), (2, 12), (4, 10), (4, 12)]


def test_points_that_matter_little_are_dropped_and_rings_stay_rings() -> None:
    line = np.array([(0.0, 0.0), (1.0, 0.001), (2.0, 0.0), (2.0, 1.0)])
    assert simplified(line, 0.01).tolist() == [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]]
    assert simplified(line, 0.0).tolist() == line.tolist()
    island = np.array([(0, 0), (0.01, 0), (0.01, 0.01), (0.005, 0.02), (0, 0.01), (0, 0)], dtype=float)
    assert len(simplified(island, 1.0)) == 5


def test_rings_do_not_jump_at_180_degrees() -> None:
    ring = walked((0,), [np.array([(179.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (179.0, 1.0), (179.0, 0.0)])])
    assert ring[:, 0].tolist() == [179.0, 181.0, 181.0, 179.0, 179.0]
    assert holds(ring, (180.0, 0.5))
    assert not holds(ring, (182.0, 0.5))


def test_a_part_beyond_a_parallel_is_empty() -> None:
    ring = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)])
    assert len(cut_at_latitude(ring, 2.0, south=False)) == 0
    assert cut_at_latitude(ring, 2.0, south=True).tolist() == ring.tolist()


def test_the_shipped_file_is_compact_and_says_where_it_is_from() -> None:
    path = FOLDER / "outlines.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_size < 400_000
    assert "world-atlas 2.0.2" in content["source"]
    assert "public domain" in content["licence"]
    assert "ISC" in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "ATA" not in content["states"]


@pytest.mark.parametrize("host", ["registry.", "jsdelivr", "unpkg", "http"])
def test_the_script_names_a_package_and_no_host(host: str) -> None:
    text = (FOLDER.parents[1] / "geography" / "convert.py").read_text(encoding="utf-8")
    assert "world-atlas" in text
    assert host not in text
