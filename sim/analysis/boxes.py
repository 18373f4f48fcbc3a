"""Boxes in the space of factors, as scenario discovery uses them, with quasi-p values of their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.output.measuring import Floats

Flags = NDArray[np.bool_]

_DIGITS = 4


@dataclass(frozen=True)
class Box:
    """Box: a lower and an upper limit for some of the factors, both inclusive.

    Attributes
    ----------
    limits : dict
        The lowest and highest value by factor; infinite where there is no limit.
    """

    limits: Mapping[str, tuple[float, float]]

    @classmethod
    def within(cls, limits: Mapping[str, tuple[float, float]], whole: Mapping[str, tuple[float, float]]) -> "Box":
        """Return a box with limits rounded to four digits, without limits that exclude nothing of the whole range."""
        binding = {}
        for key, (low, high) in limits.items():
            least, most = whole[key]
            ends = (_rounded(low) if low > least else -inf, _rounded(high) if high < most else inf)
            if any(isfinite(end) for end in ends):
                binding[key] = ends
        return cls(binding)

    @property
    def sides(self) -> tuple[tuple[str, int], ...]:
        """Limits that exclude points, as pairs of factor and side (0 for the lower limit, 1 for the upper)."""
        return tuple((key, side) for key, ends in self.limits.items() for side in (0, 1) if isfinite(ends[side]))

    def holds(self, points: pd.DataFrame) -> Flags:
        """Return, for each point, whether it lies in the box."""
        inside = np.ones(len(points), dtype=np.bool_)
        for key, (low, high) in self.limits.items():
            values = points[key].to_numpy(dtype=np.float64)
            inside &= (values >= low) & (values <= high)
        return inside

    def without(self, key: str, side: int) -> "Box":
        """Return a copy of the box without one of its limits."""
        low, high = self.limits[key]
        ends = (-inf, high) if side == 0 else (low, inf)
        rest = {name: given for name, given in self.limits.items() if name != key}
        return Box({**rest, key: ends} if any(isfinite(end) for end in ends) else rest)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def quasi_p(box: Box, points: pd.DataFrame, cases: Floats, runs: Floats) -> dict[tuple[str, int], float]:
    """Return the quasi-p value of each limit: the chance of as many cases in the box if the limit had no effect.

    One-sided binomial test against the density of the box without that limit (Bryant & Lempert 2010); it takes
    runs for independent and the box for given, hence "quasi".

    Parameters
    ----------
    box : Box
        The box.
    points : pandas.DataFrame
        Factors of each point.
    cases, runs : array
        Runs of interest, and runs, at each point.
    """
    inside = box.holds(points)
    p_values = {}
    for key, side in box.sides:
        wider = box.without(key, side).holds(points)
        share = cases[wider].sum() / max(1.0, runs[wider].sum())
        p_values[key, side] = float(stats.binom.sf(cases[inside].sum() - 1, runs[inside].sum(), share))
    return p_values
