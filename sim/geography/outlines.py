"""Outlines of states and of disputed areas, in degrees, as the package has them.

They are Natural Earth's, made compact by `sim.geography.convert`; ``sim/data/map`` says from where, under which
licence, and how disputed areas are drawn.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.geography.projection import centre_of
from sim.scenario.files import SHIPPED

FOLDER: Final = SHIPPED / "map"

_LONGEST: Final = 1.5
"""Degrees of an edge from which it is divided."""

Points = NDArray[np.float64]
"""Longitudes and latitudes in degrees, one point a row."""


@dataclass(frozen=True)
class Polygon:
    """One piece of land.

    Attributes
    ----------
    rings : tuple of array
        The outer ring, then its holes; the last point of each is the first.
    middle : tuple of float
        Longitude and latitude of a point in the midst of the outer ring.
    radius : float
        Degrees of a great circle round it that hold the whole ring.
    """

    rings: tuple[Points, ...]
    middle: tuple[float, float]
    radius: float

    @classmethod
    def of(cls, rings: tuple[Points, ...]) -> "Polygon":
        """Return the polygon of some rings."""
        centre = centre_of(rings[0])
        return cls(rings, (centre.longitude, centre.latitude), float(centre.away(rings[0]).max()))


@dataclass(frozen=True)
class DisputedArea:
    """An area whose status is disputed.

    Attributes
    ----------
    key, name : str
        Name in the table, and on maps.
    says : str
        Who holds it, and whose it is or who claims it, in a few words.
    at : tuple of float
        Longitude and latitude of its label.
    polygons : tuple of polygon
        Its outline; empty for an area that is marked at a point.
    owner : str
        State with whose colour it is filled, empty where maps take no side.
    code : str
        Code under which it may be a state of a scenario, or empty.
    until : date or None
        Last day on which it is shown.
    sources : str
        Who says so.
    """

    key: str
    name: str
    says: str
    at: tuple[float, float]
    polygons: tuple[Polygon, ...]
    owner: str
    code: str
    until: date | None
    sources: str


@dataclass(frozen=True)
class Atlas:
    """Everything that maps draw.

    Attributes
    ----------
    outlines : mapping
        Polygons of states by code, without the disputed areas of the table: those of today, and those of the past that
        are made of them.
    made_of : mapping
        The states of today whose outlines make a state of the past.
    areas : tuple of DisputedArea
        In the order of the table.
    statement : str
        The sentence that goes with every map that shows such an area.
    dots : mapping
        Longitude and latitude of states without an outline.
    capitals : mapping
        Longitude and latitude of the capitals of the largest states.
    """

    outlines: Mapping[str, tuple[Polygon, ...]]
    made_of: Mapping[str, tuple[str, ...]]
    areas: tuple[DisputedArea, ...]
    statement: str
    dots: Mapping[str, tuple[float, float]]
    capitals: Mapping[str, tuple[float, float]]

    def shown_areas(self, day: date) -> tuple[DisputedArea, ...]:
        """Return the disputed areas that maps of a day show."""
        return tuple(area for area in self.areas if area.until is None or day <= area.until)

    def has_place(self, code: str) -> bool:
        """Return whether a state has an outline or a dot; groups and unnamed challengers of a scenario have none."""
        return code in self.outlines or code in self.dots


@cache
def atlas() -> Atlas:
    """Return the outlines and tables of the package.

    Examples
    --------
    >>> world = atlas()
    >>> len(world.outlines["ARM"]), world.has_place("DDR"), world.has_place("FOE")
    (2, True, False)
    """
    packed = json.loads((FOLDER / "outlines.json").read_text(encoding="utf-8"))
    arcs = [np.cumsum(np.reshape(arc, (-1, 2)), axis=0) * packed["step"] for arc in packed["arcs"]]
    states = {code: _polygons(parts, arcs) for code, parts in packed["states"].items()}
    drawn = {key: _polygons(parts, arcs) for key, parts in packed["areas"].items()}
    disputed = tomllib.loads((FOLDER / "disputed.toml").read_text(encoding="utf-8"))
    areas = tuple(_area(key, row, drawn.get(key, ())) for key, row in disputed["areas"].items())
    states |= {area.code: area.polygons for area in areas if area.code}
    places = tomllib.loads((FOLDER / "places.toml").read_text(encoding="utf-8"))
    made_of = {code: tuple(parts) for code, parts in places["made_of"].items()}
    past = {code: tuple(polygon for part in parts for polygon in states[part]) for code, parts in made_of.items()}
    dots, capitals = (
        {code: (float(at[0]), float(at[1])) for code, at in places[table].items()} for table in ("dots", "capitals")
    )
    return Atlas(states | past, made_of, areas, disputed["statement"], dots, capitals)


def _polygons(parts: list[list[list[int]]], arcs: list[Points]) -> tuple[Polygon, ...]:
    return tuple(Polygon.of(tuple(_ring(ring, arcs) for ring in part)) for part in parts)


def _ring(numbers: list[int], arcs: list[Points]) -> Points:
    """Return the points of a ring without jumps of longitude, so that it may go beyond 180 degrees.

    Long edges, such as borders along a parallel, get points in between, because a projection bends them.
    """
    pieces = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    points = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    points[:, 0] = np.unwrap(points[:, 0], period=360.0)
    parts = np.ceil(np.abs(np.diff(points, axis=0)).max(axis=1) / _LONGEST).clip(1).astype(np.int64)
    at = np.concatenate([[0], np.cumsum(parts)])
    return np.column_stack([np.interp(np.arange(at[-1] + 1), at, column) for column in points.T])


def _area(key: str, row: Mapping[str, Any], polygons: tuple[Polygon, ...]) -> DisputedArea:
    return DisputedArea(
        key, row["name"], row["says"], (float(row["at"][0]), float(row["at"][1])), polygons,
        row.get("owner", ""), row.get("code", ""), row.get("until"), row["sources"],
    )  # fmt: skip
