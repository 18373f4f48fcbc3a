"""Convert TopoJSON outlines of countries to the compact file of the package.

The input is ``countries-50m.json`` of npm's ``world-atlas`` 2.0.2. From the root of the repository::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m sim.geography.convert package/countries-50m.json

Arcs are shared by the countries on both sides of a border, so they are simplified once and borders stay shut. Areas of
``disputed.toml`` are taken out of the countries that the source gives them to. Antarctica has no state and is left out.
"""

import csv
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario.files import SHIPPED

FOLDER: Final = SHIPPED / "map"
"""Where the outlines and the tables of maps are."""

STEP: Final = 0.01
"""Degrees between the coordinates of the compact file."""

TOLERANCE: Final = 0.0004
"""Square degrees of a triangle under which its middle point is dropped."""

SMALLEST: Final = 0.006
"""Square degrees under which an island is dropped, apart from the largest ones of a state."""

KEPT: Final = 3
"""Islands that a state keeps however small they are."""

SOURCE: Final[Mapping[str, str]] = {
    "source": "Natural Earth 1:50m, Admin 0 countries, as countries-50m.json of the npm package world-atlas 2.0.2",
    "licence": "Natural Earth is in the public domain. The package world-atlas, copyright 2013-2019 Michael Bostock, "
    "is under the ISC licence.",
    "changed": "simplified, rounded, and cut along disputed.toml, by sim/geography/convert.py",
}

Points = NDArray[np.float64]
Ring = tuple[int, ...]
"""Arcs by number; an arc that is walked backwards has the number -1 less its own, as in TopoJSON."""
Polygon = list[Ring]


def decoded_arcs(topology: Mapping[str, Any]) -> list[Points]:
    """Return the arcs of a TopoJSON topology as longitudes and latitudes.

    Positions of a quantised topology are steps from one point of an arc to the next.
    """
    if "transform" not in topology:
        return [np.asarray(arc, dtype=np.float64)[:, :2] for arc in topology["arcs"]]
    scale, shift = (np.asarray(topology["transform"][key], dtype=np.float64) for key in ("scale", "translate"))
    return [np.cumsum(np.asarray(arc, dtype=np.float64)[:, :2], axis=0) * scale + shift for arc in topology["arcs"]]


def polygons(geometry: Mapping[str, Any]) -> list[Polygon]:
    """Return the polygons of a geometry as rings of arc numbers, the outer ring of each first."""
    parts = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    return [[tuple(ring) for ring in part] for part in parts]


def walked(ring: Ring, arcs: Sequence[Points]) -> Points:
    """Return the points of a ring, without jumps of longitude; the last point is the first."""
    pieces = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in ring]
    points = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    return np.column_stack([np.unwrap(points[:, 0], period=360.0), points[:, 1]])


def ring_area(points: Points) -> float:
    """Return the area of a ring in square degrees of the equator."""
    x, y = points[:, 0] * np.cos(np.radians(points[:, 1].mean())), points[:, 1]
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def simplified(arc: Points, tolerance: float) -> Points:
    """Drop the points of an arc that matter least, by the area of their triangles (Visvalingam & Whyatt 1993).

    The ends stay, and so do two points between them where the arc is a whole ring.
    """
    least = 5 if np.array_equal(arc[0], arc[-1]) else 2
    weight = np.cos(np.radians(arc[:, 1].mean()))
    remaining = list(range(len(arc)))
    areas = np.full(len(arc), np.inf)

    def update(position: int) -> None:
        if 0 < position < len(remaining) - 1:
            a, b, c = (arc[remaining[at]] for at in (position - 1, position, position + 1))
            areas[position] = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) * weight / 2

    for position in range(len(remaining)):
        update(position)
    while len(remaining) > least:
        position = int(areas.argmin())
        if areas[position] > tolerance:
            break
        del remaining[position]
        areas = np.delete(areas, position)
        update(position - 1)
        update(position)
    return arc[remaining]


def holds(points: Points, at: Sequence[float]) -> bool:
    """Return whether a ring goes round a point."""
    (x1, y1), (x2, y2) = points[:-1].T, points[1:].T
    across = (y1 > at[1]) != (y2 > at[1])
    where = x1 + np.divide(at[1] - y1, y2 - y1, out=np.zeros_like(x1), where=across) * (x2 - x1)
    return bool(np.sum(across & (where > at[0])) % 2)


def merged(parts: Iterable[Polygon], arcs: Sequence[Points]) -> list[Points]:
    """Return the rings round the union of polygons that share arcs: the arcs that only one of them has."""
    borders = [ring for part in parts for ring in part]
    used = Counter(_forwards(number) for ring in borders for number in ring)
    lines = [walked((number,), arcs) for ring in borders for number in ring if used[_forwards(number)] == 1]
    rings: list[Points] = []
    while lines:
        line = lines.pop(0)
        while not np.array_equal(line[0], line[-1]):
            after = next(index for index, other in enumerate(lines) if np.array_equal(other[0], line[-1]))
            line = np.concatenate([line, lines.pop(after)[1:]])
        rings.append(line)
    return rings


def _forwards(number: int) -> int:
    return number if number >= 0 else ~number


def cut_at_latitude(points: Points, latitude: float, *, south: bool) -> Points:
    """Return the part of a ring south or north of a parallel (Sutherland & Hodgman 1974); empty if there is none."""
    sign = -1.0 if south else 1.0
    height = sign * (points[:, 1] - latitude)
    clipped: list[Points] = []
    for index in range(len(points) - 1):
        here, there = height[index], height[index + 1]
        if here >= 0:
            clipped.append(points[index])
        if (here >= 0) != (there >= 0):
            clipped.append(points[index] + here / (here - there) * (points[index + 1] - points[index]))
    return np.array([*clipped, clipped[0]]) if clipped else np.empty((0, 2))


def converted(
    topology: Mapping[str, Any], codes: Mapping[str, str], disputed: Mapping[str, Any], *, tolerance: float = TOLERANCE
) -> dict[str, Any]:
    """Return the content of the compact file.

    Parameters
    ----------
    topology : mapping
        TopoJSON with an object ``countries``, whose geometries have ISO 3166-1 numbers as ids.
    codes : mapping
        Alpha-3 codes by number; geometries of other numbers are left out.
    disputed : mapping
        Areas by key, as in ``disputed.toml``.
    tolerance : float
        As `TOLERANCE`.
    """
    arcs = [simplified(arc, tolerance) for arc in decoded_arcs(topology)]
    states: dict[str, list[Polygon]] = {}
    named: dict[str, list[Polygon]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = codes.get(geometry.get("id", ""))
        if code is not None:
            states.setdefault(code, []).extend(polygons(geometry))
        elif "id" not in geometry:
            named[geometry["properties"]["name"]] = polygons(geometry)
    areas: dict[str, list[Polygon]] = {}

    def new_ring(points: Points) -> Polygon:
        arcs.append(points)
        return [(len(arcs) - 1,)]

    for key, area in disputed.items():
        outline = area.get("outline", {})
        if "of" in outline:
            inside = [part for part in states[outline["of"]] if holds(walked(part[0], arcs), area["at"])]
            areas[key] = inside
            states[outline["of"]] = [part for part in states[outline["of"]] if part not in inside]
        elif "named" in outline:
            areas[key] = named[outline["named"]]
        elif "union" in outline:
            north, south = outline["union"]
            whole = merged([*states[north], *states.pop(south)], arcs)
            halves = {
                below: [cut_at_latitude(ring, outline["south_of"], south=below) for ring in whole]
                for below in (False, True)
            }
            states[north], areas[key] = (
                [new_ring(ring) for ring in halves[half] if len(ring)] for half in (False, True)
            )
    for parts in (*states.values(), *areas.values()):
        parts.sort(key=lambda part: -ring_area(walked(part[0], arcs)))
        parts[KEPT:] = [part for part in parts[KEPT:] if ring_area(walked(part[0], arcs)) >= SMALLEST]
    return _packed(states, areas, arcs)


def _packed(
    states: Mapping[str, list[Polygon]], areas: Mapping[str, list[Polygon]], arcs: Sequence[Points]
) -> dict[str, Any]:
    """Return the compact file: the arcs that are used, as steps of `STEP` degrees, and which states they form."""
    used: dict[int, int] = {}

    def renumbered(part: Polygon) -> list[list[int]]:
        return [
            [
                used.setdefault(number, len(used)) if number >= 0 else ~used.setdefault(~number, len(used))
                for number in ring
            ]
            for ring in part
        ]

    content: dict[str, Any] = {**SOURCE, "step": STEP}
    shapes = {
        name: {key: [renumbered(part) for part in parts] for key, parts in sorted(table.items())}
        for name, table in (("states", states), ("areas", areas))
    }
    content["arcs"] = [_steps(arcs[number]) for number in used]
    return {**content, **shapes}


def _steps(arc: Points) -> list[int]:
    """Return an arc as its first point and the steps from each point to the next, in whole `STEP`."""
    whole = np.rint(arc / STEP).astype(np.int64)
    moved = np.concatenate([[True], (np.diff(whole, axis=0) != 0).any(axis=1)])
    moved[-1] = True
    return [int(value) for value in np.diff(whole[moved], axis=0, prepend=0).ravel()]


def main(given: Sequence[str]) -> None:
    """Write ``outlines.json`` from a TopoJSON file."""
    topology = json.loads(Path(given[0]).read_text(encoding="utf-8"))
    with (FOLDER / "numbers.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["number"]: row["code"] for row in csv.DictReader(file)}
    disputed = tomllib.loads((FOLDER / "disputed.toml").read_text(encoding="utf-8"))["areas"]
    content = converted(topology, codes, disputed)
    target = FOLDER / "outlines.json"
    target.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
