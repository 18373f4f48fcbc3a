"""Confidence intervals for tables and figures: shares, quantiles and paired differences."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.90
"""Level of every interval that is printed without another one."""

RESAMPLES = 2000
SEED = 1
"""How often bootstraps draw again, and the seed of their generator."""

_BATCH = 2_000_000


def wilson(successes: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927).

    Parameters
    ----------
    successes : float
        Count of cases in which it happened, 0..n.
    n : float
        Count of cases, or the number of independent ones that they are worth.
    level : float
        Level of the interval.

    Returns
    -------
    tuple of float
        Low and high end; the whole of 0..1 where there are no cases.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.652, 0.977)
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    low = 0.0 if successes <= 0 else (centre - spread) / scale
    high = 1.0 if successes >= n else (centre + spread) / scale
    return low, high


def paired_bootstrap(
    differences: NDArray[np.float64], level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Return the interval of the mean of paired differences (BCa bootstrap; Efron & Tibshirani 1993, ch. 14).

    Parameters
    ----------
    differences : array
        One difference a replicate; the two runs of a pair share their draws. Missing ones are left out.
    level : float
        Level of the interval.
    resamples : int
        Number of resamples.
    seed : int
        Seed of the resampling, which uses its own random generator.

    Returns
    -------
    tuple of float
        Low and high end; both missing (NaN) if there are no differences, and identical if all differences are equal,
        which does not imply certainty: see `mean_interval`.

    Examples
    --------
    >>> paired_bootstrap(np.array([0.5, 0.5, 0.5]))
    (0.5, 0.5)
    """
    known = differences[~np.isnan(differences)]
    low, high = mean_intervals(known[:, np.newaxis], level, resamples, seed)
    return float(low[0]), float(high[0])


def mean_intervals(
    columns: NDArray[np.float64], level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return BCa bootstrap intervals of column means, from resampled rows.

    The jackknife of a mean has a closed form, so that the acceleration is the skewness of the column over
    six times the root of its length (Efron & Tibshirani 1993, eq. 14.15).

    Parameters
    ----------
    columns : array, shape (n, K)
        One row for each replicate, without missing values.
    level, resamples, seed
        As for `paired_bootstrap`.

    Returns
    -------
    tuple of array, each shape (K,)
        Low and high ends; NaN without rows.
    """
    n = len(columns)
    if n == 0:
        missing = np.full(columns.shape[1], np.nan)
        return missing, missing.copy()
    means = resampled_means(columns, resamples, seed)
    centre = columns.mean(axis=0)
    from_mean = columns - centre
    spread = (from_mean**2).sum(axis=0)
    acceleration = np.divide((from_mean**3).sum(axis=0), 6 * spread**1.5, out=np.zeros_like(spread), where=spread > 0)
    slack = 1e-12 * np.maximum(1.0, np.abs(centre))
    below = (means < centre - slack).mean(axis=0)
    at = (np.abs(means - centre) <= slack).mean(axis=0)
    bias = below + at / 2
    ends = np.empty((2, columns.shape[1]))
    for column, (share, bend) in enumerate(zip(bias.tolist(), acceleration.tolist(), strict=True)):
        ends[:, column] = np.quantile(means[:, column], _bca_levels(share, bend, level))
    return ends[0], ends[1]


def _bca_levels(bias: float, acceleration: float, level: float) -> tuple[float, float]:
    """Return the BCa quantile levels; the percentile levels if the bias or acceleration is out of bounds."""
    plain = 0.5 - level / 2, 0.5 + level / 2
    if not 0 < bias < 1:
        return plain
    normal = NormalDist()
    shift = normal.inv_cdf(bias)
    levels = []
    for share in plain:
        z = shift + normal.inv_cdf(share)
        bent = 1 - acceleration * z
        if bent <= 0:
            return plain
        levels.append(normal.cdf(shift + z / bent))
    return levels[0], levels[1]


def resampled_means(columns: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Return bootstrap means of columns (n, K), one row for each resample of the rows with replacement."""
    n = len(columns)
    generator = np.random.default_rng(seed)
    batch = max(1, _BATCH // n)
    means = []
    for done in range(0, resamples, batch):
        size = min(batch, resamples - done)
        picks = generator.integers(n, size=(size, n)) + n * np.arange(size)[:, np.newaxis]
        counts = np.bincount(picks.ravel(), minlength=size * n).reshape(size, n)
        means.append(counts.astype(np.float64) @ columns / n)
    return np.concatenate(means)


def unseen(n: int, level: float = LEVEL) -> float:
    """Return the upper confidence bound of a share that was zero in ``n`` cases.

    The exact binomial bound (Clopper & Pearson 1934), about 3/n at a level of 90 % (the rule of three).

    Examples
    --------
    >>> round(unseen(100), 4)
    0.0295
    """
    return float(1 - (0.5 - level / 2) ** (1 / n))


def mean_interval(values: NDArray[np.float64], reach: float | None, level: float = LEVEL) -> tuple[float, float, bool]:
    """Return the confidence interval of the mean of paired differences, of positive width even if all are equal.

    Parameters
    ----------
    values : array
        One difference a pair; missing ones are left out.
    reach : float or None
        Largest size that a difference can have; None if it is not known.
    level : float
        Level of the interval.

    Returns
    -------
    tuple
        Low and high end, and whether all differences are equal. If they are, a bootstrap would give a point; instead
        the interval contains every mean that is possible if an `unseen` share of pairs has other differences within
        ``reach``. It is missing (NaN) if ``reach`` is None.

    Examples
    --------
    >>> low, high, equal = mean_interval(np.zeros(100), 1.0)
    >>> round(low, 3), round(high, 3), equal
    (-0.03, 0.03, True)
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan"), float("nan"), False
    if np.ptp(known) > 0:
        return *paired_bootstrap(known, level), False
    if reach is None:
        return float("nan"), float("nan"), True
    given, share = float(known[0]), unseen(known.size, level)
    return given - share * (given + reach), given + share * (reach - given), True


def two_way_intervals(
    tables: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return percentile intervals of the means of tables, with rows and columns both resampled (Owen 2007).

    Parameters
    ----------
    tables : array, shape (K, rows, columns)
        Tables without missing values; all tables use the same resampled rows and columns.
    level : float
        Level of the interval.

    Returns
    -------
    tuple of array, each shape (K,)
        Low and high ends.
    """
    rows, columns = (
        resampled_means(np.eye(size), RESAMPLES, SEED + axis) for axis, size in enumerate(tables.shape[1:])
    )
    means = np.empty((len(tables), RESAMPLES))
    for number, table in enumerate(tables):
        means[number] = ((rows @ table) * columns).sum(axis=1)
    low, high = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2], axis=1)
    return low, high


def unpaired_bootstrap(
    first: NDArray[np.float64], second: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float]:
    """Return the percentile interval of the difference of two means, with both samples resampled independently.

    It estimates the interval without common random numbers. Missing values are left out, and both ends are missing
    (NaN) if one side has no values.
    """
    sides = [values[~np.isnan(values)][:, np.newaxis] for values in (first, second)]
    if not all(side.size for side in sides):
        return float("nan"), float("nan")
    before, after = (resampled_means(side, RESAMPLES, SEED + number) for number, side in enumerate(sides))
    low, high = np.quantile(after - before, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def median_interval(
    columns: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the medians of columns with their intervals, which run between two of the sorted values.

    The places are those of the binomial distribution in its normal approximation (Conover 1999, ch. 3.2).

    Parameters
    ----------
    columns : array (run, column)
        Values; missing ones are left out.
    level : float
        Level of the intervals.

    Returns
    -------
    tuple of array
        Medians, low ends and high ends; NaN where a column has no value.

    Examples
    --------
    >>> middle, low, high = median_interval(np.arange(1.0, 101.0)[:, np.newaxis])
    >>> float(middle[0]), float(low[0]), float(high[0])
    (50.5, 42.0, 59.0)
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    estimates = np.full((3, columns.shape[1]), np.nan)
    for index, column in enumerate(columns.T):
        known = np.sort(column[~np.isnan(column)])
        if known.size:
            reach = z * known.size**0.5 / 2
            low, high = (int(end) for end in (np.floor(known.size / 2 - reach), np.ceil(known.size / 2 + reach)))
            estimates[:, index] = np.median(known), known[max(low, 0)], known[min(high, known.size) - 1]
    return estimates[0], estimates[1], estimates[2]


def quantile(values: NDArray[np.float64], probability: float, *, observed: bool = False) -> float:
    """Return a quantile of the values that are not missing, NaN if all are missing.

    Parameters
    ----------
    values : array
        Values, one for each run.
    probability : float
        0..1.
    observed : bool
        Whether to return a value that was seen (for dates) instead of one between two values.

    Examples
    --------
    >>> quantile(np.array([1.0, 2.0, np.nan]), 0.5), quantile(np.array([1.0, 2.0]), 0.5, observed=True)
    (1.5, 1.0)
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan")
    return float(np.quantile(known, probability, method="inverted_cdf" if observed else "linear"))
