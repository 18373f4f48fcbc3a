"""What a map shows and where: the window on some states, outlines projected and clipped to it, and their anchors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.geography.outlines import Atlas, DisputedArea, Polygon, atlas
from sim.geography.projection import RADIUS, EqualArea, centre_of

FARTHEST: Final = 150.0
"""Degrees from the centre beyond which nothing is drawn: near the opposite point, outlines would turn inside out."""

_MARGIN: Final = 0.06
"""White edge round the framed states, as a share of the window's size."""

_LEAST: Final = 900.0
"""Least width and height of a window in km."""

_AROUND: Final = 420.0
"""Half the width in km of what is framed of a state that is shown by its capital or a dot."""

_PART: Final = 0.25
"""Size of an island, as a share of the largest part of its state, from which it is framed."""

_NEAR: Final = 2500.0
"""Distance in km from the largest part of its state within which an island is framed."""

_ROUNDS: Final = 3
"""How often the centre of the projection is moved to the middle of the window."""

_ASPECT: Final = (0.5, 0.8)
_TALL: Final = (0.75, 1.2)
"""Least and greatest height of a window, as a share of its width; on narrow pages."""

Points = NDArray[np.float64]
Shape = tuple[Points, ...]
"""Outer rings and holes of one polygon, projected and clipped."""


@dataclass(frozen=True)
class Scene:
    """A window of the world, in km east and north of its centre.

    Attributes
    ----------
    projection : EqualArea
    left, right, bottom, top : float
        The window.
    shapes : mapping
        What is seen of each state, by code: those of today, and of the states asked for that are made of them.
    areas : tuple of (DisputedArea, shapes)
        Disputed areas in the window on the day; without shapes where they are marked at a point.
    anchors : mapping
        Where each state asked for is labelled and tied to others; left out where it has no place in the window.
    """

    projection: EqualArea
    left: float
    right: float
    bottom: float
    top: float
    shapes: Mapping[str, tuple[Shape, ...]]
    areas: tuple[tuple[DisputedArea, tuple[Shape, ...]], ...]
    anchors: Mapping[str, tuple[float, float]]

    @property
    def width(self) -> float:
        """Width of the window in km."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height of the window in km."""
        return self.top - self.bottom

    def seen(self, code: str) -> float:
        """Return the area of what is seen of a state in square km."""
        return sum(abs(signed_area(ring)) for shape in self.shapes.get(code, ()) for ring in shape[:1])

    def holds(self, at: NDArray[np.float64]) -> bool:
        """Return whether a projected point lies in the window."""
        return bool(self.left <= at[0] <= self.right and self.bottom <= at[1] <= self.top)


def scene_of(
    framed: Sequence[str],
    others: Sequence[str] = (),
    *,
    capitals: Mapping[str, tuple[float, float]] | None = None,
    day: date,
    tall: bool = False,
    bleed: tuple[float, float] = (0.0, 0.0),
    detail: int = 1200,
) -> Scene:
    """Return the window on some states.

    Parameters
    ----------
    framed : sequence of str
        Codes of the states that the window is to show: whole, or what lies round the capital of the largest ones.
    others : sequence of str
        Codes of further states to be anchored where they are in the window.
    capitals : mapping, optional
        Longitudes and latitudes by code, which are anchors in place of points inside the outlines, and the places of
        states that have no outline.
    day : date
        Decides which disputed areas are shown.
    tall : bool
        Whether the window is to be higher, for narrow pages.
    bleed : tuple of float
        How far outlines go on beyond the window to each side, and above and below, as shares of its size.
    detail : int
        Squares over the window's width; points of an outline that follow each other in one square become one.

    Returns
    -------
    Scene

    Raises
    ------
    InputError
        If none of the framed states has a place on a map.
    """
    world = atlas()
    known = capitals or {}
    points = {code: _framed_points(world, code, known) for code in framed if code in known or world.has_place(code)}
    if not points:
        raise InputError("none of the states has a place on a map")
    projection = centre_of([part.mean(axis=0) for part in points.values()])
    for _ in range(_ROUNDS):
        window = _window(np.concatenate([_boxed(projection(part)) for part in points.values()]), tall=tall)
        longitude, latitude = projection.back(((window[0] + window[1]) / 2, (window[2] + window[3]) / 2))
        projection = EqualArea(longitude, latitude)
    window = _window(np.concatenate([_boxed(projection(part)) for part in points.values()]), tall=tall)
    across, up = bleed[0] * (window[1] - window[0]), bleed[1] * (window[3] - window[2])
    sheet = (window[0] - across, window[1] + across, window[2] - up, window[3] + up)
    grain = (window[1] - window[0]) / detail
    past = {code for code in (*framed, *others) if code in world.made_of}
    hidden = {part for code in past for part in world.made_of[code]} | set(world.made_of) - past
    shapes = {
        code: seen
        for code, outline in world.outlines.items()
        if code not in hidden and (seen := _clipped(projection, outline, sheet, grain))
    }
    for area in world.areas:
        owner = next((code for code in past if area.owner in world.made_of[code]), area.owner)
        if owner in shapes:
            shapes[owner] += _clipped(projection, area.polygons, sheet, grain)
    areas = tuple(_areas(world, projection, sheet, grain, day))
    anchors: dict[str, tuple[float, float]] = {}
    for code in (*framed, *others):
        at = _anchor(world, projection, shapes.get(code, ()), code, known, window)
        if at is not None:
            anchors[code] = at
    return Scene(projection, *window, shapes, areas, anchors)


def signed_area(ring: Points) -> float:
    """Return the area of a ring, positive if it is walked against the clock."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def clip(ring: Points, window: tuple[float, float, float, float]) -> Points:
    """Return the part of a ring inside a window (Sutherland & Hodgman 1974); empty if there is none.

    Examples
    --------
    >>> square = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    >>> abs(signed_area(clip(square, (0.0, 5.0, -5.0, 0.5))))
    1.5
    """
    for axis, sign, edge in ((0, 1.0, window[0]), (0, -1.0, window[1]), (1, 1.0, window[2]), (1, -1.0, window[3])):
        if not len(ring):
            break
        depth = sign * (ring[:, axis] - edge)
        if (depth >= 0).all():
            continue
        after, depth_after = np.roll(ring, -1, axis=0), np.roll(depth, -1)
        crosses = (depth >= 0) != (depth_after >= 0)
        share = np.divide(depth, depth - depth_after, out=np.zeros_like(depth), where=crosses)
        both = np.stack([ring, ring + share[:, None] * (after - ring)], axis=1)
        ring = both[np.column_stack([depth >= 0, crosses])]
    return ring


def _framed_points(world: Atlas, code: str, known: Mapping[str, tuple[float, float]]) -> Points:
    """Return the points of a state that a window has to show, as longitudes and latitudes."""
    if code in world.capitals or code not in world.outlines:
        return np.array([known.get(code, world.capitals.get(code, world.dots.get(code)))])
    parts = [polygon.rings[0] for polygon in world.outlines[code]]
    sizes = [abs(signed_area(part)) for part in parts]
    largest = parts[int(np.argmax(sizes))]
    here = EqualArea(*largest.mean(axis=0))
    near = [
        part
        for part, size in zip(parts, sizes, strict=True)
        if size >= _PART * max(sizes) and np.hypot(*here(part).mean(axis=0)) <= _NEAR
    ]
    return np.concatenate(near)


def _boxed(points: Points) -> Points:
    """Return the points of an outline, and the corners of the surroundings of a single point."""
    if len(points) > 1:
        return points
    return np.asarray(points + _AROUND * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]), dtype=np.float64)


def _window(flat: Points, *, tall: bool) -> tuple[float, float, float, float]:
    """Return the left, right, lower and upper edge of a window on projected points."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    middle = (low + high) / 2
    width, height = np.maximum(high - low, _LEAST) * (1 + 2 * _MARGIN)
    least, most = _TALL if tall else _ASPECT
    height = max(height, least * width)
    width = max(width, height / most)
    return (
        float(middle[0] - width / 2),
        float(middle[0] + width / 2),
        float(middle[1] - height / 2),
        float(middle[1] + height / 2),
    )


def _clipped(
    projection: EqualArea, outline: Iterable[Polygon], window: tuple[float, float, float, float], grain: float
) -> tuple[Shape, ...]:
    """Return the visible part of an outline."""
    corner = np.hypot(max(abs(window[0]), abs(window[1])), max(abs(window[2]), abs(window[3])))
    reach = np.degrees(2 * np.arcsin(min(1.0, corner / (2 * RADIUS))))
    visible = []
    for polygon in outline:
        away = float(projection.away(polygon.middle))
        if away - polygon.radius > reach or away + polygon.radius > FARTHEST:
            continue
        rings = [_coarser(clip(projection(ring[:-1]), window), grain) for ring in polygon.rings]
        if len(rings[0]) >= 3:
            visible.append((rings[0], *(ring for ring in rings[1:] if len(ring) >= 3)))
    return tuple(visible)


def _coarser(ring: Points, grain: float) -> Points:
    if not len(ring):
        return ring
    squares = np.floor(ring / grain)
    return ring[np.any(squares != np.roll(squares, 1, axis=0), axis=1)]


def _areas(
    world: Atlas, projection: EqualArea, window: tuple[float, float, float, float], grain: float, day: date
) -> Iterable[tuple[DisputedArea, tuple[Shape, ...]]]:
    for area in world.shown_areas(day):
        x, y = projection(area.at)
        seen = _clipped(projection, area.polygons, window, grain)
        if seen or (not area.polygons and window[0] <= x <= window[1] and window[2] <= y <= window[3]):
            yield area, seen


def _anchor(
    world: Atlas,
    projection: EqualArea,
    shapes: tuple[Shape, ...],
    code: str,
    known: Mapping[str, tuple[float, float]],
    window: tuple[float, float, float, float],
) -> tuple[float, float] | None:
    """Return the capital of a state if it is seen, else a point inside what is seen of it.

    Of a state so small that nothing of its outline is drawn, it is the middle.
    """
    at = known.get(code, world.capitals.get(code, world.dots.get(code)))
    if at is None and not shapes and code in world.outlines:
        rings = (polygon.rings[0] for polygon in world.outlines[code])
        at = max(rings, key=lambda ring: abs(signed_area(ring))).mean(axis=0)
    if at is not None and projection.away(at) < FARTHEST:
        x, y = projection(at)
        if window[0] <= x <= window[1] and window[2] <= y <= window[3]:
            return float(x), float(y)
    if not shapes:
        return None
    return inner_point(max(shapes, key=lambda shape: abs(signed_area(shape[0]))))


def goes_round(shape: Shape, at: NDArray[np.float64]) -> bool:
    """Return whether a point lies in a polygon, holes left out.

    Examples
    --------
    >>> square = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)])
    >>> goes_round((square,), np.array([1.0, 1.0])), goes_round((square, square / 2), np.array([1.0, 1.0]))
    (True, False)
    """
    return bool(_inside(shape, at[None])[0])


def _inside(shape: Shape, points: Points) -> NDArray[np.bool_]:
    inside = np.zeros(len(points), dtype=bool)
    for start in shape:
        end = np.roll(start, -1, axis=0)
        rises = (start[:, 1] > points[:, 1:]) != (end[:, 1] > points[:, 1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            meets = start[:, 0] + (points[:, 1:] - start[:, 1]) / (end - start)[:, 1] * (end - start)[:, 0]
        inside ^= (rises & (meets > points[:, :1])).sum(axis=1) % 2 == 1
    return inside


def inner_point(shape: Shape) -> tuple[float, float]:
    """Return a point well inside a polygon: the one of a grid that lies farthest from its border.

    Examples
    --------
    >>> inner_point((np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]),))
    (2.0, 2.0)
    """
    ring = shape[0]
    low, high = ring.min(axis=0), ring.max(axis=0)
    steps = np.linspace(0, 1, 15)[1:-1]
    grid = np.stack(np.meshgrid(*(low[axis] + steps * (high - low)[axis] for axis in (0, 1))), axis=-1).reshape(-1, 2)
    inside = _inside(shape, grid)
    if not inside.any():
        return float(ring[0, 0]), float(ring[0, 1])
    start = np.concatenate(shape)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in shape])
    along = end - start
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((grid[:, None] - start) * along).sum(axis=-1) / length, 0, 1)
    distance = np.sqrt(((grid[:, None] - start - share[..., None] * along) ** 2).sum(axis=-1)).min(axis=1)
    best = grid[int(np.where(inside, distance, -1.0).argmax())]
    return float(best[0]), float(best[1])
