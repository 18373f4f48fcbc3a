"""Means with 90 % intervals for runs in dependent groups: clustered standard errors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.output.intervals import LEVEL, wilson
from sim.output.measuring import Floats


class Average(NamedTuple):
    """Mean, or difference of two means, with its 90 % interval."""

    mean: float
    low: float
    high: float


def average(values: Floats, units: NDArray[np.int64], *, chance: bool) -> Average:
    """Return the mean of the non-missing values with a 90 % interval that counts independent units, not runs.

    The variance of the mean is the linearised one of a ratio of sums over units (Cochran 1977, ch. 6). Numbers
    get Student's interval, chances the score interval of Wilson (1927) at the effective number of cases that
    this variance stands for (Korn & Graubard 1998).

    Parameters
    ----------
    values : array
        (n,); NaN is missing.
    units : array
        (n,); which independent unit each value is from.
    chance : bool
        Whether the values are 0 and 1.

    Examples
    --------
    >>> average(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 2]), chance=False).mean
    2.0
    """
    known = ~np.isnan(values)
    values, units = values[known], units[known]
    if values.size == 0:
        return Average(np.nan, np.nan, np.nan)
    mean = float(values.mean())
    _, unit_index = np.unique(units, return_inverse=True)
    pull = np.asarray(np.bincount(unit_index, values - mean) / values.size, dtype=np.float64)
    variance = _variance(pull)
    if not chance:
        reach = stats.t.ppf(0.5 + LEVEL / 2, max(pull.size - 1, 1)) * variance**0.5
        return Average(mean, mean - reach, mean + reach)
    within = mean * (1 - mean)
    cases = within / variance if variance > 0 and within > 0 else pull.size
    return Average(mean, *wilson(mean * min(cases, values.size), min(cases, values.size)))


def difference(
    first: Floats, first_units: NDArray[np.int64], second: Floats, second_units: NDArray[np.int64]
) -> Average:
    """Return the mean of the second sample minus that of the first, with a 90 % interval.

    Units that occur on both sides, such as replicates on the same draws, are paired.

    Parameters
    ----------
    first, second : array
        Values; NaN is missing.
    first_units, second_units : array
        Which independent unit each is from.
    """
    sides = [(values[known], units[known]) for values, units, known in _known(first, first_units, second, second_units)]
    if not all(values.size for values, _ in sides):
        return Average(np.nan, np.nan, np.nan)
    (first, first_units), (second, second_units) = sides
    _, unit_index = np.unique(np.concatenate([first_units, second_units]), return_inverse=True)
    pulls = [-(first - first.mean()) / first.size, (second - second.mean()) / second.size]
    pull = np.asarray(np.bincount(unit_index, np.concatenate(pulls)), dtype=np.float64)
    reach = stats.t.ppf(0.5 + LEVEL / 2, max(pull.size - 1, 1)) * _variance(pull) ** 0.5
    change = float(second.mean() - first.mean())
    return Average(change, change - reach, change + reach)


def _known(
    first: Floats, first_units: NDArray[np.int64], second: Floats, second_units: NDArray[np.int64]
) -> tuple[tuple[Floats, NDArray[np.int64], NDArray[np.bool_]], ...]:
    return (first, first_units, ~np.isnan(first)), (second, second_units, ~np.isnan(second))


def _variance(pull: Floats) -> float:
    """Return the variance of a sum over independent units; NaN for a single unit."""
    if pull.size < 2:
        return float("nan")
    return float(pull.size / (pull.size - 1) * (pull**2).sum())
