"""Lambert's azimuthal equal-area projection of the sphere (Snyder 1987, Map projections: a working manual, ch. 24).

Centred on what a map shows, it keeps areas true and distorts shapes little over a continent or an ocean. It has no edge
at 180 degrees: only the point opposite its centre cannot be drawn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RADIUS = 6371.0
"""Mean radius of the earth in km, so that maps are in km."""


@dataclass(frozen=True)
class EqualArea:
    """The projection with its centre at a longitude and a latitude, in degrees."""

    longitude: float
    latitude: float

    def __call__(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return longitudes and latitudes (point, 2) as km to the east and north of the centre.

        Examples
        --------
        >>> EqualArea(45.0, 40.0)([(45.0, 40.0), (45.0, 41.0)]).round(1).tolist()
        [[0.0, 0.0], [0.0, 111.2]]
        """
        x, y, z = self._turned(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = RADIUS * np.sqrt(2.0 / (1.0 + z))
            return np.stack([scale * x, scale * y], axis=-1)

    def back(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the longitude and latitude of a point given in km east and north of the centre.

        Examples
        --------
        >>> tuple(round(degrees, 6) for degrees in EqualArea(45.0, 40.0).back((0.0, 111.19)))
        (45.0, 40.999968)
        """
        x, y = point[0] / RADIUS, point[1] / RADIUS
        z = 1.0 - (x * x + y * y) / 2
        scale = np.sqrt((1.0 + z) / 2.0)
        sine, cosine = np.sin(np.radians(self.latitude)), np.cos(np.radians(self.latitude))
        north = np.arcsin(sine * z + cosine * y * scale)
        east = np.arctan2(x * scale, cosine * z - sine * y * scale)
        return float(np.degrees(east)) + self.longitude, float(np.degrees(north))

    def away(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return how far points lie from the centre, in degrees of a great circle."""
        return np.degrees(np.arccos(np.clip(self._turned(points)[2], -1.0, 1.0)))

    def _turned(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the places of points on a sphere that is turned so that the centre faces the reader."""
        given = np.radians(np.asarray(points, dtype=np.float64))
        east, north = given[..., 0] - np.radians(self.longitude), given[..., 1]
        sine, cosine = np.sin(np.radians(self.latitude)), np.cos(np.radians(self.latitude))
        x = np.cos(north) * np.sin(east)
        y = cosine * np.sin(north) - sine * np.cos(north) * np.cos(east)
        z = sine * np.sin(north) + cosine * np.cos(north) * np.cos(east)
        return x, y, z


def centre_of(points: ArrayLike) -> EqualArea:
    """Return the projection centred on the mean direction of points, wherever on the sphere they lie."""
    given = np.radians(np.asarray(points, dtype=np.float64))
    vectors = np.stack(
        [np.cos(given[:, 1]) * np.cos(given[:, 0]), np.cos(given[:, 1]) * np.sin(given[:, 0]), np.sin(given[:, 1])]
    ).mean(axis=1)
    longitude = np.degrees(np.arctan2(vectors[1], vectors[0]))
    latitude = np.degrees(np.arctan2(vectors[2], np.hypot(vectors[0], vectors[1])))
    return EqualArea(float(longitude), float(latitude))
