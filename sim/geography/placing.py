"""Labels of maps, each at the best of several places: clear of the others, of marks, of lines, and of the edge."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_AROUND: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_RINGS: Final = (1.0, 2.2, 3.6, 5.2, 7.0)
"""Distances of the places round a point, in the label's gap."""

_ON_LINE: Final = 0.6
"""What it costs that one point of a line lies under a label; a mark or another label is never covered."""


@dataclass(frozen=True)
class MapLabel:
    """A label to be placed.

    Attributes
    ----------
    at : tuple of float
        The point that it names.
    width, height, gap : float
        Its size, and its least distance from the point.
    inside : bool
        Whether it may stand on the point itself, such as the name of a large state.
    rings : int
        How many distances from the point are tried, of up to five.
    places : sequence of point, optional
        Where its centre may go, in place of the places round the point.
    """

    at: tuple[float, float]
    width: float
    height: float
    gap: float
    inside: bool = False
    rings: int = 5
    places: Sequence[tuple[float, float]] = field(default_factory=tuple)

    def centres(self) -> NDArray[np.float64]:
        """Return where the centre of the label may go, the best places first."""
        if len(self.places):
            return np.asarray(self.places, dtype=np.float64)
        offsets = [(0.0, 0.0)] * self.inside
        for ring in _RINGS[: self.rings]:
            away = ring * self.gap
            offsets += [
                (
                    east * (self.width / 2 + (away if not north else 0.7 * away)),
                    north * (self.height / 2 + (away if not east else 0.7 * away)),
                )
                for east, north in _AROUND
            ]
        return np.asarray(np.asarray(self.at) + np.asarray(offsets), dtype=np.float64)


def placed(
    labels: Sequence[MapLabel],
    size: tuple[float, float],
    marks: ArrayLike = (),
    lines: ArrayLike = (),
    *,
    radius: float = 0.0,
) -> list[tuple[float, float] | None]:
    """Return the centre of each label, or None for one that has no room; the first labels choose first.

    Parameters
    ----------
    labels : sequence of MapLabel
    size : tuple of float
        Width and height of the map, from 0.
    marks : array (mark, 2)
        Points that no label covers.
    lines : array (point, 2)
        Points on lines, which labels keep off where they can.
    radius : float
        How far marks reach.

    Examples
    --------
    >>> name = MapLabel((1.0, 1.0), 0.6, 0.2, 0.05)
    >>> placed([name], (4.0, 2.0), [(1.0, 1.0)]), placed([name], (0.5, 2.0))
    ([(1.35, 1.0)], [None])
    """
    points, on_lines = (np.reshape(np.asarray(given, dtype=np.float64), (-1, 2)) for given in (marks, lines))
    taken: list[tuple[float, float, float, float]] = []
    chosen: list[tuple[float, float] | None] = []
    for label in labels:
        centres = label.centres()
        half = np.array([label.width / 2, label.height / 2])
        free = ((centres - half >= 0) & (centres + half <= np.asarray(size))).all(axis=1)
        for x, y, wide, tall in taken:
            free &= (np.abs(centres[:, 0] - x) >= half[0] + wide) | (np.abs(centres[:, 1] - y) >= half[1] + tall)
        own = len(label.places) == 0 and label.inside
        others = points[(points != label.at).any(axis=1)] if own else points
        free &= ~_covers(centres, half + radius, others).any(axis=1)
        if not free.any():
            chosen.append(None)
            continue
        cost = _ON_LINE * _covers(centres, half, on_lines).sum(axis=1)
        cost += np.hypot(*((centres - centres[0]) / max(label.height, 1e-9)).T) * 0.35 + np.arange(len(centres)) * 0.02
        best = int(np.where(free, cost, np.inf).argmin())
        x, y = (float(round(value, 12)) for value in centres[best])
        taken.append((x, y, *half))
        chosen.append((x, y))
    return chosen


def _covers(centres: NDArray[np.float64], half: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which boxes (centre, point) cover which points."""
    return np.asarray((np.abs(centres[:, None] - points) < half).all(axis=-1))
