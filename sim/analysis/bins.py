"""Bins of a factor: its distinct values where they are few, otherwise ranges."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.stored import StoredSweep
from sim.output.measuring import Floats

FEW = 12
"""Most values that are shown one by one, except those of a grid, which always are."""

MOST = 10
_POINTS_A_BIN = 20
_POINTS_A_CELL = 10


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of one factor, with the bin of each design point.

    Attributes
    ----------
    key : str
        The factor.
    values : tuple
        Representative value of each bin: the value itself, or the median of the points in the range.
    low, high : array
        Ends of each range; both the value where values are shown one by one, missing (NaN) for words.
    place : array of int
        The piece of each point (points,).
    ranges : bool
        Whether the pieces are ranges.
    """

    key: str
    values: tuple[Any, ...]
    low: Floats
    high: Floats
    place: NDArray[np.int64]
    ranges: bool

    def __len__(self) -> int:
        return len(self.values)


def quantile_bins(sweep: StoredSweep, key: str) -> Bins:
    """Cut a factor into at most ten bins with equal numbers of points, at least twenty independent points each."""
    few = _few(sweep, key)
    if few is not None:
        return few
    count = int(np.clip(len(np.unique(sweep.blocks)) // _POINTS_A_BIN, 2, MOST))
    values = sweep.points[key].to_numpy(dtype=np.float64)
    return _cut(key, values, np.unique(np.quantile(values, np.linspace(0, 1, count + 1))))


def even_bins(sweep: StoredSweep, key: str) -> Bins:
    """Cut a factor into at most ten bins of equal width, about ten independent points a cell of two factors."""
    few = _few(sweep, key)
    if few is not None:
        return few
    count = int(np.clip(np.sqrt(len(np.unique(sweep.blocks)) / _POINTS_A_CELL), 2, MOST))
    values = sweep.points[key].to_numpy(dtype=np.float64)
    return _cut(key, values, np.linspace(values.min(), values.max(), count + 1))


def _few(sweep: StoredSweep, key: str) -> Bins | None:
    column = sweep.points[key]
    if not pd.api.types.is_float_dtype(column):
        codes, known = pd.factorize(column, sort=pd.api.types.is_bool_dtype(column))
        missing = np.full(len(known), np.nan)
        return Bins(key, tuple(str(value) for value in known), missing, missing, np.asarray(codes, np.int64), False)
    values, places = np.unique(column.to_numpy(dtype=np.float64), return_inverse=True)
    few = len(values) <= FEW and (sweep.listed or 2 * len(values) <= len(column))
    if not few and sweep.kind != "grid":
        return None
    return Bins(key, tuple(float(value) for value in values), values, values, np.asarray(places, np.int64), False)


def _cut(key: str, values: Floats, edges: Floats) -> Bins:
    bin_index = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    middles = tuple(
        float(np.median(values[bin_index == i]) if (bin_index == i).any() else (edges[i] + edges[i + 1]) / 2)
        for i in range(len(edges) - 1)
    )
    return Bins(key, middles, edges[:-1], edges[1:], bin_index, True)
